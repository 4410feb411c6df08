package papers

import (
	"math"
	"math/rand/v2"
)

// How news spreads: the logistic law of SWIM §4.1, and models drawn by chance of what
// has no closed form. A model is a second implementation of the rules, as plain as can
// be; the simulator runs the real one.

// Infected is how many of n members know an update t periods after the first did, when
// it rides on ping and ack: n / (1 + (n-1) e^(-(2-1/n) t)). Source: SWIM §4.1.
func Infected(n int, t float64) float64 {
	f := float64(n)
	return f / (1 + (f-1)*math.Exp(-(2-1/f)*t))
}

// InfectionTime is when x of n members know it, by the same law.
func InfectionTime(n int, x float64) float64 {
	f := float64(n)
	return math.Log((f-1)*x/(f-x)) / (2 - 1/f)
}

// PushEstimate is the estimate of the rounds until all of n members know an update that
// each sends to fanout others per round: log_(f+1) n + ln(n)/f, with f the fan-out that
// arrives.
func PushEstimate(n, fanout int, loss float64) float64 {
	f := float64(fanout) * (1 - loss)
	return math.Log(float64(n))/math.Log(f+1) + math.Log(float64(n))/f
}

// A Gossip is a model of push gossip: every member that knows an update sends it to
// Fanout distinct random others each round.
type Gossip struct {
	Members, Fanout int
	Loss            float64
	// Limit is how often one member sends it; 0: no limit.
	Limit int
	// Phases gives each member's rounds a phase of its own, as in a running system: it
	// sends first at a random point within a round of learning. Otherwise all send at
	// once, and what arrives is sent on in the next round.
	Phases bool
}

// A Course is how one update spread. Times are in rounds; All is negative if it did not
// reach all before everybody fell silent.
type Course struct {
	Half, Most, All float64 // Most is 99 % of the members
	Missed          int
	Sends           int
}

// Run lets one update spread.
func (g Gossip) Run(r *rand.Rand) Course {
	if g.Phases {
		return g.runPhased(r)
	}
	know := make([]bool, g.Members)
	know[0] = true
	sent := make([]int, g.Members)
	active := []int{0}
	var learnt []float64
	sends := 0
	order := newPicker(g.Members)
	for round := 1.0; len(active) > 0 && len(learnt) < g.Members-1; round++ {
		var next, fresh []int
		for _, m := range active {
			for i, to := range order.pick(r, g.Fanout, m) {
				if g.Limit > 0 && sent[m]+i >= g.Limit {
					break
				}
				sends++
				if r.Float64() >= g.Loss && !know[to] {
					know[to] = true
					fresh = append(fresh, to)
					learnt = append(learnt, round)
				}
			}
			if sent[m] += g.Fanout; g.Limit == 0 || sent[m] < g.Limit {
				next = append(next, m)
			}
		}
		active = append(next, fresh...)
	}
	return courseOf(learnt, g.Members, sends)
}

// runPhased is Run with phases.
func (g Gossip) runPhased(r *rand.Rand) Course {
	know := make([]bool, g.Members)
	know[0] = true
	sent := make([]int, g.Members)
	var due agenda
	due.add(r.Float64(), 0)
	var learnt []float64
	sends := 0
	order := newPicker(g.Members)
	for due.len() > 0 && len(learnt) < g.Members-1 {
		at, m := due.next()
		for i, to := range order.pick(r, g.Fanout, m) {
			if g.Limit > 0 && sent[m]+i >= g.Limit {
				break
			}
			sends++
			if r.Float64() >= g.Loss && !know[to] {
				know[to] = true
				learnt = append(learnt, at)
				due.add(at+r.Float64(), to)
			}
		}
		if sent[m] += g.Fanout; g.Limit == 0 || sent[m] < g.Limit {
			due.add(at+1, m)
		}
	}
	return courseOf(learnt, g.Members, sends)
}

