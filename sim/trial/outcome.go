package trial

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// An Outcome is what a trial has shown. Times are virtual, and count from the start of
// the trial unless they say otherwise.
type Outcome struct {
	Plan Plan
	// Formed is how long the nodes took until all agreed; negative: they did not.
	Formed time.Duration
	// Rested is how long, after the last fault and update, views took to agree again
	// and StoreMaps to be equal; negative: they did not.
	Rested time.Duration
	// Began and Ended bound the time in which the cluster was observed.
	Began, Ended time.Duration
	// Struck are the faults, as they came.
	Struck []Struck
	// Detections are the crashes: those of Crash and Vanish, in the order of the
	// faults.
	Detections []Detected
	// Updates are the updates that were followed.
	Updates []*sim.Spread
	// Samples are looks at the whole cluster.
	Samples []sim.Sample
	// Watched is what one node, the first, held of each member over time.
	Watched []Watched
	// Events counts what all nodes saw while the cluster was observed, False and
	// FalseHealthy the false failures; see [sim.Meter]. Nodes that a fault has struck
	// are not healthy until the longest suspicion is over after its end: a verdict on
	// them, or by them, may still be under way.
	Events              [swim.NumEventKinds]uint64
	False, FalseHealthy uint64
	// Traffic is what was sent while the cluster was observed. NodeSeconds is what it
	// is to be divided by.
	Traffic     virtual.Traffic
	NodeSeconds float64
	// Happened is how many things the simulator did in all.
	Happened uint64
	// Checks is how often each law was looked at, in the order of [sim.Laws]; nil if
	// the plan did not ask for it. Violation is the first one that was broken, or nil.
	Checks    []Check
	Violation *sim.Violation
	// Disagreement is why views did not agree in the end, or nil.
	Disagreement *sim.Disagreement
}

// OK reports whether the cluster formed and came to rest, and kept the laws.
func (o *Outcome) OK() bool { return o.Formed >= 0 && o.Rested >= 0 && o.Violation == nil }

// A Check is a law, and how often it was looked at.
type Check struct {
	Law   sim.Law
	Times uint64
}

// A Struck fault is what was done to whom, from when to when.
type Struck struct {
	Fault    Fault
	From, To time.Duration // To is the end of the trial if it did not end before
	Nodes    []types.NodeId
}

// A Detected crash.
type Detected struct {
	Node types.NodeId
	At   time.Duration
	// Suspected is when another node suspected it first, counted from At; negative:
	// never.
	Suspected time.Duration
	sim.Detection
}

// A Watched member as one node held it: State from At on.
type Watched struct {
	Node  types.NodeId
	At    time.Duration
	State swim.State
	Gone  bool // forgotten
}

// First and Full are the detection times of all crashes that were found, ascending.
func (o *Outcome) First() []time.Duration {
	return o.times(func(d *Detected) time.Duration { return d.First })
}

// Full is how long it took until everybody knew.
func (o *Outcome) Full() []time.Duration {
	return o.times(func(d *Detected) time.Duration { return d.All })
}

func (o *Outcome) times(of func(*Detected) time.Duration) []time.Duration {
	var out []time.Duration
	for i := range o.Detections {
		if t := of(&o.Detections[i]); t >= 0 {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return out
}

// Spreads are the times that each update took to reach its last node, ascending, and
// the number of updates that did not reach everybody.
func (o *Outcome) Spreads() (last []time.Duration, incomplete int) {
	for _, s := range o.Updates {
		if t := s.Last(); t >= 0 {
			last = append(last, t)
		} else if s.Asked > 0 {
			incomplete++
		}
	}
	slices.Sort(last)
	return last, incomplete
}
