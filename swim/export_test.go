package swim

import (
	"net/netip"
	"time"
	"unsafe"
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
	r, _ := c.find(name)
	sends = c.at(r).sends(k)
	return sends, sends != notQueued
}

// ProbeOrder are the names that are still to be probed in this pass.
func (c *Core) ProbeOrder() []string {
	var names []string
	for _, r := range c.order[c.cursor:] {
		names = append(names, c.at(r).name())
	}
	return names
}

// Rows is the size of the table and of what it leaves behind.
func (c *Core) Rows() (rows, order, fifo, forgotten, slots int) {
	return c.rows, len(c.order), cap(c.tombstones.fifo), len(c.forgotten.hashes), len(c.deadlines.slots)
}

// MemberAt is who lives at an address.
func (c *Core) MemberAt(a netip.AddrPort) (string, bool) {
	r, ok := c.resident(a)
	if !ok {
		return "", false
	}
	return c.at(r).name(), true
}

// ForgetNames makes every name one that may have been forgotten.
func (c *Core) ForgetNames() { c.forgotten.full = true }

// Reshuffle begins a new pass over the probe order.
func (c *Core) Reshuffle() { c.reshuffle(c.cfg.Rand, member.needsProbe) }

// An Index is an index of names, for its own test.
type Index struct {
	x     index
	seed  hashSeed
	names []string
}

func NewIndex(secret uint64) *Index { return &Index{seed: newHashSeed(secret)} }

func (x *Index) hash(r ref) uint64 { return hashText(x.seed, x.names[r]) }

// Add takes in a name that is not there, and returns its number.
func (x *Index) Add(name string) int {
	x.names = append(x.names, name)
	x.x.add(hashText(x.seed, name), ref(len(x.names)-1), x.hash)
	return len(x.names) - 1
}

// Find returns the number of a name, or -1.
func (x *Index) Find(name string) int {
	h := hashText(x.seed, name)
	for i := x.x.first(h); i != nowhere; i = x.x.next(h, i) {
		if r := x.x.refAt(i); x.names[r] == name {
			return int(r)
		}
	}
	return -1
}

// Remove takes out the name with a number.
func (x *Index) Remove(number int) { x.x.remove(x.x.of(x.hash(ref(number)), ref(number)), x.hash) }

// Room is how many names are in it, and how many places it has.
func (x *Index) Room() (used, places int) { return x.x.used, len(x.x.places) }

// Home is the place in n where a name belongs.
func (x *Index) Home(name string, n int) int {
	return (&index{places: make([]uint32, n)}).home(hashText(x.seed, name))
}

// SameHash reports whether text hashes alike as a string and as bytes.
func SameHash(secret uint64, text string) bool {
	seed := newHashSeed(secret)
	return hashText(seed, text) == hashText(seed, []byte(text))
}

// RecordOf writes a claim into a record and reads it again, and says how long that is.
func RecordOf(claim Claim) (Claim, int) {
	rs := &Records{}
	id := rs.put(rs.encode(claim.Name, claim))
	got := Claim{Name: rs.name(id), Addr: rs.addr(id), Stamp: rs.stamp(id), Meta: rs.appendMeta(nil, id)}
	if !rs.says(id, claim.Addr, claim.Stamp) {
		got.Addr = netip.AddrPort{}
	}
	return got, len(rs.whole(id))
}

// RecordBytes is how many bytes the records of a core have, and how many are waste.
func (c *Core) RecordBytes() (size, wasted int) { return c.records.size, c.records.wasted }

// Troubled reports whether a member has more than a row, and news.
func (c *Core) Troubled(name string) (trouble, news bool) {
	r, _ := c.find(name)
	m := c.at(r)
	return m.row.trouble != noRef, m.row.news != noRef
}

// RoundTripKept is a round trip as it is kept.
func RoundTripKept(d time.Duration) time.Duration { return spanOf(d).duration() }

// Ring is the names on the ring of coordinated probing, and whether it was given up.
func (c *Core) Ring() (torn bool, names []string) {
	for _, r := range c.schedule.ring {
		names = append(names, c.at(r).name())
	}
	return c.schedule.torn, names
}

// Scatter is the permutation that the shifts of periods follow.
func Scatter(x, n int) int { return int(scatter(uint64(x), uint64(n))) }

// RoundTripOverdueAfter is when to ask again after samples, an ack that came so long
// after the first and the last of several pings, and more samples.
func RoundTripOverdueAfter(patience time.Duration, before []time.Duration, first, last time.Duration, after []time.Duration) time.Duration {
	var r roundTrip
	for _, s := range before {
		r.sample(s)
	}
	r.waited(first, last)
	for _, s := range after {
		r.sample(s)
	}
	return r.overdue(patience)
}

// RowSize is what the table takes for each member, its record and lists apart. Bytes.
const RowSize = unsafe.Sizeof(row{})

// HoldsEchoes reports whether there is memory for claims that repeat themselves.
func (c *Core) HoldsEchoes() bool { return c.echoes != nil }

// Riffle is riffle.
func Riffle(i, n, k int) int { return riffle(i, n, k) }
