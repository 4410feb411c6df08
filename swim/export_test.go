package swim

import (
	"net/netip"
	"time"
)

// What tests outside of the package need to see of its inside.

var (
	Supersedes      = supersedes
	RetransmitLimit = retransmitLimit
	PushPullScale   = pushPullScale
)

// DeadlineHeap is the heap of deadlines, for its own test.
type DeadlineHeap struct{ d deadlines }

func (h *DeadlineHeap) Set(at time.Duration, id int) int { return int(h.d.set(at, wakeProbe, ref(id))) }

func (h *DeadlineHeap) Cancel(handle int) {
	t := timer(handle)
	h.d.cancel(&t)
}

func (h *DeadlineHeap) Next() (time.Duration, bool) { return h.d.next() }

func (h *DeadlineHeap) Pop(now time.Duration) (int, bool) {
	_, r, ok := h.d.pop(now)
	return int(r), ok
}

// RoundTripOverdue is when to ask again after samples.
func RoundTripOverdue(patience time.Duration, samples ...time.Duration) time.Duration {
	var r roundTrip
	for _, s := range samples {
		r.sample(s)
	}
	return r.overdue(patience)
}

// HealthAfter runs a score of at most most through worsen(+) and improve(0).
func HealthAfter(most int, steps ...int) (score int, stretched time.Duration) {
	h := health{max: most}
	for _, s := range steps {
		if s == 0 {
			h.improve()
		} else {
			h.worsen(s)
		}
	}
	return h.score, h.stretch(time.Second)
}

// QueuedSends reports how often the news about a member was sent; false when there is
// none.
func (c *Core) QueuedSends(name string, rumour bool) (sends int, ok bool) {
	k := newsClaim
	if rumour {
		k = newsRumour
	}
	s := c.at(c.byName[name]).news[k].sends
	return int(s), s != notQueued
}

// ProbeOrder are the names that are still to be probed in this pass.
func (c *Core) ProbeOrder() []string {
	var names []string
	for _, r := range c.order[c.cursor:] {
		names = append(names, c.at(r).name)
	}
	return names
}

// Rows is the size of the table and of what it leaves behind.
func (c *Core) Rows() (rows, order, fifo, forgotten, slots int) {
	return len(c.rows), len(c.order), cap(c.tombstones.fifo), len(c.forgotten.hashes), len(c.deadlines.slots)
}

// MemberAt is who lives at an address.
func (c *Core) MemberAt(a netip.AddrPort) (string, bool) {
	r, ok := c.byAddr[a]
	if !ok {
		return "", false
	}
	return c.at(r).name, true
}

// ForgetNames makes every name one that may have been forgotten.
func (c *Core) ForgetNames() { c.forgotten.full = true }

// Reshuffle begins a new pass over the probe order.
func (c *Core) Reshuffle() { c.reshuffle(c.cfg.Rand, (*member).needsProbe) }
