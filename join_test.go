package nekton

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// over makes nodes live in a network in memory.
func over(network *transport.Network) Option {
	return WithTransport(func(_ context.Context, addr string) (transport.Transport, error) { return network.Listen(addr) })
}

// seedList is a configuration with seeds at the given addresses.
func seedList(addrs ...string) types.GossipStartConfiguration {
	c := types.GossipStartConfiguration{Nodes: map[types.NodeId]types.GossipNodeConfiguration{}}
	for i, addr := range addrs {
		c.Nodes[types.NodeId(fmt.Sprintf("seed%03d", i))] = types.GossipNodeConfiguration{KnownUrl: addr}
	}
	return c
}

// silent is a network on which nothing but the given addresses answers: dialling
// any other waits, as it does where packets are swallowed.
func silent(answering ...string) *transport.Network {
	network := transport.NewNetwork()
	network.Sever(func(_, to netip.AddrPort) bool {
		return to.Addr().String() != "10.0.0.2" && !slices.Contains(answering, to.String())
	})
	return network
}

func TestOneLiveSeedAmongAHundredIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	const live = "10.0.0.1:7000"
	s := newSite(t)
	s.opts = []Option{over(silent(live)), WithProtocol(Protocol{JoinDials: 128}), WithLimits(Limits{Streams: 128})}
	s.start(s.nodeAt(live, "live", 1, ""))
	n := s.nodeAt("10.0.0.2:7000", "n", 1, "")
	addrs := []string{live}
	for i := range 99 {
		addrs = append(addrs, fmt.Sprintf("10.1.0.%d:7000", i+1))
	}
	began := time.Now()
	if err := n.Start(seedList(addrs...)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("joining took %v", took)
	}
	if got := len(n.GetNodes()); got != 2 {
		t.Errorf("the joiner knows %d members", got)
	}
}

func TestAJoinThatIsCancelledReturnsAtOnceAndTheNodeStaysUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.opts = []Option{over(silent())}
	n := s.nodeAt("10.0.0.2:7000", "n", 1, "")
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	var cancelled atomic.Int64
	time.AfterFunc(100*time.Millisecond, func() { cancelled.Store(time.Now().UnixNano()); cancel(cause) })
	err := n.StartContext(ctx, seedList("10.1.0.1:7000", "10.1.0.2:7000"))
	if took := time.Since(time.Unix(0, cancelled.Load())); took > time.Second {
		t.Errorf("after the cancel it took %v", took)
	}
	var join *JoinError
	if !errors.As(err, &join) || !errors.Is(err, cause) || len(join.Seeds) != 2 {
		t.Errorf("StartContext returned %v", err)
	}
	if got := n.Stats().Phase; got != PhaseRunning {
		t.Errorf("the node is %v", got)
	}
	began := time.Now()
	if err := n.Stop(0); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("Stop waited %v for streams that nobody answers", took)
	}
}

func TestStopEndsAStartThatIsJoining(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.opts = []Option{over(silent())}
	n := s.nodeAt("10.0.0.2:7000", "n", 1, "")
	outcome := make(chan error, 1)
	go func() { outcome <- n.Start(seedList("10.1.0.1:7000")) }()
	eventually(t, func() bool { return n.Stats().Phase == PhaseRunning }, "the node has sockets")
	if err := n.Stop(0); err != nil {
		t.Error(err)
	}
	select {
	case err := <-outcome:
		if !errors.Is(err, ErrStopped) {
			t.Errorf("Start returned %v", err)
		}
	case <-within(t).Done():
		t.Error("Start did not return")
	}
}

func TestStopEndsAStartThatIsOpeningSockets(t *testing.T) {
	entered := make(chan struct{})
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "", WithTransport(
		func(ctx context.Context, _ string) (transport.Transport, error) {
			close(entered)
			<-ctx.Done()
			return nil, ctx.Err()
		}))
	outcome := make(chan error, 1)
	go func() { outcome <- n.Start(types.GossipStartConfiguration{}) }()
	<-entered
	if err := n.Start(types.GossipStartConfiguration{}); !errors.Is(err, ErrRunning) {
		t.Errorf("a Start beside it returned %v", err)
	}
	if err := n.Stop(0); err != nil {
		t.Error(err)
	}
	if err := <-outcome; !errors.Is(err, ErrStopped) {
		t.Errorf("Start returned %v", err)
	}
}

func TestAContextThatEndsWhileSocketsAreOpenedLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "", WithTransport(
		func(ctx context.Context, _ string) (transport.Transport, error) {
			cancel()
			<-ctx.Done()
			return nil, errors.New("late")
		}))
	if err := n.StartContext(ctx, types.GossipStartConfiguration{}); !errors.Is(err, context.Canceled) {
		t.Errorf("StartContext returned %v", err)
	}
	if err := n.StartContext(ctx, types.GossipStartConfiguration{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended it returned %v", err)
	}
	if err := n.Stop(0); !errors.Is(err, ErrNotStarted) {
		t.Errorf("Stop returned %v", err)
	}
}

