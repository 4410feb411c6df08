package papers

import (
	"slices"
	"strconv"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// swimSpread is figure 3b of SWIM: the time until an update has infected the group, by
// piggyback alone; at the loss of table P6 too.
func swimSpread() Experiment {
	return Experiment{
		Name: "swim-spread", Source: "SWIM §5, figure 3b",
		Tasks: func(size Size) []Task {
			var tasks []Task
			i := 0
			for _, n := range of(size, []int{16}, spreadSizes(), spreadSizes()) {
				for _, loss := range of(size, []int{0}, []int{0, 30}, []int{0, 10, 20, 30}) {
					i = slices.Index(spreadSizes(), n)*4 + loss/10
					for _, s := range []Setup{prototype(), piggybackOnly(), piggybackCoordinated(), nekton()} {
						tasks = append(tasks, Task{
							Experiment: "swim-spread", Setup: s, Point: Point{"n": float64(n), "loss": float64(loss) / 100},
							Seed: seedOf(i), Runs: of(size, 1, spreadRuns(n), 5*spreadRuns(n)),
							Run: func(seed uint64, r *Record) error { return s.spread(seed, n, float64(loss)/100, r) },
						})
					}
				}
			}
			return tasks
		},
	}
}

func spreadSizes() []int { return []int{8, 16, 28, 56, 128} }

// spreadRuns are fewer where forming the group takes long.
func spreadRuns(n int) int { return max(2, min(5, 256/n)) }

// piggybackOnly is nekton without what the prototype does not have: rounds of gossip,
// and the repair of what is missed.
func piggybackOnly() Setup {
	return nekton().with("nekton, piggyback only", func(cfg *swim.Config) {
		cfg.GossipInterval, cfg.PushPullInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off
		cfg.Rules.NoPrints, cfg.Rules.NaturalRetransmits, cfg.RetransmitMult = true, true, 3
		cfg.ProbeRetries = swim.Off
	})
}

// piggybackCoordinated is the same by the shared schedule, which needs the fingerprints.
// Nothing comes of them, since comparisons are off.
func piggybackCoordinated() Setup {
	return piggybackOnly().with("nekton, piggyback only, coordinated", func(cfg *swim.Config) {
		cfg.Rules.NoPrints = false
	})
}

// updatesPerRun is how many updates one cluster is used for.
const updatesPerRun = 20

// spread publishes updates one after another, each once the last one is forgotten, and
// measures how each spreads: in periods, and what it cost.
func (s Setup) spread(seed uint64, n int, loss float64, r *Record) error {
	c, err := s.formed(seed, n)
	if err != nil {
		return err
	}
	period := c.Config().Intervals.ProbeInterval
	c.Run(settlePeriods * period)
	meter := sim.NewMeter(c)
	c.Net.Link.Loss = loss
	for i := range updatesPerRun {
		c.Run(time.Duration(c.Rand().Int64N(int64(period))))
		owner := c.Nodes()[c.Rand().IntN(n)]
		before := c.Traffic()
		update, err := meter.Publish(owner, "key", strconv.AppendInt(nil, int64(i), 10))
		if err != nil {
			return err
		}
		c.Run(settlePeriods * period)
		after := c.Traffic()
		meter.Forget(update)
		r.course(update, n, period)
		r.Add("bytes", float64(after.BytesOut-before.BytesOut+after.StreamBytesOut-before.StreamBytesOut)/float64(n))
		r.Add("packets", float64(after.PacketsOut-before.PacketsOut+after.FramesOut-before.FramesOut)/float64(n))
	}
	return nil
}

// course notes how an update spread, in units of time.
func (r *Record) course(s *sim.Spread, n int, unit time.Duration) {
	var learnt []float64
	for _, t := range s.Times() {
		learnt = append(learnt, t.Seconds()/unit.Seconds())
	}
	course := courseOf(learnt, n, 0)
	r.Add("missed", float64(course.Missed))
	for metric, at := range map[string]float64{"half": course.Half, "99%": course.Most, "all": course.All} {
		if at >= 0 {
			r.Add(metric, at)
		}
	}
}
