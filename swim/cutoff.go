package swim

import "time"

// cutOff is the state of a member whose whole round (direct, indirect, stream)
// brought no packet from anyone. The likeliest cause is its own network. It
//
//   - pings all members once per period, so that it learns within one period how
//     many it has lost, and hears of its return from whoever answers first;
//   - uses unscaled intervals and the minimum suspicion timeout: nobody can help it
//     to judge, and its owner waits for the verdict on its quorum;
//   - keeps its verdicts to itself: they say more about it than about the others.
//
// Any packet from a member ends the state, and withdraws what was held against
// that member; the rest of the verdicts are put to the test one by one.
type cutOff struct {
	since time.Duration // -1: not cut off

	sweep []ref // still to be pinged in this period
	pace  time.Duration
	timer timer
}

// sweepSteps is into how many steps a sweep is divided, so that one wake-up serves
// many members.
const sweepSteps = 64

// becomeCutOff begins the state.
func (c *Core) becomeCutOff(now time.Duration) {
	if c.cutOff.since >= 0 || c.cfg.Rules.NoCutOff {
		return
	}
	c.cutOff.since = now
	c.stats.CutOffs++
	c.emit(Event{Kind: EventCutOff, At: now})
	c.hastenAll(now)
	c.startSweep(now)
}

// hastenAll brings running suspicions down to their minimum, as new ones have from
// now on.
func (c *Core) hastenAll(now time.Duration) {
	for _, m := range c.live() {
		if s := m.suspicion(); s != nil {
			c.hasten(now, s)
		}
	}
}

// startSweep begins to ping everybody that needs a probe, paced so that each has
// ProbeTimeout before the period ends.
func (c *Core) startSweep(now time.Duration) {
	co := &c.cutOff
	co.sweep = co.sweep[:0]
	for r, m := range c.all() {
		if r != selfRef && m.needsProbe() {
			co.sweep = append(co.sweep, r)
		}
	}
	c.deadlines.cancel(&co.timer)
	c.beginSweep(now)
}

// beginSweep pings the first members of a sweep.
func (c *Core) beginSweep(now time.Duration) {
	co := &c.cutOff
	if len(co.sweep) == 0 {
		return
	}
	co.pace = max(0, c.cfg.ProbeInterval-c.cfg.ProbeTimeout) / time.Duration(min(len(co.sweep), sweepSteps))
	c.sweep(now)
}

// sweep pings the next members.
func (c *Core) sweep(now time.Duration) {
	co := &c.cutOff
	co.timer = 0
	step := max(1, (len(co.sweep)+sweepSteps-1)/sweepSteps)
	for _, r := range co.sweep[:min(step, len(co.sweep))] {
		switch m := c.at(r); {
		case !m.used() || !m.needsProbe() || m.swept:
		case co.since >= 0:
			c.startSweepProbe(now, r)
		case m.private():
			c.startProbe(now, r)
		}
	}
	co.sweep = co.sweep[min(step, len(co.sweep)):]
	if len(co.sweep) > 0 {
		co.timer = c.deadlines.set(now+co.pace, wakeSweep, noRef)
	}
}

// startSweepProbe pings one member of a sweep. There is no indirect round: there
// is nobody to ask.
func (c *Core) startSweepProbe(now time.Duration, r ref) {
	c.at(r).swept = true
	c.startPing(now, probe{kind: probeSweep, member: r})
}

// unsweep lets a member be swept again when its probe is over.
func (c *Core) unsweep(p *probe) {
	if p.kind == probeSweep {
		c.at(p.member).swept = false
	}
}

// endCutOff ends the state, if it is on. Verdicts that are still open are dropped,
// and suspicions that nobody knows of are withdrawn. Deaths that nobody knows of
// stay until the member answers a probe, or until a probe with everybody's help
// has failed (see concludeProbe).
func (c *Core) endCutOff(now time.Duration) {
	co := &c.cutOff
	if co.since < 0 {
		return
	}
	co.since = -1
	co.sweep = co.sweep[:0]
	c.deadlines.cancel(&co.timer)
	c.emit(Event{Kind: EventReconnected, At: now})
	for i := range c.probes.items {
		if p := &c.probes.items[i]; p.timer != 0 && p.kind == probeSweep {
			c.unsweep(p)
			c.endProbe(ref(i))
		}
	}
	for r, m := range c.all() {
		if m.private() && m.state == Suspect {
			c.withdraw(now, r)
		}
	}
	for r, m := range c.all() {
		if m.private() {
			co.sweep = append(co.sweep, r)
		}
	}
	c.beginSweep(now) // of probes with everybody's help, paced like those without
}
