package swim

import "time"

// A member that was stalled (a stopped process, a suspended machine, a starved
// scheduler) finds all its timers late at once, while what others said meanwhile
// still waits in its socket. Lifeguard's local health learns from that only after
// the damage is done. So time in which we could not listen does not count: open
// probes, and suspects, get as much more.

// forgiveStall moves what judges others by the time that the next deadline is late,
// if that is more than ProbeTimeout: a delay that a probe would not forgive either.
// What began after the stall, since the socket was read before the timers ran, has
// lost no time.
func (c *Core) forgiveStall(now time.Duration) {
	at, ok := c.deadlines.next()
	if !ok || c.cfg.Rules.CountStalls || now-at <= c.cfg.ProbeTimeout {
		return
	}
	late := now - at
	c.stats.Stalls++
	for _, m := range c.live() {
		if s := m.suspicion(); s != nil && s.start <= at {
			s.start += late
			c.deadlines.delay(s.timer, late)
		}
	}
	for i := range c.probes.items {
		if p := &c.probes.items[i]; p.timer != 0 && p.start <= at {
			p.start, p.last, p.timeout, p.end = p.start+late, p.last+late, p.timeout+late, p.end+late
			c.deadlines.delay(p.timer, late)
		}
	}
}
