package scenario

import (
	"fmt"
	"runtime"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
	"github.com/nekton-go/nekton/sim"
)

// large measures the same restart in a cluster of a size at which nothing else runs on one
// machine, in nekton's simulator. memberlist does not run in it: the simulator plays state
// machines, and memberlist is goroutines and timers. A member restarts each 50 ms, and as
// many of them as the time of a benchmark allows. It has a process of its own, if there is
// one, beside scenarios whose time is virtual.
func (p *Plan) large() {
	n, restarted := p.Size.Large, p.Size.LargeRolled
	name := fmt.Sprintf("%d of %d, simulator", restarted, n)
	if p.list != nil || p.Beside == nil || len(p.progress.parts) == 1 {
		p.turn("rolling", name, side.NektonV2.String(), 0, func() (result.Row, error) { return simulated(n, restarted) })
		p.rollingFloor(name, n, restarted)
		return
	}
	wait, err := p.Beside("large")
	if err != nil {
		p.failed = append(p.failed, fmt.Errorf("rolling, %s: %w", name, err))
		return
	}
	p.pending = append(p.pending, wait)
}

func simulated(n, restarted int) (result.Row, error) {
	const every = 50 * time.Millisecond
	c, err := sim.New(sim.Config{Seed: 1})
	if err != nil {
		return result.Row{}, err
	}
	start := meter.Read()
	peak, on := uint64(0), true
	c.Every(time.Second, func() bool {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		return on
	})
	nodes, err := c.Form(n)
	if err != nil {
		return result.Row{}, err
	}
	if _, ok := c.World.Until(rollLimit, time.Second, c.Agreed); !ok {
		return result.Row{}, fmt.Errorf("the cluster has not formed: %+v", c.Disagreement())
	}
	c.Run(time.Minute) // no news is left
	formed, sent, m := meter.Read(), c.Traffic(), sim.NewMeter(c)
	var failed error
	try := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	for i, x := range nodes[:restarted] {
		seed := nodes[(i+n/2)%n]
		at := time.Duration(i) * every
		c.After(at, func() { try(x.Leave(rollAway)) })
		c.After(at+rollAway, func() { try(x.Restart(sim.Rebirth{Seeds: []*sim.Node{seed}})) })
	}
	c.Run(time.Duration(restarted-1)*every + rollAway)
	used := meter.Read().Since(formed)
	took, ok := c.World.Until(rollLimit, 100*time.Millisecond, c.Agreed)
	on = false
	if failed != nil {
		return result.Row{}, failed
	}
	if !ok {
		return result.Row{}, fmt.Errorf("not agreed %v after the last return: %+v", rollLimit, c.Disagreement())
	}
	all := c.Traffic()
	packets, streams := float64(all.BytesOut-sent.BytesOut)/float64(n), float64(all.StreamBytesOut-sent.StreamBytesOut)/float64(n)
	return result.Row{Values: map[string]float64{
		"form cpu": formed.Since(start).CPU.Seconds(), "roll cpu": used.CPU.Seconds(), "agreed": took.Seconds(),
		"false deaths": float64(m.False), "packet bytes": packets, "stream bytes": streams, "all bytes": packets + streams,
		"peak heap": float64(peak),
	}}, nil
}
