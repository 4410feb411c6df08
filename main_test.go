package nekton

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nekton-go/nekton/types"
)

// TestMain fails the package when a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test on real sockets waits for. It is long, so that a busy
// machine fails no test; a test that passes does not wait.
const patience = 30 * time.Second

// within is a context that ends when the test has waited long enough.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until the condition holds.
func eventually(t testing.TB, holds func() bool, format string, args ...any) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("did not happen within %v: %s", patience, fmt.Sprintf(format, args...))
		}
	}
}

// remains fails unless the condition holds all the time. It is for what must not
// happen, where no event says that it did not.
func remains(t testing.TB, d time.Duration, holds func() bool, format string, args ...any) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(d)
	for {
		if !holds() {
			t.Fatalf("did not last for %v: %s", d, fmt.Sprintf(format, args...))
		}
		select {
		case <-tick.C:
		case <-end:
			return
		}
	}
}

// quick are intervals for tests that wait for failures.
func quick() types.GossipIntervals {
	return types.GossipIntervals{
		GossipInterval: 20 * time.Millisecond, PushPullInterval: 200 * time.Millisecond,
		ProbeInterval: 100 * time.Millisecond, ProbeTimeout: 50 * time.Millisecond,
		QuorumTimeout: 200 * time.Millisecond, SuspicionMult: 3,
	}
}

// A site is a test's cluster on loopback, and what its nodes are told.
type site struct {
	t         testing.TB
	nodes     []*Node // all, in order of their making
	version   string
	intervals types.GossipIntervals
	provider  types.QuorumProvider
	active    types.ClusterDomainsActiveMap
	opts      []Option
}

func newSite(t testing.TB) *site {
	return &site{t: t, intervals: quick(), version: *gossip}
}

// node makes a node on a port of its own. It is stopped at the end of the test.
func (s *site) node(id types.NodeId, domain string, opts ...Option) *Node {
	s.t.Helper()
	return s.nodeAt("127.0.0.1:0", id, 1, domain, opts...)
}

func (s *site) nodeAt(addr string, id types.NodeId, generation uint64, domain string, opts ...Option) *Node {
	s.t.Helper()
	n := NewNode(addr, id, generation, s.intervals, s.version, "c", domain, append(s.opts, opts...)...)
	s.t.Cleanup(func() { _ = n.Stop(0) })
	s.nodes = append(s.nodes, n)
	return n
}

// config is what Start is told: the nodes that have an address as seeds.
func (s *site) config(seeds ...*Node) types.GossipStartConfiguration {
	c := types.GossipStartConfiguration{
		Nodes: map[types.NodeId]types.GossipNodeConfiguration{}, ActiveMap: s.active, QuorumProviderType: s.provider,
	}
	for _, n := range seeds {
		c.Nodes[n.NodeId()] = types.GossipNodeConfiguration{KnownUrl: n.Addr(), ClusterDomain: n.Stats().Domain}
	}
	return c
}

// start starts a node, with seeds.
func (s *site) start(n *Node, seeds ...*Node) {
	s.t.Helper()
	if err := n.Start(s.config(seeds...)); err != nil {
		s.t.Fatalf("start %s: %v", n.NodeId(), err)
	}
}

// grow makes and starts nodes n1, n2 …, and joins them to the first.
func (s *site) grow(size int) []*Node {
	s.t.Helper()
	for i := range size {
		n := s.node(types.NodeId(fmt.Sprintf("n%d", i+1)), "")
		s.start(n, s.nodes[:min(1, i)]...)
	}
	return s.nodes
}

// list tells nodes that they are the cluster, all quorum members.
func list(nodes ...*Node) {
	update := map[types.NodeId]types.NodeUpdate{}
	for _, n := range nodes {
		update[n.NodeId()] = types.NodeUpdate{Addr: n.Addr(), QuorumMember: true, ClusterDomain: n.Stats().Domain}
	}
	for _, n := range nodes {
		n.UpdateCluster(update)
	}
}

// cluster grows a cluster whose nodes know each other, and waits until all are UP.
func cluster(t testing.TB, size int, opts ...Option) []*Node {
	t.Helper()
	s := newSite(t)
	s.opts = opts
	nodes := s.grow(size)
	list(nodes...)
	allUp(t, nodes...)
	return nodes
}

// status is how n shows id, INVALID if it does not know it.
func status(n *Node, id types.NodeId) types.NodeStatus {
	info, err := n.GetLocalNodeInfo(id)
	if err != nil {
		return types.NODE_STATUS_INVALID
	}
	return info.Status
}

// awaitStatus waits until n shows id with a status.
func awaitStatus(t testing.TB, n *Node, id types.NodeId, want types.NodeStatus) {
	t.Helper()
	eventually(t, func() bool { return status(n, id) == want }, "%s shows %s as %v, not %v", n.NodeId(), id, status(n, id), want)
}

// allUp waits until all nodes show each other, and themselves, UP.
func allUp(t testing.TB, nodes ...*Node) {
	t.Helper()
	for _, n := range nodes {
		for _, peer := range nodes {
			awaitStatus(t, n, peer.NodeId(), types.NODE_STATUS_UP)
		}
	}
}

// member is what n's failure detector holds about id.
func member(n *Node, id types.NodeId) Member {
	for _, m := range n.Members() {
		if m.Node == id {
			return m
		}
	}
	return Member{}
}

// freeAddr is an address on which nobody listens, until somebody does.
func freeAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	s := newSite(t)
	n := s.node("port", "")
	s.start(n)
	addr := netip.MustParseAddrPort(n.Addr())
	if err := n.Stop(0); err != nil {
		t.Fatal(err)
	}
	return addr
}

// logTo sends everything that a node logs to w.
func logTo(w io.Writer) Option {
	return WithLogger(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo})))
}
