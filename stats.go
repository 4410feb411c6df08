package nekton

import (
	"maps"
	"sync/atomic"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// A Phase is where a node is in its life.
type Phase uint8

const (
	// PhaseIdle: never started.
	PhaseIdle Phase = iota
	// PhaseWaiting: started, without sockets, because its own failure domain is
	// inactive, or because they are just being opened.
	PhaseWaiting
	// PhaseRunning: a member of the cluster, with sockets.
	PhaseRunning
	// PhaseStopping: a Stop is under way.
	PhaseStopping
	// PhaseStopped: was started and stopped.
	PhaseStopped
)

var phases = [...]string{"idle", "waiting", "running", "stopping", "stopped"}

// String returns one lower-case word.
func (p Phase) String() string {
	if int(p) < len(phases) {
		return phases[p]
	}
	return "unknown"
}

// Quorum is the count behind the own status.
type Quorum struct {
	Members int // quorum members that count
	Alive   int // of those, how many are held alive, ourselves included
	Needed  int // how many have to be; 0 with QUORUM_PROVIDER_NOOP
}

// Stats is one consistent picture of a node: everything but the counters of
// sockets and streams is of the same moment.
type Stats struct {
	At         time.Time // wall clock
	Node       types.NodeId
	Cluster    string
	Version    string
	Domain     string
	Generation uint64
	Phase      Phase

	Status types.NodeStatus // the own one
	Quorum Quorum
	// Nodes counts the known nodes by status, ourselves included.
	Nodes map[types.NodeStatus]int
	// CutOff: we hear from nobody.
	CutOff bool

	// Protocol holds the counters and gauges of the protocol: probes, acks,
	// nacks, suspicions, refutations, queues, local health, messages by kind and
	// direction, drops by reason, push-pulls by outcome. They begin anew whenever
	// sockets are opened, and stay after Stop.
	Protocol swim.Stats
	// RoundTrips are those of direct probes.
	RoundTrips Histogram
	// PushPulls are the exchanges that ended, ours and others', by duration, and
	// their bytes.
	PushPulls PushPullStats
	// Store holds the counters and gauges of the StoreMap.
	Store store.Stats
	// Packets and Streams are the counters of sockets and of the pool of streams.
	// They begin anew whenever sockets are opened, and stay after Stop.
	Packets transport.Stats
	Streams transport.StreamStats

	// RefusedValues counts values that UpdateSelf, SetSelf and Update did not
	// take: without an encoding, or over a limit.
	RefusedValues uint64
	// UndecodableValues counts how often a value was read that this node cannot
	// decode, see [Undecodable].
	UndecodableValues uint64
	// LostStates counts push-pulls on memberlist's wire whose values could not be read:
	// malformed, or with a value of a type that is not registered here.
	LostStates uint64
	// LostEvents counts events that subscribers did not get.
	LostEvents uint64
	// Subscribers is how many subscriptions there are.
	Subscribers int
}

// PushPullStats measures exchanges. How many moved something, moved nothing,
// failed or were refused is in [Stats.Protocol].
type PushPullStats struct {
	Durations Histogram
	// BytesIn and BytesOut are those of frames, without their headers; the few of
	// stream pings that others open are included.
	BytesIn, BytesOut uint64
}

// counts are the counters that are moved outside the lock.
type counts struct {
	refused, undecodable, lost atomic.Uint64
	lostStates                 atomic.Uint64
	pushPullIn, pushPullOut    atomic.Uint64
}

// measured are the measurements that are guarded by the lock.
type measured struct {
	roundTrips histogram
	pushPulls  histogram
	former     *former // nil until a run with sockets is over
}

// former is what the latest run that had sockets came to.
type former struct {
	protocol swim.Stats
	packets  transport.Stats
	streams  transport.StreamStats
}

// Stats returns a picture of the node. It costs O(members + known nodes).
func (n *Node) Stats() Stats {
	n.mu.Lock()
	s := n.core.Stats()
	out := Stats{
		At: n.wall(), Node: n.id, Cluster: n.cluster, Version: n.version, Domain: n.core.SelfDomain(),
		Generation: n.generation, Phase: n.phaseNow(), Status: s.Status,
		Quorum: Quorum{Members: s.Quorum.Members, Alive: s.Quorum.Alive, Needed: s.Quorum.Needed},
		Nodes:  maps.Clone(s.Known), CutOff: s.CutOff, Protocol: s.Swim, Store: s.Store,
		RoundTrips: n.measured.roundTrips.snapshot(roundTripBounds[:]), Subscribers: n.listeners,
		PushPulls: PushPullStats{Durations: n.measured.pushPulls.snapshot(pushPullBounds[:])},
	}
	r := n.run
	if f := n.measured.former; f != nil {
		out.Packets, out.Streams = f.packets, f.streams
		if !s.Open {
			out.Protocol = f.protocol
		}
	}
	var streams *transport.Streams
	var carrier transport.Transport
	if r != nil && r.streams != nil {
		streams, carrier = r.streams, r.transport
	}
	n.mu.Unlock()

	if streams != nil {
		out.Packets, out.Streams = carrier.Stats(), streams.Stats()
	}
	out.PushPulls.BytesIn, out.PushPulls.BytesOut = n.counts.pushPullIn.Load(), n.counts.pushPullOut.Load()
	out.RefusedValues, out.UndecodableValues = n.counts.refused.Load(), n.counts.undecodable.Load()
	out.LostEvents, out.LostStates = n.counts.lost.Load(), n.counts.lostStates.Load()
	return out
}

// phaseNow is called with mu held.
func (n *Node) phaseNow() Phase {
	switch {
	case n.phase == phaseRunning && n.core.IsOpen():
		return PhaseRunning
	case n.phase == phaseRunning:
		return PhaseWaiting
	case n.phase == phaseStopping:
		return PhaseStopping
	case n.phase == phaseStopped:
		return PhaseStopped
	}
	return PhaseIdle
}
