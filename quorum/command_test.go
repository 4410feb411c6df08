package quorum

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/types"
)

func TestANewMachineKnowsItselfAndDoesNotRun(t *testing.T) {
	r := &rig{T: t, m: New("a", "east")}
	if n, ok := r.m.Node("a"); !ok || n != (Node{Status: out, Domain: "east"}) {
		t.Errorf("own entry is %+v, %v", n, ok)
	}
	if r.m.Running() || r.m.InQuorum() || !slices.Equal(r.m.Nodes(), []types.NodeId{"a"}) {
		t.Error("a new machine runs, is in quorum, or knows somebody")
	}
	r.wantChanges()
	r.wantNoChecks()
	r.wantNoDeadline()
}

func TestBeforeStartInputsAreIgnored(t *testing.T) {
	r := &rig{T: t, m: New("a", "")}
	r.cluster("", "a")
	r.wantEvents(0, func() {
		for _, e := range events {
			r.event(e)
		}
		r.m.AddNode("b", down, true, "")
		r.alive("b")
		r.left("b")
		r.m.HandleTimeout(minute)
		r.m.HandleSiblingAnswer(r.now, 1, "b", true)
		if r.m.UpdateActiveMap(r.now, domains("")) {
			t.Error("the active map changed before Start")
		}
	})
	r.wantStatus("a", out)
	r.wantStatus("b", down)
}

func TestMemberCountsFromBeforeStartAreRemembered(t *testing.T) {
	r := &rig{T: t, m: New("a", "")}
	r.wantEvents(0, func() { r.cluster("", "a b c d e") })
	if err := r.m.Start(StartConfig{}); err != nil {
		t.Fatal(err)
	}
	r.event(types.SELF_ALIVE)
	r.wantStatus("a", out) // one of five
	if got := r.m.Tally(); got != (Tally{Members: 5, Alive: 1, Needed: 3}) {
		t.Errorf("tally is %+v", got)
	}
	r.alive("b", "c")
	r.wantStatus("a", up)
}

func TestStartOnARunningMachineChangesNothing(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f")
	err := r.m.Start(StartConfig{Provider: types.QUORUM_PROVIDER_NOOP})
	if !errors.Is(err, ErrRunning) {
		t.Fatalf("got %v, want ErrRunning", err)
	}
	r.wantStatus("a", up)
	r.wantDeadlineIn(minute)
	if r.m.DomainActive("north") {
		t.Error("the provider was replaced")
	}
}

func TestStartNamesAllTimesBelowZeroAndChangesNothing(t *testing.T) {
	m := New("a", "")
	err := m.Start(StartConfig{QuorumTimeout: -1, Probation: -2, CheckTimeout: -3})
	var negative *NegativeError
	if !errors.As(err, &negative) || negative.Field != "QuorumTimeout" || negative.Value != -1 {
		t.Fatalf("got %v", err)
	}
	for _, field := range []string{"QuorumTimeout is -1ns", "Probation is -2ns", "CheckTimeout is -3ns"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%q does not say %q", err, field)
		}
	}
	if m.Running() {
		t.Error("the machine runs")
	}
}

func TestStopLeavesNoDeadlineAndKeepsTheTable(t *testing.T) {
	r := inDomains(t, StartConfig{CheckTimeout: second})
	r.left("f", "d", "b")
	r.m.UpdateActiveMap(r.now, domains("west")) // arms the quorum timer
	r.wantStatus("a", suspect)
	r.m.Stop()
	checkInvariants(t, r.m, r.now)
	r.wantNoDeadline()
	r.wantNoChecks()
	r.wantEvents(0, func() { r.pass(10 * minute); r.alive("d"); r.left("c"); r.event(types.NODE_ALIVE) })
	r.wantStatus("a", suspect)
	r.wantStatus("c", up)
	r.wantStatus("f", suspDown)
	r.m.Stop()
	r.wantEvents(0, func() { r.cluster("west", "a b") })
	if got := r.m.Nodes(); !slices.Equal(got, []types.NodeId{"a", "b"}) {
		t.Errorf("known are %v", got)
	}
}

func TestAnotherStartForgetsWhatTheOldDetectorSawAndKeepsWhatTheApplicationWrote(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f") // SUSPECT_DOWN
	r.m.AddNode("g", up, true, "west")
	if err := r.m.SetStatus("e", neverGossiped); err != nil {
		t.Fatal(err)
	}
	r.left("d")
	stale := r.oneCheck()
	r.m.Stop()
	r.m.TakeChanges()
	cfg := StartConfig{Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS, ActiveMap: domains("east", "west", "south")}
	if err := r.m.Start(cfg); err != nil {
		t.Fatal(err)
	}
	r.wantChanges(
		Change{ID: "b", From: up, To: down},
		Change{ID: "c", From: up, To: down},
		Change{ID: "d", From: up, To: down},
		Change{ID: "f", From: suspDown, To: down},
		Change{ID: "a", From: up, To: out, Self: true},
	)
	r.wantStatus("g", up)
	r.wantStatus("e", neverGossiped)
	r.event(types.SELF_ALIVE)
	r.wantStatus("a", out) // a and g of six, not all that were alive once
	r.left("d")
	r.wantEvents(0, func() { r.m.HandleSiblingAnswer(r.now, stale.ID, "c", true) })
}

