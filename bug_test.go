package nekton

// libopenstorage/gossip, whose API this is, has bugs that nekton does not. Each of
// them has a test with the behaviour that is right; these names are those of the
// reference page.
//
//	B1   TestABadListenAddressIsAnErrorOfStart
//	B2   TestIdsThatAreTooLongAreAnErrorThatStatesTheLimit
//	B3   TestCallsBeforeStartDoNoHarm, TestCallsWhileWaitingDoNoHarm
//	B4   TestExactlyOneOfConcurrentStopsSucceeds, TestANodeLivesInCycles
//	B5   TestStartOnARunningNodeChangesNothing
//	B6   TestUpdateClusterBeforeStartCountsMembers
//	B7   TestANodeAlwaysKnowsItself
//	B8   TestMetaInfoHasTheGeneration
//	B9   TestWhatIsReturnedBelongsToTheCaller, TestReadersDuringChurnAreFreeOfRaces
//	B10  TestMovingIntoAnInactiveDomainLosesQuorum
//	B11  TestAValueThatCannotBeEncodedIsRefusedAndTheRestArrives
//	B12  TestWhatAPeerKnowsOfItselfDoesNotChangeTheLocalConfiguration
//	B13  TestALostPeerWithALiveSiblingIsDown
//	B14  TestAPeerThatLeavesRightAfterTheStartStaysDown
//	B15  TestADomainDroppedFromTheActiveMapIsInactive
//	B16  TestAdviceDuringUpdatesOfTheActiveMapIsFreeOfRaces
//	B17  TestNewStartsNothingAndStopLeavesNothing
//	B18  TestABlockedSubscriberStopsNobody
//	B19  TestThePingOfANeighbourTakesPositiveTime
//	B20  TestAClockAheadDoesNotHideNewValues
//	B21  TestAnEntryUnderAnotherKeyIsRefused
//	B22  TestNothingGoesToGlobalLoggers
//	B23  TestTheQuorumTimerDoesNotOutliveItsRun
//	B24  TestALeaveThatTimesOutStopsTheNodeAllTheSame

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

func TestABadListenAddressIsAnErrorOfStart(t *testing.T) {
	for _, addr := range []string{
		"", "nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "300.1.1.1:7000", "127.0.0.1:99999", "::1:7000", "[::1]",
	} {
		n := NewNode(addr, "n", 1, quick(), *gossip, "c", "")
		n.UpdateSelf("k", "v")
		var bad *AddrError
		if err := n.Start(types.GossipStartConfiguration{}); !errors.As(err, &bad) {
			t.Errorf("%q: Start returned %v", addr, err)
		}
		if v, err := Value[string](n, "n", "k"); v != "v" || err != nil {
			t.Errorf("%q: the own value is %q, %v", addr, v, err)
		}
		if err := n.Stop(0); !errors.Is(err, ErrNotStarted) {
			t.Errorf("%q: Stop returned %v", addr, err)
		}
	}
}

func TestIdsThatAreTooLongAreAnErrorThatStatesTheLimit(t *testing.T) {
	limit := swim.MaxNameLen
	if lacks("long ids") {
		limit -= len(*gossip)
	}
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		name        string
		id, cluster string
		want        string
	}{
		{"a long id", long, "c", fmt.Sprintf("node id has 256 bytes, want 1 to %d", limit)},
		{"no id", "", "c", fmt.Sprintf("node id has 0 bytes, want 1 to %d", limit)},
		{"a long cluster id", "n", long, "cluster id has 256 bytes, limit 255"},
	} {
		n := NewNode("127.0.0.1:0", types.NodeId(c.id), 1, quick(), *gossip, c.cluster, "")
		err := n.Start(types.GossipStartConfiguration{})
		var bad *ConfigError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Start returned %v, want %q", c.name, err, c.want)
		}
		n.UpdateSelf("k", 7)
		if info, err := n.GetLocalNodeInfo(types.NodeId(c.id)); err != nil || info.Value["k"] != 7 || info.Id != types.NodeId(c.id) {
			t.Errorf("%s: the own entry is %v, %v", c.name, info, err)
		}
		if _, ok := n.GetLocalState()[types.NodeId(c.id)]; !ok {
			t.Errorf("%s: the own entry has another id in %v", c.name, n.GetLocalState())
		}
	}
	s := newSite(t)
	s.start(s.node(types.NodeId(long[:limit]), "")) // the limit itself is fine
}

