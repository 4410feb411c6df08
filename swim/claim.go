package swim

import (
	"net/netip"
	"time"
)

// source says how a claim reached us, and hence how far it is trusted and whether
// it is passed on.
type source uint8

const (
	fromGossip   source = iota // in a packet
	fromExchange               // in a frame of a push-pull
	fromJoin                   // in a frame of a push-pull that we opened to join
	fromSnapshot               // in the first push-pull of a member that knew nobody
)

// handleAlive takes an alive claim from a packet.
func (c *Core) handleAlive(now time.Duration, p *incoming, msg *Message) {
	if r, ok := c.lookup(msg.Name); ok {
		if r != selfRef && c.at(r).says(msg.Addr, msg.Stamp) {
			if p.sum != 0 {
				c.remember(p.sum, r)
			}
			c.noteCopy(r, newsClaim)
			return
		}
		c.claimAlive(now, r, Claim{Addr: msg.Addr, Stamp: msg.Stamp, Meta: msg.Meta, Versions: msg.Versions}, fromGossip)
		return
	}
	c.meet(now, Claim{
		Name: string(msg.Name), Addr: msg.Addr, Stamp: msg.Stamp, Meta: msg.Meta, Versions: msg.Versions,
	}, fromGossip)
}

// claimAlive judges an alive claim about somebody whose row exists. The slices of
// the claim may alias a packet; its name is not read.
func (c *Core) claimAlive(now time.Duration, r ref, claim Claim, src source) {
	if r == selfRef {
		c.handleOwnAlive(now, claim, src)
		return
	}
	m := c.at(r)
	if c.bootAhead(now, claim.Stamp) || !c.admits(m.name(), claim) {
		return
	}
	moves := claim.Addr != m.addr()
	if moves && c.refusesMove(now, m, claim) {
		c.conflict(now, r, claim)
		return
	}
	// A life that we hold alive without having met it (see withdraw) is completed by
	// its own claim, even if the stamp is no news.
	completes := m.state == Alive && claim.Stamp.Life != m.met() && claim.Stamp == m.stamp()
	reclaims := moves && c.cfg.Rules.AddressConflicts // at any stamp, as memberlist has it
	if completes || reclaims || c.prevails(Alive, claim.Stamp, m.state, m.stamp()) {
		c.becomeAlive(now, r, claim, src)
	}
}

// meet takes an alive claim about a name that is not in the table. If the name may
// have been forgotten, third parties are not enough: what they say could be older
// than what we forgot. It is listed once our own ping of it has been answered.
func (c *Core) meet(now time.Duration, claim Claim, src source) {
	if c.bootAhead(now, claim.Stamp) {
		return
	}
	if !usable(claim.Addr) {
		c.drop(DropBadAddr)
		return
	}
	if !c.admits(claim.Name, claim) {
		return
	}
	if c.forgotten.mayHave(claim.Name) && !c.cfg.Rules.TrustHearsay {
		c.audition(now, claim)
		return
	}
	c.admitAs(now, claim, src)
}

// admit lists a member of which we know first-hand that it is there.
func (c *Core) admit(now time.Duration, claim Claim) {
	c.forgotten.remove(claim.Name)
	if r, ok := c.find(claim.Name); ok {
		c.claimAlive(now, r, claim, fromGossip)
		return
	}
	c.admitAs(now, claim, fromGossip)
}

func (c *Core) admitAs(now time.Duration, claim Claim, src source) {
	if c.size() >= c.cfg.MaxMembers {
		c.drop(DropTableFull)
		return
	}
	r := c.insert(claim)
	c.at(r).state = Dead // as if it had been: becomeAlive is the way into the group
	c.becomeAlive(now, r, claim, src)
}

// usable reports whether packets can be sent to an address.
func usable(a netip.AddrPort) bool {
	return a.IsValid() && a.Port() != 0 && !a.Addr().IsUnspecified()
}

// bootAhead refuses a life that lies too far in the future of our clock: its
// holder could otherwise not be outlived by its own restart.
func (c *Core) bootAhead(now time.Duration, s Stamp) bool {
	if !c.tooFarAhead(now, s.Boot) {
		return false
	}
	c.drop(DropBootAhead)
	return true
}

func (c *Core) tooFarAhead(now time.Duration, b Boot) bool {
	if !c.wallKnown {
		return false
	}
	limit := (c.wallOffset + now + c.cfg.MaxClockLead).Milliseconds()
	return limit < 0 || b > Boot(limit)
}

// conflict reports, once per stamp, that somebody else claims a member's name.
func (c *Core) conflict(now time.Duration, r ref, claim Claim) {
	c.drop(DropConflict)
	m := c.at(r)
	if m.conflicted {
		return
	}
	m.conflicted = true
	c.stats.Conflicts++
	c.emit(Event{Kind: EventConflict, At: now, Name: m.name(), Addr: claim.Addr, Stamp: claim.Stamp})
}

// handleAccusation takes a suspect, dead or left claim from a packet, and reports
// whether it was about us.
func (c *Core) handleAccusation(now time.Duration, msg *Message, src source) (aboutUs bool) {
	r, ok := c.lookup(msg.Name)
	if !ok {
		c.drop(DropUnknownMember)
		return false
	}
	state := Suspect
	if msg.Kind == KindDead {
		state = Dead
		if string(msg.From) == string(msg.Name) {
			state = Left
		}
	}
	if r == selfRef {
		c.refute(now, state, msg.Stamp, string(msg.From))
		return true
	}
	if c.bootAhead(now, msg.Stamp) {
		return false
	}
	c.accuse(now, r, state, msg.Stamp, msg.From, src)
	return false
}

