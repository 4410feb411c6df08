package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// Event is something that happened to a node; see package internal/node.
type Event = node.Event

// An Observer is told what happens, as it happens. It must change nothing.
type Observer interface {
	// Observe is told one event of a node.
	Observe(n *Node, e *Event)
	// Settled is told that a node has handled an input, and is in a state to be
	// looked at.
	Settled(n *Node)
}

// A Cluster is a simulation of nodes. It embeds the world that they live in: clock,
// network, chance. It is not safe for concurrent use; clusters share nothing.
type Cluster struct {
	*virtual.World

	cfg       Config
	codec     swim.Codec // of nekton's wire
	nodes     []*Node
	byName    map[types.NodeId]*Node
	observers []Observer
	shared    bool   // two nodes have one id
	addresses uint32 // handed out so far
	events    []Event
	records   *swim.Records // of members, which all nodes share
	rand      *rand.Rand    // seeds of the nodes' chance; apart from the network's
}

// New returns a cluster without nodes. The error says what is wrong with cfg.
func New(cfg Config) (*Cluster, error) {
	cfg = cfg.withDefaults()
	codec, err := wirev2.New(cfg.ClusterID, cfg.Version)
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	c := &Cluster{
		World: virtual.New(cfg.Seed), cfg: cfg, codec: codec, byName: map[types.NodeId]*Node{},
		records: swim.NewRecords(),
		rand:    rand.New(rand.NewPCG(cfg.Seed, 0x6e6f646573)),
	}
	c.Net = *cfg.Network
	c.OnSettle = c.settled
	return c, nil
}

// Config is what the cluster was made with, defaults filled in.
func (c *Cluster) Config() Config { return c.cfg }

// Watch adds an observer. Observers are told in the order in which they were added.
func (c *Cluster) Watch(o Observer) { c.observers = append(c.observers, o) }

// Nodes are all nodes, in the order in which they were added, whether they run or not.
// The slice is the cluster's.
func (c *Cluster) Nodes() []*Node { return c.nodes }

// Node returns the node of a name, or nil.
func (c *Cluster) Node(name types.NodeId) *Node { return c.byName[name] }

// Holder is the node to which an id belongs: of those that take part under it the one
// of the highest stamp; if none does, the one that was added first. Nil if nobody ever
// had it.
func (c *Cluster) Holder(id types.NodeId) *Node {
	if !c.shared {
		return c.byName[id]
	}
	var first, holder *Node
	for _, n := range c.nodes {
		if n.ID() != id {
			continue
		}
		if first == nil {
			first = n
		}
		if n.Up() && (holder == nil || n.stamp().Compare(holder.stamp()) > 0) {
			holder = n
		}
	}
	if holder == nil {
		return first
	}
	return holder
}

// Up are the nodes that run and take part: not crashed, not left, not on their way out.
func (c *Cluster) Up() []*Node {
	var up []*Node
	for _, n := range c.nodes {
		if n.Up() {
			up = append(up, n)
		}
	}
	return up
}

// A NodeConfig is what one node is told for itself.
type NodeConfig struct {
	// ID is the name under which it is a member. Default: its own. Two nodes of one id
	// are two processes under one name: a theft, or a zombie and its successor.
	ID types.NodeId
	// Domain is its failure domain. Default "domain".
	Domain string
	// Generation is the first. Default 1.
	Generation uint64
	// Addr is where it lives. Zero: an address of its own.
	Addr netip.AddrPort
	// Clock is its idea of the time.
	Clock virtual.Clock
	// Observer means that it does not count for quorum.
	Observer bool
	// Swim, if set, replaces the cluster's protocol parameters.
	Swim *swim.Config
	// Intervals, if set, replace the cluster's.
	Intervals *types.GossipIntervals
	// ClusterID and Version, if set, replace the cluster's: a stranger.
	ClusterID, Version string
	// Wire is what it speaks.
	Wire Wire
}