// harmless calls everything that a node without sockets may be asked.
func harmless(t *testing.T, n *Node) {
	t.Helper()
	if got := n.GetNodes(); got == nil || len(got) != 0 {
		t.Errorf("GetNodes returned %v, want an empty list", got)
	}
	if got := n.Members(); got == nil || len(got) != 0 {
		t.Errorf("Members returned %v, want an empty list", got)
	}
	if _, err := n.Ping("n", "127.0.0.1:1"); !lacks("Ping") && !errors.Is(err, ErrNotRunning) {
		t.Errorf("Ping returned %v", err)
	}
	if err := n.Rejoin(context.Background()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Rejoin returned %v", err)
	}
	if got := n.KnownAddresses(); got == nil || len(got) != 0 {
		t.Errorf("KnownAddresses returned %v", got)
	}
	if got := n.Addr(); got != "" {
		t.Errorf("Addr returned %q", got)
	}
	domain := n.Stats().Domain
	n.UpdateSelfClusterDomain(domain + "'")
	n.UpdateSelfClusterDomain(domain)
	n.UpdateSelf("k", "v")
	n.AddNode("peer", types.NODE_STATUS_DOWN, true, "d")
	if err := n.UpdateNodeStatus("peer", types.NODE_STATUS_UP); err != nil {
		t.Error(err)
	}
	if got := n.GetStoreKeyValue("k"); got["n"].Value != "v" || len(got) != 2 {
		t.Errorf("GetStoreKeyValue returned %v", got)
	}
	if err := n.RemoveNode("peer"); err != nil {
		t.Error(err)
	}
	if got := n.ExternalNodeLeave("peer"); got != "n" {
		t.Errorf("ExternalNodeLeave returned %q, want the node itself: it is not UP", got)
	}
}

func TestCallsBeforeStartDoNoHarm(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "d")
	harmless(t, n)
	if err := n.UpdateClusterDomainsActiveMap(nil); !errors.Is(err, ErrNotStarted) {
		t.Errorf("UpdateClusterDomainsActiveMap returned %v", err)
	}
	for range 2 {
		if err := n.Stop(time.Second); !errors.Is(err, ErrNotStarted) {
			t.Errorf("Stop returned %v", err)
		}
	}
	if got := n.Stats().Phase; got != PhaseIdle {
		t.Errorf("the node is %v", got)
	}
}

func TestCallsWhileWaitingDoNoHarm(t *testing.T) {
	s := newSite(t)
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	n := s.node("n", "d")
	s.start(n)
	if got := n.Stats().Phase; got != PhaseWaiting {
		t.Errorf("the node is %v", got)
	}
	harmless(t, n)
	if err := n.Start(s.config()); !errors.Is(err, ErrRunning) {
		t.Errorf("Start returned %v", err)
	}
	if err := n.Stop(time.Minute); err != nil {
		t.Errorf("Stop returned %v", err)
	}
	if err := n.Stop(0); !errors.Is(err, ErrStopped) {
		t.Errorf("the second Stop returned %v", err)
	}
}

func TestExactlyOneOfConcurrentStopsSucceeds(t *testing.T) {
	for _, timeout := range []time.Duration{0, 5 * time.Second} {
		nodes := cluster(t, 3)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { errs[i] = nodes[0].Stop(timeout) })
		}
		wg.Wait()
		succeeded := 0
		for _, err := range errs {
			if err == nil {
				succeeded++
			} else if !errors.Is(err, ErrStopped) {
				t.Errorf("Stop returned %v", err)
			}
		}
		if succeeded != 1 {
			t.Errorf("%d calls of Stop(%v) succeeded", succeeded, timeout)
		}
	}
}

