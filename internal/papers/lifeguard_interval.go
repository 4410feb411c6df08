package papers

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// lifeguardInterval is the Interval experiment of Lifeguard: tables IV and VI, and the
// false positives of table VII. Anomalies of D, with I between them, for two minutes.
func lifeguardInterval() Experiment {
	return Experiment{
		Name: "lifeguard-interval", Source: "Lifeguard §V-E, tables IV, VI, VII",
		Tasks: func(size Size) []Task {
			var tasks []Task
			add := func(g grid, f Fault, setups ...Setup) {
				for _, s := range setups {
					tasks = append(tasks, s.intervalTasks(g, f)...)
				}
			}
			switch size {
			case Tiny:
				add(tinyGrid(), HeldStall, paperSWIM(), lifeguard(5, 6), nekton())
			case Small:
				add(dailyGrid(), HeldStall, mainSetups()...)
				add(coarseGrid(), HeldStall, moreSetups()...)
				for _, f := range []Fault{HeldRun, Pause} {
					add(faultGrid(), f, faultSetups()...)
				}
			case Full:
				add(fullGrid(), HeldStall, append(mainSetups(), moreSetups()...)...)
			}
			return tasks
		},
	}
}

// mainSetups are the five configurations of the paper, Lifeguard at our α and β, and
// ours.
func mainSetups() []Setup {
	return append(configurations(), lifeguard(4, 6), nekton(), nekton().shuffled())
}

// faultSetups are those for which it is compared what an anomaly does to an agent.
func faultSetups() []Setup {
	return []Setup{paperSWIM(), lifeguard(5, 6), nekton(), nekton().shuffled()}
}

// tunings are Lifeguard at the other α and β of table VII.
func tunings() []Setup {
	var setups []Setup
	for _, ab := range tuning() {
		if ab != [2]int{5, 6} && ab != [2]int{4, 6} {
			setups = append(setups, lifeguard(ab[0], ab[1]))
		}
	}
	return setups
}

// moreSetups are other settings, theirs and ours.
func moreSetups() []Setup {
	setups := append(tunings(), memberlist())
	for _, alpha := range []int{2, 3, 4} {
		setups = append(setups, swimAlpha(alpha))
	}
	return append(setups, nektonSettings()...)
}

// tuning are the α and β of table VII.
func tuning() [][2]int {
	return [][2]int{{2, 2}, {2, 4}, {2, 6}, {4, 2}, {4, 4}, {4, 6}, {5, 2}, {5, 4}, {5, 6}}
}

// lifeguard is Lifeguard of the paper with other α and β.
func lifeguard(alpha, beta int) Setup {
	name := "Lifeguard"
	if alpha != 5 || beta != 6 {
		name = fmt.Sprintf("Lifeguard %d,%d", alpha, beta)
	}
	return paperLifeguard(name, swim.FullLifeguard).with(name, func(cfg *swim.Config) {
		cfg.SuspicionMult, cfg.SuspicionMaxMult = alpha, beta
	})
}

// swimAlpha is the baseline with another α.
func swimAlpha(alpha int) Setup {
	return paperSWIM().with(fmt.Sprintf("SWIM %d", alpha), func(cfg *swim.Config) { cfg.SuspicionMult = alpha })
}

// nektonSettings are ours at other α and β, and without what SWIM does not have.
func nektonSettings() []Setup {
	var setups []Setup
	for _, ab := range [][2]int{{2, 1}, {2, 2}, {2, 6}, {3, 6}, {5, 1}, {5, 6}} {
		setups = append(setups, nekton().with(fmt.Sprintf("nekton %d,%d", ab[0], ab[1]), func(cfg *swim.Config) {
			cfg.SuspicionMult, cfg.SuspicionMaxMult = ab[0], ab[1]
		}))
	}
	for _, s := range slices.Clone(setups) {
		setups = append(setups, s.shuffled())
	}
	return append(setups, nekton().asksOnce(), nekton().shuffled().asksOnce())
}

// intervalTasks are the points of a setup.
func (s Setup) intervalTasks(g grid, f Fault) []Task {
	var tasks []Task
	for _, c := range g.anomalies {
		for _, d := range g.durations {
			for _, i := range g.intervals {
				// Seeds belong to the place in the full grid.
				place := (slices.Index(Anomalies(), c)*len(Durations())+slices.Index(Durations(), d))*len(Intervals()) +
					slices.Index(Intervals(), i)
				tasks = append(tasks, Task{
					Experiment: "lifeguard-interval", Setup: s,
					Point: Point{"C": float64(c), "D": float64(d), "I": float64(i), "fault": float64(slices.Index(Faults(), f))},
					Seed:  seedOf(place), Runs: g.runs,
					Run: func(seed uint64, r *Record) error {
						return s.interval(seed, agents, c, milliseconds(d), milliseconds(i), f, r)
					},
				})
			}
		}
	}
	return tasks
}

func milliseconds(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }

// interval is one run: d anomalous, i normal, until at least two minutes are over; it
// ends with the anomaly that is then under way.
func (s Setup) interval(seed uint64, members, anomalous int, d, i time.Duration, f Fault, r *Record) error {
	t, err := s.trial(seed, members, anomalous, f)
	if err != nil {
		return err
	}
	c := t.cluster
	start, before := c.Now(), c.Traffic()
	for {
		t.begin()
		c.Run(d)
		t.end()
		if c.Now()-start >= longEnough {
			break
		}
		c.Run(i)
	}
	t.record(r, before)
	r.Add("seconds", (c.Now() - start).Seconds())
	return nil
}
