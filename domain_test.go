package nekton

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

const (
	on  = types.CLUSTER_DOMAIN_STATE_ACTIVE
	off = types.CLUSTER_DOMAIN_STATE_INACTIVE
)

// domains grows a cluster of two nodes in each of two domains, and a witness.
func domains(t testing.TB, opts ...Option) (s *site, nodes []*Node) {
	t.Helper()
	s = newSite(t)
	s.opts = opts
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"a": on, "b": on, "w": on}
	for _, id := range []string{"a1", "a2", "b1", "b2", "w"} {
		n := s.node(types.NodeId(id), id[:1])
		s.start(n, s.nodes[:min(1, len(s.nodes)-1)]...)
	}
	list(s.nodes...)
	allUp(t, s.nodes...)
	return s, s.nodes
}

func stopAll(t testing.TB, nodes ...*Node) {
	t.Helper()
	for _, n := range nodes {
		if err := n.Stop(0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALostPeerWithALiveSiblingIsDown(t *testing.T) {
	t.Parallel()
	_, nodes := domains(t)
	stopAll(t, nodes[3])
	for _, n := range nodes[:3] {
		awaitStatus(t, n, "b2", types.NODE_STATUS_DOWN)
	}
	if got := nodes[0].GetSelfStatus(); got != types.NODE_STATUS_UP {
		t.Errorf("four of five are not enough: %v", got)
	}
}

func TestAWholeLostDomainIsSuspectDownUntilItsProbationIsOver(t *testing.T) {
	t.Parallel()
	_, nodes := domains(t, WithProbation(time.Second))
	began := time.Now()
	stopAll(t, nodes[2], nodes[3])
	awaitStatus(t, nodes[0], "b2", types.NODE_STATUS_SUSPECT_DOWN)
	eventually(t, func() bool {
		return status(nodes[0], "b1") == types.NODE_STATUS_DOWN && status(nodes[0], "b2") == types.NODE_STATUS_DOWN
	}, "probation ends in DOWN")
	if took := time.Since(began); took < time.Second {
		t.Errorf("probation of a second was over after %v", took)
	}
	if got := nodes[0].GetSelfStatus(); got != types.NODE_STATUS_UP {
		t.Errorf("three of five are a majority, but the node is %v", got)
	}
}

func TestADomainDroppedFromTheActiveMapIsInactive(t *testing.T) {
	t.Parallel()
	_, nodes := domains(t)
	for _, n := range nodes {
		if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"a": on, "w": on}); err != nil {
			t.Fatal(err)
		}
	}
	awaitStatus(t, nodes[2], "b1", types.NODE_STATUS_NOT_IN_QUORUM)
	if got := nodes[0].Stats().Quorum; got != (Quorum{Members: 3, Alive: 3, Needed: 2}) {
		t.Errorf("with domain b inactive the count is %+v", got)
	}
	if got := status(nodes[0], "b1"); got != types.NODE_STATUS_UP {
		t.Errorf("as a peer, a member of an inactive domain is %v", got)
	}
	for _, n := range nodes {
		if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"a": on, "b": on, "w": on}); err != nil {
			t.Fatal(err)
		}
	}
	allUp(t, nodes...)
}

func TestANodeOfAnInactiveDomainJoinsWhenItIsActivated(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"by the active map", "by a move"} {
		t.Run(how, func(t *testing.T) {
			s := newSite(t)
			s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
			s.active = types.ClusterDomainsActiveMap{"a": on, "b": off}
			first := s.node("a1", "a")
			s.start(first)
			late := s.node("b1", "b")
			late.UpdateSelf("set", "while waiting")
			s.start(late)
			if got := late.Addr(); got != "" {
				t.Fatalf("the waiting node has a socket at %q", got)
			}
			known := map[types.NodeId]types.NodeUpdate{
				"a1": {Addr: first.Addr(), QuorumMember: true, ClusterDomain: "a"},
				"b1": {QuorumMember: true, ClusterDomain: "b"},
			}
			first.UpdateCluster(known)
			late.UpdateCluster(known)
			if how == "by a move" {
				late.UpdateSelfClusterDomain("a")
			} else {
				for _, n := range []*Node{first, late} {
					if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"a": on, "b": on}); err != nil {
						t.Fatal(err)
					}
				}
			}
			allUp(t, first, late)
			eventually(t, func() bool { return Values[string](first, "set")["b1"] == "while waiting" }, "its value arrives")
		})
	}
}