func TestUpdateClusterAddsRemovesAndTakesFlags(t *testing.T) {
	r := startRig(t, "east", StartConfig{})
	r.m.AddNode("z", up, true, "old")
	r.m.AddNode("y", up, true, "old")
	var added, removed []types.NodeId
	r.wantEvents(1, func() {
		added, removed = r.m.UpdateCluster(r.now, map[types.NodeId]types.NodeUpdate{
			"a": {QuorumMember: true, ClusterDomain: "west"},
			"c": {QuorumMember: true, ClusterDomain: "west"},
			"b": {ClusterDomain: "east"},
			"y": {ClusterDomain: "new"},
		})
	})
	if !slices.Equal(added, []types.NodeId{"b", "c"}) || !slices.Equal(removed, []types.NodeId{"z"}) {
		t.Errorf("added %v, removed %v", added, removed)
	}
	for id, want := range map[types.NodeId]Node{
		"a": {out, true, "west"},
		"b": {down, false, "east"},
		"c": {down, true, "west"},
		"y": {up, false, "new"},
	} {
		if got, ok := r.m.Node(id); !ok || got != want {
			t.Errorf("%s is %+v, want %+v", id, got, want)
		}
	}
	if r.m.SelfDomain() != "west" {
		t.Error("the own domain did not follow")
	}
	if got := r.m.Tally(); got != (Tally{Members: 2, Alive: 1, Needed: 2}) {
		t.Errorf("tally is %+v", got)
	}
	r.wantChanges()
}

func TestARemovedPeerIsDownWhenItIsListedAgainAndUpWhenItIsAlive(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.cluster("", "a b")
	r.alive("c") // still gossiping, and unknown
	r.cluster("", "a b c")
	r.wantStatus("c", down)
	r.alive("c")
	r.wantStatus("c", up)
}

func TestUpdateClusterWithoutTheNodeItselfKeepsItWithoutAVote(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	_, removed := r.m.UpdateCluster(r.now, members("", "b c"))
	if removed != nil {
		t.Errorf("removed %v", removed)
	}
	if n, ok := r.m.Node("a"); !ok || n.QuorumMember {
		t.Errorf("own entry is %+v, %v", n, ok)
	}
	if got := r.m.Tally(); got != (Tally{Members: 2, Alive: 2, Needed: 2}) {
		t.Errorf("tally is %+v", got)
	}
	r.m.UpdateCluster(r.now, nil)
	if got := r.m.Nodes(); !slices.Equal(got, []types.NodeId{"a"}) {
		t.Errorf("known are %v", got)
	}
	r.wantStatus("a", suspect)
}

func TestAGrowingClusterCanCostTheQuorumAndAShrinkingOneGiveItBack(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.cluster("", "a b c d e f")
	r.wantStatus("a", suspect)
	r.cluster("", "a b c")
	r.wantStatus("a", up)
}

func TestAddNodeRaisesNoEventAndDoesNotChangeTheMemberCount(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.wantEvents(0, func() {
		if !r.m.AddNode("d", up, true, "x") || r.m.AddNode("d", neverGossiped, true, "y") {
			t.Error("added is wrong")
		}
	})
	if n, _ := r.m.Node("d"); n != (Node{neverGossiped, true, "y"}) {
		t.Errorf("d is %+v", n)
	}
	r.wantChanges(Change{ID: "d", From: up, To: neverGossiped})
	if got := r.m.Tally(); got != (Tally{Members: 3, Alive: 3, Needed: 2}) {
		t.Errorf("tally is %+v", got)
	}
}

func TestRemoveNodeRaisesNoEventAndKeepsTheMemberCount(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.wantEvents(0, func() {
		if err := r.m.RemoveNode("b"); err != nil {
			t.Error(err)
		}
	})
	if got := r.m.Tally(); got != (Tally{Members: 3, Alive: 2, Needed: 2}) {
		t.Errorf("tally is %+v", got)
	}
	if err := r.m.RemoveNode("b"); !errors.Is(err, ErrUnknownNode) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("got %v", err)
	}
	if err := r.m.RemoveNode("a"); !errors.Is(err, ErrSelf) {
		t.Errorf("got %v", err)
	}
	r.wantStatus("a", up)
}

func TestSetStatusIsSeenByTheNextEventOnly(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	for _, id := range []types.NodeId{"b", "c"} {
		if err := r.m.SetStatus(id, neverGossiped); err != nil {
			t.Fatal(err)
		}
	}
	r.wantStatus("a", up)
	if r.m.InQuorum() {
		t.Error("in quorum with one of three")
	}
	r.event(types.NODE_LEAVE)
	r.wantStatus("a", suspect)
	if err := r.m.SetStatus("x", up); !errors.Is(err, ErrUnknownNode) || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("got %v", err)
	}
	if err := r.m.SetStatus("a", down); err != nil {
		t.Error(err)
	}
	r.wantStatus("a", down)
}

