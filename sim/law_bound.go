package sim

import (
	"math"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// The bounds here are worst cases that follow from the settings: of what the protocol
// guarantees, not of what it does on average, which is a fraction of it. cfg is
// [Config.Protocol]; n counts all names that a node knows, itself included, the dead
// too. All are times of the node's own clock.

// ProbeGap is how long a member waits at most between two probes by the same node, in
// a group of n. The order of probing is a permutation, shuffled anew for each pass of
// n - 1 members: at worst a member is the first of one pass and the last of the next.
//
//	(2 (n - 1) - 1) periods
//
// Each newcomer counts in n, also one that was known, forgotten and has come again. A
// period is stretched by the local health if the rule HealthStretchesPeriod says so, and
// waits for the probe before it by SerialProbes. A member that is cut off pings
// everybody every period; but not before it has given up on the last ping, which
// matters where ProbeTimeout is longer than a period. With coordinated probing it is 6n - 1
// periods, each of which may take 15/8 when the wall clock is set. By RandomTargets there is no
// bound: [Unbounded].
func ProbeGap(cfg swim.Config, n int) time.Duration {
	if cfg.Rules.RandomTargets || cfg.ProbeInterval == 0 {
		return Unbounded
	}
	gap := time.Duration(max(1, 2*n-3)) * longestPeriod(cfg)
	if !cfg.NoCoordinatedProbing {
		gap = time.Duration(6*n-1) * longestPeriod(cfg) * 15 / 8
	}
	if cfg.ProbeTimeout > cfg.ProbeInterval {
		gap = max(gap, cfg.ProbeTimeout+2*longestPeriod(cfg))
	}
	return gap
}

// Unbounded is the bound where settings give none. A year; sums of it do not overflow.
const Unbounded = 365 * 24 * time.Hour

// longestPeriod is how long one protocol period may be.
func longestPeriod(cfg swim.Config) time.Duration {
	period := cfg.ProbeInterval
	if cfg.Rules.HealthStretchesPeriod {
		period *= time.Duration(1 + cfg.HealthMax)
	}
	if cfg.Rules.SerialProbes {
		period = max(period, probeTook(cfg))
	}
	return period
}

// longestSuspicion is how long a suspect among n members has if nobody confirms.
func longestSuspicion(cfg swim.Config, n int) time.Duration {
	if cfg.Rules.NaturalSuspicion {
		return time.Duration(cfg.SuspicionMaxMult*cfg.SuspicionMult) * time.Duration(math.Ceil(math.Log(float64(n+1)))) * cfg.ProbeInterval
	}
	return swim.SuspicionTimeout(cfg.SuspicionMult, cfg.SuspicionMaxMult, n, cfg.ProbeInterval, 0, 1)
}

// probeTook is how long one probe takes at most: both of its stages, stretched by the
// worst local health.
func probeTook(cfg swim.Config) time.Duration {
	return time.Duration(1+cfg.HealthMax) * max(cfg.ProbeInterval, 2*cfg.ProbeTimeout)
}

// DetectionBound is when a node among n has found out by itself, at the latest, that a
// member is lost:
//
//	ProbeGap                      until it is probed
//	+ the longest probe           max(ProbeInterval, 2 ProbeTimeout), stretched by the worst local health
//	+ the longest suspicion       nobody confirms: SuspicionMaxMult times the shortest
//
// It counts from when nothing of the member can arrive any more, provided that the
// node runs, and hears no newer word of the member from others: such a word is true at
// the time, and begins the wait anew. A node that hears from nobody at all comes to
// its verdict sooner. When it is in contact again, it drops the suspicions that it had
// formed alone, and begins anew; so a network that keeps failing within one side of
// a partition can put off its verdict about the other.
func DetectionBound(cfg swim.Config, n int) time.Duration {
	return ProbeGap(cfg, n) + probeTook(cfg) + longestSuspicion(cfg, n)
}

// QuorumBound is when the sides of a complete partition of n nodes have stopped being
// UP, all but one side, at the latest: DetectionBound for the loss of the last member
// of the other sides; and, by FAILURE_DOMAINS, the time in which the siblings of that
// member are asked, three tries of a ping:
//
//	DetectionBound [+ 3 (ProbeTimeout + 100 ms)]
//
// A majority of all quorum members is on one side at most. Every node counts the same
// members, those of UpdateCluster, and of these as alive only those whom its detector
// lists or whose siblings it still asks; so from then on a side without a majority
// has none in its lists either. UP ends with the quorum, at the same moment
// (SUSPECT_NOT_IN_QUORUM follows, and QuorumTimeout later NOT_IN_QUORUM); neither
// waits for a probation, since a peer that is SUSPECT_DOWN does not count as alive.
//
// It counts from when the last way between the sides is cut and the last word of the
// other side, which may be passed on within a side, has arrived. In a network that
// works that is the spreading time of news, some GossipIntervals.
//
// It is the worst case. With defaults and 7 nodes it is 109 s (43 s with
// NoCoordinatedProbing), while typical is 10 s: the first of the side to probe a lost member tells the others, and they confirm.
func QuorumBound(cfg Config, n int) time.Duration {
	p := cfg.Protocol()
	bound := DetectionBound(p, n)
	if cfg.Provider != types.QUORUM_PROVIDER_DEFAULT && cfg.Provider != types.QUORUM_PROVIDER_NOOP {
		bound += p.PingPatience()
	}
	return bound
}

// OpenProbesBound is how many probes a node among n has under way at most: those of
// the periods in which the longest lasts, as many of silent members, those that
// surprising deaths have begun (at most 16), and one ping for every member while cut
// off, for each private verdict, for each forgotten name, for each sibling; and
// comparisons.
func OpenProbesBound(cfg swim.Config, n int) int {
	overlap := 1
	if cfg.ProbeInterval > 0 {
		overlap += 2*int(probeTook(cfg)/cfg.ProbeInterval) + 2
	}
	const surprises, comparisons = 16, 2
	return overlap + surprises + comparisons + 4*n
}

// TrafficBound is how many packets a node among n sends at most in a span of time in
// which it has received so many.
//
//	per period    n (1 + ProbeRetries + IndirectProbes)   one probe; a sweep while cut off; surprises
//	per interval  GossipNodes                             a round of gossip
//	per compare   1 + ProbeRetries
//	per leave     (LeaveAcks + 1) each ProbeTimeout
//	per packet    3                                       ack, or ping and nack and ack of a relay
//
// and one more of each, for where the span begins and ends. The pings to siblings are
// in the first row: three for each member that is lost.
func TrafficBound(cfg swim.Config, n int, span time.Duration, received uint64) uint64 {
	times := func(interval time.Duration) uint64 {
		if interval <= 0 {
			return 0
		}
		return uint64(span/interval) + 2
	}
	bound := times(cfg.ProbeInterval) * uint64(n*(1+cfg.ProbeRetries+cfg.IndirectProbes))
	bound += times(cfg.GossipInterval) * uint64(cfg.GossipNodes)
	bound += times(cfg.PushPullInterval) * uint64(1+cfg.ProbeRetries)
	bound += times(cfg.ProbeTimeout) * uint64(cfg.LeaveAcks+1)
	return bound + 3*received
}
