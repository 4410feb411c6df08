package swim

import (
	"math"
	"net/netip"
	"time"
)

// refute answers a claim that we are suspect, dead or gone. We raise our
// incarnation above the claim's and say that we are alive (SWIM §4.2); nobody else
// ever raises it. That it was necessary is a sign that we are slow (Lifeguard
// §IV-A).
func (c *Core) refute(now time.Duration, state State, stamp Stamp, from string) {
	m := c.self()
	if c.leaving.active() {
		// We are going. The claim must not outlive our departure, so that it stays
		// one: left wins over dead at the same stamp.
		if stamp.Compare(m.stamp()) > 0 && !c.tooFarAhead(now, stamp.Boot) {
			m.setStamp(stamp)
			c.disseminate(now, selfRef, newsClaim, 0)
		}
		return
	}
	switch stamp.Life.Compare(m.stamp().Life) {
	case -1:
		c.repeat(now) // an accuser who has not heard that we restarted
		return
	case +1:
		c.outbid(now, stamp)
		return
	}
	if stamp.Incarnation < m.stamp().Incarnation {
		c.repeat(now) // an accuser who has missed a refutation
		return
	}
	c.health.worsen(1)
	c.raise(now, stamp.Incarnation)
	c.stats.Refutations++
	c.emit(Event{Kind: EventSelfRefuted, At: now, Name: m.name(), Stamp: m.stamp(), From: from})
}

// raise takes an incarnation above one that is claimed. When there is none left, a
// new boot begins: whoever drove us to the maximum has achieved nothing.
func (c *Core) raise(now time.Duration, above Incarnation) {
	if above < math.MaxUint32 {
		c.reclaim(now, above+1)
		return
	}
	if !c.hasLives() {
		c.reclaim(now, above) // this wire has nothing higher, and lower helps nobody
		return
	}
	life := c.self().stamp().Life
	life.Boot++
	c.rebirth(now, life)
}

// repeat says again that we are alive, unless we are saying so anyway.
func (c *Core) repeat(now time.Duration) {
	if !c.cfg.Rules.NoRepeat && c.self().sends(newsClaim) == notQueued {
		c.disseminate(now, selfRef, newsClaim, 0)
	}
}

// reclaim says that we are alive at an incarnation.
func (c *Core) reclaim(now time.Duration, i Incarnation) {
	c.claimOurs(now, Stamp{Life: c.self().stamp().Life, Incarnation: i})
	c.disseminate(now, selfRef, newsClaim, 0)
}

// rebirth takes a new life without a restart. What we publish stays ours.
func (c *Core) rebirth(now time.Duration, life Life) {
	c.claimOurs(now, Stamp{Life: c.ownLife(life), Incarnation: 1})
	c.disseminate(now, selfRef, newsClaim, 0)
	c.disseminate(now, selfRef, newsRumour, 0)
}

// claimOurs makes a stamp ours.
func (c *Core) claimOurs(now time.Duration, stamp Stamp) {
	m := c.self()
	reborn := stamp.Life != m.met()
	c.removePrint(m)
	c.rewrite(selfRef, Claim{Addr: m.addr(), Stamp: stamp, Meta: m.meta(), Versions: m.versions()})
	m.conflicted = false
	if reborn {
		c.rider.BeginLife(m.name(), stamp.Life)
	}
	c.addPrint(m)
	c.notePrints(now)
}

// handleOwnAlive takes an alive claim about our own name.
func (c *Core) handleOwnAlive(now time.Duration, claim Claim, src source) {
	m := c.self()
	if c.leaving.active() || claim.Stamp.Compare(m.stamp()) < 0 || c.bootAhead(now, claim.Stamp) {
		return
	}
	same := claim.Addr == m.addr()
	switch life := claim.Stamp.Life.Compare(m.stamp().Life); {
	case life == 0 && same && claim.Stamp == m.stamp() && c.saysAsWe(claim):
		return // our own words
	case life == 0 && same:
		// Nobody but us raises our incarnation, and we did not. Or a former run of
		// ours had this incarnation, and said something else.
		c.raise(now, claim.Stamp.Incarnation)
	case life == 0:
		c.conflict(now, selfRef, claim)
		c.repeat(now)
	case same || src == fromJoin || src == fromSnapshot && c.forgotten.none():
		// A former run of ours, at our own address or found while joining. Healing is
		// joining for a member that has met nobody yet; one that has forgotten all it
		// knew may be the former run itself.
		c.outbid(now, claim.Stamp)
	default:
		c.becomeReplaced(now, claim.Addr, claim.Stamp)
	}
}

// saysAsWe reports whether an alive claim at our own stamp is the one that we make. On
// a wire without lives it can be that of a former run, with other meta or versions;
// others go on believing it until there is a higher incarnation.
func (c *Core) saysAsWe(claim Claim) bool {
	m := c.self()
	return c.hasLives() || m.hasMeta(claim.Meta) && claim.Versions == m.versions()
}

// outbid takes a boot above one that is held of our name from an earlier run. A
// higher generation is not ours to outbid: whoever started it knows better.
func (c *Core) outbid(now time.Duration, stamp Stamp) {
	m := c.self()
	if c.bootAhead(now, stamp) {
		return
	}
	if stamp.Boot == math.MaxUint64 {
		c.drop(DropBootAhead) // there is nothing above it; no clock is that far
		return
	}
	if stamp.Generation > m.stamp().Generation {
		c.becomeReplaced(now, m.addr(), stamp)
		return
	}
	c.rebirth(now, Life{Generation: m.stamp().Generation, Boot: stamp.Boot + 1})
}

// becomeReplaced: a higher life of our name exists. We stop claiming to be alive:
// from now on nothing comes in, nothing goes out, and no deadline is due.
func (c *Core) becomeReplaced(now time.Duration, at netip.AddrPort, stamp Stamp) {
	c.replaced = true
	c.stats.Conflicts++
	c.emit(Event{Kind: EventConflict, At: now, Name: c.self().name(), Addr: at, Stamp: stamp})
}
