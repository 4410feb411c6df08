package papers

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
)

// lifeguardStarve is figure 1 of Lifeguard: some of a hundred members get the processor
// in short slices only, for five minutes.
func lifeguardStarve() Experiment {
	return Experiment{
		Name: "lifeguard-starve", Source: "Lifeguard §I, figure 1",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for _, starved := range of(size, []int{4}, starvedMembers(), starvedMembers()) {
				for _, s := range []Setup{paperSWIM(), lifeguard(5, 6), memberlist(), nekton()} {
					tasks = append(tasks, Task{
						Experiment: "lifeguard-starve", Setup: s, Point: Point{"starved": float64(starved)},
						Seed: seedOf(slices.Index(starvedMembers(), starved)), Runs: of(size, 1, 2, 20),
						Run: func(seed uint64, r *Record) error {
							return s.starve(seed, of(size, 24, 100, 100), starved, of(size, time.Minute, starveTime, starveTime), r)
						},
					})
				}
			}
			return tasks
		},
	}
}

func starvedMembers() []int { return []int{1, 2, 4, 8, 16, 32} }

const (
	starveTime  = 5 * time.Minute
	starveSlice = 10 * time.Millisecond // as if 128 others competed
)

// starve counts what is declared failed while some get no processor.
func (s Setup) starve(seed uint64, n, starved int, span time.Duration, r *Record) error {
	t, err := s.trial(seed, n, starved, Pause)
	if err != nil {
		return err
	}
	before := t.cluster.Traffic()
	for _, n := range t.anomalous {
		stop := n.Host().Starve(starveSlice, virtual.Uniform{Min: 500 * time.Millisecond, Max: 1500 * time.Millisecond})
		defer stop()
	}
	t.cluster.Run(span)
	t.record(r, before)
	named := 0
	for _, f := range t.meter.Failures {
		if t.faulty[f.Subject] {
			named++
		}
	}
	r.Add("starved failed", float64(named))
	return nil
}
