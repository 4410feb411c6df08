package swim

import "time"

// A node whose sending is blocked (a full socket, a starved network stack) is not a
// node that stands still: in a program where every loop has a goroutine of its own,
// as in memberlist, the loops that send stop at their first send, while the timers of
// suspicions run on. The two methods here are for owners that want to be such a node,
// above all for the experiments of Lifeguard (§V), whose anomalies are of that kind.

// HandleSuspicionTimeout does, of all that HandleTimeout does, only what needs
// nothing sent: suspicions that ran out at or before now become deaths. These are
// queued as news and reported as events; no packet and no dial comes of it.
//
// It is for an owner whose sending is blocked: it calls HandleTimeout until there is
// something to send, and from then on this, at the times of NextSuspicion, instead.
// When it can send again it calls HandleTimeout, which does what is late; and, unless
// the rule CountStalls is in force, gives back to open probes and suspicions the time
// since the earliest of it was due.
func (c *Core) HandleSuspicionTimeout(now time.Duration) {
	if c.replaced {
		return
	}
	for t := c.deadlines.first(wakeSuspicion); t != 0; t = c.deadlines.first(wakeSuspicion) {
		d := c.deadlines.slots[t-1]
		if d.at > now {
			return
		}
		c.deadlines.cancel(&t)
		c.declareDead(now, d.ref)
	}
}

// NextSuspicion is when HandleSuspicionTimeout wants to be called next; ok is false
// when nobody is suspected. It takes time in proportion to the pending deadlines.
func (c *Core) NextSuspicion() (at time.Duration, ok bool) {
	t := c.deadlines.first(wakeSuspicion)
	if t == 0 || c.replaced {
		return 0, false
	}
	return c.deadlines.slots[t-1].at, true
}
