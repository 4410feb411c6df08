package sim

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Checker observes a cluster and holds the laws against it, all the time. What
// concerns one node is looked at whenever that node has handled an input that changed
// something; what concerns several of them, or time, every [Checker.Interval]; and
// what is true eventually, when [Checker.Calm] says that the time has come.
//
// The laws are nekton's. Of the rules of others (see [swim.Rules]) those break them that
// let a member come back by hearsay, keep the dead dead, or forget what lost.
//
// Nodes that speak memberlist's wire are held to all of them but those about versions of
// StoreMaps and about acknowledged departures, which that wire does not have. There, a
// member is who lives at its address, and rest begins when a push-pull has told everybody
// what no fingerprint can: which meta a member has since it restarted, and who has left.
//
// It changes nothing, so that a run is the same with and without it. A look costs in
// proportion to what a node knows: about a third of the time of a small cluster.
type Checker struct {
	// Interval is how often the laws about time and about several nodes are looked
	// at. Default: a quarter of a second, more beyond 300 nodes.
	Interval time.Duration

	cluster    *Cluster
	violations []Violation
	seen       [numLaws]bool
	counts     [numLaws]uint64

	watched  []*watched // by the number of the node
	subjects []*subject
	index    map[string]int
	quiet    time.Duration // since when the network has been without faults; -1: it has not
	resting  bool
	groups   []int // scratch: which nodes reach each other, by number
	msg      swim.Message
}

// A subject is a name that members may have.
type subject struct {
	id    types.NodeId
	own   swim.Stamp    // the highest that a process of that name had of itself
	ran   time.Duration // when a process of that name was last seen running
	whole time.Duration // when that was in a network without cuts
	maps  []mapLife
}

// A mapLife is one life of an owner's StoreMap, and how far it got.
type mapLife struct {
	life    swim.Life
	version uint64
}

// watched is what the checker remembers of one node, in one life.
type watched struct {
	node    *Node
	host    *virtual.Host
	cfg     swim.Config
	started time.Duration

	hindered    time.Duration // when it was last seen frozen, slow, or not taking part
	blocked     time.Duration // when it was last seen frozen or slow
	misled      time.Duration // when it last listed somebody who was no more, or nobody
	reconnected time.Duration
	settled     time.Duration // when it last handled an input
	frozen      time.Duration // how long it has been frozen, all in all
	suspectedAt time.Duration // since when its own status is SUSPECT_NOT_IN_QUORUM

	settles uint32
	dirty   bool // something has happened since the last look
	prints  swim.Prints
	mark    uint32
	buried  int    // members that it held dead or left when last looked at
	names   int    // names that it has come to know, itself included
	views   []view // of the others, by subject

	window windowed
	excess time.Duration // since when it has had more exchanges open than streams; 0: it has not
	asked  uint64        // pings sent to it while the cluster rests
}

// A view is what a node held of a member when last looked at.
type view struct {
	mark   uint32
	known  bool
	listed bool
	public bool // dead or left, and not in secret
	stamp  swim.Stamp
	floor  swim.Stamp    // of the dead: the highest at which they were accused since
	news   time.Duration // when it last heard better of it
	reach  time.Duration // when there was last a way to it
	failed time.Duration // when it last ceased to be listed
	pinged time.Duration

	forgot bool // and it is not known now

	stored  bool
	life    swim.Life
	version uint64
}

// NewChecker returns a checker that watches a cluster from now on. It adds itself to
// OnPacket and OnArrive; who sets these later switches some laws off.
func NewChecker(c *Cluster) *Checker {
	k := &Checker{Interval: 250 * time.Millisecond, cluster: c, index: map[string]int{}, quiet: -1}
	c.Watch(k)
	next := c.OnPacket
	c.OnPacket = func(from *virtual.Host, to netip.AddrPort, packet []byte, fate virtual.Fate) {
		k.packet(from, to, packet)
		if next != nil {
			next(from, to, packet, fate)
		}
	}
	arrive := c.OnArrive
	c.OnArrive = func(to, from *virtual.Host, packet []byte) {
		k.arrived(to, packet)
		if arrive != nil {
			arrive(to, from, packet)
		}
	}
	k.again()
	return k
}

