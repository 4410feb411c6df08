package scale

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/types"
)

// A Point is what was measured at one size. Times are seconds of the virtual clock,
// bytes are payload of packets and streams, CPU is in seconds.
type Point struct {
	Nodes int    `json:"nodes"`
	Seed  uint64 `json:"seed"`

	// Formed is the time from the start of all nodes until all list all; Drained until
	// no news of that is queued any more. FormBytes is what a node sent until then.
	Formed    float64 `json:"formed_s"`
	Drained   float64 `json:"drained_s"`
	FormBytes float64 `json:"form_bytes_per_node"`
	// FormCPU is the CPU time of forming and draining, per pair of nodes.
	FormCPU float64 `json:"form_cpu_per_pair_s"`

	// IdlePackets and IdleBytes are what a node sends per second when nothing happens,
	// IdleStreams the streams that all nodes opened, IdleCPU the CPU time per node and
	// second.
	IdlePackets float64 `json:"idle_packets"`
	IdleBytes   float64 `json:"idle_bytes"`
	IdleStreams uint64  `json:"idle_streams"`
	IdleCPU     float64 `json:"idle_cpu_s"`

	// Updates are the times until the last node knew, ascending; UpdatePackets and
	// UpdateBytes what an update cost a node beyond idling.
	Updates       []float64 `json:"updates_s"`
	UpdatePackets float64   `json:"update_packets_per_node"`
	UpdateBytes   float64   `json:"update_bytes_per_node"`

	// First and Full are the times until the first and the last node declared a crashed
	// one failed, ascending; False the verdicts about nodes that ran.
	First []float64 `json:"first_s"`
	Full  []float64 `json:"full_s"`
	False uint64    `json:"false"`

	// Heap is the live heap of the simulation per node at the end. Bytes.
	Heap float64 `json:"heap_per_node"`
}

const (
	patience = 10 * time.Minute // for each phase
	idleFor  = 30 * time.Second
	updates  = 8
	crashes  = 3
	between  = 3 * time.Second // two updates
)

// ErrForm means that the nodes did not find together.
var ErrForm = errors.New("scale: the cluster did not form")

// measurement is one point in the making.
type measurement struct {
	ctx     context.Context
	cpu     func() time.Duration
	cluster *sim.Cluster
	meter   *sim.Meter
	point   *Point
}

// Measure measures a cluster of n nodes at LAN's pace on a quiet network. cpu is the
// CPU time of the process so far; tell, unless it is nil, is told what is being done.
func Measure(ctx context.Context, n int, seed uint64, cpu func() time.Duration, tell func(phase string)) (*Point, error) {
	if tell == nil {
		tell = func(string) {}
	}
	before := liveHeap()
	c, err := sim.New(sim.Config{Seed: seed})
	if err != nil {
		return nil, err
	}
	m := &measurement{ctx: ctx, cpu: cpu, cluster: c, meter: sim.NewMeter(c), point: &Point{Nodes: n, Seed: seed}}
	for _, phase := range []struct {
		name string
		do   func() error
	}{
		{"forming", m.form}, {"draining", m.drain}, {"idling", m.idle}, {"updating", m.update}, {"crashing", m.crash},
	} {
		tell(phase.name)
		if err := phase.do(); err != nil {
			return nil, fmt.Errorf("%d nodes, %s: %w", n, phase.name, err)
		}
	}
	tell("weighing")
	m.point.Heap = (liveHeap() - before) / float64(n)
	runtime.KeepAlive(c)
	return m.point, nil
}

// liveHeap is what is reachable. Bytes.
func liveHeap() float64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc)
}

// pass lets time pass.
func (m *measurement) pass(d time.Duration) error {
	for end := m.cluster.Now() + d; m.cluster.Now() < end; {
		if err := context.Cause(m.ctx); err != nil {
			return err
		}
		m.cluster.Run(min(100*time.Millisecond, end-m.cluster.Now()))
	}
	return nil
}

