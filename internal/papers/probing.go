package papers

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// probing compares how members choose whom to probe, and when they ask again, while
// something is wrong with the group: crashes are to be found soon, and nobody else is to
// be declared failed.
func probing() Experiment {
	return Experiment{
		Name: "probing", Source: "SWIM §4.3, Lifeguard §IV, and what nekton adds",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for _, w := range of(size, []wrong{wrongClocks}, wrongs(), wrongs()) {
				for _, s := range of(size, []Setup{nekton(), nekton().shuffled()}, probingSetups(), probingSetups()) {
					tasks = append(tasks, Task{
						Experiment: "probing", Setup: s, Point: Point{"wrong": float64(w), "n": probed},
						Seed: seedOf(int(w)), Runs: of(size, 1, 12, 60),
						Run: func(seed uint64, r *Record) error { return s.probes(seed, w, r) },
					})
				}
			}
			return tasks
		},
	}
}

// probingSetups are theirs, and ours with and without either of what we add.
func probingSetups() []Setup {
	return []Setup{
		paperSWIM(), lifeguard(5, 6), lifeguard(4, 6),
		nekton(), nekton().asksOnce(), nekton().shuffled(), nekton().shuffled().asksOnce(),
	}
}

// A wrong is what is wrong with a group, or with an eighth of its members.
type wrong int

const (
	nothingWrong wrong = iota
	// lossTenth and lossFifth lose datagrams everywhere.
	lossTenth
	lossFifth
	// wrongStalled: an eighth is anomalous for 8 s of every 12, as in Lifeguard.
	wrongStalled
	// wrongClocks: everybody's clock is off by up to a fifth of a period.
	wrongClocks
	// wrongHours: everybody has another idea of the time altogether.
	wrongHours
	// wrongChurn: an eighth crash and return, each every forty seconds.
	wrongChurn
	// wrongViews: an eighth hear nothing for twenty seconds of forty, so that they
	// are removed by some sooner than by others, and return.
	wrongViews
)

func wrongs() []wrong {
	return []wrong{nothingWrong, lossTenth, lossFifth, wrongStalled, wrongClocks, wrongHours, wrongChurn, wrongViews}
}

func (w wrong) String() string {
	return [...]string{
		"nothing", "10 % loss", "20 % loss", "1 of 8 stalled for 8 s of 12", "clocks ± 200 ms", "clocks ± 12 h",
		"1 of 8 crash and return", "1 of 8 deaf for 20 s of 40",
	}[w]
}

// short is for the axis of a chart.
func (w wrong) short() string {
	return [...]string{"nothing", "10 % loss", "20 % loss", "stalls", "200 ms off", "12 h off", "churn", "deaf ones"}[w]
}

const (
	// probed is how many members there are, without those that crash for good.
	probed = 64
	// crashEvery is longer than any verdict takes.
	crashEvery = 30 * time.Second

	stallFor, stallEvery = 8 * time.Second, 12 * time.Second
	downFor, churnEvery  = 10 * time.Second, 40 * time.Second
	deafFor, deafEvery   = 20 * time.Second, 40 * time.Second
)

// clock is that of a member.
func (w wrong) clock(r *rand.Rand) virtual.Clock {
	off := time.Duration(0)
	switch w {
	case wrongClocks:
		off = 200 * time.Millisecond
	case wrongHours:
		off = 12 * time.Hour
	default:
		return virtual.Clock{}
	}
	return virtual.Clock{Skew: time.Duration(r.Int64N(int64(2*off))) - off}
}

// begin lets it go wrong, for good, with some members.
func (w wrong) begin(c *sim.Cluster, some []*sim.Node) {
	// again does something to a member now and then: each has a phase of its own.
	again := func(every, length time.Duration, on, off func(*sim.Node)) {
		for _, n := range some {
			var next func()
			next = func() {
				on(n)
				c.After(length, func() { off(n) })
				c.After(every, next)
			}
			c.After(time.Duration(c.Rand().Int64N(int64(every))), next)
		}
	}
	switch w {
	case lossTenth:
		c.Net.Link.Loss = 0.1
	case lossFifth:
		c.Net.Link.Loss = 0.2
	case wrongStalled:
		again(stallEvery, stallFor, func(n *sim.Node) { HeldStall.begin(n.Host()) }, func(n *sim.Node) { HeldStall.end(n.Host()) })
	case wrongChurn:
		// The only error is that it runs, which it does not.
		again(churnEvery, downFor, (*sim.Node).Crash, func(n *sim.Node) { _ = n.Restart(sim.Rebirth{}) })
	case wrongViews:
		again(deafEvery, deafFor, func(n *sim.Node) { n.Host().In.Loss = 1 }, func(n *sim.Node) { n.Host().In.Loss = 0 })
	}
}

// probes is one run: members crash one after another while something is wrong, and each
// is to be found.
func (s Setup) probes(seed uint64, w wrong, r *Record) error {
	clocks := rand.New(rand.NewPCG(seed, 0x636c6f636b73))
	c, err := s.clocked(seed, probed+crashesPerRun, func(int) virtual.Clock { return w.clock(clocks) })
	if err != nil {
		return err
	}
	if err := form(c); err != nil {
		return err
	}
	c.Run(settlePeriods * time.Second)
	// The seeds stay well, so that who returns finds somebody.
	disturbed, victims := c.Nodes()[maxSeeds:maxSeeds+probed/8], c.Nodes()[probed:]
	sick := map[*sim.Node]bool{}
	if w >= wrongStalled && w != wrongClocks && w != wrongHours {
		for _, n := range disturbed {
			sick[n] = true
		}
	}
	w.begin(c, disturbed)
	c.Run(crashEvery)
	meter, start, before := sim.NewMeter(c), c.Now(), c.Traffic()
	for _, victim := range victims {
		c.Run(time.Duration(c.Rand().Int64N(int64(time.Second))))
		seen, err := newWitness(c, victim)
		if err != nil {
			return err
		}
		crashed := c.Now()
		victim.Crash()
		c.Run(crashEvery)
		seen.on = false
		// What those say who hear nobody is no news.
		found := time.Duration(-1)
		if i := slices.IndexFunc(meter.Failures, func(f sim.Failure) bool {
			return f.Subject == victim && f.At >= crashed && !sick[f.Observer]
		}); i >= 0 {
			found = meter.Failures[i].At - crashed
		}
		for metric, at := range map[string]time.Duration{"probe": seen.probe, "detection": found} {
			if at >= 0 {
				r.Add(metric, at.Seconds())
			}
		}
	}
	fp, healthy := 0, 0
	for _, f := range meter.Failures {
		if sick[f.Subject] || !f.SubjectUp {
			continue
		}
		if fp++; !sick[f.Observer] {
			healthy++
		}
	}
	hours := (c.Now() - start).Hours() * probed
	r.Add("fp", float64(fp))
	r.Add("fp-", float64(healthy))
	r.Add("member hours", hours)
	r.Add("suspected", float64(meter.Counts[swim.EventSuspected]))
	spent := c.Traffic()
	spent.Sub(before)
	r.Add("packets/s", float64(spent.PacketsOut+spent.FramesOut)/hours/3600)
	r.Add("bytes/s", float64(spent.BytesOut+spent.StreamBytesOut)/hours/3600)
	return nil
}