func TestANodeLivesInCycles(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3)
	n, peer := nodes[0], nodes[1]
	n.UpdateSelf("kept", "since the first run")
	n.UpdateSelf("deleted", true)
	s := newSite(t)
	boot := uint64(0)
	for cycle := range 3 {
		if err := n.Stop(time.Duration(cycle%2) * 5 * time.Second); err != nil {
			t.Fatal(err)
		}
		if err := n.Stop(0); !errors.Is(err, ErrStopped) {
			t.Fatalf("Stop after Stop returned %v", err)
		}
		n.DeleteSelf("deleted")
		n.UpdateSelf("cycle", cycle) // the store works between runs
		s.start(n, peer)
		allUp(t, nodes...)
		eventually(t, func() bool {
			got, _ := peer.GetLocalNodeInfo(n.NodeId())
			_, deleted := got.Value["deleted"]
			return got.Value["kept"] == "since the first run" && got.Value["cycle"] == cycle && !deleted
		}, "the values of cycle %d reach the peers", cycle)
		if b := member(peer, n.NodeId()).Boot; !lacks("lives") && b <= boot {
			t.Errorf("cycle %d has boot %d, after %d", cycle, b, boot)
		} else {
			boot = b
		}
	}
}

func TestStartOnARunningNodeChangesNothing(t *testing.T) {
	nodes := cluster(t, 2)
	n := nodes[0]
	before := n.Stats()
	other := types.GossipStartConfiguration{QuorumProviderType: types.QUORUM_PROVIDER_FAILURE_DOMAINS}
	if err := n.Start(other); !errors.Is(err, ErrRunning) {
		t.Fatalf("Start returned %v", err)
	}
	if after := n.Stats(); after.Status != before.Status || after.Quorum != before.Quorum || after.Phase != PhaseRunning {
		t.Errorf("the node was %v %v, and is %v %v", before.Status, before.Quorum, after.Status, after.Quorum)
	}
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n1": {QuorumMember: true}, "n2": {QuorumMember: true}})
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_UP {
		t.Errorf("the provider was replaced: the node is %v", got)
	}
}

func TestUpdateClusterBeforeStartCountsMembers(t *testing.T) {
	s := newSite(t)
	n := s.node("n1", "")
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{
		"n1": {QuorumMember: true}, "n2": {QuorumMember: true}, "n3": {QuorumMember: true},
		"n4": {QuorumMember: true}, "n5": {QuorumMember: true},
	})
	s.start(n)
	if got := n.Stats(); got.Status != types.NODE_STATUS_NOT_IN_QUORUM || got.Quorum != (Quorum{Members: 5, Alive: 1, Needed: 3}) {
		t.Errorf("alone in a cluster of five the node is %v with %+v", got.Status, got.Quorum)
	}
}

func TestANodeAlwaysKnowsItself(t *testing.T) {
	s := newSite(t)
	n := s.node("n", "")
	n.UpdateSelf("k", "v")
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"other": {}})
	n.UpdateSelf("k2", "v2")
	info, err := n.GetLocalNodeInfo("n")
	if err != nil || info.Value["k"] != "v" || info.Value["k2"] != "v2" || info.Id != "n" {
		t.Errorf("the own entry is %v, %v", info, err)
	}
	if err := n.RemoveNode("n"); err == nil {
		t.Error("the node removed itself")
	}
}

func TestMetaInfoHasTheGeneration(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 42, quick(), *gossip, "c", "")
	before := n.MetaInfo()
	if before.GenNumber != 42 || before.Id != "n" || before.ClusterId != "c" || before.GossipVersion != *gossip {
		t.Errorf("MetaInfo is %+v", before)
	}
	n.UpdateSelf("k", "v")
	if !n.MetaInfo().LastUpdateTs.After(before.LastUpdateTs) {
		t.Error("LastUpdateTs did not move with a change")
	}
}

func TestWhatIsReturnedBelongsToTheCaller(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	given := []string{"a", "b"}
	n.UpdateSelf("list", given)
	given[0] = "changed after the call"
	n.GetLocalState()["n"].Value["list"].([]string)[1] = "changed in a copy"
	info, _ := n.GetLocalNodeInfo("n")
	delete(info.Value, "list")
	n.GetStoreKeyValue("list")["n"].Value.([]string)[0] = "changed in a copy"
	if got, err := Value[[]string](n, "n", "list"); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the value is %q, %v", got, err)
	}

	n.AddNode("peer", types.NODE_STATUS_NEVER_GOSSIPED, false, "")
	update := types.NodeInfoMap{"peer": {Id: "peer", LastUpdateTs: time.Now(), Value: types.StoreMap{"k": "v"}}}
	n.Update(update)
	update["peer"].Value["k"] = "changed after the call"
	if got, _ := Value[string](n, "peer", "k"); got != "v" {
		t.Errorf("the value of the peer is %q", got)
	}
}

