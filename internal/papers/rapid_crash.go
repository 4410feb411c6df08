package papers

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/sim"
)

// rapidCrash is figure 8 and table 2 of Rapid: ten members of a thousand crash at the
// same moment. How many different views are there on the way, and what does it cost?
func rapidCrash() Experiment {
	return Experiment{
		Name: "rapid-crash", Source: "Rapid §7, figure 8, table 2",
		Tasks: func(size Size) []Task {
			var tasks []Task
			n, crashes := of(size, 40, 1000, 1000), of(size, 2, 10, 10)
			for _, s := range []Setup{memberlist(), nekton()} {
				tasks = append(tasks, Task{
					Experiment: "rapid-crash", Setup: s, Point: Point{"n": float64(n), "crashes": float64(crashes)},
					Seed: seedOf(0), Runs: of(size, 1, 2, 5),
					Run: func(seed uint64, r *Record) error { return s.crash(seed, n, crashes, r) },
				})
			}
			return tasks
		},
	}
}

const (
	beforeCrash = 30 * time.Second
	afterCrash  = 270 * time.Second
)

// crash measures five minutes of which the crash is near the beginning.
func (s Setup) crash(seed uint64, count, crashes int, r *Record) error {
	c, err := s.bootstrapped(seed, count)
	if err != nil {
		return err
	}
	// The first is the seed, which lives; chance has dealt with all others alike.
	victims, healthy := c.Nodes()[count-crashes:], c.Nodes()[:count-crashes]
	meter, loaded, reported := sim.NewMeter(c), measureLoad(healthy), report(c, healthy)
	pass := func(d time.Duration) {
		for end := c.Now() + d; c.Now() < end; {
			c.Run(time.Second)
			loaded.sample()
		}
	}
	pass(beforeCrash)
	for _, v := range victims {
		v.Crash()
	}
	crashed := c.Now()
	pass(afterCrash)
	reported.stop()
	if !allList(healthy, count-crashes) {
		return fmt.Errorf("%v after the crash views differ: %+v", afterCrash, c.Disagreement())
	}
	loaded.record(r)
	r.Add("views", float64(len(reported.counts)))
	r.Add("false", float64(meter.False))
	first, last := verdicts(meter, healthy)
	firsts, lasts, spans := make([]time.Duration, 0, len(healthy)), make([]time.Duration, 0, len(healthy)), make([]time.Duration, 0, len(healthy))
	for _, n := range healthy {
		firsts, lasts, spans = append(firsts, first[n]-crashed), append(lasts, last[n]-crashed), append(spans, last[n]-first[n])
	}
	f, l, d := sim.Distribute(firsts), sim.Distribute(lasts), sim.Distribute(spans)
	r.Add("first", f.Min.Seconds())
	r.Add("last", l.Max.Seconds())
	r.Add("span, p50", d.P50.Seconds())
	r.Add("span, max", d.Max.Seconds())
	return nil
}

// verdicts are when each of some nodes declared its first and its last failure.
func verdicts(m *sim.Meter, observers []*sim.Node) (first, last map[*sim.Node]time.Duration) {
	first, last = make(map[*sim.Node]time.Duration, len(observers)), make(map[*sim.Node]time.Duration, len(observers))
	for _, f := range m.Failures { // in order of time
		if _, ok := first[f.Observer]; !ok {
			first[f.Observer] = f.At
		}
		last[f.Observer] = f.At
	}
	return first, last
}