func TestTheActiveMapIsComparedBothWaysAndCopied(t *testing.T) {
	for _, c := range []struct {
		name    string
		to      types.ClusterDomainsActiveMap
		changed bool
		status  types.NodeStatus
	}{
		{"the same", domains("east", "west", "south"), false, up},
		{"one more", domains("east", "west", "south", "north"), true, up},
		{"the own domain dropped", domains("west", "south"), true, suspect},
		{"the own domain inactive", types.ClusterDomainsActiveMap{"east": "Inactive", "west": "Active", "south": "Active"}, true, suspect},
		{"another domain dropped", domains("east", "south"), true, up},
		{"empty", domains(), true, suspect},
		{"nil", nil, true, suspect},
	} {
		r := inDomains(t, StartConfig{})
		raised := uint64(0)
		if c.changed {
			raised = 1
		}
		r.wantEvents(raised, func() {
			if got := r.m.UpdateActiveMap(r.now, c.to); got != c.changed {
				t.Errorf("%s: changed is %v", c.name, got)
			}
		})
		if got := r.m.SelfStatus(); got != c.status {
			t.Errorf("%s: %v, want %v", c.name, got, c.status)
		}
		if r.m.UpdateActiveMap(r.now, c.to) {
			t.Errorf("%s: changed twice", c.name)
		}
	}

	given := domains("east", "west", "south")
	r := inDomains(t, StartConfig{ActiveMap: given})
	delete(given, "east")
	if !r.m.DomainActive("east") {
		t.Error("the map given to Start is used")
	}
	given = domains("west")
	r.m.UpdateActiveMap(r.now, given)
	given["north"] = types.CLUSTER_DOMAIN_STATE_ACTIVE
	if r.m.DomainActive("north") {
		t.Error("the map given to UpdateActiveMap is used")
	}
}

func TestWithoutDomainsTheActiveMapHasNoEffect(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.wantEvents(0, func() {
		if r.m.UpdateActiveMap(r.now, domains("east")) {
			t.Error("changed")
		}
	})
}

func TestTheOwnDomainSwitchedOffAndOnTakesTheNodeOutAndBack(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.m.UpdateActiveMap(r.now, domains("west", "south"))
	r.wantStatus("a", suspect)
	r.pass(10 * second)
	r.wantStatus("a", out)
	r.m.UpdateActiveMap(r.now, domains("east", "west", "south"))
	r.wantStatus("a", up)
}

func TestMovingIntoAnInactiveDomainIsFeltAtOnce(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.wantEvents(1, func() {
		if !r.m.SetSelfDomain(r.now, "north") {
			t.Error("not changed")
		}
	})
	r.wantStatus("a", suspect)
	if got := r.m.ExternalNodeLeave("b"); got != "a" {
		t.Errorf("%s has to go, want a", got)
	}
	r.wantEvents(0, func() {
		if r.m.SetSelfDomain(r.now, "north") {
			t.Error("changed twice")
		}
	})
	r.m.SetSelfDomain(r.now, "west")
	r.wantStatus("a", up)
	r.left("c") // a sibling now
	r.wantStatus("c", down)
	r.left("b") // and b has none left
	r.wantStatus("b", suspDown)
}

func TestTheOwnVoteMovesWithTheNode(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.m.UpdateActiveMap(r.now, domains("west", "south"))
	// a is none of the four members of west and south; as one of five it needs three.
	r.m.SetSelfDomain(r.now, "west")
	if got := r.m.Tally(); got != (Tally{Members: 5, Alive: 5, Needed: 3}) {
		t.Errorf("tally is %+v", got)
	}
	r.m.SetSelfDomain(r.now, "east")
	if got := r.m.Tally(); got != (Tally{Members: 4, Alive: 4, Needed: 3}) {
		t.Errorf("tally is %+v", got)
	}
}

func TestTheOwnDomainCanMoveBeforeStart(t *testing.T) {
	r := &rig{T: t, m: New("a", "east")}
	r.wantEvents(0, func() { r.m.SetSelfDomain(0, "west") })
	cfg := StartConfig{Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS, ActiveMap: domains("west")}
	if err := r.m.Start(cfg); err != nil {
		t.Fatal(err)
	}
	r.cluster("west", "a")
	r.wantStatus("a", up)
}

func TestExternalNodeLeaveBlamesTheOtherOnlyWhileUpInAnActiveDomain(t *testing.T) {
	r := inDomains(t, StartConfig{})
	if got := r.m.ExternalNodeLeave("z"); got != "z" {
		t.Errorf("UP: %s has to go, want z", got)
	}
	r.m.SetSelfStatus(suspect)
	if got := r.m.ExternalNodeLeave("z"); got != "a" {
		t.Errorf("SUSPECT_NOT_IN_QUORUM: %s has to go, want a", got)
	}
	r.event(types.SELF_ALIVE)
	r.m.UpdateActiveMap(r.now, domains("west"))
	r.m.SetSelfStatus(up)
	if got := r.m.ExternalNodeLeave("z"); got != "a" {
		t.Errorf("UP in an inactive domain: %s has to go, want a", got)
	}
}