func TestReadersDuringChurnAreFreeOfRaces(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, f := range []func(n *Node, i int){
		func(n *Node, i int) { n.UpdateSelf("k", map[string]int{"i": i}) },
		func(n *Node, i int) { n.DeleteSelf("k") },
		func(n *Node, _ int) {
			for _, info := range n.GetLocalState() {
				info.Value["mine"] = true
			}
		},
		func(n *Node, _ int) { n.GetStoreKeyValue("k"); n.GetStoreKeys() },
		func(n *Node, _ int) { n.Members(); n.GetNodes(); n.Stats(); n.MetaInfo(); n.GetSelfStatus() },
		func(n *Node, i int) {
			peers := map[types.NodeId]types.NodeUpdate{"n1": {QuorumMember: true}, "n2": {QuorumMember: true}}
			if i%2 == 0 {
				peers["n3"] = types.NodeUpdate{QuorumMember: true}
			}
			n.UpdateCluster(peers)
		},
		func(n *Node, i int) {
			n.Update(types.NodeInfoMap{"n2": {Id: "n2", LastUpdateTs: time.Now(), Value: types.StoreMap{"k": i}}})
		},
	} {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					f(nodes[0], i)
				}
			}
		})
	}
	s := newSite(t)
	for range 3 {
		if err := nodes[2].Stop(0); err != nil {
			t.Error(err)
		}
		s.start(nodes[2], nodes[0])
	}
	close(done)
	wg.Wait()
	list(nodes...)
	allUp(t, nodes...)
}

func TestMovingIntoAnInactiveDomainLosesQuorum(t *testing.T) {
	s := newSite(t)
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"on": types.CLUSTER_DOMAIN_STATE_ACTIVE, "off": types.CLUSTER_DOMAIN_STATE_INACTIVE}
	n := s.node("n", "on")
	s.start(n)
	list(n)
	awaitStatus(t, n, "n", types.NODE_STATUS_UP)
	if got := n.ExternalNodeLeave("peer"); got != "peer" {
		t.Errorf("in quorum the advice is %q", got)
	}
	n.UpdateSelfClusterDomain("off")
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
		t.Errorf("right after the move the node is %v", got)
	}
	if got := n.ExternalNodeLeave("peer"); got != "n" {
		t.Errorf("out of quorum the advice is %q", got)
	}
	awaitStatus(t, n, "n", types.NODE_STATUS_NOT_IN_QUORUM)
	n.UpdateSelfClusterDomain("on")
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_UP {
		t.Errorf("back in an active domain the node is %v", got)
	}
}

func TestAValueThatCannotBeEncodedIsRefusedAndTheRestArrives(t *testing.T) {
	nodes := cluster(t, 2, WithType("panicky", panicky{}))
	n, peer := nodes[0], nodes[1]
	n.UpdateSelf("channel", make(chan int))
	n.UpdateSelf("panics", panicky{})
	n.UpdateSelf("large", strings.Repeat("x", 100<<10))
	n.UpdateSelf(types.StoreKey(strings.Repeat("k", 300)), 1)
	n.UpdateSelf("good", 7)
	eventually(t, func() bool { return Values[int](peer, "good")["n1"] == 7 }, "the good value arrives")
	if got := peer.GetStoreKeys(); !slices.Equal(got, []types.StoreKey{"good"}) {
		t.Errorf("the peer sees the keys %q", got)
	}
	if got := n.Stats().RefusedValues; got != 4 {
		t.Errorf("%d values were refused, want 4", got)
	}
}

func TestWhatAPeerKnowsOfItselfDoesNotChangeTheLocalConfiguration(t *testing.T) {
	nodes := cluster(t, 2)
	n, peer := nodes[0], nodes[1]
	addr := n.Addr()
	// The peer believes something else of itself, and moves its timestamp.
	peer.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n2": {Addr: "127.0.0.1:1", ClusterDomain: "elsewhere"}, "n1": {}})
	peer.UpdateSelf("k", 1)
	eventually(t, func() bool { return Values[int](n, "k")["n2"] == 1 }, "the peer's change arrives")
	info, _ := n.GetLocalNodeInfo("n2")
	if !info.QuorumMember || info.ClusterDomain != "" || info.Addr == "127.0.0.1:1" {
		t.Errorf("the entry of the peer is %+v", info)
	}
	n.Update(types.NodeInfoMap{"n2": {Id: "n2", LastUpdateTs: time.Now().Add(time.Hour), Addr: addr, ClusterDomain: "d"}})
	if info, _ := n.GetLocalNodeInfo("n2"); !info.QuorumMember || info.ClusterDomain != "" || info.Addr == addr {
		t.Errorf("after Update the entry of the peer is %+v", info)
	}
}

