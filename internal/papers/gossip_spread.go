package papers

import (
	"slices"
	"strconv"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// gossipSpread is the spread of one update by rounds of gossip: the tables of push gossip
// with and without a limit on sends.
func gossipSpread() Experiment {
	return Experiment{
		Name: "gossip-spread", Source: "Demers et al., PODC 1987, §1.4; memberlist's settings",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for _, n := range of(size, []int{64}, gossipSizes(), gossipSizes()) {
				for _, loss := range of(size, []int{0}, []int{0, 30}, []int{0, 10, 20, 30}) {
					for _, s := range gossipSetups() {
						if s.Swim.ProbeInterval == swim.Off && n > agents {
							continue // to form such a group without probes takes too long
						}
						tasks = append(tasks, Task{
							Experiment: "gossip-spread", Setup: s, Point: Point{"n": float64(n), "loss": float64(loss) / 100},
							Seed: seedOf(slices.Index(gossipSizes(), n)*4 + loss/10), Runs: of(size, 1, max(3, 256/n), max(8, 4096/n)),
							Run: func(seed uint64, r *Record) error { return s.gossips(seed, n, float64(loss)/100, r) },
						})
					}
				}
			}
			return tasks
		},
	}
}

func gossipSizes() []int { return []int{64, 128, 512} }

// gossipSetups are gossip alone, with no limit and with memberlist's; ours alone; and all
// that we have.
func gossipSetups() []Setup {
	alone := func(name string, cfg swim.Config) Setup {
		cfg.ProbeInterval, cfg.PushPullInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off
		return Setup{name, cfg}
	}
	limited := alone("memberlist's gossip", swim.Memberlist())
	return []Setup{
		limited.with("memberlist's gossip, no limit", func(cfg *swim.Config) { cfg.RetransmitMult = 1000 }),
		limited, alone("nekton's gossip", swim.Config{}), nekton(),
	}
}

// gossips publishes updates, one every two dozen rounds or more, and measures how each
// spreads, in rounds.
func (s Setup) gossips(seed uint64, n int, loss float64, r *Record) error {
	c, err := s.formed(seed, n)
	if err != nil {
		return err
	}
	round := c.Config().Intervals.GossipInterval
	c.Run(60 * time.Second)
	meter := sim.NewMeter(c)
	c.Net.Link.Loss = loss
	for i := range updatesPerRun {
		c.Run(time.Duration(c.Rand().Int64N(int64(round))))
		before := c.Traffic()
		update, err := meter.Publish(c.Nodes()[c.Rand().IntN(n)], "key", strconv.AppendInt(nil, int64(i), 10))
		if err != nil {
			return err
		}
		if s.Swim.RetransmitMult == 1000 {
			// It would go on for ever: the next one takes its place.
			c.Until(100*round, func() bool { return update.Done() })
		} else {
			c.Run(60 * round)
		}
		after := c.Traffic()
		meter.Forget(update)
		r.course(update, n, round)
		r.Add("packets", float64(after.PacketsOut-before.PacketsOut)/float64(n))
	}
	return nil
}