// accuse judges a suspect, dead or left claim about another member.
func (c *Core) accuse(now time.Duration, r ref, state State, stamp Stamp, from []byte, src source) {
	m := c.at(r)
	if src != fromGossip && state == Dead {
		// A death learnt in an exchange may be the verdict of another side of a
		// partition. As a suspicion it is heard, and refuted, by the living.
		state = Suspect
	}
	switch {
	case c.prevails(state, stamp, m.state, m.stamp()):
		if stamp.Compare(m.stamp()) < 0 {
			stamp = m.stamp() // by DeathIsFinal; what we hold does not get older
		}
		switch state {
		case Suspect:
			c.suspect(now, r, stamp, c.nameOf(from))
		case Dead:
			c.hearDeath(now, r, stamp, c.nameOf(from))
		case Left:
			c.becomeLeft(now, r, stamp)
		}
	case state == Suspect && m.state == Suspect && c.confirms(stamp, m.stamp()):
		c.confirmSuspicion(now, r, c.nameOf(from))
	case state == Dead && m.state == Dead && stamp == m.stamp() && m.private():
		m.disclose()
	case state == m.state && !state.live() && stamp == m.stamp() && src == fromGossip:
		c.noteCopy(r, newsClaim)
	case !m.state.live() && !c.cfg.Rules.ForgetLosers:
		m.absorb(stamp)
	}
}

// confirms reports whether a suspicion at stamp is about the same claim to be alive
// as the one that we hold at held.
func (c *Core) confirms(stamp, held Stamp) bool {
	return stamp == held || c.cfg.Rules.ForgetLosers && stamp.Compare(held) > 0
}

// maxSurpriseProbes bounds the probes that deaths by gossip make us begin: one packet
// can bring sixty deaths, and each probe may ask others and open a stream. Beyond it
// a member has its time to refute, and is probed when it is its turn.
const maxSurpriseProbes = 16

// ownShare is how much of the shortest suspicion must have passed here before a death
// that somebody else has declared is believed. Percent. The rest is for the way that
// the suspicion had to us: without it, who hears of everything last also judges last,
// though it has the news; with 128 members, of which 8 fail, the last verdict comes
// 0.36 instead of 0.53 seconds after the first.
const ownShare = 90

// hearDeath judges a death that somebody has declared. The paper believes it at
// once (SWIM §4.2, "confirm"). But the accuser may be the one that is half cut off:
// its suspicion has then reached nobody, least of all the member, when its death
// claim finds a way out; one such node can have the whole group declared dead, one
// after the other. So here a member has most of the shortest suspicion timeout to
// refute, from when we ourselves heard that it is suspected, whoever declares what.
// Where the suspicion went around as it should, this changes nothing: all
// suspicions run out together. A death that comes as a surprise begins a suspicion,
// and a probe of our own, whose failure is proof enough.
func (c *Core) hearDeath(now time.Duration, r ref, stamp Stamp, from string) {
	m := c.at(r)
	if c.cfg.Rules.TrustDeaths || c.cfg.SuspicionMult == 0 || !m.state.live() {
		c.becomeDead(now, r, stamp, from, false)
		return
	}
	surprise := m.state == Alive || m.stamp() != stamp
	if surprise {
		c.becomeSuspect(now, r, stamp, from, false)
	} else if m.private() {
		m.disclose() // somebody else says so too
		c.publish(now, r)
	}
	m.suspicion().declared = from
	c.hastenTo(now, m.suspicion(), ownShare)
	if surprise && c.cfg.ProbeInterval > 0 && c.cutOff.since < 0 && c.probes.used < maxSurpriseProbes {
		c.startProbe(now, r)
	}
}

// nameOf returns the interned name of a member, or a copy of what is no member's.
func (c *Core) nameOf(name []byte) string {
	if r, ok := c.lookup(name); ok {
		return c.at(r).name()
	}
	return string(name)
}

// suspect applies a suspicion that is ours or won against what we held.
func (c *Core) suspect(now time.Duration, r ref, stamp Stamp, from string) {
	m := c.at(r)
	switch {
	case m.state == Suspect && m.stamp() == stamp:
		c.confirmSuspicion(now, r, from)
	case c.cfg.SuspicionMult == 0:
		c.becomeDead(now, r, stamp, from, c.secret(from))
	default:
		c.becomeSuspect(now, r, stamp, from, c.secret(from))
	}
}

// secret reports whether a verdict is to be kept to ourselves: our own are while
// we are cut off.
func (c *Core) secret(from string) bool { return c.cutOff.since >= 0 && from == c.self().name() }

// confirmSuspicion counts another accuser. The suspicion is sent again, so that
// the first K+1 accusers become known to all (Lifeguard §IV-B).
func (c *Core) confirmSuspicion(now time.Duration, r ref, from string) {
	m := c.at(r)
	if m.private() && !c.secret(from) {
		m.disclose() // somebody else says so too
	}
	if c.confirm(now, m.suspicion(), from) {
		c.stats.Confirmations++
		if !m.private() {
			c.disseminate(now, r, newsClaim, 0)
		}
	}
}

// absorb raises the stamp of a dead or left member to that of evidence that lost.
func (m member) absorb(s Stamp) {
	if s.Compare(m.stamp()) > 0 {
		m.setStamp(s)
	}
}