// until lets time pass until cond holds, looking every step.
func (m *measurement) until(step time.Duration, cond func() bool) (took time.Duration, ok bool, err error) {
	start := m.cluster.Now()
	for !cond() {
		if took = m.cluster.Now() - start; took >= patience {
			return took, false, nil
		}
		if err := m.pass(step); err != nil {
			return 0, false, err
		}
	}
	return m.cluster.Now() - start, true, nil
}

// form starts all nodes at once.
func (m *measurement) form() error {
	began := m.cpu()
	if _, err := m.cluster.Form(m.point.Nodes); err != nil {
		return err
	}
	took, ok, err := m.until(100*time.Millisecond, m.cluster.InSync)
	if err != nil {
		return err
	}
	if !ok {
		return ErrForm
	}
	m.point.Formed = took.Seconds()
	m.point.FormCPU = (m.cpu() - began).Seconds()
	return nil
}

// drain waits until nobody has anything to tell any more.
func (m *measurement) drain() error {
	began := m.cpu()
	_, ok, err := m.until(time.Second, func() bool {
		return !slices.ContainsFunc(m.cluster.Nodes(), func(n *sim.Node) bool { return n.Core().Queued() > 0 })
	})
	if err != nil {
		return err
	}
	if !ok {
		return ErrForm
	}
	p, t := m.point, m.cluster.Traffic()
	p.Drained = m.cluster.Now().Seconds()
	p.FormBytes = float64(t.BytesOut+t.StreamBytesOut) / float64(p.Nodes)
	p.FormCPU = (p.FormCPU + (m.cpu() - began).Seconds()) / float64(p.Nodes) / float64(p.Nodes)
	return nil
}

// idle watches it do nothing.
func (m *measurement) idle() error {
	before, began := m.cluster.Traffic(), m.cpu()
	if err := m.pass(idleFor); err != nil {
		return err
	}
	t, p := since(m.cluster, before), m.point
	seconds := idleFor.Seconds() * float64(p.Nodes)
	p.IdlePackets, p.IdleBytes = float64(t.PacketsOut)/seconds, float64(t.BytesOut+t.StreamBytesOut)/seconds
	p.IdleStreams, p.IdleCPU = t.StreamsOpened, (m.cpu()-began).Seconds()/seconds
	return nil
}

// since is the traffic since a look at it.
func since(c *sim.Cluster, before virtual.Traffic) virtual.Traffic {
	t := c.Traffic()
	t.Sub(before)
	return t
}

// update lets random nodes publish, one after another.
func (m *measurement) update() error {
	c, p := m.cluster, m.point
	before := c.Traffic()
	for i := range updates {
		owner := c.Nodes()[c.Rand().IntN(p.Nodes)]
		s, err := m.meter.Publish(owner, types.StoreKey(fmt.Sprintf("key%d", i)), make([]byte, 32))
		if err != nil {
			return err
		}
		if err := m.pass(between); err != nil {
			return err
		}
		if _, _, err := m.until(100*time.Millisecond, s.Done); err != nil {
			return err
		}
		if last := s.Last(); last >= 0 {
			p.Updates = append(p.Updates, last.Seconds())
		}
	}
	t := since(c, before)
	idle := updates * between.Seconds()
	p.UpdatePackets = max(0, float64(t.PacketsOut)/float64(p.Nodes)-p.IdlePackets*idle) / updates
	p.UpdateBytes = max(0, float64(t.BytesOut+t.StreamBytesOut)/float64(p.Nodes)-p.IdleBytes*idle) / updates
	slices.Sort(p.Updates)
	return nil
}

// crash ends random nodes, one after another.
func (m *measurement) crash() error {
	c, p := m.cluster, m.point
	for range min(crashes, p.Nodes-2) {
		up := c.Up()
		victim, at := up[1+c.Rand().IntN(len(up)-1)], c.Now()
		victim.Crash()
		if _, _, err := m.until(500*time.Millisecond, c.InSync); err != nil {
			return err
		}
		d := m.meter.Detection(victim, at, c.Up())
		p.First, p.Full = append(p.First, d.First.Seconds()), append(p.Full, d.All.Seconds())
	}
	p.False = m.meter.False
	slices.Sort(p.First)
	slices.Sort(p.Full)
	return nil
}
