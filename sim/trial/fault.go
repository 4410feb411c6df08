package trial

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
)

// FaultKind is what is done to nodes.
type FaultKind string

const (
	// Crash ends processes without a word. They start again after For, if it is set.
	Crash FaultKind = "crash"
	// Vanish ends processes with the machines that they run on.
	Vanish FaultKind = "vanish"
	// Leave lets nodes leave in peace. They start again after For, if it is set.
	Leave FaultKind = "leave"
	// Restart restarts nodes one after another, evenly over For: a rolling restart.
	Restart FaultKind = "restart"
	// Pause freezes processes for a time.
	Pause FaultKind = "pause"
	// Block keeps processes from communicating for a time, while they run.
	Block FaultKind = "block"
	// Starve gives processes the processor for 10 ms now and then: after random waits
	// of half a second to one and a half. Source: Lifeguard §II, CPU exhaustion.
	Starve FaultKind = "starve"
	// Partition cuts nodes off from the others, in both directions, for a time.
	Partition FaultKind = "partition"
	// Mute cuts them off one way: they hear, and nobody hears them. Deafen is the other
	// way.
	Mute   FaultKind = "mute"
	Deafen FaultKind = "deafen"
	// Lossy loses four fifths of what goes to and from nodes for a time.
	Lossy FaultKind = "lossy"
)

// Kinds are all kinds of faults, in the order of their declaration.
func Kinds() []FaultKind {
	return []FaultKind{Crash, Vanish, Leave, Restart, Pause, Block, Starve, Partition, Mute, Deafen, Lossy}
}

// lossyLoss is what a lossy node loses in each direction. Source: Rapid (ATC 2018),
// figure 10.
const lossyLoss = 0.8

// A Fault is something that is done to a number of nodes at random.
type Fault struct {
	Kind FaultKind
	// Count is how many nodes, or Share which part of all, if it is set.
	Count int
	Share float64
	// For is how long it lasts. 0: until the trial is over, where that makes sense.
	For time.Duration
	// At is when it begins, after the cluster has formed. Negative: in its turn, with
	// the other faults that say so, evenly over the first two thirds of the trial.
	At time.Duration
}

// ParseFault reads a fault as a command line has it:
//
//	COUNT [x FOR] [@ AT]    "3", "16x8s", "1x20s@1m30s"; COUNT may be a share: "50%x1m"
func ParseFault(kind FaultKind, s string) (Fault, error) {
	f := Fault{Kind: kind, At: -1}
	bad := func(what string, err error) (Fault, error) {
		return Fault{}, fmt.Errorf("%s %q: %s: %w; write COUNT, COUNTxDURATION or COUNTxDURATION@TIME, such as 3, 16x8s, 50%%x1m@2m",
			kind, s, what, err)
	}
	rest, at, timed := strings.Cut(s, "@")
	var err error
	if timed {
		if f.At, err = time.ParseDuration(at); err != nil {
			return bad("time", err)
		}
	}
	count, span, lasting := strings.Cut(rest, "x")
	if lasting {
		if f.For, err = time.ParseDuration(span); err != nil {
			return bad("duration", err)
		}
	}
	if share, ok := strings.CutSuffix(count, "%"); ok {
		if f.Share, err = strconv.ParseFloat(share, 64); err != nil {
			return bad("share", err)
		}
		f.Share /= 100
	} else if f.Count, err = strconv.Atoi(count); err != nil {
		return bad("count", err)
	}
	return f, nil
}

// String is what ParseFault reads.
func (f Fault) String() string {
	s := strconv.Itoa(f.Count)
	if f.Share > 0 {
		s = strconv.FormatFloat(f.Share*100, 'g', -1, 64) + "%"
	}
	if f.For > 0 {
		s += "x" + f.For.String()
	}
	if f.At >= 0 {
		s += "@" + f.At.String()
	}
	return s
}

func (f Fault) validate(p Plan) error {
	known := slices.Contains(Kinds(), f.Kind)
	switch n := f.count(p.Nodes); {
	case !known:
		return fmt.Errorf("there is no kind %q; there are %q", f.Kind, Kinds())
	case f.Share < 0 || f.Share > 1:
		return fmt.Errorf("%s of %v of all", f.Kind, f.Share)
	case n < 1 || n > p.Nodes:
		return fmt.Errorf("%s of %d nodes of %d", f.Kind, n, p.Nodes)
	case n == p.Nodes && f.Kind != Restart && f.For == 0:
		return fmt.Errorf("%s of all nodes for good leaves nothing to observe", f.Kind)
	case f.For < 0 || f.At > p.For:
		return fmt.Errorf("%s is not within the %v of the trial", f.Kind, p.For)
	}
	return nil
}

