package nekton

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// The interfaces of the original, copied by hand.
type (
	originalStore interface {
		NodeId() types.NodeId
		UpdateSelf(types.StoreKey, interface{})
		GetSelfStatus() types.NodeStatus
		GetStoreKeyValue(key types.StoreKey) types.NodeValueMap
		GetStoreKeys() []types.StoreKey
		Update(newData types.NodeInfoMap)
		UpdateSelfStatus(types.NodeStatus)
		UpdateNodeStatus(types.NodeId, types.NodeStatus) error
		MetaInfo() types.NodeMetaInfo
		GetLocalState() types.NodeInfoMap
		GetLocalNodeInfo(types.NodeId) (types.NodeInfo, error)
		AddNode(id types.NodeId, status types.NodeStatus, quorumMember bool, clusterDomain string)
		RemoveNode(types.NodeId) error
	}
	originalGossiper interface {
		originalStore
		Start(types.GossipStartConfiguration) error
		GossipInterval() time.Duration
		Stop(leaveTimeout time.Duration) error
		GetNodes() []string
		UpdateCluster(map[types.NodeId]types.NodeUpdate)
		ExternalNodeLeave(nodeId types.NodeId) types.NodeId
		UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap) error
		UpdateSelfClusterDomain(selfFailureDomain string)
		Ping(nodeId types.NodeId, ipPort string) (time.Duration, error)
	}
)

func TestTheInterfacesAreThoseOfTheOriginal(t *testing.T) {
	for _, c := range []struct{ ours, theirs reflect.Type }{
		{reflect.TypeFor[GossipStore](), reflect.TypeFor[originalStore]()},
		{reflect.TypeFor[Gossiper](), reflect.TypeFor[originalGossiper]()},
	} {
		if !c.ours.Implements(c.theirs) || !c.theirs.Implements(c.ours) {
			t.Errorf("%v has other methods than the original", c.ours)
		}
	}
	g := New("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "d")
	if n, ok := g.(*Node); !ok || n.NodeId() != "n" || n.GossipInterval() != quick().GossipInterval || n.Stats().Domain != "d" {
		t.Errorf("New returned a %T", g)
	}
	info, err := g.GetLocalNodeInfo("n")
	if err != nil || info.Status != types.NODE_STATUS_NOT_IN_QUORUM || info.GenNumber != 1 || info.ClusterDomain != "d" ||
		info.QuorumMember || info.Addr != "" || info.Value == nil || info.LastUpdateTs.IsZero() {
		t.Errorf("a new node knows of itself: %+v, %v", info, err)
	}
}

func TestCallsAfterStopDoNoHarm(t *testing.T) {
	s := newSite(t)
	n := s.node("n", "d")
	s.start(n)
	n.UpdateSelf("k", "before")
	if err := n.Stop(time.Second); err != nil {
		t.Fatal(err)
	}
	harmless(t, n)
	if err := n.UpdateClusterDomainsActiveMap(nil); !errors.Is(err, ErrStopped) {
		t.Errorf("UpdateClusterDomainsActiveMap returned %v", err)
	}
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n": {QuorumMember: true}})
	s.start(n)
	awaitStatus(t, n, "n", types.NODE_STATUS_UP)
}

// A step is something that happens to a node in a life.
type step struct {
	node int
	what string
	wait time.Duration
}

// Any sequence of Start and Stop on the nodes of a cluster returns what the
// documentation says, and whatever happened, a cluster comes out in the end.
func TestAnySequenceOfStartAndStopIsFine(t *testing.T) {
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			rapid.IntRange(0, 2).Draw(t, "node"),
			rapid.SampledFrom([]string{"start", "stop", "leave", "set", "wait"}).Draw(t, "what"),
			rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Minute}).Draw(t, "wait"),
		}
	}), 1, 12)
	rapid.Check(t, func(rt *rapid.T) {
		story := steps.Draw(rt, "story")
		var err error
		synctest.Test(t, func(*testing.T) { err = live(story) })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// A lifelike is a node, and what its next Start and Stop have to return.
type lifelike struct {
	*Node
	running, started, forgiven bool
}

func (n *lifelike) start() error {
	err := n.Start(seedList("10.0.0.1:7000", "10.0.0.2:7000", "10.0.0.3:7000"))
	if n.running != errors.Is(err, ErrRunning) || !n.running && err != nil {
		return fmt.Errorf("Start of %s, running: %v: %w", n.NodeId(), n.running, err)
	}
	if !n.running {
		n.running, n.started, n.forgiven = true, true, false
	}
	return nil
}

func (n *lifelike) stop(timeout time.Duration) error {
	err, want := n.Stop(timeout), error(nil)
	switch {
	case !n.started:
		want = ErrNotStarted
	case n.running:
		n.running = false
		if timeout > 0 && errors.Is(err, ErrLeaveTimeout) {
			n.forgiven, want = true, ErrLeaveTimeout
		}
	case n.forgiven:
		n.forgiven = false
	default:
		want = ErrStopped
	}
	if !errors.Is(err, want) {
		return fmt.Errorf("Stop of %s: got %w, want %w", n.NodeId(), err, want)
	}
	return nil
}

func live(story []step) (err error) {
	network := transport.NewNetwork()
	var nodes []*lifelike
	for i := range 3 {
		n := NewNode(fmt.Sprintf("10.0.0.%d:7000", i+1), types.NodeId('a'+rune(i)), 1, sane(), *gossip, "c", "", over(network))
		nodes = append(nodes, &lifelike{Node: n})
		defer n.Stop(0)
	}
	for i, s := range story {
		n := nodes[s.node]
		switch s.what {
		case "start":
			err = n.start()
		case "stop":
			err = n.stop(0)
		case "leave":
			err = n.stop(3 * time.Second)
		case "set":
			n.UpdateSelf("k", i)
		case "wait":
			time.Sleep(s.wait)
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	for i, n := range nodes {
		if !n.running {
			if err := n.start(); err != nil {
				return err
			}
		}
		n.UpdateSelf("last", i)
	}
	for _, n := range nodes {
		n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"a": {QuorumMember: true}, "b": {QuorumMember: true}, "c": {QuorumMember: true}})
	}
	time.Sleep(2 * time.Minute)
	for _, n := range nodes {
		if up(n.Node) != 3 || len(Values[int](n.Node, "last")) != 3 {
			return fmt.Errorf("%s shows %d UP and the values %v", n.NodeId(), up(n.Node), Values[int](n.Node, "last"))
		}
	}
	return nil
}