// again looks at what is looked at on a timer, for ever. The interval keeps the cost
// below that of the simulation itself where there are many nodes.
func (k *Checker) again() {
	n := time.Duration(len(k.cluster.nodes))
	k.cluster.After(max(k.Interval, n*n*2500*time.Nanosecond), func() {
		k.tick()
		k.again()
	})
}

// of returns what is remembered of a node's present life.
func (k *Checker) of(n *Node) *watched {
	for len(k.watched) <= n.number {
		k.watched = append(k.watched, nil)
	}
	w := k.watched[n.number]
	if w == nil || w.host != n.host {
		now := k.cluster.Now()
		w = &watched{
			node: n, host: n.host, started: now, settled: now, hindered: now, suspectedAt: -1, dirty: true, names: 1,
			cfg: n.protocol().Effective(),
		}
		w.window.begin(now, n.host)
		k.watched[n.number] = w
	}
	return w
}

// subject returns the number of a name.
func (k *Checker) subject(name string) int {
	i, ok := k.index[name]
	if !ok {
		i = len(k.subjects)
		k.index[name] = i
		k.subjects = append(k.subjects, &subject{id: types.NodeId(name)})
	}
	return i
}

// view returns what was held of a member.
func (w *watched) view(i int) *view {
	for len(w.views) <= i {
		w.views = append(w.views, view{})
	}
	return &w.views[i]
}

// unhindered is since when a node has done and heard what it wanted.
func (w *watched) unhindered() time.Duration { return max(w.hindered, w.reconnected, w.started) }

// stretch is how long a time of the node's own clock may take, with what lies between
// an event and our look at it: a second.
func (w *watched) stretch(d time.Duration) time.Duration {
	if drift := w.host.Clock.Drift; drift < 0 {
		d += time.Duration(float64(d) * float64(-drift) / float64(1_000_000+drift))
	}
	return d + time.Second
}

// Observe is part of [Observer].
func (k *Checker) Observe(n *Node, e *Event) {
	switch e.Kind {
	case node.EventTraffic:
		return // changes nothing that is looked at
	case node.EventMember:
		w := k.of(n)
		w.dirty = true
		if k.resting {
			k.checkRest(n, &e.Member)
		}
		switch e.Member.Kind {
		case swim.EventReconnected:
			w.reconnected = k.cluster.Now()
		case swim.EventFailed:
			k.checkFalseDeath(w, e)
		}
	case node.EventStatus:
		w := k.of(n)
		w.dirty = true
		if e.Change.Self {
			w.suspectedAt = -1
			if e.Change.To == types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
				w.suspectedAt = k.cluster.Now()
			}
		}
		k.checkMajority(n)
	case node.EventLeaveAcked:
		k.counts[lawDeparture]++ // those that take long are seen by the tick
	default:
		k.of(n).dirty = true
	}
}

const (
	scanEvery  = 8  // inputs without a visible change
	tableEvery = 16 // looks at a node
)

// Settled is part of [Observer].
func (k *Checker) Settled(n *Node) {
	if !n.Running() || !n.core.IsOpen() || n.core.Replaced() {
		return
	}
	w := k.of(n)
	now := k.cluster.Now()
	// A node that runs does something every period.
	if gap := now - w.settled; gap > 2*longestPeriod(w.cfg) {
		w.frozen += gap
		w.hindered = now
	}
	w.settled = now

	self, _ := n.core.Member(n.ID())
	own := k.subjects[k.subject(string(n.ID()))]
	own.ran = now
	if self.Stamp.Compare(own.own) > 0 {
		own.own = self.Stamp
	}
	w.settles++
	if prints := n.core.Fingerprints(); w.dirty || prints != w.prints || w.settles%scanEvery == 0 {
		w.dirty, w.prints = false, prints
		k.scan(w)
		if w.mark%tableEvery == 0 {
			k.checkTables(w)
		}
	}
}