func TestAPeerThatLeavesRightAfterTheStartStaysDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nodes := s.grow(6)
	list(nodes...)
	// Some may not even have heard of it yet.
	if err := nodes[5].Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes[:5] {
		awaitStatus(t, n, "n6", types.NODE_STATUS_DOWN)
	}
	remains(t, time.Second, func() bool {
		return !slices.ContainsFunc(nodes[:5], func(n *Node) bool { return status(n, "n6") != types.NODE_STATUS_DOWN })
	}, "the peer that left is DOWN at all others")
}

func TestAdviceDuringUpdatesOfTheActiveMapIsFreeOfRaces(t *testing.T) {
	s := newSite(t)
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"d": types.CLUSTER_DOMAIN_STATE_ACTIVE}
	n := s.node("n", "d")
	s.start(n)
	list(n)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 200 {
				if i%2 == 0 {
					if got := n.ExternalNodeLeave("peer"); got != "peer" && got != "n" {
						t.Errorf("the advice is %q", got)
					}
					continue
				}
				active := types.ClusterDomainsActiveMap{"d": types.CLUSTER_DOMAIN_STATE_ACTIVE}
				if j%2 == 0 {
					active["d"] = types.CLUSTER_DOMAIN_STATE_INACTIVE
				}
				if err := n.UpdateClusterDomainsActiveMap(active); err != nil {
					t.Error(err)
				}
				active["d"] = "written to after the call"
			}
		})
	}
	wg.Wait()
}

func TestNewStartsNothingAndStopLeavesNothing(t *testing.T) {
	before, ignored := runtime.NumGoroutine(), goleak.IgnoreCurrent()
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("New started %d goroutines", after-before)
	}
	for range 3 {
		if err := n.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		if err := n.Stop(time.Second); err != nil {
			t.Fatal(err)
		}
	}
	// Also a Start that fails leaves nothing.
	s := newSite(t)
	taken := s.node("taken", "")
	s.start(taken)
	n = NewNode(taken.Addr(), "n", 1, quick(), *gossip, "c", "")
	var bad *AddrError
	if err := n.Start(types.GossipStartConfiguration{}); !errors.As(err, &bad) {
		t.Errorf("Start at an address in use returned %v", err)
	}
	if err := taken.Stop(0); err != nil {
		t.Fatal(err)
	}
	if err := goleak.Find(ignored); err != nil {
		t.Error(err)
	}
	if err := n.Start(types.GossipStartConfiguration{}); err != nil {
		t.Errorf("once the address is free, Start returned %v", err)
	}
	if err := n.Stop(0); err != nil {
		t.Error(err)
	}
}

func TestThePingOfANeighbourTakesPositiveTime(t *testing.T) {
	needs(t, "Ping")
	nodes := cluster(t, 2)
	for range 20 {
		if rtt, err := nodes[0].Ping("n2", nodes[1].Addr()); err != nil || rtt <= 0 || rtt > patience {
			t.Fatalf("Ping returned %v, %v", rtt, err)
		}
	}
}

// ahead is a clock whose wall is an hour ahead.
type ahead struct{ Clock }

func (a ahead) Now() (time.Duration, time.Time) {
	now, wall := a.Clock.Now()
	return now, wall.Add(time.Hour)
}

func TestAClockAheadDoesNotHideNewValues(t *testing.T) {
	s := newSite(t)
	observer := s.node("observer", "", WithClock(ahead{newSystemClock()}))
	n := s.node("n", "")
	s.start(observer)
	s.start(n, observer)
	list(observer, n)
	allUp(t, observer, n)
	if err := observer.UpdateNodeStatus("n", types.NODE_STATUS_UP); err != nil {
		t.Fatal(err)
	}
	if info, _ := observer.GetLocalNodeInfo("n"); time.Until(info.LastUpdateTs) < 59*time.Minute {
		t.Errorf("the observer's clock did not stamp the entry: %v", info.LastUpdateTs)
	}
	n.UpdateSelf("k", "fresh")
	observer.UpdateSelf("k", "from the future")
	eventually(t, func() bool { return Values[string](observer, "k")["n"] == "fresh" }, "the fresh value arrives at the observer")
	eventually(t, func() bool { return Values[string](n, "k")["observer"] == "from the future" }, "the observer's value arrives")
	observer.UpdateSelf("k", "newer")
	eventually(t, func() bool { return Values[string](n, "k")["observer"] == "newer" }, "the observer's second value arrives")
}

