package papers

import "math"

// Closed forms of the failure detector of SWIM (Das, Gupta, Motivala, DSN 2002, §3.1).
// n is the number of members, loss the probability that a packet is lost, k the number
// of indirect probers; times are in protocol periods.

// FirstProbeRounds is the expected number of rounds until a crashed member is probed
// when all members pick a random target at once, the round that hits included; it tends
// to e/(e-1) = 1.582. It is the paper's expected time to first detection.
func FirstProbeRounds(n int) float64 {
	m := float64(n - 1)
	return 1 / (1 - math.Pow(1-1/m, m))
}

// A Survival is the probability that something has not happened at a time.
type Survival func(t float64) float64

// RandomProbes is the wait from a crash to the first probe of the crashed member among n
// members that each probe a random other one per period, at phases of their own. It
// tends to the exponential distribution with mean 1.
func RandomProbes(n int) Survival {
	m := float64(n - 1)
	return func(t float64) float64 {
		whole, part := math.Modf(t)
		return math.Pow(math.Pow(1-1/m, whole)*(1-part/m), m)
	}
}

// RoundRobinProbes is the same wait when each member goes through a list that it
// shuffles after every pass (SWIM §4.3). The gap between two probes of one member by
// another is m-U+V periods, with U and V uniform on 1 … m = n-1; what is left of it at a
// random time is its stationary residual.
func RoundRobinProbes(n int) Survival {
	m := n - 1
	// longer[g] is P(gap > g), residual[g] the integral of it from g on.
	longer := make([]float64, 2*m+1)
	for g := 2*m - 1; g >= 0; g-- {
		// P(gap = g+1) is triangular.
		longer[g] = longer[g+1] + (float64(m)-math.Abs(float64(g+1-m)))/float64(m*m)
	}
	residual := make([]float64, 2*m+1)
	for g := 2*m - 1; g >= 0; g-- {
		residual[g] = residual[g+1] + longer[g]
	}
	return func(t float64) float64 {
		whole, part := math.Modf(t)
		g := int(whole)
		if g >= 2*m {
			return 0
		}
		return math.Pow((residual[g]-part*longer[g])/float64(m), float64(m))
	}
}

// CoordinatedProbes is the same wait when a shared schedule has every member probed
// exactly once per period: uniform on one period, the least that one probe per member
// and period allows. Who listens to silence, too, waits for the shorter of two.
func CoordinatedProbes() Survival {
	return func(t float64) float64 { return max(0, 1-t) }
}

// step of the numerical integration, in periods.
const step = 1.0 / 512

// Mean is the expected time.
func (s Survival) Mean() float64 {
	sum := 0.0
	for t := 0.0; ; t += step {
		a := s(t)
		if a < 1e-12 {
			return sum
		}
		sum += step * (a + 4*s(t+step/2) + s(t+step)) / 6
	}
}

// Quantile is the time that is not exceeded with probability q.
func (s Survival) Quantile(q float64) float64 {
	lo, hi := 0.0, 1.0
	for s(hi) > 1-q {
		hi *= 2
	}
	for range 60 {
		if mid := (lo + hi) / 2; s(mid) > 1-q {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// FalseSuspicion is the probability that the probe of a live member fails when every
// packet is lost independently: (1-q²)(1-q⁴)^k with q = 1-loss. Datagrams only.
func FalseSuspicion(loss float64, k int) float64 {
	q := 1 - loss
	return (1 - q*q) * math.Pow(1-math.Pow(q, 4), float64(k))
}

// ProbeLoad is the expected number of messages that a member sends per period, nacks
// not counted: 1 + q + (1-q²) k (1+q+q²+q³).
func ProbeLoad(loss float64, k int) float64 {
	q := 1 - loss
	return 1 + q + (1-q*q)*float64(k)*(1+q+q*q+q*q*q)
}

// detectionTime is e/(e-1): the expected detection time in rounds.
const detectionTime = math.E / (math.E - 1)

// OptimalLoad is the least number of messages per member and detection time T with
// which any detector keeps the probability of a false detection within T at pm (Gupta,
// Chandra, Goldszmidt, PODC 2001): ln pm / ln loss.
func OptimalLoad(pm, loss float64) float64 { return math.Log(pm) / math.Log(loss) }

// IndirectProbersFor is the smallest k with which SWIM does so.
func IndirectProbersFor(pm, loss float64) int {
	k := 0
	for FalseSuspicion(loss, k)*detectionTime > pm {
		k++
	}
	return k
}

// SWIMLoad is what SWIM sends per member and expected detection time: expected and in
// the worst case.
func SWIMLoad(loss float64, k int) (expected, worst float64) {
	q := 1 - loss
	return (2 + 4*float64(k)*(1-q*q)) * detectionTime, (2 + 4*float64(k)) * detectionTime
}

// PrototypeLimit is 3⌈ln(n+1)⌉: how often the prototype of the SWIM paper sends one
// update, and how many periods a suspicion lasts there (§5).
func PrototypeLimit(n int) int { return 3 * int(math.Ceil(math.Log(float64(n+1)))) }

// GossipLimit is 4⌈log10(n+1)⌉: how often memberlist, and nekton, send one update.
func GossipLimit(n int) int { return 4 * int(math.Ceil(math.Log10(float64(n+1)))) }
