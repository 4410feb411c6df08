package swim

import "time"

// leaving is our own departure. A left claim is final for this life: it wins over
// suspect and dead at the same stamp, so that peers see Left, never Failed.
type leaving struct {
	on    bool
	over  bool // LeaveAcked was emitted
	want  int
	acked map[ref]struct{}
	told  map[ref]int // how often we have told a peer that has not acknowledged
	timer timer
}

// leaveTries is how often a peer is told, a ProbeTimeout apart, before we take it
// that it has gone as well, and do not wait for it.
const leaveTries = 3

func (l *leaving) active() bool { return l.on }

// Leave says that we go. The claim is sent to a few peers directly, again until
// they acknowledge it, and gossiped. EventLeaveAcked comes when min(LeaveAcks, live
// peers) have acknowledged, at once when there are none. A peer that was told three
// times in vain is not waited for, as long as another has acknowledged: members that
// leave together need not have heard of each other's departure. From then on the
// owner may stop; until it does, whoever pings us is told that we left. Calling it
// again has no effect.
//
// On a wire without acknowledgements, EventLeaveAcked comes when we have told as many
// as we tell any news.
func (c *Core) Leave(now time.Duration) {
	if c.leaving.on || c.replaced {
		return
	}
	c.leaving = leaving{on: true, want: min(c.cfg.LeaveAcks, c.alive), acked: map[ref]struct{}{}, told: map[ref]int{}}
	m := c.self()
	c.removePrint(m)
	c.notePrints(now)
	m.judge(now, Left, m.stamp(), "", false)
	c.disseminate(now, selfRef, newsClaim, 0)
	c.continueLeave(now)
}

// continueLeave tells more peers, until enough have acknowledged.
func (c *Core) continueLeave(now time.Duration) {
	l := &c.leaving
	l.timer = 0
	if !c.carries.LeaveAcks {
		c.tellLeave(now)
		return
	}
	missing := min(l.want-len(l.acked), c.expected())
	if missing <= 0 {
		c.endLeave(now)
		return
	}
	// Tell one more than is missing: a peer may have died, and packets are lost.
	c.chooseLive(missing+1, func(r ref, _ member) bool { return c.mayAck(r) })
	for _, r := range c.chosen {
		l.told[r]++
		c.sendClaim(c.at(r).addr(), selfRef)
	}
	l.timer = c.deadlines.set(now+c.cfg.ProbeTimeout, wakeLeave, noRef)
}

// tellLeave waits until our departure has been sent its full number of times. Where
// there is no gossip, all who live are told, once.
func (c *Core) tellLeave(now time.Duration) {
	if c.cfg.GossipInterval == 0 {
		for _, m := range c.live() {
			c.sendClaim(m.addr(), selfRef)
		}
	} else if c.alive > 0 && c.self().sends(newsClaim) != notQueued {
		c.leaving.timer = c.deadlines.set(now+c.cfg.GossipInterval, wakeLeave, noRef)
		return
	}
	c.endLeave(now)
}

// mayAck reports whether an acknowledgement of a live peer is still to be expected.
// While nobody has acknowledged, nobody is given up.
func (c *Core) mayAck(r ref) bool {
	l := &c.leaving
	_, acked := l.acked[r]
	return !acked && (len(l.acked) == 0 || l.told[r] < leaveTries)
}

// expected counts the live peers that may still acknowledge.
func (c *Core) expected() int {
	n := 0
	for r := range c.live() {
		if c.mayAck(r) {
			n++
		}
	}
	return n
}

// handleLeaveAck counts a peer that has noted our departure.
func (c *Core) handleLeaveAck(now time.Duration, sender ref, msg *Message) {
	l := &c.leaving
	if !l.on || sender == noRef || msg.Seq != SeqNo(c.self().stamp().Incarnation) {
		c.drop(DropStaleAck)
		return
	}
	l.acked[sender] = struct{}{}
	if len(l.acked) >= l.want {
		c.deadlines.cancel(&l.timer)
		c.endLeave(now)
	}
}

func (c *Core) endLeave(now time.Duration) {
	if !c.leaving.over {
		c.leaving.over = true
		c.emit(Event{Kind: EventLeaveAcked, At: now})
	}
}

// ackLeave acknowledges a departure to whoever says that it leaves itself. That is
// the member at that address; or, if nobody we know lives there, a member of whose
// joining or moving we have not heard, and which would otherwise wait in vain. What
// members say about others needs no answer.
func (c *Core) ackLeave(p *incoming, msg *Message) {
	if msg.Kind != KindDead || string(msg.Name) != string(msg.From) {
		return
	}
	r, known := c.lookup(msg.Name)
	switch {
	case p.sender != noRef && (!known || p.sender != r):
		return
	case known && (r == selfRef || c.at(r).state != Left):
		return // about us, or not believed
	}
	c.reply(p.from, KindLeaveAck, SeqNo(msg.Stamp.Incarnation))
}
