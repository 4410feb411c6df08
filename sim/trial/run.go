package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Progress is told now and then how far a trial is: the phase, the virtual time in it,
// and how long it lasts or may last.
type Progress func(phase string, now, of time.Duration)

// leavePatience is how long a node that leaves waits for its peers.
const leavePatience = 5 * time.Second

// slice is how much virtual time passes between two looks at ctx.
const slice = 100 * time.Millisecond

// trial is a plan being carried out.
type trial struct {
	plan    Plan
	cluster *sim.Cluster
	meter   *sim.Meter
	checker *sim.Checker // nil: unchecked
	rand    *rand.Rand
	out     *Outcome
	busy    map[*sim.Node]bool          // something is wrong with it
	ill     map[*sim.Node]time.Duration // until when something counts as wrong with it
	crashes []crash
	tell    Progress
	value   []byte
	keys    int
}

type crash struct {
	node      *sim.Node
	at        time.Duration
	suspected time.Duration
}

// Run carries out a plan. The error is that of the plan, or of ctx; what the cluster
// did wrong is in the outcome.
func Run(ctx context.Context, plan Plan, tell Progress) (*Outcome, error) {
	if err := plan.Validate(); err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	plan = plan.WithDefaults()
	if tell == nil {
		tell = func(string, time.Duration, time.Duration) {}
	}
	t, err := prepare(plan, tell)
	if err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	if err := t.form(ctx); err != nil || t.out.Formed < 0 {
		return t.finish(), err
	}
	if err := t.observe(ctx); err != nil {
		return t.finish(), err
	}
	err = t.rest(ctx)
	return t.finish(), err
}

func prepare(plan Plan, tell Progress) (*trial, error) {
	cfg := sim.Config{Seed: plan.Seed, Intervals: plan.Intervals, Swim: plan.Swim, Quorum: plan.Quorum}
	if plan.HardStart {
		cfg.Network = plan.Network
	}
	c, err := sim.New(cfg)
	if err != nil {
		return nil, err
	}
	t := &trial{
		plan: plan, cluster: c, meter: sim.NewMeter(c), tell: tell, value: make([]byte, plan.Value),
		rand: rand.New(rand.NewPCG(plan.Seed, 0x747269616c)), busy: map[*sim.Node]bool{}, ill: map[*sim.Node]time.Duration{},
		out: &Outcome{Plan: plan, Formed: -1, Rested: -1},
	}
	if plan.Laws {
		t.checker = sim.NewChecker(c)
	}
	t.meter.Faulty = t.faulty
	c.Watch(t)
	return t, nil
}

// form starts the nodes, and waits until all agree.
func (t *trial) form(ctx context.Context) error {
	if _, err := t.cluster.Wave(t.plan.Nodes, t.plan.Join); err != nil {
		return err
	}
	for at := time.Duration(0); ; at += slice {
		t.tell("forming", at, t.plan.Join+t.plan.Patience)
		if t.plan.Join <= at && t.cluster.InSync() && len(t.cluster.Up()) == t.plan.Nodes {
			t.out.Formed = t.cluster.Now()
			return nil
		}
		if at >= t.plan.Join+t.plan.Patience || t.broken() {
			return nil
		}
		if err := t.pass(ctx, slice); err != nil {
			return err
		}
	}
}

// observe does what the plan says.
func (t *trial) observe(ctx context.Context) error {
	c := t.cluster
	t.out.Began = c.Now()
	t.meter.Reset()
	before := c.Traffic()
	if t.plan.Network != nil {
		c.Net = *t.plan.Network
	}
	stop := t.meter.Sample(t.plan.Sample)
	for _, f := range schedule(t.plan.Faults, t.plan.For) {
		c.After(f.At, func() { t.begin(f) })
	}
	end := c.Now() + t.plan.For
	if t.plan.Updates > 0 {
		c.Every(t.plan.Updates, func() bool { return t.update(end) })
	}
	for c.Now() < end && !t.broken() {
		t.tell("observing", c.Now()-t.out.Began, t.plan.For)
		if err := t.pass(ctx, min(slice, end-c.Now())); err != nil {
			return err
		}
	}
	stop()
	t.out.Ended = c.Now()
	t.out.Traffic = c.Traffic()
	t.out.Traffic.Sub(before)
	t.out.Events, t.out.False, t.out.FalseHealthy = t.meter.Counts, t.meter.False, t.meter.FalseHealthy
	t.out.Samples = t.meter.Samples
	for _, s := range t.out.Samples {
		t.out.NodeSeconds += float64(s.Up) * s.Span.Seconds()
	}
	return nil
}

