package trialview

import (
	"math"
	"time"

	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/swim"
)

// orElse is what the protocol makes of a field that was left zero or switched off.
func orElse[T ~int | ~int64](v, standard T) T {
	switch v {
	case 0:
		return standard
	case swim.Off:
		return 0
	}
	return v
}

// shortest is the shortest suspicion among n members: what a crashed member has at
// least, however many accuse it. Source: SWIM §4.2, Lifeguard §IV-B.
func shortest(p *trial.Plan) time.Duration {
	return swim.SuspicionTimeout(p.Intervals.SuspicionMult, 1, p.Nodes, p.Intervals.ProbeInterval, 0, 0)
}

// detection predicts the first verdict on a crash: the wait for a probe, the shorter of
// two that are uniform on a period (0.29 periods in the median, 0.9 at the 99th
// percentile), or if silence is ignored one, or if members do not coordinate exponential
// with a mean of one (0.69, 4.6); the probe itself; the shortest suspicion.
// Source: SWIM §3.1 and §4.2; Lifeguard §IV-B; swim/coordinate.go; swim/silence.go.
func detection(p *trial.Plan) (least, median, p99 time.Duration) {
	period := p.Intervals.ProbeInterval
	least = probe(p) + shortest(p)
	switch effective := p.Swim.Effective(); {
	case !effective.NoCoordinatedProbing && !effective.Rules.IgnoreSilence:
		return least, least + scale(period, 1-math.Sqrt(0.5)), least + scale(period, 0.9)
	case !effective.NoCoordinatedProbing:
		return least, least + scale(period, 0.5), least + scale(period, 0.99)
	}
	return least, least + scale(period, math.Ln2), least + scale(period, math.Log(100))
}

// probe is how long it takes until a probe of a crashed member has failed: ProbeTimeout,
// in which the indirect round is over, too, where round trips are short; or by the
// papers' rule the period. Source: SWIM §3.1; swim/indirect.go.
func probe(p *trial.Plan) time.Duration {
	if p.Swim.Rules.VerdictAtPeriodEnd {
		return p.Intervals.ProbeInterval
	}
	return p.Intervals.ProbeTimeout
}

// spreading predicts how many rounds of gossip bring an update from one member to all:
// log(n) to base f+1 while it grows, ln(n)/f to find the last; over lossy links fewer
// than f arrive. Source: Pittel's log2 n + ln n, for f targets a round.
func spreading(p *trial.Plan) time.Duration {
	f := float64(orElse(p.Swim.GossipNodes, 3))
	if p.Network != nil {
		f *= 1 - p.Network.Link.Loss
	}
	n := float64(p.Nodes)
	if f <= 0 || n < 2 {
		return 0
	}
	return scale(p.Intervals.GossipInterval, math.Log(n)/math.Log(f+1)+math.Log(n)/f)
}

// idlePackets is what a member of an idle cluster sends per second: a ping and an ack
// per period. Source: SWIM §3.1.
func idlePackets(p *trial.Plan) float64 {
	if p.Intervals.ProbeInterval <= 0 || p.Nodes < 2 {
		return 0
	}
	return 2 / p.Intervals.ProbeInterval.Seconds()
}

// logistic is the share of n members that know after t seconds of push gossip with
// f sends per round of d seconds: dx/dt = (f/d) x (n-x) / n. Source: SWIM §4.1, with
// gossip in the place of pings.
func logistic(n, f, d, t float64) float64 {
	return 1 / (1 + (n-1)*math.Exp(-f/d*t))
}

func scale(d time.Duration, by float64) time.Duration {
	return time.Duration(float64(d) * by).Round(time.Millisecond)
}
