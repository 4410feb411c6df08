package swim

import (
	"net/netip"
	"slices"
	"time"
)

// probeKind says what a ping is for.
type probeKind uint8

const (
	probePeriod    probeKind = iota // the probe of a protocol period
	probeSweep                      // one of the pings to everyone, while cut off
	probeCompare                    // asks for fingerprints, to compare tables
	probeCandidate                  // first contact with a name that was forgotten
	probePing                       // the owner asked for it
)

// A probe is one question: is this member there? A probe of a protocol period
// lives through three stages (SWIM §3.1):
//
//	ask, again when overdue ──overdue again──▶ ask k others, and a stream ──round over──▶ verdict
//
// and an ack ends it at any stage. All its times are stretched by our local health
// as it was at the start (Lifeguard §IV-A), and it never judges before both
// ProbeTimeout and the indirect round are over; see indirect.go.
type probe struct {
	kind       probeKind
	asked      int8 // direct pings sent
	relays     int8 // members asked to probe for us
	nacks      int8
	indirect   bool // the second stage has begun
	mute       bool // somebody was asked who does not nack
	sendFailed bool // our own machine refused to send
	seq        SeqNo
	member     ref   // noRef: no member
	stamp      Stamp // of the member when it began
	name       string
	addr       netip.AddrPort
	start      time.Duration
	last       time.Duration // when it was asked last
	timeout    time.Duration // when the direct stage ends at the latest
	end        time.Duration // when the verdict is due
	heard      uint64        // packets heard from anyone when it began
	prints     Prints        // as sent with the last ping
	id         uint64        // of the owner's command
	alive      Claim         // of a candidate
	timer      timer
}

// awaited says who waits for a sequence number.
type awaited struct {
	relay bool
	ref   ref
}

// shortSeqs is how many numbers are used in turn: they take at most three bytes on
// the wire, and by the time one comes back, its former ack is long gone.
const shortSeqs = 1 << 16

// nextSeq returns a number that nothing outstanding uses.
func (c *Core) nextSeq() SeqNo {
	for {
		c.seq++
		if c.seq >= shortSeqs && len(c.awaited) < shortSeqs/2 {
			c.seq = 1
		}
		if _, busy := c.awaited[c.seq]; !busy && c.seq != 0 {
			return c.seq
		}
	}
}

// startPeriod begins a protocol period, in which one member is probed.
func (c *Core) startPeriod(now time.Duration) {
	if c.cfg.Rules.SerialProbes && c.probing() {
		c.periodDue = true
		c.deadlines.cancel(&c.schedule.timer)
		return
	}
	c.ageEchoes()
	c.calmQueues()
	interval := c.cfg.ProbeInterval
	if c.cfg.Rules.HealthStretchesPeriod {
		interval = c.patience(interval)
	}
	if !c.cfg.NoCoordinatedProbing {
		c.startScheduledPeriod(now, interval)
		return
	}
	c.deadlines.set(now+interval, wakePeriod, noRef)
	c.takeTurn(now, noRef)
}

// takeTurn makes the probe of a period: of r, if members coordinate and agree on
// it, or else of the next of the shuffled order (SWIM §4.3).
func (c *Core) takeTurn(now time.Duration, r ref) {
	switch {
	case c.leaving.active():
		return
	case c.cutOff.since >= 0:
		c.startSweep(now)
		return
	}
	var ok bool
	if !c.cfg.NoCoordinatedProbing {
		r, ok = c.inTurn(r)
	} else {
		r, ok = c.nextTarget()
	}
	if ok {
		c.startProbe(now, r)
	}
}

// probing reports whether the probe of a period is open.
func (c *Core) probing() bool {
	for i := range c.probes.items {
		if p := &c.probes.items[i]; p.timer != 0 && p.kind == probePeriod {
			return true
		}
	}
	return false
}

// beginOverdue begins the period that has waited for a probe which is now over.
func (c *Core) beginOverdue(now time.Duration) {
	if c.periodDue && !c.probing() {
		c.periodDue = false
		c.awaitPeriod(now)
	}
}

// nextTarget is the next member of the probe order that needs a probe.
func (c *Core) nextTarget() (ref, bool) {
	if c.cfg.Rules.RandomTargets {
		if c.chooseLive(1, nil); len(c.chosen) == 0 {
			return noRef, false
		}
		return c.chosen[0], true
	}
	for pass := 0; pass < 2; pass++ {
		for c.cursor < len(c.order) {
			r := c.order[c.cursor]
			c.cursor++
			if c.at(r).needsProbe() {
				return r, true
			}
		}
		c.reshuffle(c.cfg.Rand, member.needsProbe)
	}
	return noRef, false
}

// needsProbe: the live do, and those whose death is known only to us.
func (m member) needsProbe() bool { return m.state.live() || m.private() }

