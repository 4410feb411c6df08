package node_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// world runs nodes on a virtual clock. The network has no delay: what one node
// sends the others have when time moves on. Links can be cut.
type world struct {
	t     *testing.T
	now   time.Duration
	nodes []*resident
	cut   func(from, to types.NodeId) bool
}

// A resident is a node and where it lives.
type resident struct {
	*node.Node
	w      *world
	addr   netip.AddrPort
	gone   bool
	events []node.Event
}

var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func (w *world) wall() time.Time { return start.Add(w.now) }

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
	}, w.wall())
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
	r.listen()
}

func (r *resident) listen() {
	r.w.t.Helper()
	codec, err := wirev2.New("c", "v2")
	if err != nil {
		r.w.t.Fatal(err)
	}
	err = r.Open(r.w.now, r.w.wall(), node.Opening{
		Addr: r.addr, Codec: codec, Rand: rand.New(rand.NewPCG(uint64(len(r.w.nodes)), uint64(r.w.now))),
	})
	if err != nil {
		r.w.t.Fatal(err)
	}
}

func (r *resident) join(seed *resident) {
	if _, err := r.Join(r.w.now, r.w.wall(), []netip.AddrPort{seed.addr}); err != nil {
		r.w.t.Fatal(err)
	}
	r.w.settle()
}

// crash ends a node without a word.
func (r *resident) crash() {
	r.gone = true
	r.Close(r.w.now, false)
}

// status is how r shows id.
func (r *resident) status(id types.NodeId) types.NodeStatus {
	e, err := r.Entry(id)
	if err != nil {
		return types.NODE_STATUS_INVALID
	}
	return e.Info.Status
}

func (w *world) reaches(from, to *resident) bool {
	return !to.gone && to.IsOpen() && (w.cut == nil || !w.cut(from.ID(), to.ID()))
}

func (w *world) at(addr netip.AddrPort) *resident {
	for _, r := range w.nodes {
		if r.addr == addr && !r.gone {
			return r
		}
	}
	return nil
}

// settle carries out everything that the nodes want done now.
func (w *world) settle() {
	for busy := true; busy; {
		busy = false
		for _, r := range w.nodes {
			busy = r.act() || busy
		}
	}
}

// act carries out what one node wants done, and reports whether there was any.
func (r *resident) act() bool {
	w := r.w
	var packets swim.Batch
	var dials []swim.Dial
	var events []node.Event
	sent, dialled := r.TakePackets(&packets), r.TakeDials(&dials)
	r.TakeEvents(&events)
	r.events = append(r.events, events...)
	for i := range packets.Len() {
		to, b := packets.At(i)
		if peer := w.at(to); peer != nil && w.reaches(r, peer) {
			peer.HandlePacket(w.now, w.wall(), r.addr, b)
		}
	}
	for _, d := range dials {
		r.converse(d)
	}
	return sent || dialled
}

var errCut = errors.New("cut")

// converse runs one exchange from beginning to end.
func (r *resident) converse(d swim.Dial) {
	w, peer := r.w, r.w.at(d.Addr)
	if peer == nil || !w.reaches(r, peer) || !w.reaches(peer, r) {
		r.HandleDialError(w.now, w.wall(), d, errCut)
		return
	}
	ours, frame, err := r.Begin(w.now, w.wall(), d)
	if err != nil {
		return
	}
	theirs, err := peer.Accept(w.now, r.addr)
	if err != nil {
		r.Abort(w.now, w.wall(), ours, err)
		return
	}
	for frame != nil {
		frame, _, err = peer.Step(w.now, w.wall(), theirs, frame)
		if frame == nil {
			r.Abort(w.now, w.wall(), ours, fmt.Errorf("closed: %w", err))
			return
		}
		frame, _, _ = r.Step(w.now, w.wall(), ours, frame)
	}
	peer.Abort(w.now, w.wall(), theirs, errCut)
}

// run lets virtual time pass.
func (w *world) run(d time.Duration) {
	end := w.now + d
	for {
		w.settle()
		next, any := end, false
		for _, r := range w.nodes {
			if at, ok := r.NextDeadline(); ok && at < next {
				next, any = max(at, w.now), true
			}
		}
		w.now = next
		if !any {
			w.settle()
			return
		}
		for _, r := range w.nodes {
			if at, ok := r.NextDeadline(); ok && at <= w.now {
				r.HandleTimeout(w.now, w.wall())
			}
		}
	}
}

// until lets time pass until cond holds.
func (w *world) until(limit time.Duration, what string, cond func() bool) {
	w.t.Helper()
	for deadline := w.now + limit; !cond(); {
		if w.now >= deadline {
			w.t.Fatalf("after %v still not: %s", limit, what)
		}
		w.run(50 * time.Millisecond)
	}
}

// cluster opens nodes "a", "b" …, one per domain given, joined through the first,
// and tells all of them about all.
func newWorld(t *testing.T, provider types.QuorumProvider, domains ...string) *world {
	t.Helper()
	w := &world{t: t}
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
		r.UpdateCluster(w.now, w.wall(), peers)
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
			if !r.gone && !q.gone && r.status(q.ID()) != status {
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
