package papers

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
)

// rapidFaulty is figures 1, 9 and 10 of Rapid: ten members of a thousand that are neither
// dead nor well. They lose all that they receive for twenty seconds, and nothing for
// twenty, again and again; or they lose most of what they send or receive for good.
func rapidFaulty() Experiment {
	return Experiment{
		Name: "rapid-faulty", Source: "Rapid §2 and §7, figures 1, 9, 10",
		Tasks: func(size Size) []Task {
			var tasks []Task
			n, faulty := of(size, 60, 1000, 1000), of(size, 2, 10, 10)
			for i, w := range weaknesses() {
				if size == Tiny && w != flipFlop {
					continue
				}
				for _, s := range []Setup{memberlist(), nekton()} {
					tasks = append(tasks, Task{
						Experiment: "rapid-faulty", Setup: s,
						Point: Point{"n": float64(n), "faulty": float64(faulty), "weakness": float64(w)},
						Seed:  seedOf(i), Runs: of(size, 1, 1, 5),
						Run: func(seed uint64, r *Record) error { return s.faulty(seed, n, faulty, w, r) },
					})
				}
			}
			return tasks
		},
	}
}

// A weakness is what is wrong with the faulty members.
type weakness int

const (
	// flipFlop: they receive nothing for twenty seconds of forty (figures 1 and 9).
	flipFlop weakness = iota
	// deaf: they lose 80 % of what they receive (figure 10, by its caption).
	deaf
	// mute: they lose 80 % of what they send (figure 10, by the text).
	mute
)

func weaknesses() []weakness { return []weakness{flipFlop, deaf, mute} }

func (w weakness) String() string {
	return [...]string{"receives nothing for 20 s of 40", "loses 80 % of what it receives", "loses 80 % of what it sends"}[w]
}

const (
	// flipFlopPhase is how long a faulty member is deaf, and how long it is well.
	flipFlopPhase = 20 * time.Second
	// flipFlops is how many of these phases there are: 900 s.
	flipFlops = 45
	// sustained is how long a lasting weakness is watched.
	sustained = 400 * time.Second
	weakLoss  = 0.8
)

// begin makes a member weak; end makes it well again.
func (w weakness) begin(n *sim.Node) {
	switch w {
	case flipFlop:
		n.Host().In.Loss = 1
	case deaf:
		n.Host().In.Loss = weakLoss
	case mute:
		n.Host().Out.Loss = weakLoss
	}
}

func (w weakness) end(n *sim.Node) { n.Host().In.Loss, n.Host().Out.Loss = 0, 0 }

// faulty is one run.
func (s Setup) faulty(seed uint64, count, faulty int, w weakness, r *Record) error {
	c, err := s.bootstrapped(seed, count)
	if err != nil {
		return err
	}
	sick, healthy := c.Nodes()[count-faulty:], c.Nodes()[:count-faulty]
	meter, loaded := sim.NewMeter(c), measureLoad(healthy)
	watched := watchViews(c, healthy)
	pass := func(d time.Duration) {
		for end := c.Now() + d; c.Now() < end; {
			c.Run(time.Second)
			loaded.sample()
			watched.look(r)
		}
	}
	start := c.Now()
	cycles := 1.0
	if w == flipFlop {
		for phase := range flipFlops {
			for _, n := range sick {
				if phase%2 == 0 {
					w.begin(n)
				} else {
					w.end(n)
				}
			}
			pass(flipFlopPhase)
		}
		cycles = (flipFlops + 1) / 2
	} else {
		for _, n := range sick {
			w.begin(n)
		}
		pass(sustained)
	}
	elapsed := c.Now() - start
	loaded.record(r)
	watched.record(r, elapsed)
	judged(meter, sick, healthy, cycles, r)
	return nil
}

// views follows how many members healthy ones list.
type views struct {
	nodes  []*sim.Node
	counts map[int]struct{}
	// differ is for how many seconds not all listed as many, longest the longest
	// time without an interruption.
	differ, run, longest int
	least                int
}

func watchViews(c *sim.Cluster, nodes []*sim.Node) *views {
	return &views{nodes: nodes, counts: map[int]struct{}{}, least: len(c.Nodes())}
}

// look is called once per second.
func (v *views) look(r *Record) {
	lo, hi := v.nodes[0].Core().Alive(), 0
	for _, n := range v.nodes {
		count := n.Core().Alive()
		v.counts[count] = struct{}{}
		lo, hi = min(lo, count), max(hi, count)
	}
	r.Add("course: least", float64(lo))
	r.Add("course: most", float64(hi))
	v.least = min(v.least, lo)
	if v.run++; lo == hi {
		v.run = 0
	} else {
		v.differ++
	}
	v.longest = max(v.longest, v.run)
}

func (v *views) record(r *Record, elapsed time.Duration) {
	r.Add("views", float64(len(v.counts)))
	r.Add("least", float64(v.least))
	r.Add("differ", float64(v.differ)/elapsed.Seconds())
	r.Add("longest difference", float64(v.longest))
}

// judged notes who was removed by whom.
func judged(m *sim.Meter, sick, healthy []*sim.Node, cycles float64, r *Record) {
	isSick := map[*sim.Node]bool{}
	for _, n := range sick {
		isSick[n] = true
	}
	type verdict struct{ observer, subject *sim.Node }
	removals := map[verdict]int{}
	healthyRemoved, bySick, right := 0, 0, 0
	for _, f := range m.Failures {
		switch {
		case isSick[f.Observer]:
			if !isSick[f.Subject] {
				bySick++
			}
		case isSick[f.Subject]:
			right++
			removals[verdict{f.Observer, f.Subject}]++
		default:
			healthyRemoved++
		}
	}
	most := 0
	for _, n := range removals {
		most = max(most, n)
	}
	pairs := float64(len(sick) * len(healthy))
	r.Add("healthy removed by healthy", float64(healthyRemoved))
	r.Add("healthy removed by faulty", float64(bySick))
	r.Add("removals per cycle", float64(right)/pairs/cycles)
	r.Add("most removals per cycle", float64(most)/cycles)
	listed := make([]int, len(healthy))
	for i, n := range healthy {
		for _, s := range sick {
			if n.Lists(s.ID()) {
				listed[i]++
			}
		}
	}
	r.Add("faulty listed at the end, least", float64(slices.Min(listed)))
	r.Add("faulty listed at the end, most", float64(slices.Max(listed)))
}
