package sim

import (
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Sample is one look at the whole cluster, and what has happened since the one
// before.
type Sample struct {
	// At is when, Span how long it covers.
	At, Span time.Duration
	// Up is how many nodes take part.
	Up int
	// Listed is how many members the nodes that are up list; Views how many different
	// numbers of them there are. Source: Rapid (ATC 2018), table 1.
	Listed Distribution[int]
	Views  int
	// InQuorum is how many of them are UP by their own account, in a cluster that is
	// configured for quorum.
	InQuorum int
	// Packets, Bytes and StreamBytes are what each process sent, per second. Bytes of
	// payload.
	Packets, Bytes, StreamBytes Distribution[float64]
	// Streams were opened by all together.
	Streams uint64
	// Suspected, Refuted, Failed and Joined are events at all nodes together; the others
	// are as in [Meter].
	Suspected, Refuted, Failed, Joined    uint64
	False, FalseHealthy, Doubted, Cleared uint64
	// Queued is the longest queue of news at any node, Health the worst local health.
	Queued, Health int
}

// sampler remembers where the last sample ended.
type sampler struct {
	traffic []virtual.Traffic // by the number of the host
	counts  [swim.NumEventKinds]uint64
	totals  totals
	at      time.Duration
}

// totals are the meter's own counters.
type totals struct{ false, healthy, doubted, cleared uint64 }

func (m *Meter) totals() totals { return totals{m.False, m.FalseHealthy, m.Doubted, m.Cleared} }

// Sample notes a sample now, and every interval from now on, until stop is called.
func (m *Meter) Sample(interval time.Duration) (stop func()) {
	m.sampler = sampler{at: m.cluster.Now(), counts: m.Counts, totals: m.totals()}
	m.noteTraffic(nil)
	on := true
	m.cluster.Every(interval, func() bool {
		if on {
			m.Samples = append(m.Samples, m.sample())
		}
		return on
	})
	return func() { on = false }
}

// sample looks at the cluster.
func (m *Meter) sample() Sample {
	c, last := m.cluster, &m.sampler
	s := Sample{
		At: c.Now(), Span: c.Now() - last.at,
		Suspected: m.Counts[swim.EventSuspected] - last.counts[swim.EventSuspected],
		Refuted:   m.Counts[swim.EventRefuted] - last.counts[swim.EventRefuted],
		Failed:    m.Counts[swim.EventFailed] - last.counts[swim.EventFailed],
		Joined:    m.Counts[swim.EventJoined] - last.counts[swim.EventJoined],
		False:     m.False - last.totals.false, FalseHealthy: m.FalseHealthy - last.totals.healthy,
		Doubted: m.Doubted - last.totals.doubted, Cleared: m.Cleared - last.totals.cleared,
	}
	var listed []int
	views := map[int]struct{}{}
	for _, n := range c.nodes {
		if !n.Up() {
			continue
		}
		s.Up++
		alive := n.core.Alive()
		listed = append(listed, alive)
		views[alive] = struct{}{}
		if c.cfg.Quorum && n.core.SelfStatus() == types.NODE_STATUS_UP {
			s.InQuorum++
		}
		s.Queued, s.Health = max(s.Queued, n.core.Queued()), max(s.Health, n.core.Health())
	}
	s.Listed, s.Views = Distribute(listed), len(views)
	m.noteTraffic(&s)
	last.at, last.counts, last.totals = c.Now(), m.Counts, m.totals()
	return s
}

// noteTraffic sums up what every process sent since the last sample.
func (m *Meter) noteTraffic(s *Sample) {
	hosts, last := m.cluster.Hosts(), &m.sampler
	for len(last.traffic) < len(hosts) {
		last.traffic = append(last.traffic, virtual.Traffic{})
	}
	var packets, bytes, stream []float64
	for i, h := range hosts {
		before, now := last.traffic[i], h.Traffic
		last.traffic[i] = now
		if s == nil || h.Gone() && now == before {
			continue
		}
		seconds := s.Span.Seconds()
		packets = append(packets, float64(now.PacketsOut-before.PacketsOut)/seconds)
		bytes = append(bytes, float64(now.BytesOut-before.BytesOut)/seconds)
		stream = append(stream, float64(now.StreamBytesOut-before.StreamBytesOut)/seconds)
		s.Streams += now.StreamsOpened - before.StreamsOpened
	}
	if s != nil {
		s.Packets, s.Bytes, s.StreamBytes = Distribute(packets), Distribute(bytes), Distribute(stream)
	}
}

// Traffic is what all processes together have sent and received so far.
func (c *Cluster) Traffic() virtual.Traffic {
	var sum virtual.Traffic
	for _, h := range c.Hosts() {
		sum.Add(h.Traffic)
	}
	return sum
}
