package papers

import (
	"slices"
	"time"
)

// lifeguardThreshold is the Threshold experiment of Lifeguard: table V, and the latencies
// of table VII. One anomaly, until all see all as healthy again.
func lifeguardThreshold() Experiment {
	return Experiment{
		Name: "lifeguard-threshold", Source: "Lifeguard §V-D, tables V, VII",
		Tasks: func(size Size) []Task {
			setups := thresholdSetups(size)
			var tasks []Task
			for _, s := range setups {
				tasks = append(tasks, s.thresholdTasks(size, HeldStall)...)
			}
			if size == Small {
				for _, s := range []Setup{paperSWIM(), lifeguard(4, 6), nekton()} {
					for _, f := range []Fault{HeldRun, Pause} {
						tasks = append(tasks, s.thresholdTasks(size, f)...)
					}
				}
			}
			return tasks
		},
	}
}

// thresholdSetups are those of the Interval experiment, since the two are read together.
func thresholdSetups(size Size) []Setup { return intervalSetups(size) }

// thresholdTasks are the points of a setup. An anomaly that is shorter than the shortest
// suspicion cannot be detected: only the full size runs it.
func (s Setup) thresholdTasks(size Size, f Fault) []Task {
	anomalies, _, _ := grid(size)
	durations := of(size, []int{16384}, []int{16384, 32768}, Durations())
	var tasks []Task
	for _, c := range anomalies {
		for _, d := range durations {
			place := slices.Index(Anomalies(), c)*len(Durations()) + slices.Index(Durations(), d)
			tasks = append(tasks, Task{
				Experiment: "lifeguard-threshold", Setup: s,
				Point: Point{"C": float64(c), "D": float64(d), "fault": float64(slices.Index(Faults(), f))},
				Seed:  seedOf(place), Runs: of(size, 1, 5, 10),
				Run: func(seed uint64, r *Record) error {
					return s.threshold(seed, agents, c, milliseconds(d), f, r)
				},
			})
		}
	}
	return tasks
}

// threshold is one run: one anomaly; it ends when all see all as healthy again, or two
// minutes after its start.
func (s Setup) threshold(seed uint64, members, anomalous int, d time.Duration, f Fault, r *Record) error {
	t, err := s.trial(seed, members, anomalous, f)
	if err != nil {
		return err
	}
	c := t.cluster
	start, before := c.Now(), c.Traffic()
	t.begin()
	c.Run(d)
	t.end()
	c.World.Until(longEnough-d, lookInterval, c.Agreed)
	t.record(r, before)
	for _, n := range t.anomalous {
		found := t.meter.Detection(n, start, t.healthy)
		if found.First >= 0 {
			r.Add("first", found.First.Seconds())
		}
		if found.All >= 0 {
			r.Add("full", found.All.Seconds())
			r.Add("between", (found.All - found.First).Seconds())
		}
	}
	return nil
}
