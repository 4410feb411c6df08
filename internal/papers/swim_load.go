package papers

import (
	"math"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// swimLoad is figure 2 of SWIM: the messages of a quiet group.
func swimLoad() Experiment {
	return Experiment{
		Name: "swim-load", Source: "SWIM §5, figure 2",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for i, n := range of(size, []int{8}, loadSizes(), loadSizes()) {
				for _, s := range []Setup{prototype(), memberlist(), nekton(), nekton().shuffled()} {
					tasks = append(tasks, Task{
						Experiment: "swim-load", Setup: s, Point: Point{"n": float64(n)},
						Seed: seedOf(i), Runs: of(size, 1, 10, 50),
						Run: func(seed uint64, r *Record) error { return s.load(seed, n, r) },
					})
				}
			}
			return tasks
		},
	}
}

func loadSizes() []int { return []int{4, 8, 16, 28, 40, 55, 128} }

// prototype is that of the SWIM paper at its period.
func prototype() Setup {
	cfg := swim.Prototype2002()
	cfg.ProbeInterval, cfg.ProbeTimeout = 2*time.Second, 500*time.Millisecond
	return Setup{"prototype", cfg}
}

// nekton is what users get.
func nekton() Setup { return Setup{"nekton", swim.Config{}} }

// shuffled is a setup whose members probe in orders of their own.
func (s Setup) shuffled() Setup {
	return s.with(s.Name+", shuffled", func(cfg *swim.Config) { cfg.NoCoordinatedProbing = true })
}

// asksOnce is a setup that does not repeat pings within a period.
func (s Setup) asksOnce() Setup {
	return s.with(s.Name+", asks once", func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off })
}

// memberlist is what hashicorp/memberlist ships for a LAN.
func memberlist() Setup { return Setup{"memberlist", swim.Memberlist()} }

const (
	settlePeriods = 40 // until all news has been sent often enough
	loadPeriods   = 40 // as in figure 2
)

// load measures what members send in a quiet group, period by period.
func (s Setup) load(seed uint64, n int, r *Record) error {
	c, err := s.formed(seed, n)
	if err != nil {
		return err
	}
	period := c.Config().Intervals.ProbeInterval
	c.Run(settlePeriods * period)
	before := c.Hosts()
	last := make([]uint64, len(before))
	sum, squares, fewer, count := 0.0, 0.0, 0, 0
	start := c.Traffic()
	for i := range loadPeriods + 1 {
		for j, h := range before {
			sent := h.Traffic.PacketsOut + h.Traffic.FramesOut
			if i > 0 {
				x := float64(sent - last[j])
				sum, squares, count = sum+x, squares+x*x, count+1
				if x < 5 {
					fewer++
				}
			}
			last[j] = sent
		}
		if i < loadPeriods {
			c.Run(period)
		}
	}
	end := c.Traffic()
	perMember := func(count uint64) float64 { return float64(count) / float64(n) / loadPeriods }
	mean := sum / float64(count)
	r.Add("sent", mean)
	r.Add("spread", math.Sqrt(max(0, squares/float64(count)-mean*mean)))
	r.Add("under5", float64(fewer)/float64(count))
	r.Add("received", perMember(end.PacketsIn-start.PacketsIn))
	seconds := loadPeriods * period.Seconds() * float64(n)
	r.Add("bytes/s", float64(end.BytesOut-start.BytesOut)/seconds)
	r.Add("stream bytes/s", float64(end.StreamBytesOut-start.StreamBytesOut)/seconds)
	return nil
}
