package swim

import (
	"math"
	"time"
)

// Rules puts the rules of the papers, or of memberlist, in the place of nekton's
// own, one by one: so that the published experiments can be repeated on this core,
// and a difference in outcome be traced to the rule that makes it. The zero value is
// nekton. All members of a group should have the same rules. The sets of rules that
// were published are presets: [Prototype2002], [PaperSWIM], [PaperLifeguard],
// [Memberlist].
//
// "SWIM" is Das, Gupta, Motivala, DSN 2002; "Lifeguard" is Dadgar, Phillips, Currey,
// arXiv:1707.00788v2; "memberlist" is the source of hashicorp/memberlist.
type Rules struct {
	// RandomTargets probes a member drawn from all, each time anew (SWIM §3.1).
	// nekton goes through a shuffled list (§4.3), which bounds the time to the
	// first probe.
	RandomTargets bool
	// SerialProbes begins no period before the probe of the last one is over
	// (memberlist, whose probe loop waits). nekton begins one every ProbeInterval:
	// while local health gives a silent member more time, the others still have
	// their turn.
	SerialProbes bool
	// IgnoreSilence probes nobody for not having pinged us in its turn (all the
	// published protocols, in which nobody knows whose turn it is). nekton does; see
	// silence.go.
	IgnoreSilence bool
	// VerdictAtPeriodEnd asks others at ProbeTimeout, and ends a probe with its period
	// (SWIM §3.1), also when that leaves the indirect round less than ProbeTimeout.
	// nekton asks them when its own pings are overdue, and judges when ProbeTimeout
	// and the indirect round are over; see indirect.go.
	VerdictAtPeriodEnd bool
	// HealthStretchesPeriod makes a bad score stretch also the time from one probe
	// to the next (Lifeguard §IV-A). nekton stretches only how long a probe waits,
	// so that a slow member still probes everyone in turn.
	HealthStretchesPeriod bool
	// HealthSparesTimeout stretches the time to the verdict, and not ProbeTimeout
	// (memberlist). nekton stretches both, as Lifeguard §IV-A: relays are not
	// asked before the member had its time.
	HealthSparesTimeout bool
	// PaperHealth charges 1 for a failed probe, and 1 more if it missed a nack
	// (Lifeguard §IV-A). nekton, like memberlist, charges the missing nacks alone:
	// who hears all its relays is not slow, and a crashed member shall not make
	// the healthy doubt themselves.
	PaperHealth bool
	// CountStalls judges by the clock alone, as all the published protocols do.
	// nekton gives others the time back in which it could not listen; see
	// forgiveStall.
	CountStalls bool
	// NoCutOff lets a member that hears from nobody go on as if nothing had
	// happened, and tell its verdicts when it is back, as all the published
	// protocols do. For nekton it is cut off, which says more about itself than
	// about the others; see becomeCutOff.
	NoCutOff bool

	// NoBuddy sends a ping to a suspect without the suspicion (SWIM; Lifeguard
	// without its §IV-C), and the rest that BuddyOnPingsOnly leaves out: news goes
	// by gossip and piggyback alone.
	NoBuddy bool
	// BuddyOnPingsOnly puts a suspicion onto pings to the suspect, direct or for
	// somebody else, and nowhere else (Lifeguard §IV-C). With nekton a ping-req
	// carries it too, an ack carries the refutation, and also what is held against
	// whoever asked: neither side has to wait for gossip.
	BuddyOnPingsOnly bool
	// NoRepeat ignores accusations of former incarnations (SWIM §4.2, memberlist).
	// nekton repeats that it is alive: the accuser has missed a refutation.
	NoRepeat bool
	// TrustDeaths makes a death that is heard by gossip final at once (SWIM §4.2,
	// memberlist). With nekton the member has most of the shortest suspicion
	// timeout to refute, from when we ourselves heard of the suspicion; see hearDeath.
	TrustDeaths bool
	// AnyAccuserCounts takes confirmations from everybody (Lifeguard §IV-B). With
	// nekton an accuser that we do not hold alive is more likely the slow one.
	AnyAccuserCounts bool
	// AllOrNothingK begins with the shortest timeout when the group has fewer than
	// SuspicionConfirmations others to confirm (memberlist). nekton expects as
	// many as there can be.
	AllOrNothingK bool
	// NaturalSuspicion makes the shortest suspicion α ⌈ln(n+1)⌉ periods (SWIM §4.2,
	// as in the prototype of §5). nekton has memberlist's decimal logarithm; see
	// [SuspicionTimeout].
	NaturalSuspicion bool

	// NaturalRetransmits sends news λ ⌈ln(n+1)⌉ times (SWIM §4.1, as in the
	// prototype of §5). nekton has memberlist's decimal logarithm.
	NaturalRetransmits bool
	// BlindGossip sends each piece of news to members drawn at random, and its full
	// count of times, whatever is heard of it (SWIM §4.1, memberlist). nekton gossips
	// along a graph that all share, and counts the copies that it hears; see spread.go.
	BlindGossip bool
	// NoEagerGossip lets news wait for the next tick of a GossipInterval that runs
	// by itself (memberlist). nekton forwards it at once, if it has not gossiped
	// for an interval: as many packets, and less delay.
	NoEagerGossip bool

	// NoPrints puts no fingerprints on pings and acks, so that nothing is repaired
	// from them; push-pull opens a stream on every interval, as memberlist does.
	// nekton compares all the time, and opens a stream when there is a reason.
	NoPrints bool
	// WholeTables makes both sides of a push-pull send all they hold, the dead
	// included, and gossip what was news to them (memberlist). nekton sends what
	// differs, and does not gossip what a newcomer is the last to learn.
	WholeTables bool
	// ScalePushPull multiplies PushPullInterval by ⌈log2 n - 5⌉ + 1 above 32 members
	// (memberlist). For nekton, which compares fingerprints, an interval is cheap.
	ScalePushPull bool

	// NoCatchUp leaves a group that forms to gossip and to the intervals of push-pull
	// (memberlist). nekton compares once more where membership grows; see catchup.go.
	NoCatchUp bool

	// DeathIsFinal keeps whoever was declared dead, or left, so for the rest of its
	// life, and lets such a claim win at any incarnation (SWIM §4.2, "confirm").
	// With nekton a higher incarnation comes back, since groups would otherwise
	// never heal, and wins over older claims: a delayed packet must not kill who
	// has refuted since. Who is wrongly declared dead runs on, refutes, and is
	// listed by nobody; the paper does not say what becomes of it.
	DeathIsFinal bool
	// ForgetLosers lets evidence that loses leave no trace (memberlist; issues 311
	// and 312 of it are what follows). With nekton it raises the held stamp, so
	// that no stale alive fits between the two.
	ForgetLosers bool
	// TrustHearsay lists a name whose tombstone is gone as soon as anybody calls it
	// alive (memberlist). nekton asks it first: what third parties say may be older
	// than what was forgotten.
	TrustHearsay bool
	// OnlyIncarnations gives members neither generation nor boot (SWIM,
	// memberlist): one that restarts is at incarnation 1 again, and has to refute
	// what is held of its former run. With nekton a restart outranks it. A Rider
	// whose records have lives of their own keeps them.
	OnlyIncarnations bool
	// AddressConflicts takes a known name at another address for a conflict, and
	// ignores it, unless the member has left, or has been dead for ReclaimAfter
	// (memberlist; issue 157 of it is what follows). With nekton the newer life
	// wins at once, wherever it is.
	AddressConflicts bool
}