// rest waits until views agree and StoreMaps are equal. The network stays as it is.
func (t *trial) rest(ctx context.Context) error {
	c := t.cluster
	start := c.Now()
	for at := time.Duration(0); at <= t.plan.Patience && !t.broken(); at += slice {
		t.tell("coming to rest", at, t.plan.Patience)
		if len(t.busy) == 0 && c.InSync() && c.Agreed() {
			t.out.Rested = c.Now() - start
			break
		}
		if err := t.pass(ctx, slice); err != nil {
			return err
		}
	}
	if t.checker != nil && t.out.Rested >= 0 && t.calm() {
		_ = t.checker.Calm(t.plan.Patience) // finish takes it from the checker
	}
	return nil
}

// calm reports whether nothing is wrong with the network, so that what is true
// eventually can be looked at.
func (t *trial) calm() bool {
	l := t.cluster.Net.Link
	return l.Loss == 0 && l.Duplicate == 0 && l.Reorder == 0
}

// broken reports whether a law was broken.
func (t *trial) broken() bool { return t.checker != nil && t.checker.Err() != nil }

// finish sums up.
func (t *trial) finish() *Outcome {
	o := t.out
	o.Happened = t.cluster.Happened()
	for _, cr := range t.crashes {
		o.Detections = append(o.Detections, Detected{
			Node: cr.node.Name, At: cr.at, Suspected: cr.suspected,
			Detection: t.meter.Detection(cr.node, cr.at, t.witnesses(cr)),
		})
	}
	for i := range o.Struck {
		if o.Struck[i].To == 0 {
			o.Struck[i].To = max(o.Ended, o.Struck[i].From)
		}
	}
	if o.Rested < 0 {
		o.Disagreement = t.cluster.Disagreement()
	}
	if t.checker != nil {
		counts := t.checker.Checks()
		for _, law := range sim.Laws() {
			o.Checks = append(o.Checks, Check{law, counts[law.Name]})
		}
		if violations := t.checker.Violations(); len(violations) > 0 {
			o.Violation = &violations[0]
		}
	}
	return o
}

// witnesses are those who ran through from a crash to the end, and had nothing wrong
// with them.
func (t *trial) witnesses(cr crash) []*sim.Node {
	var out []*sim.Node
	for _, n := range t.cluster.Up() {
		if n.Since() <= cr.at && !t.wasStruck(n, cr.at) {
			out = append(out, n)
		}
	}
	return out
}

// wasStruck reports whether something was wrong with a node after a time.
func (t *trial) wasStruck(n *sim.Node, since time.Duration) bool {
	for _, s := range t.out.Struck {
		if s.To != 0 && s.To < since {
			continue
		}
		for _, name := range s.Nodes {
			if name == n.Name {
				return true
			}
		}
	}
	return false
}

// pass lets virtual time pass, unless ctx has ended.
func (t *trial) pass(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	t.cluster.Run(d)
	return nil
}

// faulty reports whether something is wrong with a node, or was so lately that a verdict
// on it may still be under way.
func (t *trial) faulty(n *sim.Node) bool { return t.busy[n] || t.cluster.Now() < t.ill[n] }

// longestSuspicion is how long a suspect has that nobody else accuses.
func (t *trial) longestSuspicion() time.Duration {
	in := t.plan.Intervals
	most := t.plan.Swim.SuspicionMaxMult
	if most == 0 {
		most = defaultMaxMult
	}
	return swim.SuspicionTimeout(in.SuspicionMult, most, t.plan.Nodes, in.ProbeInterval, 0, 1)
}

