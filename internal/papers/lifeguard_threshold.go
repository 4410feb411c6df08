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
			// An anomaly that is shorter than the shortest suspicion is not detected: only
			// the full size runs it.
			var tasks []Task
			add := func(g grid, f Fault, setups ...Setup) {
				for _, s := range setups {
					tasks = append(tasks, s.thresholdTasks(g, f)...)
				}
			}
			long := longAnomalies()
			often, seldom := grid{Anomalies(), long, nil, 4}, grid{Anomalies(), long, nil, 1}
			switch size {
			case Tiny:
				add(tinyGrid(), HeldStall, paperSWIM(), nekton())
			case Small:
				for _, s := range append(mainSetups(), moreSetups()...) {
					if slices.Contains(goalSetups(), s.Name) {
						add(often, HeldStall, s)
					} else {
						add(seldom, HeldStall, s)
					}
				}
				for _, f := range []Fault{HeldRun, Pause} {
					add(grid{[]int{4, 16}, long, nil, 1}, f, faultSetups()...)
				}
			case Full:
				add(fullGrid(), HeldStall, append(mainSetups(), moreSetups()...)...)
			}
			return tasks
		},
	}
}

// longAnomalies are those that can be detected whatever the configuration.
func longAnomalies() []int { return []int{16384, 32768} }

// goalSetups are those with a goal for the 99.9th percentile, which takes a thousand
// detections.
func goalSetups() []string {
	return []string{
		"SWIM", "Lifeguard", "Lifeguard 4,6", "Lifeguard 2,6",
		"nekton", "nekton 5,1", "nekton 2,6", "nekton, shuffled", "nekton 5,1, shuffled", "nekton 2,6, shuffled",
	}
}

// thresholdTasks are the points of a setup.
func (s Setup) thresholdTasks(g grid, f Fault) []Task {
	var tasks []Task
	for _, c := range g.anomalies {
		for _, d := range g.durations {
			place := slices.Index(Anomalies(), c)*len(Durations()) + slices.Index(Durations(), d)
			tasks = append(tasks, Task{
				Experiment: "lifeguard-threshold", Setup: s,
				Point: Point{"C": float64(c), "D": float64(d), "fault": float64(slices.Index(Faults(), f))},
				Seed:  seedOf(place), Runs: g.runs,
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
