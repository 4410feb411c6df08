package node

import (
	"errors"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// ErrRunning means that Start or Open was called on a node that is running.
var ErrRunning = errors.New("node is running")

// ErrNotRunning means that a call needs a node that was started and has sockets.
var ErrNotRunning = errors.New("node is not running")

// A Node is one whole member without I/O: protocol, quorum and store, and what
// wires them. Its methods are of the four kinds of [swim.Core]: inputs (HandleX,
// Begin, Accept, Step, Abort), commands, outputs (TakeX, NextDeadline) and
// queries. A Node is not safe for concurrent use: whoever owns it holds one lock.
//
// now is monotonic time since an arbitrary origin, and must not go backwards, also
// from one run to the next. The wall clock, which may jump, is told by SetWall.
//
// Life: New; Start, then Open as soon as it has sockets, which may be later or
// never; Leave, optionally; Close; Start again, with a higher boot and the store
// kept. The store and its commands work at any time.
type Node struct {
	cfg     Config
	core    detector // nil unless open
	machine *quorum.Machine
	store   *store.Store
	rider   *rider
	tables  tableRider          // rides instead, on memberlist's wire
	metas   *gobwire.MetaReader // of its members; nil unless there is news
	boot    swim.Boot           // of the latest run
	wallAt  time.Duration       // when the wall clock was told last, and
	wall    time.Time           // what it was
	start   StartConfig

	entries map[types.NodeId]entry
	claimed map[types.NodeId]uint64    // generations that entries said, until the store knows better
	heard   map[types.NodeId]time.Time // memberlist's wire: LastUpdateTs of the entries taken in
	told    time.Time                  // memberlist's wire: that of the last own entry that was sent
	pings   map[uint64]types.NodeId    // sibling pings under way, by their id in the core
	checks  map[types.NodeId][]quorum.CheckID
	reapply timer // of statuses that the application has overwritten

	handled uint64 // events of the machine that have moved our own timestamp

	events   []Event
	fromCore []swim.Event
}

// entry is what the local configuration says about a known node, beside its status
// (which is in the machine) and its values (which are in the store).
type entry struct {
	addr  string
	added *time.Time // shared by all that were added by one call
}

// timer is a deadline of the node's own.
type timer struct {
	at  time.Duration
	set bool
}

// New returns a node that knows itself, with no values, NOT_IN_QUORUM; now and wall are
// what its clocks read. The error reports everything in cfg that is out of range.
func New(cfg Config, now time.Duration, wall time.Time) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Store.Self, cfg.Store.Generation = cfg.ID, cfg.Generation
	n := &Node{
		cfg: cfg, machine: quorum.New(cfg.ID, cfg.Domain), wallAt: now, wall: wall,
		entries: map[types.NodeId]entry{cfg.ID: {added: &wall}},
	}
	n.rider = &rider{node: n}
	if !cfg.Memberlist {
		cfg.Store.LifeOf = n.lifeOf
	}
	var err error
	if n.store, err = store.New(cfg.Store); err != nil {
		return nil, err
	}
	n.store.Touch(cfg.ID, wall)
	return n, nil
}

// Start begins a run: the quorum machine starts, NOT_IN_QUORUM. The node has no
// sockets yet; Open follows if its domain is active, or when it becomes so. The
// error is ErrRunning, and nothing has changed.
func (n *Node) Start(cfg StartConfig) error {
	err := n.machine.Start(quorum.StartConfig{
		Provider: cfg.Provider, ActiveMap: cfg.ActiveMap, Domains: cfg.Domains,
		QuorumTimeout: n.cfg.Intervals.QuorumTimeout, Probation: n.cfg.Probation,
	})
	if errors.Is(err, quorum.ErrRunning) {
		return ErrRunning
	}
	if err == nil {
		n.start = cfg
	}
	return err
}

// Open makes a started node a member of its own group of one: the node has sockets
// and is alive. A new life begins, with a boot above all of ours before it. The
// error is ErrRunning, ErrNotRunning before Start, or says what is wrong with o.
func (n *Node) Open(now time.Duration, o Opening) error {
	if n.core != nil {
		return ErrRunning
	}
	if !n.machine.Running() {
		return ErrNotRunning
	}
	n.rider.now = now
	boot := max(swim.Boot(n.Wall(now).UnixMilli()), n.boot+1)
	life := swim.Life{Generation: swim.Generation(n.cfg.Generation), Boot: boot}
	cfg, err := n.swimConfig(life, n.Wall(now), o)
	if err != nil {
		return err
	}
	core, err := swim.New(cfg, now)
	if err != nil {
		return err
	}
	if n.boot, n.core = boot, core; n.cfg.Bridge != nil {
		if n.core, err = n.bridge(core, now, o); err != nil {
			n.core = nil
			return err
		}
	}
	n.machine.HandleEvent(now, types.SELF_ALIVE)
	n.settle(now)
	return nil
}

// ShouldOpen reports whether the node was started, has no sockets, and its domain
// is active.
func (n *Node) ShouldOpen() bool {
	return n.machine.Running() && n.core == nil && n.machine.DomainActive(n.machine.SelfDomain())
}

// Leave tells the peers that the node goes. EventLeaveAcked follows, at once when
// the node is not open; see [swim.Core.Leave].
func (n *Node) Leave(now time.Duration) {
	if n.core == nil {
		n.events = append(n.events, Event{Kind: EventLeaveAcked})
		return
	}
	n.core.Leave(now)
	n.settle(now)
}

// Close ends the run. left says that the node has left, so that its own status
// becomes DOWN; else it stays what it is. No deadline survives. The store keeps
// everything. Closing a node that does not run does nothing.
func (n *Node) Close(now time.Duration, left bool) {
	if left {
		n.machine.HandleEvent(now, types.SELF_LEAVE)
	}
	n.takeChanges()
	n.machine.Stop()
	n.keep()
	n.core = nil
	n.reapply = timer{}
	clear(n.pings)
	clear(n.checks)
}

// Running reports whether the node was started and not closed since.
func (n *Node) Running() bool { return n.machine.Running() }

// Open reports whether the node takes part in the protocol.
func (n *Node) IsOpen() bool { return n.core != nil }

// knows reports whether UpdateCluster or AddNode made the node known.
func (n *Node) knows(id types.NodeId) bool {
	_, ok := n.entries[id]
	return ok
}
