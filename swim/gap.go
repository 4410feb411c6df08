package swim

import "time"

// A gap is a rumour that begins above what we hold: something before it is missing. As
// a rule that is on its way, and repairing it would be waste. But where something
// changes all the time, prints are never still, and what gossip has missed would stay
// missing until the comparison of PushPullInterval. So one gap is remembered, and if it
// is still open after a ProbeInterval, the next prints that differ open a push-pull: one
// per ProbeInterval at most, as in Scuttlebutt.
type gap struct {
	open   bool
	member ref
	state  uint64        // hash of what we held of it
	since  time.Duration // when we saw the gap, or last did something about it
}

// noteGap notes that a rumour about a member could not be taken in.
func (c *Core) noteGap(now time.Duration, r ref) {
	if !c.isGapOpen() {
		c.gap = gap{open: true, member: r, state: c.stateHash(c.at(r)), since: now}
	}
}

// isGapOpen reports whether what we hold is still what it was.
func (c *Core) isGapOpen() bool {
	g := &c.gap
	g.open = g.open && c.at(g.member).used() && c.at(g.member).state.live() && c.stateHash(c.at(g.member)) == g.state
	return g.open
}

// isGapOverdue reports whether a gap has been open for so long that gossip will not
// close it.
func (c *Core) isGapOverdue(now time.Duration) bool {
	return c.isGapOpen() && now-c.gap.since >= c.gapPatience()
}

// gapPatience is a ProbeInterval, or where there is none as long as prints have to be
// still.
func (c *Core) gapPatience() time.Duration {
	return max(c.cfg.ProbeInterval, 2*c.cfg.GossipInterval)
}
