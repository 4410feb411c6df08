package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Node is a member under one name, in all its lives. Its commands take effect as
// soon as its process runs: now, unless it is paused.
type Node struct {
	// Name is its id.
	Name types.NodeId

	cluster    *Cluster
	cfg        NodeConfig
	codec      swim.Codec // of nekton's wire
	table      swim.Codec // of memberlist's, if it speaks nothing else
	number     int
	core       *node.Node    // of the latest life
	host       *virtual.Host // of the latest life; nil before the first
	generation uint64
	addr       netip.AddrPort
	starts     int
	seeds      []*Node
	joinTries  int
	joined     bool // a Join has succeeded in this life
	leaving    bool
	dismissed  bool
	left       bool          // the latest life ended by leaving
	since      time.Duration // of the latest life
	leftAt     time.Duration // when it was told to leave
	lastLeave  time.Duration // how long it took
	rand       *rand.Rand    // of the latest life
}

// create makes a state machine for a new life.
func (n *Node) create() error {
	cfg, params := n.cluster.cfg, n.params()
	if params.Records == nil {
		params.Records = n.cluster.records
	}
	own := node.Config{
		ID: n.ID(), Generation: n.generation, Domain: n.cfg.Domain,
		ClusterID: n.clusterID(), Version: n.version(),
		Intervals: n.intervals(), Swim: params, Store: cfg.Store, Probation: cfg.Probation,
	}
	n.speak(&own)
	now, wall := n.clocks()
	core, err := node.New(own, now, wall)
	if err != nil {
		return err
	}
	n.core = core
	return nil
}

// intervals are the pace of the node.
func (n *Node) intervals() types.GossipIntervals {
	if n.cfg.Intervals != nil {
		return *n.cfg.Intervals
	}
	return n.cluster.cfg.Intervals
}

// params are the parameters of its protocol that the intervals do not give.
func (n *Node) params() swim.Config {
	if n.cfg.Swim != nil {
		return *n.cfg.Swim
	}
	return n.cluster.cfg.Swim
}

// protocol is both together.
func (n *Node) protocol() swim.Config {
	cfg := node.Config{Intervals: n.intervals(), Swim: n.params()}
	n.speak(&cfg)
	return cfg.Protocol()
}

func (n *Node) clusterID() string {
	if n.cfg.ClusterID != "" {
		return n.cfg.ClusterID
	}
	return n.cluster.cfg.ClusterID
}

func (n *Node) version() string {
	if n.cfg.Version != "" {
		return n.cfg.Version
	}
	return n.cluster.cfg.Version
}

// clocks are what the node's clocks read, whether it runs or not.
func (n *Node) clocks() (now time.Duration, wall time.Time) {
	if n.host != nil {
		return n.host.Now(), n.host.Wall()
	}
	return n.cluster.Now(), virtual.Epoch().Add(n.cluster.Now() + n.cfg.Clock.Skew)
}

// Start starts the process, and joins the cluster through seeds. Without seeds, or
// with itself as the only one, it begins a cluster. Starting again after Stop, Leave or
// Crash is a restart: [Node.Restart] says more about it. The error is a *StateError if
// the node runs.
func (n *Node) Start(seeds ...*Node) error {
	if n.Running() {
		return &StateError{n.Name, "start", "runs"}
	}
	if n.starts > 0 {
		if err := n.create(); err != nil {
			return fmt.Errorf("sim: node %q: %w", n.Name, err)
		}
	}
	host, err := n.cluster.World.Add(n.addr, n.machine())
	if err != nil {
		return fmt.Errorf("sim: node %q: %w", n.Name, err)
	}
	host.Data, host.Clock = n, n.cfg.Clock
	n.host, n.seeds, n.joinTries = host, seeds, 0
	n.joined, n.leaving, n.left, n.since = false, false, false, n.cluster.Now()
	n.starts++
	n.rand = rand.New(rand.NewPCG(n.cluster.rand.Uint64(), uint64(n.number)))
	var failed error
	host.Do(func(now time.Duration) { failed = n.open(now) })
	if failed != nil {
		host.Crash()
		return fmt.Errorf("sim: node %q: %w", n.Name, failed)
	}
	n.join()
	return nil
}

// open makes the state machine a member of a group of one.
func (n *Node) open(now time.Duration) error {
	c := n.cluster
	err := n.core.Start(node.StartConfig{Provider: c.cfg.Provider, ActiveMap: c.active()})
	if err != nil {
		return err
	}
	if c.cfg.Quorum {
		n.core.UpdateCluster(now, c.peers())
	}
	if !n.core.ShouldOpen() {
		return nil // its domain is inactive: it waits
	}
	return n.openNow(now)
}

// openNow gives the state machine its sockets.
func (n *Node) openNow(now time.Duration) error {
	o, err := n.opening()
	if err != nil {
		return err
	}
	return n.core.Open(now, o)
}

// seedAddrs are where the seeds live now, ourselves left out.
func (n *Node) seedAddrs() []netip.AddrPort {
	var addrs []netip.AddrPort
	for _, s := range n.seeds {
		if s != n {
			addrs = append(addrs, s.addr)
		}
	}
	return addrs
}

// join tries all seeds.
func (n *Node) join() {
	addrs := n.seedAddrs()
	if len(addrs) == 0 {
		n.joined = true
		return
	}
	n.host.Do(func(now time.Duration) {
		_, _ = n.core.Join(now, addrs) // not open: it waits for its domain
	})
}

