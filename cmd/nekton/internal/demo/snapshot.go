package demo

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// A Phase is what the demo has done with a node.
type Phase uint8

const (
	// PhasePlanned: not started yet.
	PhasePlanned Phase = iota
	// PhaseRunning: a member.
	PhaseRunning
	// PhaseKilled: its sockets were closed without a word.
	PhaseKilled
	// PhaseLeft: it left in peace.
	PhaseLeft
)

// String returns the name of the phase.
func (p Phase) String() string {
	switch p {
	case PhaseRunning:
		return "running"
	case PhaseKilled:
		return "killed"
	case PhaseLeft:
		return "left"
	}
	return "planned"
}

// A Held is the state in which a failure detector holds a member.
type Held uint8

const (
	// HeldUnknown: not a member there.
	HeldUnknown Held = iota
	HeldAlive
	HeldSuspect
	HeldDead
	HeldLeft
)

// String returns the word of the protocol.
func (h Held) String() string {
	switch h {
	case HeldAlive:
		return "alive"
	case HeldSuspect:
		return "suspect"
	case HeldDead:
		return "dead"
	case HeldLeft:
		return "left"
	}
	return "unknown"
}

// A Snapshot is what all nodes hold true at one moment, each for itself. Views
// draw it, and the steps of the story are judged by it.
type Snapshot struct {
	// At is the time since the demo began.
	At time.Duration
	// Nodes are all nodes of the plan, in its order.
	Nodes []NodeView
}

// A NodeView is one node, and what it sees.
type NodeView struct {
	ID         types.NodeId
	Domain     string
	Inactive   bool // its domain is
	Addr       string
	Generation uint64
	Phase      Phase
	// The rest is what the node itself says, and is empty unless it runs.

	// Own is its own status.
	Own types.NodeStatus
	// Health is its local health score; 0 is healthy.
	Health int
	// Peers are all nodes of the plan as this one sees them, itself included, in
	// the order of Snapshot.Nodes.
	Peers []PeerView
}

// A PeerView is one node as another sees it.
type PeerView struct {
	Status     types.NodeStatus
	Held       Held
	Generation uint64
	Values     types.StoreMap
}

// Node returns the view of one node; false if it is not in the plan.
func (s *Snapshot) Node(id types.NodeId) (*NodeView, int, bool) {
	for i := range s.Nodes {
		if s.Nodes[i].ID == id {
			return &s.Nodes[i], i, true
		}
	}
	return nil, 0, false
}

// running yields the nodes that run, with their places.
func (s *Snapshot) running() []int {
	var out []int
	for i := range s.Nodes {
		if s.Nodes[i].Phase == PhaseRunning {
			out = append(out, i)
		}
	}
	return out
}
