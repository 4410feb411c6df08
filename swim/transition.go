package swim

import "time"

// The four methods here are the only places that assign a member's state. Each
// sets all that belongs to the new state, keeps the invariants of member, queues
// the claim, and emits the event.

// becomeAlive: the claim has won.
func (c *Core) becomeAlive(now time.Duration, r ref, claim Claim, src source) {
	m := c.at(r)
	was, fresh := m.state, m.fresh()
	// Compared with the life that we met, not with that of the stamp: an accusation
	// of the new life may have come before its first claim to be alive.
	restarted := !fresh && claim.Stamp.Life != m.met()

	c.leaveState(r)
	c.accept(now, r, claim)
	m.unwanted, m.conflicted = false, false
	switch {
	case fresh:
		m.rtt = roundTrip{}
		c.rider.Meet(m.name(), m.met())
	case restarted:
		m.rtt = roundTrip{}
		c.rider.BeginLife(m.name(), m.met())
	}
	c.enterLive(now, r)
	if src != fromSnapshot {
		c.disseminate(now, r, newsClaim, 0)
		if was == Suspect {
			m.slot(newsClaim).heard = uncounted
		}
	}
	if src == fromGossip {
		c.noteGrowth(now)
	}

	e := Event{At: now, Name: m.name(), Addr: m.addr(), Meta: m.meta(), Stamp: m.stamp()}
	switch {
	case !was.live() || restarted:
		e.Kind, e.Restarted = EventJoined, restarted
	case was == Suspect:
		e.Kind = EventRefuted
	default:
		e.Kind = EventUpdated
	}
	c.emit(e)
}

// becomeSuspect: a probe of ours failed, or somebody says that theirs did.
func (c *Core) becomeSuspect(now time.Duration, r ref, stamp Stamp, from string, private bool) {
	m := c.at(r)
	c.leaveState(r)
	m.judge(now, Suspect, stamp, from, private)
	c.enterLive(now, r)
	m.setSuspicion(c.newSuspicion(now, r, from))
	c.stats.Suspicions++
	c.publish(now, r)
	c.emit(Event{Kind: EventSuspected, At: now, Name: m.name(), Addr: m.addr(), Stamp: m.stamp(), From: from})
}

// declareDead: a suspect ran out of time. While we are cut off that is a secret,
// also when the suspicion was not: its refutation could not have reached us.
func (c *Core) declareDead(now time.Duration, r ref) {
	m := c.at(r)
	m.suspicion().timer = 0
	c.becomeDead(now, r, m.stamp(), c.self().name(), m.private() || c.CutOff())
}

// becomeDead: nobody has heard of it in time.
func (c *Core) becomeDead(now time.Duration, r ref, stamp Stamp, from string, private bool) {
	m := c.at(r)
	was := m.state
	c.leaveState(r)
	m.judge(now, Dead, stamp, from, private)
	c.bury(now, r)
	c.publish(now, r)
	if was != Dead {
		c.stats.Deaths++
		c.emit(Event{Kind: EventFailed, At: now, Name: m.name(), Addr: m.addr(), Stamp: m.stamp(), From: from})
	}
}

// becomeLeft: it said so itself.
func (c *Core) becomeLeft(now time.Duration, r ref, stamp Stamp) {
	m := c.at(r)
	was := m.state
	c.leaveState(r)
	m.judge(now, Left, stamp, m.name(), false)
	m.unwanted = true
	c.bury(now, r)
	c.publish(now, r)
	if was != Left {
		c.emit(Event{Kind: EventLeft, At: now, Name: m.name(), Addr: m.addr(), Stamp: m.stamp()})
	}
}

// withdraw takes back a verdict that only we knew of, on first-hand evidence. Its
// stamp stays: nobody was told anything that would have to be refuted. An
// accusation may have raised it to a life that we have not met; then the first
// claim of that life completes what we hold (see claimAlive).
func (c *Core) withdraw(now time.Duration, r ref) {
	m := c.at(r)
	was := m.state
	c.leaveState(r)
	m.judge(now, Alive, m.stamp(), "", false)
	c.enterLive(now, r)
	kind := EventRefuted
	if was == Dead {
		kind = EventJoined
	}
	c.emit(Event{Kind: kind, At: now, Name: m.name(), Addr: m.addr(), Meta: m.meta(), Stamp: m.stamp()})
}

// leaveState undoes what the present state has set up.
func (c *Core) leaveState(r ref) {
	m := c.at(r)
	if s := m.suspicion(); s != nil {
		c.deadlines.cancel(&s.timer)
		m.setSuspicion(nil)
	}
	if m.state.live() && r != selfRef {
		c.removePrint(m)
		c.alive--
	}
	if m.buried() {
		c.tombstones.count--
		m.troubled().buried = false
	}
}

// enterLive makes r a live member, to be probed and gossiped to.
func (c *Core) enterLive(now time.Duration, r ref) {
	c.addPrint(c.at(r))
	c.notePrints(now)
	c.alive++
	c.joinRing(r)
	c.enlist(r, c.cfg.Rand)
	c.resize()
}

// bury makes r a tombstone.
func (c *Core) bury(now time.Duration, r ref) {
	c.silence(r, newsRumour)
	c.leaveRing(r)
	c.notePrints(now)
	c.resize()
	c.addTombstone(now, r)
}

// publish queues the claim about r, unless it is a secret.
func (c *Core) publish(now time.Duration, r ref) {
	if c.at(r).private() {
		c.silence(r, newsClaim)
		return
	}
	c.disseminate(now, r, newsClaim, 0)
}
