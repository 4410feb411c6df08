package node_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// world is a virtual network without delay and the nodes that live on it.
type world struct {
	*virtual.World
	t     *testing.T
	nodes []*resident
}

// A resident is a node and where it lives. Its methods may be called at any time: what
// follows from them happens when time moves on.
type resident struct {
	*node.Node
	w      *world
	addr   netip.AddrPort
	host   *virtual.Host // nil until it has sockets
	events []node.Event
}

func emptyWorld(t *testing.T) *world {
	w := &world{World: virtual.New(1), t: t}
	w.Net.Link = virtual.Link{}
	w.OnSettle = func(h *virtual.Host) {
		r := h.Data.(*resident)
		var events []node.Event
		r.TakeEvents(&events)
		r.events = append(r.events, events...)
	}
	return w
}

func (w *world) wall() time.Time { return virtual.Epoch().Add(w.Now()) }

// pace are intervals that make a story short.
func pace() types.GossipIntervals {
	return types.GossipIntervals{
		GossipInterval: 200 * time.Millisecond, PushPullInterval: 2 * time.Second, ProbeInterval: time.Second,
		ProbeTimeout: 300 * time.Millisecond, QuorumTimeout: 10 * time.Second, SuspicionMult: 4,
	}
}

// add makes a node that is not started.
func (w *world) add(id types.NodeId, domain string, generation uint64) *resident {
	w.t.Helper()
	n, err := node.New(node.Config{
		ID: id, Generation: generation, Domain: domain, ClusterID: "c", Version: "v2", Intervals: pace(),
	}, w.Now(), w.wall())
	if err != nil {
		w.t.Fatal(err)
	}
	r := &resident{Node: n, w: w, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(len(w.nodes) + 1)}), 9000)}
	w.nodes = append(w.nodes, r)
	return r
}

// open starts a node and gives it sockets.
func (r *resident) open(cfg node.StartConfig) {
	r.w.t.Helper()
	if err := r.Start(cfg); err != nil {
		r.w.t.Fatal(err)
	}
	r.listen(0)
}

// listen gives it sockets, and a wall clock that is ahead by skew.
func (r *resident) listen(skew time.Duration) {
	r.w.t.Helper()
	codec, err := wirev2.New("c", "v2")
	if err != nil {
		r.w.t.Fatal(err)
	}
	if r.host == nil {
		if r.host, err = r.w.Add(r.addr, r.Node); err != nil {
			r.w.t.Fatal(err)
		}
		r.host.Data = r
	}
	r.host.Clock.Skew = skew
	r.SetWall(r.host.Now(), r.host.Wall())
	err = r.Open(r.host.Now(), node.Opening{
		Addr: r.addr, Codec: codec, Rand: rand.New(rand.NewPCG(uint64(len(r.w.nodes)), uint64(r.w.Now()))),
	})
	if err != nil {
		r.w.t.Fatal(err)
	}
}

func (r *resident) join(seed *resident) {
	if _, err := r.Join(r.w.Now(), []netip.AddrPort{seed.addr}); err != nil {
		r.w.t.Fatal(err)
	}
	r.w.run(0)
}

// crash ends a node without a word.
func (r *resident) crash() {
	r.host.Crash()
	r.Close(r.w.Now(), false)
}

// status is how r shows id.
func (r *resident) status(id types.NodeId) types.NodeStatus {
	e, err := r.Entry(id)
	if err != nil {
		return types.NODE_STATUS_INVALID
	}
	return e.Info.Status
}

// split cuts the nodes named off from the others, in both directions.
func (w *world) split(names ...types.NodeId) {
	var sides [2][]*virtual.Host
	for _, r := range w.nodes {
		side := 0
		if slices.Contains(names, r.ID()) {
			side = 1
		}
		sides[side] = append(sides[side], r.host)
	}
	w.Split(sides[:]...)
}

// run lets time pass, beginning with what the nodes want done already.
func (w *world) run(d time.Duration) {
	for _, r := range w.nodes {
		if r.host != nil {
			r.host.Do(func(time.Duration) {})
		}
	}
	w.Run(d)
}

// until lets time pass until cond holds.
func (w *world) until(limit time.Duration, what string, cond func() bool) {
	w.t.Helper()
	w.run(0)
	if _, ok := w.Until(limit, 50*time.Millisecond, cond); !ok {
		w.t.Fatalf("after %v still not: %s", limit, what)
	}
}

// newWorld opens nodes "a", "b" …, one per domain given, joined through the first, and
// tells all of them about all.
func newWorld(t *testing.T, provider types.QuorumProvider, domains ...string) *world {
	t.Helper()
	w := emptyWorld(t)
	active := types.ClusterDomainsActiveMap{}
	for i, domain := range domains {
		w.add(types.NodeId(string(rune('a'+i))), domain, 1)
		active[domain] = types.CLUSTER_DOMAIN_STATE_ACTIVE
	}
	for _, r := range w.nodes {
		r.open(node.StartConfig{Provider: provider, ActiveMap: active})
		if r != w.nodes[0] {
			r.join(w.nodes[0])
		}
	}
	peers := w.peers()
	for _, r := range w.nodes {
		r.UpdateCluster(w.Now(), peers)
	}
	w.until(10*time.Second, "all see all UP", func() bool { return w.all(types.NODE_STATUS_UP) })
	return w
}

// peers is what UpdateCluster is told: everybody, as quorum members.
func (w *world) peers() map[types.NodeId]types.NodeUpdate {
	peers := map[types.NodeId]types.NodeUpdate{}
	for _, r := range w.nodes {
		peers[r.ID()] = types.NodeUpdate{Addr: r.addr.String(), QuorumMember: true, ClusterDomain: r.SelfDomain()}
	}
	return peers
}

// all reports whether every node that runs shows every other one that runs with a
// status.
func (w *world) all(status types.NodeStatus) bool {
	for _, r := range w.nodes {
		for _, q := range w.nodes {
			if !r.host.Gone() && !q.host.Gone() && r.status(q.ID()) != status {
				return false
			}
		}
	}
	return true
}

func (w *world) node(id types.NodeId) *resident {
	i := slices.IndexFunc(w.nodes, func(r *resident) bool { return r.ID() == id })
	return w.nodes[i]
}