func TestActivationReportsWhatGoesWrong(t *testing.T) {
	s := newSite(t)
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"a": on}
	taken := s.node("a1", "a")
	s.start(taken)
	n := s.nodeAt(taken.Addr(), "b1", 1, "b")
	s.start(n)
	var bad *AddrError
	if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"b": on}); !errors.As(err, &bad) {
		t.Fatalf("an address in use: %v", err)
	}
	if got := n.Stats().Phase; got != PhaseWaiting {
		t.Errorf("after that the node is %v", got)
	}
	stopAll(t, taken)
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"dead": {Addr: "127.0.0.1:1"}})
	var join *JoinError
	if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"b": on}); !errors.As(err, &join) {
		t.Fatalf("nobody to join: %v", err)
	}
	if got := n.Stats().Phase; got != PhaseRunning {
		t.Errorf("after that the node is %v", got)
	}
}

func TestWithTheDefaultProviderAllDomainsAreActive(t *testing.T) {
	s := newSite(t)
	n := s.node("n", "nowhere")
	s.start(n)
	if err := n.UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap{"nowhere": off}); err != nil {
		t.Error(err)
	}
	list(n)
	awaitStatus(t, n, "n", types.NODE_STATUS_UP)
}

// Two of four are no majority, two of three are.
func TestHalfOfAnEvenClusterIsNoMajority(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size, lost int
		want       types.NodeStatus
	}{
		{2, 1, types.NODE_STATUS_NOT_IN_QUORUM},
		{3, 1, types.NODE_STATUS_UP},
		{3, 2, types.NODE_STATUS_NOT_IN_QUORUM},
		{4, 1, types.NODE_STATUS_UP},
		{4, 2, types.NODE_STATUS_NOT_IN_QUORUM},
		{5, 2, types.NODE_STATUS_UP},
		{5, 3, types.NODE_STATUS_NOT_IN_QUORUM},
	} {
		t.Run(fmt.Sprintf("%d of %d lost", c.lost, c.size), func(t *testing.T) {
			t.Parallel()
			nodes := cluster(t, c.size)
			stopAll(t, nodes[c.size-c.lost:]...)
			for _, gone := range nodes[c.size-c.lost:] {
				awaitStatus(t, nodes[0], gone.NodeId(), types.NODE_STATUS_DOWN)
			}
			awaitStatus(t, nodes[0], "n1", c.want)
		})
	}
}

func TestNodesWithoutAVoteFollowTheMajorityOfThoseWithOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nodes := s.grow(5)
	update := map[types.NodeId]types.NodeUpdate{}
	for i, n := range nodes {
		update[n.NodeId()] = types.NodeUpdate{Addr: n.Addr(), QuorumMember: i < 3}
	}
	for _, n := range nodes {
		n.UpdateCluster(update)
	}
	allUp(t, nodes...)
	stopAll(t, nodes[3]) // it has no vote
	awaitStatus(t, nodes[0], "n4", types.NODE_STATUS_DOWN)
	if got := nodes[0].Stats().Quorum; got != (Quorum{Members: 3, Alive: 3, Needed: 2}) {
		t.Errorf("the count is %+v", got)
	}
	stopAll(t, nodes[1], nodes[2])
	awaitStatus(t, nodes[4], "n5", types.NODE_STATUS_NOT_IN_QUORUM)
}