func TestWithoutALiveSeedTheNodeStaysUpAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	n := s.node("n", "")
	err := n.Start(seedList("127.0.0.1:1", "nonsense", ""))
	var join *JoinError
	var bad *AddrError
	if !errors.As(err, &join) || !errors.Is(err, swim.ErrNoSeed) || !errors.As(err, &bad) {
		t.Fatalf("Start returned %v", err)
	}
	if want := []string{"127.0.0.1:1", "nonsense"}; !slices.Equal(join.Seeds, want) {
		t.Errorf("the seeds of the error are %q", join.Seeds)
	}
	peer := s.node("peer", "")
	s.start(peer, n) // it is reachable
	list(n, peer)
	allUp(t, n, peer)
}

func TestTheOwnAddressIsASeedThatAnswers(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	for _, c := range []struct {
		name, listen string
		seeds        []string
	}{
		{"alone", addr.String(), []string{addr.String()}},
		{"beside a dead one", addr.String(), []string{addr.String(), "127.0.0.1:1"}},
		{"bound to all addresses", fmt.Sprintf("0.0.0.0:%d", addr.Port()), []string{addr.String(), fmt.Sprintf("0.0.0.0:%d", addr.Port())}},
		{"bound to all addresses, by no host", fmt.Sprintf(":%d", addr.Port()), []string{addr.String()}},
	} {
		s := newSite(t)
		n := s.nodeAt(c.listen, "n", 1, "")
		if err := n.Start(seedList(c.seeds...)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := n.Stats().Protocol; got.Conflicts != 0 || got.Exchanges+got.ExchangesIdle != 0 {
			t.Errorf("%s: the node talked to itself", c.name)
		}
		if err := n.Stop(time.Second); err != nil {
			t.Errorf("%s: Stop returned %v", c.name, err)
		}
	}
}

// names is a resolver whose answers can be changed.
type names struct{ answer atomic.Pointer[netip.Addr] }

func (r *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a := r.answer.Load(); a != nil && strings.HasSuffix(host, ".example") {
		return []netip.Addr{*a}, nil
	}
	return nil, errors.New("no such host")
}

func TestSeedsMayBeHostNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.node("first", "")
	s.start(first)
	at := netip.MustParseAddrPort(first.Addr())
	resolver := &names{}
	n := s.node("n", "", WithResolver(resolver))
	seed := fmt.Sprintf("seed.example:%d", at.Port())

	var join *JoinError
	var bad *AddrError
	if err := n.Start(seedList(seed)); !errors.As(err, &join) || !errors.As(err, &bad) {
		t.Fatalf("with an unknown name Start returned %v", err)
	}
	ip := at.Addr()
	resolver.answer.Store(&ip)
	if err := n.Rejoin(context.Background()); err != nil { // through the seeds of Start
		t.Fatal(err)
	}
	list(first, n)
	allUp(t, first, n)
	if got := n.KnownAddresses(); !slices.Equal(got, []string{first.Addr()}) {
		t.Errorf("the known addresses are %q", got)
	}
	if rtt, err := n.Ping("first", seed); !lacks("Ping") && (err != nil || rtt <= 0) {
		t.Errorf("Ping by name returned %v, %v", rtt, err)
	}
}

func TestRejoinBringsTwoClustersTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a, b := s.node("a", ""), s.node("b", "")
	s.start(a)
	s.start(b)
	var join *JoinError
	if err := a.Rejoin(context.Background(), "127.0.0.1:1"); !errors.As(err, &join) {
		t.Errorf("through a dead address Rejoin returned %v", err)
	}
	if err := a.Rejoin(context.Background(), "127.0.0.1:1", b.Addr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return len(b.GetNodes()) == 2 && len(a.GetNodes()) == 2 }, "both know each other")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.Rejoin(ctx, b.Addr()); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended Rejoin returned %v", err)
	}
}

