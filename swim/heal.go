package swim

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Healing finds again what was lost to a partition: the live members together try
// one lost member or seed about every HealInterval, for as long as the tombstones
// last, without backing off: the cost does not depend on how many are lost.
//
// A push-pull with the other side revives nobody by itself. Each side hears that
// the other holds it dead, takes that for a suspicion (see accuse), and refutes.

// armHeal schedules our next turn: about every interval, at a random time so that the
// turns of members spread.
func (c *Core) armHeal(now time.Duration) {
	if c.cfg.HealInterval > 0 {
		c.deadlines.set(now+c.cfg.HealInterval/2+c.randDuration(c.cfg.HealInterval), wakeHeal, noRef)
	}
}

// heal tries one member that failed, or one seed that nobody lives at, in one turn of
// as many as there are live members. Turns that come n times as seldom would cost the
// same, but those of members that started together would come together, too: nobody
// would try for half of n intervals, however many have been lost since.
func (c *Core) heal(now time.Duration) {
	c.armHeal(now)
	if c.leaving.active() || c.healing {
		return
	}
	addr, name, ok := c.lost(now)
	if !ok || c.rand(c.sizeAlive()) != 0 {
		return
	}
	c.stats.HealAttempts++
	c.healing = true
	c.dials = append(c.dials, Dial{ID: c.nextDial(), Kind: DialHeal, Addr: addr, Name: name})
}

// lost picks a candidate at random, uniformly among members that failed and seeds
// where nobody we know lives. Members that left, were refused, or were removed by
// the owner are not lost. A seed that refused us is asked again after TombstoneTTL:
// it may have been upgraded.
func (c *Core) lost(now time.Duration) (addr netip.AddrPort, name string, ok bool) {
	n := 0
	pick := func(a netip.AddrPort, s string) {
		if n++; c.rand(n) == 0 {
			addr, name, ok = a, s, true
		}
	}
	for _, t := range c.tombstones.fifo {
		if m := c.at(t.member); !c.stale(t) && m.state == Dead && !m.unwanted {
			pick(m.addr(), m.name())
		}
	}
	for _, s := range c.strays {
		if r, known := c.resident(s.addr); now < s.until && (!known || !c.at(r).state.live()) {
			pick(s.addr, s.name)
		}
	}
	for _, seed := range c.cfg.Seeds {
		at, refused := c.refusedAt[seed]
		r, known := c.resident(seed)
		if (!known || c.at(r).state == Left && r != selfRef) && (!refused || now-at >= c.cfg.TombstoneTTL) {
			pick(seed, "")
		}
	}
	return addr, name, ok
}

// A stray is a member that failed, and whose tombstone is gone: on memberlist's wire
// that is so after half a minute, since its name must be free again. Where it lived is
// remembered for as long as elsewhere, because a partition may last longer.
type stray struct {
	name  string
	addr  netip.AddrPort
	until time.Duration
}

const (
	// strayTTL is how long a member that failed is looked for: the default of
	// TombstoneTTL.
	strayTTL = 24 * time.Hour
	// maxStrays bounds their number; the oldest goes first.
	maxStrays = 1024
)

// noteStray remembers where a member lived that is being forgotten.
func (c *Core) noteStray(now time.Duration, m member) {
	s := stray{name: strings.Clone(m.name()), addr: m.addr(), until: m.since() + strayTTL}
	if m.state != Dead || m.unwanted || c.cfg.HealInterval == 0 || s.until <= now {
		return
	}
	c.strays = slices.DeleteFunc(c.strays, func(o stray) bool { return o.name == s.name || o.until <= now })
	if len(c.strays) >= maxStrays {
		c.strays = slices.Delete(c.strays, 0, 1)
	}
	c.strays = append(c.strays, s)
}

// SetSeeds replaces the seeds that healing tries, for owners who resolve host
// names anew. The slice is copied.
func (c *Core) SetSeeds(seeds []netip.AddrPort) { c.cfg.Seeds = slices.Clone(seeds) }
