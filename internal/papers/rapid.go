package papers

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
)

// The common set-up of Rapid's experiments (Suresh et al., USENIX ATC 2018, §7): one
// process is the seed; ten seconds later all others start at the same moment, joined
// through it. Every process reports how many members it lists once per second.

const (
	seedAlone   = 10 * time.Second
	reportEvery = time.Second
	// reportPhases spreads the reports of different processes over the second.
	reportPhases = 10
)

// wave starts the seed, and ten seconds later everybody else at once.
func (s Setup) wave(seed uint64, count int) (*sim.Cluster, error) {
	c, err := s.cluster(seed, count)
	if err != nil {
		return nil, err
	}
	first := c.Nodes()[0]
	if err := first.Start(); err != nil {
		return nil, err
	}
	c.Run(seedAlone)
	for _, n := range c.Nodes()[1:] {
		if err := n.Start(first); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// maxBootstrap is when a bootstrap that has not come to an end is given up.
const maxBootstrap = 10 * time.Minute

// bootstrapped is a cluster that has formed by a wave, and whose queues are empty.
func (s Setup) bootstrapped(seed uint64, count int) (*sim.Cluster, error) {
	c, err := s.wave(seed, count)
	if err != nil {
		return nil, err
	}
	if _, ok := c.World.Until(maxBootstrap, lookInterval, func() bool { return allList(c.Nodes(), count) }); !ok {
		return nil, fmt.Errorf("%d nodes have not formed a cluster after %v: %+v", count, c.Now(), *c.Disagreement())
	}
	c.World.Until(maxBootstrap, time.Second, func() bool {
		for _, n := range c.Nodes() {
			if n.Core().Queued() > 0 {
				return false
			}
		}
		return true
	})
	return c, nil
}

// allList reports whether all of some nodes list so many members.
func allList(nodes []*sim.Node, count int) bool {
	for _, n := range nodes {
		if n.Core().Alive() != count {
			return false
		}
	}
	return true
}

// reports are what some processes report.
type reports struct {
	nodes []*sim.Node
	on    bool
	// counts are the different numbers of members that were ever reported.
	counts map[int]struct{}
	// latest is the last report of each.
	latest []int
}

// report lets processes report from now on, until stop. A process that is gone
// reports nothing.
func report(c *sim.Cluster, nodes []*sim.Node) *reports {
	r := &reports{nodes: nodes, on: true, counts: map[int]struct{}{}, latest: make([]int, len(nodes))}
	phase := 0
	c.Every(reportEvery/reportPhases, func() bool {
		for i := phase; r.on && i < len(nodes); i += reportPhases {
			if !nodes[i].Running() {
				continue
			}
			r.latest[i] = nodes[i].Core().Alive()
			r.counts[r.latest[i]] = struct{}{}
		}
		phase = (phase + 1) % reportPhases
		return r.on
	})
	return r
}

func (r *reports) stop() { r.on = false }

// load is what processes sent and received, second by second.
type load struct {
	hosts []*virtual.Host
	last  []virtual.Traffic
	// in and out have one value per process and second. Bytes per second: datagrams
	// with the headers of IPv4 and UDP, and what streams carried.
	in, out []float64
	// payload is the sum of what was sent without headers.
	payload, packets float64
}

// headers are those of IPv4 and UDP. Bytes.
const headers = 28

// measureLoad begins to measure what some nodes send and receive. Sample notes what came
// since the last call; the caller does that once per second.
func measureLoad(nodes []*sim.Node) *load {
	l := &load{}
	for _, n := range nodes {
		l.hosts = append(l.hosts, n.Host())
		l.last = append(l.last, n.Host().Traffic)
	}
	return l
}

func (l *load) sample() {
	for i, h := range l.hosts {
		d := h.Traffic
		d.Sub(l.last[i])
		l.last[i] = h.Traffic
		l.in = append(l.in, float64(d.BytesIn+d.StreamBytesIn+headers*d.PacketsIn))
		l.out = append(l.out, float64(d.BytesOut+d.StreamBytesOut+headers*d.PacketsOut))
		l.payload += float64(d.BytesOut + d.StreamBytesOut)
		l.packets += float64(d.PacketsOut)
	}
}

// record notes mean, p99 and maximum, in KB (1000 bytes) per second and process.
func (l *load) record(r *Record) {
	seconds := float64(len(l.out))
	for name, values := range map[string][]float64{"received KB/s": l.in, "sent KB/s": l.out} {
		d := sim.Distribute(values)
		r.Add(name+", mean", d.Mean/1000)
		r.Add(name+", p99", d.P99/1000)
		r.Add(name+", max", d.Max/1000)
	}
	r.Add("payload sent KB/s, mean", l.payload/seconds/1000)
	r.Add("packets/s, mean", l.packets/seconds)
}