// startProbe begins the probe of a member, with all its stages.
func (c *Core) startProbe(now time.Duration, r ref) {
	timeout, period := c.patience(c.cfg.ProbeTimeout), c.patience(c.cfg.ProbeInterval)
	if c.cfg.Rules.HealthSparesTimeout {
		timeout = c.cfg.ProbeTimeout
	}
	// The indirect round takes another timeout at most; the period may grant more. It
	// mostly ends before.
	end := max(period, 2*timeout)
	if c.cfg.Rules.VerdictAtPeriodEnd {
		timeout, end = min(timeout, period), period
	}
	c.stats.Probes++
	c.openProbe(now, probe{kind: probePeriod, member: r, timeout: now + timeout, end: now + end})
}

// startPing begins a probe that only asks directly, for one ProbeTimeout.
func (c *Core) startPing(now time.Duration, p probe) ref {
	p.timeout = now + c.cfg.ProbeTimeout
	p.end = p.timeout
	return c.openProbe(now, p)
}

// openProbe sends the first ping of a probe, given its kind and times, and whom it
// asks: a member, which is noted as it is now, or a name at an address.
func (c *Core) openProbe(now time.Duration, p probe) ref {
	p.seq, p.start, p.heard = c.nextSeq(), now, c.heard
	if p.member != noRef {
		m := c.at(p.member)
		p.stamp, p.name, p.addr = m.stamp(), m.name(), m.addr()
	}
	pr, slot := c.probes.take()
	*slot = p
	c.awaited[p.seq] = awaited{ref: pr}
	c.ask(now, pr)
	c.armProbe(now, pr)
	return pr
}

// ask sends a direct ping. A ping to a suspect carries the suspicion, so that it
// can refute with its ack: Lifeguard's buddy system (§IV-C). The suspicion comes
// first, so that the ack already knows.
func (c *Core) ask(now time.Duration, pr ref) {
	p := c.probes.at(pr)
	p.asked++
	p.last, p.prints = now, c.prints
	c.openPacket()
	if p.member != noRef && !c.cfg.Rules.NoBuddy {
		c.addSuspicion(p.member)
	}
	c.addPing(now, p.seq, p.name)
	if p.member != noRef {
		c.piggyback()
	}
	c.closePacket(p.addr)
}

// addPing appends a ping to the open packet.
func (c *Core) addPing(now time.Duration, seq SeqNo, name string) {
	c.name = append(c.name[:0], name...)
	ping := c.write(KindPing)
	ping.Seq, ping.Name, ping.Period = seq, c.name, c.period(now, name)
	if c.showsPrints {
		ping.Prints, ping.Seen = c.prints, PrintsGiven
	}
	c.must()
}

// addSuspicion appends our claim about r if it is suspect, and that is no secret.
func (c *Core) addSuspicion(r ref) bool {
	if m := c.at(r); m.state != Suspect || m.private() {
		return false
	}
	c.claimOf(r)
	c.must()
	return true
}

// armProbe sets the next thing to happen to a probe.
func (c *Core) armProbe(now time.Duration, pr ref) {
	p := c.probes.at(pr)
	at := p.end
	if !p.indirect && p.kind != probeSweep {
		at = p.timeout
		if c.asksAgain(p) || c.asksOthersEarly(p) {
			at = min(at, now+c.overdue(p))
		}
	}
	p.timer = c.deadlines.set(at, wakeProbe, pr)
}

// asksAgain reports whether the member itself is asked when its ack is overdue.
func (c *Core) asksAgain(p *probe) bool {
	return int(p.asked) <= c.cfg.ProbeRetries && p.kind != probePing
}

// overdue is how long the ack to a direct ping may take before we ask again.
func (c *Core) overdue(p *probe) time.Duration {
	patience := p.timeout - p.start
	if p.member == noRef {
		return roundTrip{}.overdue(patience)
	}
	return c.at(p.member).rtt.orThat(c.rtt).overdue(patience)
}

// continueProbe moves a probe on that has had no ack so far.
func (c *Core) continueProbe(now time.Duration, pr ref) {
	p := c.probes.at(pr)
	p.timer = 0
	switch {
	case p.kind != probeSweep && !p.indirect && now < p.timeout && c.asksAgain(p):
		c.stats.ProbeRetries++
		c.ask(now, pr)
	case p.kind == probePeriod && !p.indirect:
		c.askOthers(now, pr)
	case p.kind == probePing && p.asked < pingTries:
		c.askAgain(now, pr)
		return
	default:
		c.concludeProbe(now, pr)
		return
	}
	c.armProbe(now, pr)
}

// chooseLive fills c.chosen with up to k live members at random, each of which
// satisfies ok. It shuffles the front of the probe order, which lists them all, until
// it has found so many, and then undoes that: the order of probes is not its business.
func (c *Core) chooseLive(k int, ok func(ref, member) bool) {
	c.chosen, c.swapped = c.chosen[:0], c.swapped[:0]
	list, seen := c.order, 0
	for i := 0; seen < c.alive && len(c.chosen) < k; i++ {
		j := i + c.rand(len(list)-i)
		list[i], list[j] = list[j], list[i]
		c.swapped = append(c.swapped, int32(j))
		r := list[i]
		m := c.at(r)
		if !m.state.live() {
			continue
		}
		if seen++; ok == nil || ok(r, m) {
			c.chosen = append(c.chosen, r)
		}
	}
	for i, j := range slices.Backward(c.swapped) {
		list[i], list[j] = list[j], list[i]
	}
}

