package papers

import (
	"errors"
	"time"

	"github.com/nekton-go/nekton/sim"
)

// probersHealth is the local health of members that have nothing wrong with them but a
// crashed member to probe.
func probersHealth() Experiment {
	return Experiment{
		Name: "probers-health", Source: "Lifeguard §IV-A; memberlist's schedule of nacks",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for i, n := range []int{8, 32} {
				for _, s := range []Setup{lifeguard(5, 6), memberlist(), nekton()} {
					tasks = append(tasks, Task{
						Experiment: "probers-health", Setup: s, Point: Point{"n": float64(n)},
						Seed: seedOf(i), Runs: of(size, 1, 20, 100),
						Run: func(seed uint64, r *Record) error { return s.health(seed, n, r) },
					})
				}
			}
			return tasks
		},
	}
}

// health notes the worst score of any member, and the mean over all that happens to them, from
// a crash until it is known.
func (s Setup) health(seed uint64, n int, r *Record) error {
	c, err := s.formed(seed, n)
	if err != nil {
		return err
	}
	period := c.Config().Intervals.ProbeInterval
	c.Run(settlePeriods * period)
	c.Nodes()[n-1].Crash()
	w := &scores{}
	c.Watch(w)
	_, found := c.World.Until(time.Minute, lookInterval, c.Agreed)
	if !found {
		return errors.New("the crash is not known after a minute")
	}
	r.Add("worst", float64(w.worst))
	r.Add("mean", w.sum/float64(w.count))
	return nil
}

// scores notes the local health of members after everything that happens to them.
type scores struct {
	worst, count int
	sum          float64
}

// Observe is part of [sim.Observer].
func (w *scores) Observe(*sim.Node, *sim.Event) {}

// Settled is part of [sim.Observer].
func (w *scores) Settled(n *sim.Node) {
	score := n.Core().Health()
	w.worst = max(w.worst, score)
	w.sum += float64(score)
	w.count++
}
