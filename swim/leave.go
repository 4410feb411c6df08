package swim

import "time"

// leaving is our own departure. A left claim is final for this life: it wins over
// suspect and dead at the same stamp, so that peers see Left, never Failed.
type leaving struct {
	on    bool
	asked bool // LeaveAcked was emitted
	want  int
	acked map[ref]struct{}
	timer timer
}

func (l *leaving) active() bool { return l.on }

// Leave says that we go. The claim is sent to a few peers directly, again until
// they acknowledge it, and gossiped. EventLeaveAcked comes when min(LeaveAcks, live
// peers) have acknowledged, at once when there are none. From then on the owner may
// stop; until it does, whoever pings us is told that we left. Calling it again has
// no effect.
func (c *Core) Leave(now time.Duration) {
	if c.leaving.on || c.replaced {
		return
	}
	c.leaving = leaving{on: true, want: min(c.cfg.LeaveAcks, len(c.live)), acked: map[ref]struct{}{}}
	m := c.self()
	c.removePrint(m)
	c.notePrints(now)
	m.state, m.since = Left, now
	c.disseminate(now, selfRef, newsClaim, 0)
	c.continueLeave(now)
}

// continueLeave tells more peers, until enough have acknowledged.
func (c *Core) continueLeave(now time.Duration) {
	l := &c.leaving
	l.timer = 0
	missing := min(l.want, len(l.acked)+c.unacked()) - len(l.acked)
	if missing <= 0 {
		c.endLeave(now)
		return
	}
	// Ask one more than is missing: a peer may have died, and packets are lost.
	c.chooseLive(missing+1, func(r ref, _ *member) bool {
		_, ok := l.acked[r]
		return !ok
	})
	for _, r := range c.chosen {
		c.sendClaim(c.at(r).addr, selfRef)
	}
	l.timer = c.deadlines.set(now+c.cfg.ProbeTimeout, wakeLeave, noRef)
}

// unacked counts live peers that have not acknowledged.
func (c *Core) unacked() int {
	n := 0
	for _, r := range c.live {
		if _, ok := c.leaving.acked[r]; !ok {
			n++
		}
	}
	return n
}

// handleLeaveAck counts a peer that has noted our departure.
func (c *Core) handleLeaveAck(now time.Duration, sender ref, msg *Message) {
	l := &c.leaving
	if !l.on || sender == noRef || msg.Seq != SeqNo(c.self().stamp.Incarnation) {
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
	if !c.leaving.asked {
		c.leaving.asked = true
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
