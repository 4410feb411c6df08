package swim

import "time"

// The indirect round of a probe asks k others, and tries a stream: it may be the way
// to the member, or datagrams, that is broken (SWIM §3.1). It begins when the direct
// pings have all had their time by the round trips that were learnt, at ProbeTimeout
// at the latest, and runs beside what is left of ProbeTimeout:
//
//	0     overdue   overdue    overdue                ProbeTimeout
//	├─ ask ──┼─ again ─┼─ again ──┼─ ask k others, stream ──┤ verdict
//
// It is over when all relays have said that they hear nothing either, or when they
// have had the time to: two round trips by what was learnt, and otherwise another
// ProbeTimeout. The rule VerdictAtPeriodEnd has it begin at ProbeTimeout, and last
// until the period ends.

// asksOthersEarly reports whether others are asked as soon as the last direct ping is
// overdue.
func (c *Core) asksOthersEarly(p *probe) bool {
	return p.kind == probePeriod && c.cfg.ProbeRetries > 0 && !c.cfg.Rules.VerdictAtPeriodEnd
}

// askOthers begins the indirect round.
func (c *Core) askOthers(now time.Duration, pr ref) {
	p := c.probes.at(pr)
	p.indirect = true
	c.chooseLive(c.cfg.IndirectProbes, func(r ref, m member) bool {
		return r != p.member && m.state == Alive
	})
	if c.carries.Waits && c.asksOthersEarly(p) {
		p.end = min(p.end, max(p.timeout, now+c.roundTime(p)))
	}
	for _, r := range c.chosen {
		c.openPacket()
		if !c.cfg.Rules.plainAcks() {
			c.addSuspicion(p.member)
		}
		c.name = append(c.name[:0], p.name...)
		request := c.write(KindPingReq)
		request.Seq, request.Name, request.Addr = p.seq, c.name, p.addr
		request.WantNack, request.Wait = c.wantsNack(r), p.end-now
		c.must()
		c.piggyback()
		c.closePacket(c.at(r).addr())
		if c.wantsNack(r) {
			p.relays++
		} else {
			p.mute = true
		}
		c.stats.IndirectProbes++
	}
	if !c.cfg.NoStreamProbe && c.stillThat(p) && c.at(p.member).understands(versionStreamPing) {
		c.dials = append(c.dials, Dial{ID: c.nextDial(), Kind: DialPing, Addr: p.addr, Name: p.name, seq: p.seq})
	}
}

// roundTime is how long the relays in c.chosen have: enough for a round trip of
// theirs to the member, and for their nack to be heard, which they send after NackAfter
// of it. Where nothing was learnt, or nobody is there to be asked, it is our patience.
func (c *Core) roundTime(p *probe) time.Duration {
	patience := p.timeout - p.start
	if len(c.chosen) == 0 {
		return patience
	}
	there := c.at(p.member).rtt.orThat(c.rtt)
	// A direct ping has a fifth at least (see roundTrip.overdue): three of them and two
	// more fifths are just the patience.
	least := patience * 2 / 5
	for _, r := range c.chosen {
		relay := c.at(r).rtt.orThat(c.rtt)
		if there.smoothed == 0 || relay.smoothed == 0 {
			return patience
		}
		part := time.Duration(c.cfg.NackAfter)
		least = max(least, there.timeout()+relay.timeout())
		if part < 100 {
			least = max(least, relay.timeout()*100/(100-part))
		}
	}
	return min(least, patience)
}

// wantsNack reports whether a relay is asked to nack, and counts against us when it
// does not.
func (c *Core) wantsNack(relay ref) bool {
	return c.cfg.NackAfter > 0 && c.at(relay).understands(versionNack)
}

// handleNack notes that a relay could not reach the member either, but that we
// can hear the relay. With the last of them the indirect round is over.
func (c *Core) handleNack(now time.Duration, msg *Message) {
	a, ok := c.awaited[msg.Seq]
	if !ok || a.relay || c.probes.at(a.ref).nacks >= c.probes.at(a.ref).relays {
		c.drop(DropStaleAck)
		return
	}
	c.stats.Nacks++
	p := c.probes.at(a.ref)
	p.nacks++
	if p.nacks == p.relays && !p.mute && !c.cfg.Rules.VerdictAtPeriodEnd {
		p.end = min(p.end, max(now, p.timeout))
		c.deadlines.cancel(&p.timer)
		c.armProbe(now, a.ref)
	}
}
