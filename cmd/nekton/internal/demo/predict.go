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

// spreadRounds is how many rounds of gossip it takes until n nodes know, if one
// does at first:
//
//	⌈log(n)/log(f+1) + ln(n)/f⌉
//
// with fan-out f. The first term is the time in which the few that know
// multiply, the second in which the last that do not know are found. Source:
// Pittel, On Spreading a Rumor, 1987, for f = 1; here for any f.
func spreadRounds(n int) int {
	if n < 2 {
		return 0
	}
	f := float64(fanOut)
	return int(math.Ceil(math.Log(float64(n))/math.Log(f+1) + math.Log(float64(n))/f))
}

// spread is how long news takes to reach n nodes. One round is added for the
// wait until the first.
func spread(in types.GossipIntervals, n int) time.Duration {
	return time.Duration(spreadRounds(n)+1) * in.GossipInterval
}

// predictSpread is the range for news to reach n nodes.
func predictSpread(in types.GossipIntervals, n int) Range {
	return Range{High: spread(in, n), Why: fmt.Sprintf("%d rounds of gossip for %d nodes at fan-out %d, and one to wait: %d × %v",
		spreadRounds(n), n, fanOut, spreadRounds(n)+1, in.GossipInterval)}
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

// expectedFirstProbe is the mean time until one of survivors starts to probe a
// node that died among n: each picks it with probability 1/(n-1) in a period, so
// that somebody does with p = 1 - (1 - 1/(n-1))^survivors, and it takes 1/p
// periods, less the half in which the periods have already begun. Source: SWIM §3.1.
func expectedFirstProbe(in types.GossipIntervals, n, survivors int) time.Duration {
	p := 1 - math.Pow(1-1/float64(n-1), float64(survivors))
	return time.Duration((1/p - 0.5) * float64(in.ProbeInterval)).Round(time.Millisecond)
}

// predictDetection is the range for the first survivor to declare a node dead,
// counted from the crash, when dead of n nodes crash at once.
//
//	low   one period until a probe fails, and the suspicion
//	high  2(n-1) periods, in which every survivor has probed it once, and the
//	      suspicion; and the rounds that carry the confirmations
//
// SWIM §4.3: shuffled round robin finds every member within 2(n-1)-1 periods;
// the last of them is the one whose probe fails.
func predictDetection(in types.GossipIntervals, n, dead int) Range {
	survivors := n - dead
	suspicion := longestExpectedSuspicion(in, n, survivors)
	periods := 2 * (n - 1)
	return Range{
		Low:  in.ProbeInterval + shortestSuspicion(in, n),
		High: time.Duration(periods)*in.ProbeInterval + suspicion + spread(in, n),
		Why: fmt.Sprintf("first probe after %v on average; at most %d periods of %v until all %d survivors have probed; suspicion %v; gossip %v",
			expectedFirstProbe(in, n, survivors), periods, in.ProbeInterval, survivors, suspicion, spread(in, n)),
	}
}

// predictSuspicion is the range for the first survivor to suspect, counted from
// the crash.
func predictSuspicion(in types.GossipIntervals, n, dead int) Range {
	periods := 2 * (n - 1)
	return Range{
		Low:  in.ProbeInterval,
		High: time.Duration(periods) * in.ProbeInterval,
		Why: fmt.Sprintf("first probe after %v on average, at most %d periods of %v; it fails when its period ends",
			expectedFirstProbe(in, n, n-dead), periods-1, in.ProbeInterval),
	}
}

// predictQuorumTimeout is the range for SUSPECT_NOT_IN_QUORUM to last: exactly
// the timeout, as far as somebody who looks now and then can tell.
func predictQuorumTimeout(in types.GossipIntervals) Range {
	return Range{Low: in.QuorumTimeout - 5*time.Millisecond, High: in.QuorumTimeout + 50*time.Millisecond, Why: "the quorum timeout itself"}
}
