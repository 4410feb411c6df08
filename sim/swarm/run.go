package swarm

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Result is what came of a run.
type Result struct {
	// Err is the law that was broken, a *sim.Violation; or what panicked, a *Panic.
	Err error
	// Took is the virtual time, NodeTime the sum over nodes of how long they ran.
	Took, NodeTime time.Duration
	// Happened is how many things have happened.
	Happened uint64
	// Checks is how often each law was looked at.
	Checks map[string]uint64
}

// A Panic is a run that ended in one.
type Panic struct {
	Value any
	Stack string
}

// Error is the value.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Name is what was broken, in a word: a law, or "panic"; empty if nothing was.
func (r *Result) Name() string {
	switch err := r.Err.(type) {
	case nil:
		return ""
	case *sim.Violation:
		return err.Law
	case *Panic:
		return "panic"
	}
	return "error"
}

// The end of every run.
const (
	calmLimit  = 40 * time.Minute // until all agree
	afterwards = 10 * time.Second // until the queues of slow uplinks are empty
	// maxEvents ends a run that keeps itself busy. A usual one has some ten thousand.
	maxEvents = 5_000_000
)

// Run lets a scenario happen. When the last action is over, everything that is wrong
// ends, and all must come to agree; then one node says goodbye, all must come to agree
// on that, and rest.
//
// The trace, if not nil, gets a line for every action and for every event of every node.
func Run(s Scenario, trace *Trace) (result Result) {
	defer func() {
		if v := recover(); v != nil {
			result.Err = &Panic{v, string(debug.Stack())}
		}
	}()
	r, err := newRunner(s, trace)
	if err != nil {
		return Result{Err: err}
	}
	result.Err = r.run()
	result.Took, result.Happened, result.Checks = r.c.Now(), r.c.Happened(), r.k.Checks()
	result.NodeTime = r.nodeTime
	return result
}

// runner is one run.
type runner struct {
	s        Scenario
	c        *sim.Cluster
	k        *sim.Checker
	nodes    []*sim.Node // who has each number now: of a zombie, the successor
	gens     []uint64
	faults   []*fault
	zombies  int
	nodeTime time.Duration
	trace    *Trace
}

func newRunner(s Scenario, trace *Trace) (*runner, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	c, err := sim.New(s.config())
	if err != nil {
		return nil, err
	}
	r := &runner{s: s, c: c, k: sim.NewChecker(c), trace: trace}
	c.Watch(application{r})
	if trace != nil {
		r.watch()
	}
	for i := range s.Nodes {
		if err := r.add(i); err != nil {
			return nil, err
		}
	}
	c.UpdateCluster()
	return r, nil
}

// add makes node number i.
func (r *runner) add(i int) error {
	n, err := r.c.Add(types.NodeId("n"+strconv.Itoa(i)), r.s.nodeConfig(i))
	if err != nil {
		return err
	}
	r.nodes = append(r.nodes, n)
	r.gens = append(r.gens, 1)
	return nil
}

// startGap is the time from the start of one node to that of the next.
const startGap = 50 * time.Millisecond

func (r *runner) run() error {
	for i, n := range r.nodes {
		r.c.After(time.Duration(i)*startGap, func() { _ = n.Start(r.nodes[0]) })
	}
	for _, a := range r.s.Actions {
		r.c.After(a.At, func() { r.act(&a) })
	}
	if err := r.pass(r.s.End() + startGap*time.Duration(len(r.nodes))); err != nil {
		return err
	}
	r.tell("the end of all trouble")
	r.calm()
	if err := r.pass(afterwards); err != nil {
		return err
	}
	if err := r.k.Agreement(calmLimit); err != nil {
		return err
	}
	r.tell("all agree")
	if err := r.depart(); err != nil {
		return err
	}
	r.tell("all agree again")
	return r.k.Rest()
}

// pass lets time pass, as long as no law is broken.
func (r *runner) pass(d time.Duration) error {
	for end := r.c.Now() + d; r.c.Now() < end; {
		step := min(time.Second, end-r.c.Now())
		r.nodeTime += step * time.Duration(len(r.nodes))
		r.c.Run(step)
		if err := r.k.Err(); err != nil {
			return err
		}
		if r.c.Happened() > maxEvents {
			return fmt.Errorf("%d things happened within %v", r.c.Happened(), r.c.Now())
		}
	}
	return nil
}

// calm ends what has no end of its own: everybody's seed is there again.
func (r *runner) calm() {
	for _, f := range r.faults {
		f.over = true
	}
	r.applyFaults()
	r.c.HealAll()
	for _, n := range r.c.Nodes() {
		if h := n.Host(); h != nil {
			h.Resume()
			h.Hold(0)
			h.Slow = nil
		}
	}
	r.c.SetActive(r.nodes[0].Domain(), true)
	if !r.nodes[0].Running() {
		r.restart(0, sim.Rebirth{})
	}
}

// depart lets one node say goodbye, if others remain.
func (r *runner) depart() error {
	up := r.c.Up()
	if len(up) < 3 {
		return nil
	}
	if err := r.pass(600 * time.Millisecond); err != nil {
		return err
	}
	n := up[1+int(r.s.Seed%uint64(len(up)-1))]
	r.tell("leave %s", n.Name)
	if err := n.Leave(time.Minute); err != nil {
		return err
	}
	if err := r.pass(4 * r.c.Config().Protocol().ProbeTimeout); err != nil {
		return err
	}
	return r.k.Agreement(calmLimit)
}

// application stands for whoever starts the nodes: one that is not let in, or whose name
// another has, is ended.
type application struct{ r *runner }

// Observe is part of [sim.Observer].
func (a application) Observe(n *sim.Node, e *sim.Event) {
	var refused *swim.RefusedError
	if !errors.As(e.Member.Err, &refused) {
		return
	}
	// Who could not join, and begins alone, learns only later that its name is taken.
	if taken := e.Member.Kind == swim.EventExchanged && refused.Reason == swim.RefusedName; taken || e.Kind == node.EventJoinDone {
		host := n.Host()
		a.r.c.After(0, func() {
			if n.Host() == host {
				a.r.tell("%s gives up", n.Name)
				n.Crash()
			}
		})
	}
}

// Settled is part of [sim.Observer].
func (application) Settled(*sim.Node) {}

// tell writes a line of the trace.
func (r *runner) tell(format string, args ...any) {
	if r.trace != nil {
		fmt.Fprintf(r.trace.Out, "%10.3f  -- %s\n", r.c.Now().Seconds(), fmt.Sprintf(format, args...))
	}
}
