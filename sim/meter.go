package sim

import (
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Meter observes a cluster and measures it: who was declared failed, rightly or
// not, and when; how news spread; what it cost. It notes facts; what counts as false
// is for the experiment to say, since only it knows what it did.
//
// Source of the metrics: SWIM §5, Lifeguard §V-D.
type Meter struct {
	// Failures are all events in which a node declared another one failed.
	Failures []Failure
	// Counts are all events of members, by kind.
	Counts [swim.NumEventKinds]uint64
	// False counts the failures of nodes that ran and were not frozen at the moment;
	// FalseHealthy those of them that a node declared that was not frozen either. The
	// terms of the Lifeguard paper are FP and FP-.
	False, FalseHealthy uint64
	// Doubted counts the suspicions of nodes that ran and were not frozen, Cleared
	// those that were refuted.
	Doubted, Cleared uint64
	// Samples are what [Meter.Sample] has noted.
	Samples []Sample
	// Faulty, if set, says of which nodes the experiment knows that something is wrong
	// with them; they count as frozen.
	Faulty func(*Node) bool

	cluster *Cluster
	spreads map[types.NodeId][]*Spread // that are still under way
	sampler sampler
}

// A Failure is one node's verdict about another one.
type Failure struct {
	At                time.Duration
	Observer, Subject *Node
	// SubjectUp and SubjectFrozen: what was true of the subject at the moment;
	// ObserverFrozen of the observer. Frozen is paused, held, or Faulty.
	SubjectUp, SubjectFrozen, ObserverFrozen bool
}

// NewMeter returns a meter that watches a cluster from now on.
func NewMeter(c *Cluster) *Meter {
	m := &Meter{cluster: c, spreads: map[types.NodeId][]*Spread{}}
	c.Watch(m)
	return m
}

// Observe is part of [Observer].
func (m *Meter) Observe(n *Node, e *Event) {
	switch e.Kind {
	case node.EventStore:
		if len(m.spreads) > 0 {
			m.noteStore(n, e.ID)
		}
	case node.EventMember, node.EventTraffic:
		m.Counts[e.Member.Kind]++
		switch e.Member.Kind {
		case swim.EventFailed:
			m.noteFailure(n, m.cluster.Holder(e.ID))
		case swim.EventSuspected:
			if m.well(m.cluster.Holder(e.ID)) {
				m.Doubted++
			}
		case swim.EventRefuted:
			if m.well(m.cluster.Holder(e.ID)) {
				m.Cleared++
			}
		}
	}
}

// Settled is part of [Observer].
func (m *Meter) Settled(*Node) {}

func (m *Meter) noteFailure(observer, subject *Node) {
	if subject == nil {
		return // a name that nobody here has, as in forged news
	}
	f := Failure{
		At: m.cluster.Now(), Observer: observer, Subject: subject,
		SubjectUp: subject.Up(), SubjectFrozen: m.frozen(subject), ObserverFrozen: m.frozen(observer),
	}
	m.Failures = append(m.Failures, f)
	if f.SubjectUp && !f.SubjectFrozen {
		m.False++
		if !f.ObserverFrozen {
			m.FalseHealthy++
		}
	}
}

// well reports whether a node runs and is not frozen. A name that nobody has is not well.
func (m *Meter) well(n *Node) bool { return n != nil && n.Up() && !m.frozen(n) }

func (m *Meter) frozen(n *Node) bool { return n.Frozen() || m.Faulty != nil && m.Faulty(n) }

// Frozen reports whether the process is paused or held.
func (n *Node) Frozen() bool {
	return n.Running() && (n.host.Paused() || n.host.Held() != 0)
}

// A Detection is how the failure of one node became known.
type Detection struct {
	// First is the time from the fault to the first other node's verdict, All to
	// the last of those asked; each negative if there was none.
	First, All time.Duration
	// Missing is how many of those asked have given no verdict.
	Missing int
}

// Detection is how the failure of a node at a time became known to others. Source:
// Lifeguard §V-D: first detection and full dissemination.
func (m *Meter) Detection(subject *Node, since time.Duration, others []*Node) Detection {
	verdict := make(map[*Node]time.Duration, len(others)) // each node's first
	d := Detection{First: -1, All: -1}
	for _, f := range m.Failures {
		if f.Subject != subject || f.At < since || f.Observer == subject {
			continue
		}
		if d.First < 0 {
			d.First = f.At - since
		}
		if _, again := verdict[f.Observer]; !again {
			verdict[f.Observer] = f.At - since
		}
	}
	for _, o := range others {
		if o == subject {
			continue
		}
		if at, ok := verdict[o]; ok {
			d.All = max(d.All, at)
		} else {
			d.Missing++
		}
	}
	if d.Missing > 0 {
		d.All = -1
	}
	return d
}

// Reset forgets everything but what is still under way.
func (m *Meter) Reset() {
	m.Failures, m.Samples = nil, nil
	clear(m.Counts[:])
	m.False, m.FalseHealthy, m.Doubted, m.Cleared = 0, 0, 0, 0
}