// courseOf sums up when the others learnt, ascending.
func courseOf(learnt []float64, n, sends int) Course {
	reach := func(x float64) float64 {
		// The member that began knew at 0.
		switch need := int(math.Ceil(x)) - 1; {
		case need < 1:
			return 0
		case need > len(learnt):
			return -1
		default:
			return learnt[need-1]
		}
	}
	f := float64(n)
	return Course{Half: reach(f / 2), Most: reach(0.99 * f), All: reach(f), Missed: n - 1 - len(learnt), Sends: sends}
}

// A Piggyback is a model of SWIM's dissemination: updates ride on pings and acks only.
// Every member pings a random other one per period, at a phase of its own. Source: SWIM
// §4.1.
type Piggyback struct {
	Members int
	Loss    float64
	// Limit is how often one member sends the update; 0: no limit.
	Limit int
	// RoundRobin makes everybody go through a shuffled list (SWIM §4.3).
	RoundRobin bool
}

// Run lets one update spread. Times are in periods.
func (p Piggyback) Run(r *rand.Rand) Course {
	know := make([]bool, p.Members)
	know[0] = true
	sent := make([]int, p.Members)
	var learnt []float64
	sends, silent := 0, 0 // silent: members that know it and have sent it often enough
	// A packet from a to b; reports whether it arrived.
	packet := func(at float64, a, b int) bool {
		carries := know[a] && (p.Limit == 0 || sent[a] < p.Limit)
		if carries {
			sends++
			if sent[a]++; sent[a] == p.Limit {
				silent++
			}
		}
		if r.Float64() < p.Loss {
			return false
		}
		if carries && !know[b] {
			know[b] = true
			learnt = append(learnt, at)
		}
		return true
	}
	phases := r.Perm(p.Members) // the order within a period; times below
	at := make([]float64, p.Members)
	for i := range at {
		at[i] = r.Float64()
	}
	byPhase(phases, at)
	lists := make([][]int, p.Members)
	for period := 0.0; len(learnt) < p.Members-1 && silent <= len(learnt); period++ {
		for _, m := range phases {
			to := r.IntN(p.Members - 1)
			if p.RoundRobin {
				if len(lists[m]) == 0 {
					lists[m] = r.Perm(p.Members - 1)
					if period == 0 { // anywhere in a pass
						lists[m] = lists[m][r.IntN(p.Members-1):]
					}
				}
				to, lists[m] = lists[m][0], lists[m][1:]
			}
			if to >= m {
				to++
			}
			if packet(period+at[m], m, to) {
				packet(period+at[m], to, m)
			}
		}
	}
	return courseOf(learnt, p.Members, sends)
}

// PushPull is a model of anti-entropy: every round each member exchanges with one random
// other, in both directions. It returns the rounds until all know an update. Loss is the
// probability that an exchange fails as a whole.
func PushPull(r *rand.Rand, n int, loss float64) int {
	know := make([]bool, n)
	know[0] = true
	count := 1
	for round := 1; ; round++ {
		before := append([]bool(nil), know...)
		for m := range n {
			to := r.IntN(n - 1)
			if to >= m {
				to++
			}
			if r.Float64() < loss {
				continue
			}
			for _, x := range [2][2]int{{m, to}, {to, m}} {
				if before[x[0]] && !know[x[1]] {
					know[x[1]] = true
					count++
				}
			}
		}
		if count == n {
			return round
		}
	}
}

// A Refutation is a model of the race of SWIM §4.2: a suspicion gossips from its accuser
// until it reaches the suspect, whose refutation gossips until all know it.
type Refutation struct {
	Members, Fanout int
	Loss            float64
}

// Run returns the rounds for the suspicion to reach its subject, and for the refutation
// to reach all.
func (f Refutation) Run(r *rand.Rand) (there, back int) {
	know := make([]bool, f.Members)
	know[0] = true
	active := []int{0}
	order := newPicker(f.Members)
	for there = 0; !know[f.Members-1]; there++ {
		var fresh []int
		for _, m := range active {
			for _, to := range order.pick(r, f.Fanout, m) {
				if r.Float64() >= f.Loss && !know[to] {
					know[to] = true
					fresh = append(fresh, to)
				}
			}
		}
		active = append(active, fresh...)
	}
	return there, int(Gossip{Members: f.Members, Fanout: f.Fanout, Loss: f.Loss}.Run(r).All)
}
