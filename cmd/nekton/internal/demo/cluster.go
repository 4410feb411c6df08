package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/types"
)

// clusterID keeps the demo apart from whatever else runs on this machine.
const clusterID = "nekton-demo"

// A member is one node of the demo through all its lives.
type member struct {
	seat
	node       *nekton.Node // of the latest life; nil before the first
	generation uint64
	addr       string // where it listens, or did
	phase      Phase
}

// A cluster is the nodes of the demo: real ones, on real sockets of the loopback
// interface. What it knows beyond them is only what it did to them itself.
type cluster struct {
	cfg      Config
	members  []*member
	inactive map[string]bool // failure domains
}

func newCluster(cfg Config, plan []seat) *cluster {
	c := &cluster{cfg: cfg, inactive: map[string]bool{}}
	for _, s := range plan {
		c.members = append(c.members, &member{seat: s})
	}
	return c
}

func (c *cluster) member(id types.NodeId) *member {
	for _, m := range c.members {
		if m.id == id {
			return m
		}
	}
	panic(fmt.Sprintf("demo: %q is not in the plan", id))
}

// running are the ids of the nodes that run, in the order of the plan.
func (c *cluster) running() []types.NodeId {
	var ids []types.NodeId
	for _, m := range c.members {
		if m.phase == PhaseRunning {
			ids = append(ids, m.id)
		}
	}
	return ids
}

// prepare makes the next life of a node: on a free port, with all that run as seeds.
func (c *cluster) prepare(m *member, generation uint64) (*nekton.Node, types.GossipStartConfiguration) {
	var opts []nekton.Option
	if c.cfg.Seed != 0 {
		opts = append(opts, nekton.WithSeed(c.cfg.Seed^hash(m.id)+generation))
	}
	node := nekton.NewNode("127.0.0.1:0", m.id, generation, c.cfg.Intervals, types.GOSSIP_VERSION_2, clusterID, m.domain, opts...)
	seeds := map[types.NodeId]types.GossipNodeConfiguration{}
	for _, other := range c.members {
		if other.phase == PhaseRunning {
			seeds[other.id] = types.GossipNodeConfiguration{KnownUrl: other.addr, ClusterDomain: other.domain}
		}
	}
	return node, types.GossipStartConfiguration{
		Nodes: seeds, ActiveMap: c.activeMap(), QuorumProviderType: types.QUORUM_PROVIDER_FAILURE_DOMAINS,
	}
}

// start joins. A node that cannot is stopped when start returns.
func start(ctx context.Context, node *nekton.Node, config types.GossipStartConfiguration) error {
	err := node.StartContext(ctx, config)
	if err == nil {
		return nil
	}
	// A node that found none of its seeds stays up, alone; else it never started.
	if stopErr := node.Stop(0); stopErr != nil && !errors.Is(stopErr, nekton.ErrNotStarted) {
		return errors.Join(err, stopErr)
	}
	return err
}

// begin notes that a life has begun.
func (m *member) begin(node *nekton.Node, generation uint64) {
	m.node, m.generation, m.phase, m.addr = node, generation, PhaseRunning, node.Addr()
}

// introduce tells every node that runs who belongs to the cluster: all nodes of
// the plan, which are all quorum members.
func (c *cluster) introduce() {
	peers := map[types.NodeId]types.NodeUpdate{}
	for _, m := range c.members {
		peers[m.id] = types.NodeUpdate{Addr: m.addr, QuorumMember: true, ClusterDomain: m.domain}
	}
	for _, m := range c.members {
		if m.phase == PhaseRunning {
			m.node.UpdateCluster(peers)
		}
	}
}

// kill ends a life without a word: sockets are closed, and nobody is told.
func (c *cluster) kill(m *member) error {
	m.phase = PhaseKilled
	if err := m.node.Stop(0); err != nil {
		return fmt.Errorf("killing %s: %w", m.id, err)
	}
	return nil
}

// activate tells every node that runs that a domain is active, or not.
func (c *cluster) activate(domain string, active bool) error {
	c.inactive[domain] = !active
	for _, m := range c.members {
		if m.phase != PhaseRunning {
			continue
		}
		if err := m.node.UpdateClusterDomainsActiveMap(c.activeMap()); err != nil {
			return fmt.Errorf("%s: %w", m.id, err)
		}
	}
	return nil
}

func (c *cluster) activeMap() types.ClusterDomainsActiveMap {
	active := types.ClusterDomainsActiveMap{}
	for _, m := range c.members {
		active[m.domain] = types.CLUSTER_DOMAIN_STATE_ACTIVE
		if c.inactive[m.domain] {
			active[m.domain] = types.CLUSTER_DOMAIN_STATE_INACTIVE
		}
	}
	return active
}

// publish sets values of a node.
func (c *cluster) publish(m *member, values types.StoreMap) error {
	for key, value := range values {
		if err := m.node.SetSelf(key, value); err != nil {
			return fmt.Errorf("%s publishes %q: %w", m.id, key, err)
		}
	}
	return nil
}

// unpublish deletes a value of a node.
func (c *cluster) unpublish(m *member, key types.StoreKey) { m.node.DeleteSelf(key) }

// snapshot asks every node that runs what it sees.
func (c *cluster) snapshot(at time.Duration) *Snapshot {
	s := &Snapshot{At: at, Nodes: make([]NodeView, 0, len(c.members))}
	for _, m := range c.members {
		v := NodeView{
			ID: m.id, Domain: m.domain, Inactive: c.inactive[m.domain], Addr: m.addr,
			Generation: m.generation, Phase: m.phase,
		}
		if m.phase == PhaseRunning {
			v.Own = m.node.GetSelfStatus()
			v.Health = m.node.Stats().Protocol.Health
			v.Peers = c.peersOf(m)
		}
		s.Nodes = append(s.Nodes, v)
	}
	return s
}

func (c *cluster) peersOf(m *member) []PeerView {
	known := m.node.GetLocalState()
	held := map[types.NodeId]Held{}
	for _, p := range m.node.Members() {
		held[p.Node] = heldOf(p.State)
	}
	peers := make([]PeerView, len(c.members))
	for i, other := range c.members {
		info := known[other.id]
		peers[i] = PeerView{Status: info.Status, Held: held[other.id], Generation: info.GenNumber, Values: info.Value}
	}
	return peers
}

// heldOf is a state of the library as the demo names it.
func heldOf(s nekton.MemberState) Held {
	switch s {
	case nekton.MemberAlive:
		return HeldAlive
	case nekton.MemberSuspect:
		return HeldSuspect
	case nekton.MemberDead:
		return HeldDead
	case nekton.MemberGone:
		return HeldLeft
	}
	return HeldUnknown
}

// close stops whatever still runs, silently: the story is over.
func (c *cluster) close() {
	var g errgroup.Group
	for _, m := range c.members {
		if m.phase == PhaseRunning {
			m.phase = PhaseKilled
			g.Go(func() error { return m.node.Stop(0) })
		}
	}
	// A node that was stopped behind our back has nothing left to close.
	_ = g.Wait()
}

// hash spreads ids over numbers (FNV-1a), so that seeds differ.
func hash(id types.NodeId) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h
}