// endProbe forgets a probe.
func (c *Core) endProbe(pr ref) {
	p := c.probes.at(pr)
	c.deadlines.cancel(&p.timer)
	delete(c.awaited, p.seq)
	c.probes.give(pr)
}

// settleProbe takes an ack. direct says that it came from the member itself.
func (c *Core) settleProbe(now time.Duration, pr ref, direct bool, prints Prints, seen PrintsSeen) {
	p := *c.probes.at(pr)
	c.endProbe(pr)
	c.unsweep(&p)
	c.beginOverdue(now)
	if seen == PrintsSame {
		prints = p.prints
	}
	var rtt time.Duration
	if direct && p.asked == 1 && !p.indirect {
		rtt = now - p.start
	}
	switch p.kind {
	case probePing:
		c.emit(Event{Kind: EventPingDone, At: now, ID: p.id, OK: true, RTT: max(now-p.start, 0), Name: p.name})
		return
	case probeCandidate:
		delete(c.candidates, p.name)
		c.admit(now, p.alive)
		return
	case probePeriod:
		c.health.improve()
	}
	if !c.stillThat(&p) {
		return
	}
	m := c.at(p.member)
	switch {
	case rtt > 0:
		m.rtt.sample(rtt)
		c.rtt.sample(rtt)
	case direct && p.asked > 1:
		m.rtt.waited(now-p.start, now-p.last)
	}
	c.heardFrom(now, p.member)
	if p.kind != probeCompare {
		c.emit(Event{Kind: EventProbed, At: now, Name: m.name(), RTT: rtt})
	}
	if seen != PrintsAbsent {
		c.comparePrints(now, p.member, prints, p.kind == probeCompare)
	}
}

// stillThat reports whether the row that a probe was about still stands for the
// same life.
func (c *Core) stillThat(p *probe) bool {
	m := c.at(p.member)
	return m.used() && m.name() == p.name && m.stamp().Life == p.stamp.Life
}

// concludeProbe judges a member that has not answered in any way.
func (c *Core) concludeProbe(now time.Duration, pr ref) {
	p := *c.probes.at(pr)
	c.endProbe(pr)
	c.unsweep(&p)
	c.beginOverdue(now)
	switch p.kind {
	case probePing:
		c.emit(Event{Kind: EventPingDone, At: now, ID: p.id, Name: p.name})
		return
	case probeCandidate:
		delete(c.candidates, p.name)
		return
	case probeCompare:
		c.compareByStream(now, &p)
		return
	case probePeriod:
		c.stats.ProbeFailures++
		if c.heard == p.heard {
			c.becomeCutOff(now)
		}
		c.blameOurselves(&p)
	}
	if !c.stillThat(&p) || !c.at(p.member).needsProbe() {
		return
	}
	m := c.at(p.member)
	if m.state == Dead {
		// A verdict formed while cut off has now been confirmed with contact to
		// others: it is no secret any more, and exchanges may tell it.
		m.troubled().private = c.cutOff.since >= 0
		return
	}
	if m.state == Alive && m.stamp().Compare(p.stamp) > 0 {
		return // it has spoken since, if not to us
	}
	if p.sendFailed && p.nacks == 0 && c.cutOff.since < 0 {
		// Our own machine would not send, and no relay has tried: this says
		// nothing about the member.
		return
	}
	if m.state == Suspect && m.suspicion().declared != "" {
		// Somebody has declared its death, and our own probe proves it.
		c.becomeDead(now, p.member, m.stamp(), m.suspicion().declared, m.private())
		return
	}
	c.suspect(now, p.member, m.stamp(), c.self().name())
}

// blameOurselves charges our local health for a failed probe: one for every relay
// that did not even nack, or one if none was asked. Relays that nack prove that we
// can hear, so a healthy prober of a crashed member stays at 0. Source: Lifeguard
// §IV-A, with the charge of memberlist.
func (c *Core) blameOurselves(p *probe) {
	expected := int(p.relays)
	if c.cfg.NackAfter == 0 {
		expected = 0
	}
	missing := max(0, expected-int(p.nacks))
	switch {
	case c.cfg.Rules.PaperHealth:
		c.health.worsen(1 + min(missing, 1))
	case expected == 0:
		c.health.worsen(1)
	default:
		c.health.worsen(missing)
	}
}

// HandleSendError says that our own machine refused to send to an address. That
// is evidence against ourselves, not against who lives there.
func (c *Core) HandleSendError(now time.Duration, to netip.AddrPort, err error) {
	c.stats.SendErrors++
	for i := range c.probes.items {
		p := &c.probes.items[i]
		if p.timer == 0 || p.addr != to || p.sendFailed {
			continue
		}
		p.sendFailed = true
		c.health.worsen(1)
	}
}