// The façade's patience with seeds that are busy.
const (
	busyTries = 7
	busyPause = 50 * time.Millisecond
)

// follow does what the façade or the application does about an event.
func (n *Node) follow(e *Event) {
	switch e.Kind {
	case node.EventJoinDone:
		if e.Member.Err == nil {
			n.joined = true
		} else if n.joinTries++; n.joinTries < busyTries && errors.Is(e.Member.Err, virtual.ErrClosed) {
			pause := busyPause << (n.joinTries - 1)
			host := n.host
			n.cluster.After(pause/4+time.Duration(n.rand.Int64N(int64(pause)*3/4)), func() {
				if n.host == host && n.Running() {
					n.join()
				}
			})
		}
	case node.EventLeaveAcked:
		if n.leaving {
			n.close(true)
		}
	}
}

// Leave lets the node say goodbye, and ends the process when enough peers have
// acknowledged it, or after a patience.
func (n *Node) Leave(patience time.Duration) error {
	if !n.Up() {
		return &StateError{n.Name, "stop", "does not take part"}
	}
	n.leaving, n.leftAt = true, n.cluster.Now()
	host := n.host
	n.cluster.After(patience, func() {
		if n.host == host && n.leaving {
			n.close(true)
		}
	})
	host.Do(func(now time.Duration) { n.core.Leave(now) })
	return nil
}

// close ends the process in good order.
func (n *Node) close(left bool) {
	if n.host.Gone() {
		return
	}
	n.lastLeave = n.cluster.Now() - n.leftAt
	n.leaving, n.left = false, left
	n.core.Close(n.host.Now(), left)
	n.host.Crash() // the process is gone, and its sockets with it
}

// Crash ends the process without a word; the system that it ran on refuses its streams.
func (n *Node) Crash() {
	if n.Running() {
		n.leaving = false
		n.host.Crash()
	}
}

// Vanish ends the process with its machine: nobody answers at its address.
func (n *Node) Vanish() {
	if n.Running() {
		n.leaving = false
		n.host.Vanish()
	}
}

// A Rebirth says how a node comes back.
type Rebirth struct {
	// Generation is the new one. 0: the same as before; the boot tells the lives
	// apart.
	Generation uint64
	// Moved gives it a new address.
	Moved bool
	// Addr, if valid, is the new address.
	Addr netip.AddrPort
	// Seeds to join through. Nil: those of before.
	Seeds []*Node
	// Clock, if set, replaces its idea of the time.
	Clock *virtual.Clock
	// Wire, if set, is what it speaks from now on.
	Wire *Wire
}

// Restart starts a node that has crashed or left. Its StoreMap is empty: it was in
// memory.
func (n *Node) Restart(r Rebirth) error {
	if n.Running() {
		return &StateError{n.Name, "restart", "runs"}
	}
	if r.Generation != 0 {
		n.generation = r.Generation
	}
	if n.host != nil {
		n.host.Free()
	}
	switch {
	case r.Addr.IsValid():
		n.addr = r.Addr
	case r.Moved:
		n.addr = n.cluster.NewAddr()
	}
	if r.Clock != nil {
		n.cfg.Clock = *r.Clock
	}
	if r.Wire != nil {
		n.cfg.Wire = *r.Wire
	}
	if r.Seeds == nil {
		r.Seeds = n.seeds
	}
	return n.Start(r.Seeds...)
}

// Running reports whether there is a process, frozen or leaving or not.
func (n *Node) Running() bool { return n.host != nil && !n.host.Gone() }

// Up reports whether it runs, takes part, does not leave, and has not been replaced by
// another process of its id.
func (n *Node) Up() bool {
	return n.Running() && !n.leaving && n.core.IsOpen() && !n.core.Replaced()
}

// Leaving reports whether it says goodbye.
func (n *Node) Leaving() bool { return n.Running() && n.leaving }

// Dismiss takes the node off the list of [Cluster.UpdateCluster], from its next call
// on: the application no longer counts on it. The process goes on.
func (n *Node) Dismiss() { n.dismissed = true }

// Dismissed reports whether it has been.
func (n *Node) Dismissed() bool { return n.dismissed }

// ID is the name under which it is a member.
func (n *Node) ID() types.NodeId {
	if n.cfg.ID != "" {
		return n.cfg.ID
	}
	return n.Name
}

// stamp is what it says of itself; zero when it takes no part.
func (n *Node) stamp() swim.Stamp {
	m, _ := n.core.Member(n.ID())
	return m.Stamp
}

// Left reports whether its latest life ended by leaving.
func (n *Node) Left() bool { return n.left }

// Joined reports whether a seed has let it in, in this life.
func (n *Node) Joined() bool { return n.joined }

// LeaveTook is how long its latest departure took.
func (n *Node) LeaveTook() time.Duration { return n.lastLeave }

// Host is the process of the latest life, nil before the first. Faults go there.
func (n *Node) Host() *virtual.Host { return n.host }

// Addr is where it lives.
func (n *Node) Addr() netip.AddrPort { return n.addr }

// Cluster is where it belongs.
func (n *Node) Cluster() *Cluster { return n.cluster }

// Number counts nodes in the order in which they were added, from 0.
func (n *Node) Number() int { return n.number }

// Since is when its latest life began.
func (n *Node) Since() time.Duration { return n.since }

// Starts is how many lives it has had.
func (n *Node) Starts() int { return n.starts }

// Core is the state machine of the latest life, for queries. Inputs and commands go
// through the node or its host.
func (n *Node) Core() *node.Node { return n.core }
