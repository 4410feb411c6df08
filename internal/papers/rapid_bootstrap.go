package papers

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/sim"
)

// rapidBootstrap is figures 5 to 7 and table 1 of Rapid: how long it takes until all of
// a large cluster list all, when everybody starts at once with one seed.
func rapidBootstrap() Experiment {
	return Experiment{
		Name: "rapid-bootstrap", Source: "Rapid §7, figures 5-7, table 1",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for i, n := range of(size, []int{40}, bootstrapSizes(), bootstrapSizes()) {
				for _, s := range []Setup{memberlist(), nekton()} {
					tasks = append(tasks, Task{
						Experiment: "rapid-bootstrap", Setup: s, Point: Point{"n": float64(n)},
						Seed: seedOf(i), Runs: of(size, 1, 1, 5),
						Run: func(seed uint64, r *Record) error { return s.bootstrap(seed, n, r) },
					})
				}
			}
			return tasks
		},
	}
}

func bootstrapSizes() []int { return []int{1000, 1500, 2000} }

// bootstrap measures one wave.
func (s Setup) bootstrap(seed uint64, count int, r *Record) error {
	c, err := s.wave(seed, count)
	if err != nil {
		return err
	}
	nodes := c.Nodes()
	reported := report(c, nodes)
	start, before := c.Now(), c.Traffic()
	loaded := measureLoad(nodes)
	// The course of it, for a chart.
	on, joined := true, -1.0
	course := func() {
		counts := make([]int, len(nodes))
		for i, n := range nodes {
			counts[i] = n.Core().Alive()
		}
		d := sim.Distribute(counts)
		r.Add("course: least", float64(d.Min))
		r.Add("course: mean", d.Mean)
	}
	c.Every(time.Second, func() bool {
		if on {
			loaded.sample()
			course()
		}
		return on
	})
	look := func() bool {
		if joined < 0 && allJoined(nodes) {
			joined = (c.Now() - start).Seconds()
		}
		return allList(nodes, count)
	}
	took, ok := c.World.Until(maxBootstrap, lookInterval, look)
	if !ok {
		return fmt.Errorf("%d nodes have not formed a cluster after %v: %+v", count, took, *c.Disagreement())
	}
	on = false
	loaded.sample()
	course()
	reported.stop()
	spent := c.Traffic()
	spent.Sub(before)
	r.Add("all", took.Seconds())
	r.Add("joined", joined)
	r.Add("views", float64(len(reported.counts)))
	each := float64(count)
	r.Add("packets", float64(spent.PacketsOut)/each)
	r.Add("packet KB", float64(spent.BytesOut)/each/1000)
	r.Add("stream KB", float64(spent.StreamBytesOut)/each/1000)
	r.Add("streams", float64(spent.StreamsOpened)/each)
	r.Add("seed MB", float64(nodes[0].Host().Traffic.StreamBytesOut)/1e6)
	loaded.record(r)
	return nil
}

// allJoined reports whether a seed has let everybody in.
func allJoined(nodes []*sim.Node) bool {
	for _, n := range nodes {
		if !n.Joined() {
			return false
		}
	}
	return true
}
