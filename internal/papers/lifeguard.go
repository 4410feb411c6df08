package papers

import (
	"math/rand/v2"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// The common set-up of Lifeguard's experiments (arXiv:1707.00788v2, §V): 128 agents, 15
// seconds to settle, C of them chosen at random become anomalous in lock-step: each blocks
// right before sending and right after receiving; at the end everything held is released.

const (
	agents       = 128
	settling     = 15 * time.Second
	longEnough   = 120 * time.Second // of a run
	lookInterval = 100 * time.Millisecond

	// perInput is how long an agent needs for one packet. In a quiet group it makes no
	// difference. But an agent that is let go for a millisecond cannot read what has
	// waited for seconds, and there most false positives of Lifeguard come from. The
	// paper does not say it; this is what a datagram with a few pieces of news costs a
	// program in Go that shares a machine.
	perInput = 30 * time.Microsecond
)

// A Fault is what an anomaly does to an agent. The paper does not say what the timers of
// a blocked agent do, so there are three.
type Fault string

const (
	// HeldStall stops the loops of the protocol at their first send, while suspicions
	// run out, as the structure of the paper's implementation suggests.
	HeldStall Fault = "held-stall"
	// HeldRun lets everything run but the network.
	HeldRun Fault = "held-run"
	// Pause freezes the whole process, as SIGSTOP does, or a suspended machine.
	Pause Fault = "pause"
)

// Faults are all of them. The order gives them their numbers.
func Faults() []Fault { return []Fault{HeldStall, HeldRun, Pause} }

// begin and end make a process anomalous, and let it go.
func (f Fault) begin(h *virtual.Host) {
	switch f {
	case HeldStall:
		h.Hold(virtual.HoldStall)
	case HeldRun:
		h.Hold(virtual.HoldRun)
	case Pause:
		h.Pause()
	}
}

func (f Fault) end(h *virtual.Host) {
	if f == Pause {
		h.Resume()
		return
	}
	h.Hold(virtual.HoldNothing)
}

// paperSWIM is the baseline of the Lifeguard paper.
func paperSWIM() Setup { return Setup{"SWIM", swim.PaperSWIM()} }

// paperLifeguard is the baseline with parts of Lifeguard.
func paperLifeguard(name string, parts swim.Components) Setup {
	return Setup{name, swim.PaperLifeguard(parts)}
}

// configurations are the five of tables IV to VI.
func configurations() []Setup {
	return []Setup{
		paperSWIM(),
		paperLifeguard("LHA-Probe", swim.LHAProbe),
		paperLifeguard("LHA-Suspicion", swim.LHASuspicion),
		paperLifeguard("Buddy System", swim.BuddySystem),
		paperLifeguard("Lifeguard", swim.FullLifeguard),
	}
}

// A trial is one run of the common set-up.
type trial struct {
	cluster   *sim.Cluster
	anomalous []*sim.Node
	healthy   []*sim.Node
	faulty    map[*sim.Node]bool
	meter     *sim.Meter
	fault     Fault
}

// trial forms the cluster, lets it settle, and chooses the anomalous.
func (s Setup) trial(seed uint64, members, anomalous int, f Fault) (*trial, error) {
	c, err := s.cluster(seed, members)
	if err != nil {
		return nil, err
	}
	for _, n := range c.Nodes() {
		if err := n.Start(c.Nodes()[0]); err != nil {
			return nil, err
		}
		n.Host().Slow = virtual.Constant(perInput)
	}
	c.Run(settling)
	t := &trial{cluster: c, fault: f, faulty: map[*sim.Node]bool{}}
	// The choice depends on the seed alone, and not on what the setup made of it.
	for i, j := range rand.New(rand.NewPCG(seed, 0x616e6f6d616c79)).Perm(members) {
		if n := c.Nodes()[j]; i < anomalous {
			t.anomalous, t.faulty[n] = append(t.anomalous, n), true
		} else {
			t.healthy = append(t.healthy, n)
		}
	}
	t.meter = sim.NewMeter(c)
	return t, nil
}

func (t *trial) begin() {
	for _, n := range t.anomalous {
		t.fault.begin(n.Host())
	}
}

func (t *trial) end() {
	for _, n := range t.anomalous {
		t.fault.end(n.Host())
	}
}

// record notes false positives by the definition of the paper, and the traffic since
// before: FP are events about agents that never were anomalous, FP- those of them at
// agents that never were.
func (t *trial) record(r *Record, before virtual.Traffic) {
	fp, healthy := 0, 0
	for _, f := range t.meter.Failures {
		if t.faulty[f.Subject] {
			continue
		}
		if fp++; !t.faulty[f.Observer] {
			healthy++
		}
	}
	now := t.cluster.Traffic()
	r.Add("fp", float64(fp))
	r.Add("fp-", float64(healthy))
	r.Add("messages", float64(now.PacketsOut-before.PacketsOut+now.FramesOut-before.FramesOut))
	r.Add("bytes", float64(now.BytesOut-before.BytesOut+now.StreamBytesOut-before.StreamBytesOut))
}

// A grid is a choice of points of the Interval experiment, and how often each is run.
type grid struct {
	anomalies, durations, intervals []int
	runs                            int
}

// The grid for every day leaves out anomalies of D = 128 and 512: nothing is declared
// failed there, whatever the configuration. The coarse one is for comparing many
// configurations, and that for faults where a run costs a minute; what is compared is
// compared at the same points.
func tinyGrid() grid  { return grid{[]int{8}, []int{16384}, []int{64}, 1} }
func dailyGrid() grid { return grid{[]int{4, 16, 32}, Durations()[2:], Intervals(), 1} }
func coarseGrid() grid {
	return grid{[]int{4, 16, 32}, []int{2048, 16384}, []int{1, 16, 1024}, 1}
}
func faultGrid() grid { return grid{[]int{4, 16}, []int{2048, 16384}, []int{16}, 1} }
func fullGrid() grid  { return grid{Anomalies(), Durations(), Intervals(), 10} }
