package demo

import (
	"fmt"
	"math"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// The parameters of the protocol that types.GossipIntervals does not have; the
// nodes of the demo run with swim's defaults.
const (
	fanOut           = 3 // targets of a gossip round
	suspicionMaxMult = 6 // β: longest over shortest suspicion
	confirmations    = 3 // K: confirmations that bring it down to the shortest
)

// A Range is what theory says about a duration. High 0 means that it says
// nothing.
type Range struct {
	Low, High time.Duration
	// Why is the formula with its numbers.
	Why string
}

// Contains reports whether d is in the range.
func (r Range) Contains(d time.Duration) bool { return d >= r.Low && d <= r.High }

// spreadRounds is how many rounds of gossip it takes until everybody knows m pieces
// of news that one of n nodes each knows at first. Of i nodes that know, each tells f
// of the n-1 others in a round, so that of u nodes that do not know
//
//	u' = u (1 - f/(n-1))^i
//
// are left, on average. The number returned makes m u less than 1/100. Source: Demers
// et al., Epidemic Algorithms for Replicated Database Maintenance, 1987, §1.3.
func spreadRounds(n, m int) int {
	if n < 2 || m < 1 {
		return 0
	}
	missed := 1 - min(1, float64(fanOut)/float64(n-1))
	rounds := 0
	for u := float64(n - 1); float64(m)*u >= 0.01; rounds++ {
		u *= math.Pow(missed, float64(n)-u)
	}
	return rounds
}

// timers is what the timers of a machine may add to a few rounds.
const timers = 20 * time.Millisecond

// spread is how long m pieces of news take to reach n nodes. One round is added for
// the wait until the first.
func spread(in types.GossipIntervals, n, m int) time.Duration {
	return time.Duration(spreadRounds(n, m)+1)*in.GossipInterval + timers
}

// predictSpread is the range for m pieces of news to reach n nodes.
func predictSpread(in types.GossipIntervals, n, m int) Range {
	return Range{High: spread(in, n, m), Why: fmt.Sprintf("%s of gossip until %s reached %d nodes, %d targets each, and one to wait: %d × %v + %v",
		count(spreadRounds(n, m), "round"), pieces(m), n, min(fanOut, n-1), spreadRounds(n, m)+1, in.GossipInterval, timers)}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func pieces(m int) string {
	if m == 1 {
		return "news has"
	}
	return fmt.Sprintf("%d pieces of news have", m)
}

// predictDeaths is the range from the first node that declares a death to the last,
// among n. Each lets the suspicion run from when it heard of it itself, and it ends no
// later than when it hears of the death; so what counts is how far the suspicion was
// behind, and the way of the news.
func predictDeaths(in types.GossipIntervals, n int) Range {
	d := spread(in, n, 1)
	return Range{High: 2 * d, Why: fmt.Sprintf("%v for the suspicion, which everyone times for itself, and as much for the death", d)}
}

// shortestSuspicion is what a suspect among n has, with every confirmation.
func shortestSuspicion(in types.GossipIntervals, n int) time.Duration {
	return swim.SuspicionTimeout(in.SuspicionMult, suspicionMaxMult, n, in.ProbeInterval, 0, 0)
}

// longestExpectedSuspicion is what a suspect among n has when survivors probe it,
// and each of them confirms what the others say.
func longestExpectedSuspicion(in types.GossipIntervals, n, survivors int) time.Duration {
	need := min(confirmations, n-2)
	if survivors == 1 {
		return shortestSuspicion(in, n) // it is cut off, and nobody could confirm
	}
	return swim.SuspicionTimeout(in.SuspicionMult, suspicionMaxMult, n, in.ProbeInterval, max(0, min(need, survivors-1)), need)
}

// expectedFirstProbe is the mean time until one of survivors starts to probe in its turn
// a node that died among n; one that misses its ping may be sooner. In each period it is the turn of one of the n-1 others, which
// lives with p = survivors/(n-1), so that it takes 1/p periods, less the half in which
// the first has already begun. Source: swim/coordinate.go.
func expectedFirstProbe(in types.GossipIntervals, n, survivors int) time.Duration {
	p := float64(survivors) / float64(n-1)
	return time.Duration((1/p - 0.5) * float64(in.ProbeInterval)).Round(time.Millisecond)
}

// predictDetection is the range for the first survivor to declare a node dead,
// counted from the crash, when dead of n nodes crash at once.
//
//	low   ProbeTimeout until a probe fails, and the suspicion
//	high  2(n-1) periods, in which every survivor has probed it once, and the
//	      suspicion; and the rounds that carry the confirmations
//
// The schedule that all share brings every pair together in n-1 periods, the shuffled
// orders of SWIM §4.3 in 2(n-1)-1; the last of them is the one whose probe fails.
func predictDetection(in types.GossipIntervals, n, dead int) Range {
	survivors := n - dead
	suspicion := longestExpectedSuspicion(in, n, survivors)
	periods := 2 * (n - 1)
	return Range{
		Low:  in.ProbeTimeout + shortestSuspicion(in, n),
		High: time.Duration(periods)*in.ProbeInterval + suspicion + spread(in, n, 1),
		Why: fmt.Sprintf("first probe in turn after %v on average; at most %d periods of %v until all %d survivors have probed; suspicion %v; gossip %v",
			expectedFirstProbe(in, n, survivors), periods, in.ProbeInterval, survivors, suspicion, spread(in, n, 1)),
	}
}

// predictSuspicion is the range for the first survivor to suspect, counted from
// the crash.
func predictSuspicion(in types.GossipIntervals, n, dead int) Range {
	periods := 2 * (n - 1)
	return Range{
		Low:  in.ProbeTimeout,
		High: time.Duration(periods) * in.ProbeInterval,
		Why: fmt.Sprintf("first probe in turn after %v on average, at most %d periods of %v; it fails after %v, or with its period",
			expectedFirstProbe(in, n, n-dead), periods-1, in.ProbeInterval, in.ProbeTimeout),
	}
}

// predictQuorumTimeout is the range for SUSPECT_NOT_IN_QUORUM to last: exactly
// the timeout, as far as somebody who looks now and then can tell.
func predictQuorumTimeout(in types.GossipIntervals) Range {
	return Range{Low: in.QuorumTimeout - 5*time.Millisecond, High: in.QuorumTimeout + 50*time.Millisecond, Why: "the quorum timeout itself"}
}