// defaultMaxMult is the default of swim.Config.SuspicionMaxMult.
const defaultMaxMult = 6

// recover notes that all is well with a node.
func (t *trial) recover(n *sim.Node) {
	delete(t.busy, n)
	t.ill[n] = t.cluster.Now() + t.longestSuspicion()
}

// begin lets a fault strike.
func (t *trial) begin(f Fault) {
	nodes := pick(t.cluster, t.rand, f.count(t.plan.Nodes), t.busy)
	if len(nodes) == 0 {
		return
	}
	now := t.cluster.Now()
	s := Struck{Fault: f, From: now}
	for _, n := range nodes {
		s.Nodes = append(s.Nodes, n.Name)
		if f.Kind == Crash || f.Kind == Vanish {
			t.crashes = append(t.crashes, crash{node: n, at: now, suspected: -1})
		}
		if f.Kind != Restart {
			t.busy[n] = true
		}
	}
	t.out.Struck = append(t.out.Struck, s)
	index := len(t.out.Struck) - 1
	end := t.strike(f, nodes)
	over := func() {
		end()
		t.out.Struck[index].To = t.cluster.Now()
		for _, n := range nodes {
			t.recover(n)
		}
	}
	switch {
	case f.For > 0:
		t.cluster.After(f.For, over)
	case f.Kind == Crash || f.Kind == Vanish || f.Kind == Leave || f.Kind == Restart:
		for _, n := range nodes { // they are gone for good, and all is well without them
			t.recover(n)
		}
		t.out.Struck[index].To = now
	default:
		t.cluster.After(t.out.Began+t.plan.For-now, over)
	}
}

// restart brings a node back: its process was started again.
func (t *trial) restart(n *sim.Node) {
	if err := n.Restart(sim.Rebirth{}); err != nil {
		panic(err) // it does not run, and its address is its own
	}
}

// update lets a random node publish. It reports whether there are more to come.
func (t *trial) update(end time.Duration) bool {
	if t.cluster.Now() >= end {
		return false
	}
	up := t.cluster.Up()
	owner := up[t.rand.IntN(len(up))]
	if t.busy[owner] {
		return true // the next one
	}
	t.keys++
	for i := range t.value {
		t.value[i] = byte(t.rand.Uint32())
	}
	s, err := t.meter.Publish(owner, types.StoreKey(fmt.Sprintf("key%d", t.keys%keysPerNode)), t.value)
	if err == nil {
		t.out.Updates = append(t.out.Updates, s)
	}
	return true
}

// keysPerNode bounds the StoreMaps.
const keysPerNode = 8

// Observe is part of [sim.Observer]: the trial watches the first node's view, and who
// suspects whom first.
func (t *trial) Observe(n *sim.Node, e *sim.Event) {
	if e.Kind != node.EventMember {
		return
	}
	now := t.cluster.Now()
	if e.Member.Kind == swim.EventSuspected {
		for i := range t.crashes {
			if cr := &t.crashes[i]; cr.suspected < 0 && cr.node.Name == e.ID && n != cr.node {
				cr.suspected = now - cr.at
			}
		}
	}
	if n.Number() != 0 {
		return
	}
	switch e.Member.Kind {
	case swim.EventJoined, swim.EventRefuted:
		t.watched(e.ID, swim.Alive, false)
	case swim.EventSuspected:
		t.watched(e.ID, swim.Suspect, false)
	case swim.EventFailed:
		t.watched(e.ID, swim.Dead, false)
	case swim.EventLeft:
		t.watched(e.ID, swim.Left, false)
	case swim.EventForgotten:
		t.watched(e.ID, swim.Dead, true)
	}
}

func (t *trial) watched(id types.NodeId, state swim.State, gone bool) {
	if t.plan.Nodes <= maxWatched {
		t.out.Watched = append(t.out.Watched, Watched{id, t.cluster.Now(), state, gone})
	}
}

// maxWatched is how many members are watched one by one.
const maxWatched = 256

// Settled is part of [sim.Observer].
func (t *trial) Settled(*sim.Node) {}