// plainAcks: acks and ping-reqs carry no claim for its own sake.
func (r *Rules) plainAcks() bool { return r.NoBuddy || r.BuddyOnPingsOnly }

// hasLives reports whether claims carry generation and boot.
func (c *Core) hasLives() bool { return c.carries.Lives && !c.cfg.Rules.OnlyIncarnations }

// prevails is supersedes, under the rules that are in force.
func (c *Core) prevails(s State, i Stamp, held State, j Stamp) bool {
	rules := &c.cfg.Rules
	switch {
	case rules.DeathIsFinal && i.Life == j.Life && !held.live():
		return false
	case rules.DeathIsFinal && i.Life == j.Life && !s.live():
		return true
	case rules.ForgetLosers && s == Suspect && held == Suspect:
		return false // it confirms, whatever its incarnation
	case rules.ForgetLosers && s != Alive && !held.live():
		return false
	}
	return supersedes(s, i, held, j)
}

// refusesMove reports whether an alive claim at another address is a conflict. By
// our own rule that is two processes that claim one name and one life: the first
// one stays.
func (c *Core) refusesMove(now time.Duration, m member, claim Claim) bool {
	if !c.cfg.Rules.AddressConflicts {
		return claim.Stamp.Life == m.met() && m.state.live()
	}
	switch m.state {
	case Left:
		return false
	case Dead:
		return c.cfg.ReclaimAfter == 0 || now-m.since() <= c.cfg.ReclaimAfter
	}
	return true
}

// naturalLog is the number of sends and of periods of SWIM's prototype, for a
// multiplier of 1: ⌈ln(n+1)⌉. Source: SWIM §5.
func naturalLog(n int) int { return int(math.Ceil(math.Log(float64(n + 1)))) }

// pushPullScale is how many PushPullIntervals memberlist waits among n members:
// one up to 32, and one more with each doubling.
func pushPullScale(n int) int {
	if n <= 32 {
		return 1
	}
	return int(math.Ceil(math.Log2(float64(n))-5)) + 1
}
