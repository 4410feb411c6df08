package nekton

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// v1Cluster grows a cluster on memberlist's wire whose nodes know each other.
func v1Cluster(t testing.TB, size int, opts ...Option) (*site, []*Node) {
	t.Helper()
	s := newSite(t)
	s.version, s.opts = types.DEFAULT_GOSSIP_VERSION, opts
	nodes := s.grow(size)
	list(nodes...)
	allUp(t, nodes...)
	return s, nodes
}

// publishes waits until every node shows a value of one of them.
func publishes(t testing.TB, nodes []*Node, id types.NodeId, key types.StoreKey, want any) {
	t.Helper()
	for _, n := range nodes {
		eventually(t, func() bool {
			v, err := Value[any](n, id, key)
			return err == nil && reflect.DeepEqual(v, want)
		}, "%s shows %v of %s", n.NodeId(), want, id)
	}
}

func TestNodesOfV1JoinAndPublish(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 3)
	for i, n := range nodes {
		n.UpdateSelf("number", i)
		n.UpdateSelf("names", []string{"x", string(n.NodeId())})
	}
	for i, n := range nodes {
		publishes(t, nodes, n.NodeId(), "number", i)
		publishes(t, nodes, n.NodeId(), "names", []string{"x", string(n.NodeId())})
	}
	nodes[1].UpdateSelf("number", "another type")
	if !nodes[1].DeleteSelf("names") {
		t.Fatal("it was not there")
	}
	publishes(t, nodes, "n2", "number", "another type")
	eventually(t, func() bool { return len(nodes[0].GetStoreKeyValue("names")) == 2 }, "a deleted key is gone")
	info, err := nodes[0].GetLocalNodeInfo("n3")
	if err != nil || info.GenNumber != 1 || !info.QuorumMember || info.Addr != nodes[2].Addr() {
		t.Errorf("n1 shows %+v, %v", info, err)
	}
	if stats := nodes[0].Stats(); stats.LostStates != 0 || stats.RefusedValues != 0 {
		t.Errorf("%d states lost, %d values refused", stats.LostStates, stats.RefusedValues)
	}
}

func TestAValueOfAnUnknownNodeShowsWhenItIsListed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = types.DEFAULT_GOSSIP_VERSION
	nodes := s.grow(2)
	nodes[1].UpdateSelf("k", "v")
	if _, err := nodes[0].GetLocalNodeInfo("n2"); err == nil {
		t.Fatal("n2 is known without having been listed")
	}
	list(nodes...)
	allUp(t, nodes...)
	publishes(t, nodes, "n2", "k", "v")
}

func TestALeaveAndACrashAreSeenInV1(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 4)
	nodes[3].UpdateSelf("last", "words")
	publishes(t, nodes, "n4", "last", "words")
	if err := nodes[3].Stop(patience); err != nil {
		t.Fatal(err)
	}
	if got := nodes[3].GetSelfStatus(); got != types.NODE_STATUS_DOWN {
		t.Errorf("who has left is %v", got)
	}
	for _, n := range nodes[:3] {
		awaitStatus(t, n, "n4", types.NODE_STATUS_DOWN)
		if m := member(n, "n4"); m.State != MemberGone {
			t.Errorf("%s holds n4 %v", n.NodeId(), m.State)
		}
	}
	publishes(t, nodes[:3], "n4", "last", "words")
	stopAll(t, nodes[2])
	for _, n := range nodes[:2] {
		awaitStatus(t, n, "n3", types.NODE_STATUS_DOWN)
		awaitStatus(t, n, n.NodeId(), types.NODE_STATUS_NOT_IN_QUORUM)
	}
}

func TestARestartInV1IsRefutedBackToLife(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 3)
	addr := nodes[2].Addr()
	nodes[2].UpdateSelf("run", 1)
	publishes(t, nodes, "n3", "run", 1)
	stopAll(t, nodes[2])
	awaitStatus(t, nodes[0], "n3", types.NODE_STATUS_DOWN)
	again := s.nodeAt(addr, "n3", 2, "")
	again.UpdateSelf("run", 2)
	s.start(again, nodes[0])
	list(nodes[0], nodes[1], again)
	now := []*Node{nodes[0], nodes[1], again}
	allUp(t, now...)
	publishes(t, now, "n3", "run", 2)
	if info, _ := nodes[1].GetLocalNodeInfo("n3"); info.GenNumber != 2 {
		t.Errorf("its generation is shown as %d", info.GenNumber)
	}
}