func TestAnEntryUnderAnotherKeyIsRefused(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	n.AddNode("a", types.NODE_STATUS_NEVER_GOSSIPED, false, "")
	n.AddNode("b", types.NODE_STATUS_NEVER_GOSSIPED, false, "")
	values := types.StoreMap{"k": "v"}
	n.Update(types.NodeInfoMap{
		"a": {Id: "b", LastUpdateTs: time.Now(), Value: values},
		"b": {Id: "b", LastUpdateTs: time.Now(), Value: values},
		"n": {Id: "n", LastUpdateTs: time.Now().Add(time.Hour), Value: values},
		"x": {Id: "x", LastUpdateTs: time.Now(), Value: values},
	})
	state := n.GetLocalState()
	if len(state) != 3 || len(state["a"].Value) != 0 || state["b"].Value["k"] != "v" || len(state["n"].Value) != 0 {
		t.Errorf("after Update the state is %v", state)
	}
	if got := n.Stats().RefusedValues; got != 1 {
		t.Errorf("%d entries were refused, want 1", got)
	}
}

func TestNothingGoesToGlobalLoggers(t *testing.T) {
	var out bytes.Buffer
	flags, writer, standard := log.Flags(), log.Writer(), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.SetOutput(&out)
	defer func() { slog.SetDefault(standard); log.SetOutput(writer); log.SetFlags(flags) }()

	nodes := cluster(t, 3)
	nodes[0].UpdateSelf("bad", func() {})
	for _, n := range nodes {
		if err := n.Stop(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if out.Len() > 0 {
		t.Errorf("written to global loggers:\n%s", &out)
	}
}

func TestTheQuorumTimerDoesNotOutliveItsRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.intervals.QuorumTimeout = 300 * time.Millisecond
	n := s.node("n", "")
	s.start(n)
	list(n)
	awaitStatus(t, n, "n", types.NODE_STATUS_UP)
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n": {QuorumMember: true}, "gone": {QuorumMember: true}})
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
		t.Fatalf("without the other member the node is %v", got)
	}
	if err := n.Stop(0); err != nil {
		t.Fatal(err)
	}
	remains(t, 600*time.Millisecond, func() bool {
		return n.GetSelfStatus() == types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	}, "the status of a stopped node stays what it was")
}

func TestALeaveThatTimesOutStopsTheNodeAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.intervals.ProbeInterval = 10 * time.Second // nobody finds out that the others are gone
	if lacks("acknowledged departures") {
		s.intervals.GossipInterval = 10 * time.Second // and it is not sent often enough
	}
	nodes := s.grow(3)
	eventually(t, func() bool { return len(nodes[0].GetNodes()) == 3 }, "all members are there")
	for _, n := range nodes[1:] {
		if err := n.Stop(0); err != nil {
			t.Fatal(err)
		}
	}
	n := nodes[0]
	addr := n.Addr()
	began := time.Now()
	if err := n.Stop(300 * time.Millisecond); !errors.Is(err, ErrLeaveTimeout) {
		t.Fatalf("Stop returned %v", err)
	}
	if took := time.Since(began); took < 300*time.Millisecond || took > 5*time.Second {
		t.Errorf("Stop took %v", took)
	}
	if got := n.Stats().Phase; got != PhaseStopped {
		t.Errorf("the node is %v", got)
	}
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_DOWN {
		t.Errorf("the own status is %v", got)
	}
	again := s.nodeAt(addr, "other", 1, "")
	s.start(again) // the address is free
	if err := n.Stop(time.Second); err != nil {
		t.Errorf("the second Stop returned %v", err)
	}
	if err := n.Stop(time.Second); !errors.Is(err, ErrStopped) {
		t.Errorf("the third Stop returned %v", err)
	}
}

// panicky is a value whose own encoder panics.
type panicky struct{}

func (panicky) MarshalBinary() ([]byte, error)  { panic("no") }
func (*panicky) UnmarshalBinary(b []byte) error { return nil }