func TestARefusalIsATypedErrorAtTheJoiner(t *testing.T) {
	needs(t, "refusals")
	t.Parallel()
	s := newSite(t)
	seed := s.node("seed", "")
	s.start(seed)
	other := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "other", "")
	t.Cleanup(func() { _ = other.Stop(0) })
	events := other.Subscribe(within(t))
	err := other.Start(seedList(seed.Addr()))
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Reason != swim.RefusedCluster || refused.Ours != "c" || refused.Theirs != "other" {
		t.Fatalf("Start returned %v", err)
	}
	if e := next[RefusedEvent](t, events); e.ByUs || e.Node != "seed" || e.Ours != "other" || e.Theirs != "c" {
		t.Errorf("the event is %+v", e)
	}
	if got := seed.Stats().Protocol.RefusalsSent; got == 0 {
		t.Error("the refusal was not counted")
	}
	remains(t, 300*time.Millisecond, func() bool { return len(seed.GetNodes()) == 1 && len(other.GetNodes()) == 1 },
		"the clusters stay apart")
}

func TestClustersThatShareSeedsStayApart(t *testing.T) {
	t.Parallel()
	var clusters [2][]*Node
	var addrs []string
	for i := range 6 {
		n := NewNode("127.0.0.1:0", types.NodeId(fmt.Sprintf("n%d", i)), 1, quick(), *gossip, fmt.Sprint("c", i%2), "")
		t.Cleanup(func() { _ = n.Stop(0) })
		if err := n.Start(seedList(addrs...)); i > 1 && err != nil {
			t.Fatal(err) // the first of each has no seed of its own yet
		}
		addrs = append(addrs, n.Addr())
		clusters[i%2] = append(clusters[i%2], n)
	}
	for _, nodes := range clusters {
		list(nodes...)
		allUp(t, nodes...)
	}
	remains(t, 500*time.Millisecond, func() bool {
		return len(clusters[0][0].GetNodes()) == 3 && len(clusters[1][0].GetNodes()) == 3
	}, "each cluster has its three members")
}

func TestAHigherGenerationReplacesTheNodeOfItsName(t *testing.T) {
	needs(t, "lives")
	t.Parallel()
	nodes := cluster(t, 3)
	old := nodes[2]
	old.UpdateSelf("run", "old")
	eventually(t, func() bool { return Values[string](nodes[0], "run")["n3"] == "old" }, "the old value is there")
	events := old.Subscribe(within(t))
	s := newSite(t)
	newer := s.nodeAt("127.0.0.1:0", "n3", 2, "")
	newer.UpdateSelf("run", "new")
	s.start(newer, nodes[0])
	eventually(t, func() bool {
		m := member(nodes[1], "n3")
		return m.Generation == 2 && m.Addr.String() == newer.Addr() && Values[string](nodes[1], "run")["n3"] == "new"
	}, "the others use the newer node")
	if e := nextMatch(t, events, func(e SelfEvent) bool { return e.Change == SelfReplaced }); !e.Addr.IsValid() {
		t.Error("the event does not say who knows")
	}
	awaitStatus(t, old, "n3", types.NODE_STATUS_DOWN)
	if err := old.Stop(5 * time.Second); err != nil {
		t.Errorf("a node that was replaced has nobody to tell, but Stop returned %v", err)
	}
	remains(t, 300*time.Millisecond, func() bool { return status(nodes[0], "n3") == types.NODE_STATUS_UP }, "the newer node is UP")
}

func TestALowerGenerationIsRefused(t *testing.T) {
	needs(t, "lives")
	t.Parallel()
	s := newSite(t)
	seed, n := s.node("seed", ""), s.nodeAt("127.0.0.1:0", "n", 5, "")
	s.start(seed)
	s.start(n, seed)
	late := s.nodeAt("127.0.0.1:0", "n", 4, "")
	err := late.Start(s.config(seed))
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Reason != swim.RefusedGeneration || refused.Ours != "5" || refused.Theirs != "4" {
		t.Errorf("Start returned %v", err)
	}
}

// A seed that serves few streams at a time lets a crowd in all the same.
func TestACrowdJoinsThroughOneBusySeed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seed := s.node("seed", "", WithLimits(Limits{Streams: 2}))
	s.start(seed)
	const crowd = 20
	errs := make(chan error, crowd)
	for i := range crowd {
		n := s.node(types.NodeId(fmt.Sprintf("n%d", i)), "")
		go func() { errs <- n.Start(s.config(seed)) }()
	}
	for range crowd {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	eventually(t, func() bool { return len(seed.GetNodes()) == crowd+1 }, "all are there")
}

func TestAHungUpCallIsToldFromADeadSeed(t *testing.T) {
	dial, read := &net.OpError{Op: "dial", Err: io.EOF}, &net.OpError{Op: "read", Err: errors.New("reset")}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{dial, false},
		{read, true},
		{&RefusedError{}, false},
		{io.ErrUnexpectedEOF, true},
		{fmt.Errorf("a: %w", errors.Join(dial, fmt.Errorf("b: %w", read))), true},
		{fmt.Errorf("%w: %w", swim.ErrNoSeed, errors.Join(dial)), false},
	} {
		if got := hungUp(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}