func TestARestartInV1AtAnotherAddressWaitsUntilTheOldOneIsDead(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 3)
	stopAll(t, nodes[2])
	again := s.nodeAt("127.0.0.1:0", "n3", 1, "")
	s.start(again, nodes[0])
	list(nodes[0], nodes[1], again)
	for _, n := range nodes[:2] {
		eventually(t, func() bool {
			m := member(n, "n3")
			return m.Addr.String() == again.Addr() && m.State == MemberAlive
		}, "%s has n3 at its new address", n.NodeId())
	}
	allUp(t, nodes[0], nodes[1], again)
}

func TestNodesOfOtherVersionsAndClustersStayApartInV1(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 2)
	for _, other := range []struct {
		version, cluster string
	}{{"v3", "c"}, {"v1", "another"}} {
		n := NewNode("127.0.0.1:0", "x", 1, s.intervals, other.version, other.cluster, "")
		t.Cleanup(func() { _ = n.Stop(0) })
		var join *JoinError
		if err := n.Start(s.config(nodes[0])); !errors.As(err, &join) {
			t.Errorf("%v: Start returned %v", other, err)
		}
		var refused *RefusedError
		if !errors.As(join, &refused) || !refused.ByUs {
			t.Errorf("%v: the error does not say who refused whom: %v", other, join)
		}
		if got := n.GetNodes(); len(got) != 1 {
			t.Errorf("%v: it lists %v", other, got)
		}
	}
	remains(t, 300*time.Millisecond, func() bool { return len(nodes[1].GetNodes()) == 2 }, "the cluster has its two members")
}

func TestANodeNamedV2CanSpeakMemberlistsWire(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.opts = []Option{WithMemberlistWire()}
	nodes := s.grow(2)
	list(nodes...)
	allUp(t, nodes...)
	nodes[0].UpdateSelf("k", 1.5)
	publishes(t, nodes, "n1", "k", 1.5)
	if nodes[0].core.TableName() != "n1v2" {
		t.Error("it does not")
	}
}

func TestNodesOfV1AndV2DoNotMeet(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 1)
	other := NewNode("127.0.0.1:0", "x", 1, s.intervals, "v2", "c", "")
	t.Cleanup(func() { _ = other.Stop(0) })
	var join *JoinError
	if err := other.Start(s.config(nodes[0])); !errors.As(err, &join) {
		t.Errorf("Start returned %v", err)
	}
	if len(nodes[0].GetNodes()) != 1 || len(other.GetNodes()) != 1 {
		t.Error("they have met")
	}
}

func TestPingIsNotPossibleInV1(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 2)
	_, err := nodes[0].Ping("n2", nodes[1].Addr())
	var cannot *VersionError
	if !errors.As(err, &cannot) || cannot.Version != "v1" {
		t.Errorf("the error is %v", err)
	}
	want := fmt.Sprintf(`nekton: ping n2 at %s: Ping: not possible in gossip version "v1", which speaks memberlist's wire`, nodes[1].Addr())
	if err == nil || err.Error() != want {
		t.Errorf("the message is %q, want %q", err, want)
	}
}

func TestALostPeerOfV1WithALiveSiblingIsDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = types.DEFAULT_GOSSIP_VERSION
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"a": on, "b": on, "w": on}
	for _, id := range []string{"a1", "a2", "b1", "b2", "w"} {
		n := s.node(types.NodeId(id), id[:1])
		s.start(n, s.nodes[:min(1, len(s.nodes)-1)]...)
	}
	list(s.nodes...)
	allUp(t, s.nodes...)
	stopAll(t, s.nodes[3])
	for _, n := range s.nodes[:3] {
		awaitStatus(t, n, "b2", types.NODE_STATUS_DOWN)
	}
}