// Add makes a node, which is not started. The error is ErrName, or says what is wrong
// with the configuration.
func (c *Cluster) Add(name types.NodeId, cfg NodeConfig) (*Node, error) {
	if c.byName[name] != nil {
		return nil, fmt.Errorf("sim: node %q: %w", name, ErrName)
	}
	if cfg.Domain == "" {
		cfg.Domain = "domain"
	}
	if cfg.Generation == 0 {
		cfg.Generation = 1
	}
	if !cfg.Addr.IsValid() {
		cfg.Addr = c.NewAddr()
	}
	n := &Node{
		Name: name, cluster: c, cfg: cfg, generation: cfg.Generation, addr: cfg.Addr, number: len(c.nodes), codec: c.codec,
	}
	if cfg.ClusterID != "" || cfg.Version != "" {
		codec, err := wirev2.New(n.clusterID(), n.version())
		if err != nil {
			return nil, fmt.Errorf("sim: node %q: %w", name, err)
		}
		n.codec = codec
	}
	if err := n.create(); err != nil {
		return nil, fmt.Errorf("sim: node %q: %w", name, err)
	}
	c.nodes = append(c.nodes, n)
	c.byName[name] = n
	c.shared = c.shared || n.ID() != name
	return n, nil
}

// NewAddr is an address that no node has had so far.
func (c *Cluster) NewAddr() netip.AddrPort {
	c.addresses++
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], 10<<24|c.addresses)
	return netip.AddrPortFrom(netip.AddrFrom4(ip), 7946)
}

// Form adds nodes "n0", "n1" … and starts all of them now, joined through the first.
func (c *Cluster) Form(count int) ([]*Node, error) {
	return c.Wave(count, 0)
}

// Wave adds nodes named "n" and their number, and starts them one after another, evenly
// over a time, joined through the first node of the cluster.
func (c *Cluster) Wave(count int, over time.Duration) ([]*Node, error) {
	wave := make([]*Node, count)
	for i := range wave {
		n, err := c.Add(types.NodeId(fmt.Sprintf("n%d", len(c.nodes))), NodeConfig{})
		if err != nil {
			return nil, err
		}
		wave[i] = n
	}
	c.UpdateCluster()
	for i, n := range wave {
		seed := c.nodes[0]
		if i == 0 || over == 0 {
			if err := n.Start(seed); err != nil {
				return nil, err
			}
			continue
		}
		c.After(over*time.Duration(i)/time.Duration(count), func() {
			_ = n.Start(seed) // whoever started it meanwhile wanted the same
		})
	}
	return wave, nil
}

// UpdateCluster tells every node about all, as the application does, if the cluster is
// configured for quorum. Nodes that are added later are not known until the next call,
// and those that were dismissed are no longer.
func (c *Cluster) UpdateCluster() {
	if !c.cfg.Quorum {
		return
	}
	peers := c.peers()
	for _, n := range c.nodes {
		n.updateCluster(peers)
	}
}

// peers is what UpdateCluster says.
func (c *Cluster) peers() map[types.NodeId]types.NodeUpdate {
	peers := make(map[types.NodeId]types.NodeUpdate, len(c.nodes))
	for _, n := range c.nodes {
		if n.dismissed || c.shared && c.Holder(n.ID()) != n {
			continue
		}
		peers[n.ID()] = types.NodeUpdate{Addr: n.addr.String(), QuorumMember: !n.cfg.Observer, ClusterDomain: n.cfg.Domain}
	}
	return peers
}

// active is the map of active domains.
func (c *Cluster) active() types.ClusterDomainsActiveMap {
	active := types.ClusterDomainsActiveMap{}
	for _, n := range c.nodes {
		active[n.cfg.Domain] = types.CLUSTER_DOMAIN_STATE_ACTIVE
	}
	for domain, state := range c.cfg.Active {
		active[domain] = state
	}
	return active
}

// Until lets time pass until cond holds, looking every ten milliseconds, but not longer
// than limit. It reports whether cond holds, and how long it took.
func (c *Cluster) Until(limit time.Duration, cond func() bool) (took time.Duration, ok bool) {
	return c.World.Until(limit, 10*time.Millisecond, cond)
}

// settled takes the events of a node that has handled an input.
func (c *Cluster) settled(h *virtual.Host) {
	n := h.Data.(*Node)
	if n.host != h {
		return // a former life
	}
	for n.core.TakeEvents(&c.events) {
		events := c.events
		c.events = nil // an observer may cause new ones
		for i := range events {
			n.follow(&events[i])
			for _, o := range c.observers {
				o.Observe(n, &events[i])
			}
		}
		c.events = events
	}
	for _, o := range c.observers {
		o.Settled(n)
	}
}
