package papers

import (
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// plainLoss counts false positives while nothing is wrong but the network: what the false
// suspicions of SWIM §3.1 come to when each has its time to be refuted.
func plainLoss() Experiment {
	return Experiment{
		Name: "plain-loss", Source: "SWIM §3.1 and §4.2, computed",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for _, loss := range of(size, []int{30}, []int{10, 20, 30}, []int{10, 20, 30}) {
				for _, s := range lossSetups() {
					tasks = append(tasks, Task{
						Experiment: "plain-loss", Setup: s, Point: Point{"loss": float64(loss) / 100, "n": agents},
						Seed: seedOf(loss / 10), Runs: of(size, 1, 2, 60),
						Run: func(seed uint64, r *Record) error {
							return s.lossy(seed, of(size, 16, agents, agents), float64(loss)/100, of(size, time.Minute, lossTime, lossTime), r)
						},
					})
				}
			}
			return tasks
		},
	}
}

// lossSetups are SWIM, memberlist and ours by datagrams alone, and ours as it is.
func lossSetups() []Setup {
	swimAlone := paperSWIM().with("SWIM, datagrams", func(cfg *swim.Config) {
		cfg.NoStreamProbe, cfg.PushPullInterval = true, swim.Off
	})
	return []Setup{
		swimAlone,
		memberlist().with("memberlist, datagrams", func(cfg *swim.Config) { cfg.NoStreamProbe = true }),
		nekton().with("nekton, datagrams", func(cfg *swim.Config) { cfg.NoStreamProbe = true }),
		nekton(),
	}
}

// lossTime is how long one run counts.
const lossTime = 10 * time.Minute

// lossy counts what a group of n declares failed while packets are lost.
func (s Setup) lossy(seed uint64, n int, loss float64, span time.Duration, r *Record) error {
	c, err := s.formed(seed, n)
	if err != nil {
		return err
	}
	c.Run(settlePeriods * c.Config().Intervals.ProbeInterval)
	c.Net.Link.Loss = loss
	c.Run(time.Minute)
	meter := sim.NewMeter(c)
	before := c.Traffic()
	c.Run(span)
	after := c.Traffic()
	r.Add("fp", float64(meter.False))
	r.Add("suspected", float64(meter.Counts[swim.EventSuspected]))
	r.Add("hours", span.Hours())
	perMember := span.Seconds() * float64(n)
	r.Add("packets/s", float64(after.PacketsOut-before.PacketsOut+after.FramesOut-before.FramesOut)/perMember)
	r.Add("bytes/s", float64(after.BytesOut-before.BytesOut+after.StreamBytesOut-before.StreamBytesOut)/perMember)
	return nil
}