// count is how many of n nodes it hits.
func (f Fault) count(n int) int {
	if f.Share > 0 {
		return max(1, int(f.Share*float64(n)+0.5))
	}
	return f.Count
}

// schedule gives every fault its time.
func schedule(faults []Fault, span time.Duration) []Fault {
	out := slices.Clone(faults)
	waiting := 0
	for _, f := range out {
		if f.At < 0 {
			waiting++
		}
	}
	turn := 0
	for i := range out {
		if out[i].At < 0 {
			turn++
			out[i].At = span * 2 / 3 * time.Duration(turn) / time.Duration(waiting+1)
		}
	}
	return out
}

// strike does a fault to nodes, and returns what ends it.
func (t *trial) strike(f Fault, nodes []*sim.Node) (end func()) {
	c := t.cluster
	hosts := hostsOf(nodes)
	each := func(do func(*sim.Node)) {
		for _, n := range nodes {
			do(n)
		}
	}
	again := func() {
		each(func(n *sim.Node) {
			if !n.Running() {
				t.restart(n)
			}
		})
	}
	switch f.Kind {
	case Crash:
		each((*sim.Node).Crash)
		return again
	case Vanish:
		each((*sim.Node).Vanish)
		return again
	case Leave:
		each(func(n *sim.Node) { _ = n.Leave(leavePatience) }) // one that does not run has left
		return again
	case Restart:
		for i, n := range nodes {
			c.After(f.For*time.Duration(i)/time.Duration(len(nodes)), func() {
				n.Crash()
				t.restart(n)
			})
		}
		return func() {}
	case Pause:
		each(func(n *sim.Node) { n.Host().Pause() })
		return func() { each(func(n *sim.Node) { n.Host().Resume() }) }
	case Block:
		each(func(n *sim.Node) { n.Host().Hold(virtual.HoldRun) })
		return func() { each(func(n *sim.Node) { n.Host().Hold(virtual.HoldNothing) }) }
	case Starve:
		var stops []func()
		each(func(n *sim.Node) {
			stops = append(stops, n.Host().Starve(10*time.Millisecond, virtual.Uniform{Min: 500 * time.Millisecond, Max: 1500 * time.Millisecond}))
		})
		return func() {
			for _, stop := range stops {
				stop()
			}
		}
	case Lossy:
		return t.lossy(hosts)
	default:
		return t.cut(f.Kind, hosts)
	}
}

// lossy makes hosts lose most of what they send and receive.
func (t *trial) lossy(hosts []*virtual.Host) (end func()) {
	for _, h := range hosts {
		h.In.Loss, h.Out.Loss = lossyLoss, lossyLoss
	}
	return func() {
		for _, h := range hosts {
			h.In.Loss, h.Out.Loss = 0, 0
		}
	}
}

// cut separates hosts from all others.
func (t *trial) cut(kind FaultKind, hosts []*virtual.Host) (end func()) {
	var others []*virtual.Host
	for _, n := range t.cluster.Nodes() {
		if h := n.Host(); h != nil && !slices.Contains(hosts, h) {
			others = append(others, h)
		}
	}
	var cuts []*virtual.Cut
	if kind != Deafen {
		cuts = append(cuts, t.cluster.Cut(hosts, others))
	}
	if kind != Mute {
		cuts = append(cuts, t.cluster.Cut(others, hosts))
	}
	return func() {
		for _, c := range cuts {
			c.Heal()
		}
	}
}

func hostsOf(nodes []*sim.Node) []*virtual.Host {
	hosts := make([]*virtual.Host, len(nodes))
	for i, n := range nodes {
		hosts[i] = n.Host()
	}
	return hosts
}

// pick chooses nodes that nothing is wrong with. The first node, through which all
// others join, is never chosen while there are others.
func pick(c *sim.Cluster, r *rand.Rand, count int, busy map[*sim.Node]bool) []*sim.Node {
	var fit []*sim.Node
	for _, n := range c.Up() {
		if !busy[n] && n.Number() > 0 {
			fit = append(fit, n)
		}
	}
	r.Shuffle(len(fit), func(i, j int) { fit[i], fit[j] = fit[j], fit[i] })
	if first := c.Nodes()[0]; len(fit) < count && !busy[first] && first.Up() {
		fit = append(fit, first)
	}
	return fit[:min(count, len(fit))]
}
