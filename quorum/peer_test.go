package quorum

import (
	"maps"
	"slices"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// inDomains is the node "a" in east, with the peers b in east, c d e in west and f
// alone in south. All are members, all are alive, all domains are active.
func inDomains(t *testing.T, cfg StartConfig) *rig {
	cfg.Provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	if cfg.ActiveMap == nil {
		cfg.ActiveMap = domains("east", "west", "south")
	}
	r := startRig(t, "east", cfg)
	r.cluster("east", "a b", "west", "c d e", "south", "f")
	r.alive("b", "c", "d", "e", "f")
	r.wantStatus("a", up)
	r.m.TakeChanges()
	return r
}

func TestAnAlivePeerBecomesUpAndRaisesNodeAliveOnce(t *testing.T) {
	r := startRig(t, "", StartConfig{})
	r.cluster("", "a b")
	r.wantEvents(1, func() { r.alive("b") })
	r.wantChanges(Change{ID: "b", From: down, To: up}, Change{ID: "a", From: out, To: up, Self: true})
	r.wantEvents(0, func() { r.alive("b") })
	r.wantChanges()
}

func TestAnAlivePeerBecomesUpWhateverItWas(t *testing.T) {
	for _, was := range []types.NodeStatus{invalid, down, neverGossiped, out, suspect, suspDown} {
		r := startRig(t, "", StartConfig{})
		r.m.AddNode("b", was, true, "")
		r.wantEvents(1, func() { r.alive("b") })
		r.wantStatus("b", up)
	}
}

func TestByDefaultAndNoopALostPeerIsDownAtOnce(t *testing.T) {
	for _, kind := range []types.QuorumProvider{types.QUORUM_PROVIDER_DEFAULT, types.QUORUM_PROVIDER_NOOP} {
		r := startRig(t, "east", StartConfig{Provider: kind})
		r.cluster("east", "a", "west", "b c")
		r.alive("b", "c")
		r.wantEvents(1, func() { r.left("b") })
		r.wantStatus("b", down)
		r.wantNoChecks()
		r.wantEvents(1, func() { r.left("b") })
		r.wantStatus("b", down)
	}
}

func TestUnknownPeersAndTheNodeItselfAreIgnored(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.wantEvents(0, func() {
		r.alive("x", "a")
		r.left("x", "a")
	})
	r.wantChanges()
	r.wantNoChecks()
	if _, known := r.m.Node("x"); known {
		t.Error("x became known")
	}
}

func TestStatusesCountsEveryNodeOnce(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.m.AddNode("late", types.NODE_STATUS_NEVER_GOSSIPED, true, "")
	want := map[types.NodeStatus]int{}
	for _, id := range r.m.Nodes() {
		status, _ := r.m.Status(id)
		want[status]++
	}
	if got := r.m.Statuses(); !maps.Equal(got, want) || got[types.NODE_STATUS_NEVER_GOSSIPED] != 1 {
		t.Errorf("statuses are %v, want %v", got, want)
	}
}

func TestTheSiblingsOfALostPeerAreAskedAndItKeepsItsStatusMeanwhile(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.wantEvents(0, func() { r.left("d") })
	r.wantStatus("d", up)
	r.wantChanges()
	c := r.oneCheck()
	if c.Peer != "d" || !slices.Equal(c.Siblings, []types.NodeId{"c", "e"}) {
		t.Fatalf("check is %+v, want d by c and e", c)
	}
	r.wantNoChecks()
	r.wantEvents(0, func() { r.left("d") }) // failed, and then left: still one check
	r.wantNoChecks()
	r.wantNoDeadline()
}

func TestOneSiblingThatAnswersMakesTheLostPeerDown(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("d")
	c := r.oneCheck()
	r.wantEvents(0, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "c", false) })
	r.wantStatus("d", up)
	r.wantEvents(1, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "e", true) })
	r.wantChanges(Change{ID: "d", From: up, To: down})
	r.wantNoDeadline()
}

func TestTheLastSilentSiblingMakesTheLostPeerSuspectDown(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("d")
	c := r.oneCheck()
	r.wantEvents(0, func() {
		r.m.HandleSiblingAnswer(r.now, c.ID, "c", false)
		r.m.HandleSiblingAnswer(r.now, c.ID, "c", false) // a second time
		r.m.HandleSiblingAnswer(r.now, c.ID, "f", true)  // was not asked
		r.m.HandleSiblingAnswer(r.now, c.ID+1, "e", true)
	})
	r.wantEvents(1, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "e", false) })
	r.wantChanges(Change{ID: "d", From: up, To: suspDown})
	if !r.m.OnProbation("d") {
		t.Error("d is not on probation")
	}
	r.wantDeadlineIn(minute)
	r.wantEvents(0, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "e", true) }) // too late
	r.wantStatus("d", suspDown)
}

func TestSiblingsThatNobodySpeaksForAreSilentAfterTheCheckTimeout(t *testing.T) {
	r := inDomains(t, StartConfig{CheckTimeout: 2 * second})
	r.left("d")
	c := r.oneCheck()
	r.wantDeadlineIn(2 * second)
	r.m.HandleSiblingAnswer(r.now, c.ID, "c", false)
	r.pass(2*second - 1)
	r.wantStatus("d", up)
	r.wantEvents(1, func() { r.pass(1) })
	r.wantStatus("d", suspDown)
	r.m.HandleSiblingAnswer(r.now, c.ID, "e", true)
	r.wantStatus("d", suspDown)

	r.left("c")
	c = r.oneCheck()
	r.m.HandleSiblingAnswer(r.now, c.ID, "e", true)
	r.wantDeadlineIn(minute) // d's probation; the check has none left
}

func TestAPeerWithoutSiblingsIsSuspectDownAtOnce(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.wantEvents(1, func() { r.left("f") })
	r.wantStatus("f", suspDown)
	r.wantNoChecks()
	r.wantDeadlineIn(minute)
}

func TestAPeerInAnInactiveDomainIsDownAtOnce(t *testing.T) {
	r := inDomains(t, StartConfig{ActiveMap: domains("east", "south")})
	r.wantEvents(1, func() { r.left("d") })
	r.wantStatus("d", down)
	r.wantNoChecks()
	r.wantNoDeadline()
}

func TestAPeerInTheOwnDomainIsDownAtOnceForTheNodeItselfIsASibling(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.wantEvents(1, func() { r.left("b") })
	r.wantStatus("b", down)
	r.wantNoChecks()
}

func TestADomainThatTurnsInactiveDecidesAnOpenCheckAtTheNextLoss(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("d")
	c := r.oneCheck()
	r.m.UpdateActiveMap(r.now, domains("east", "south"))
	r.wantStatus("d", up)
	r.left("d")
	r.wantStatus("d", down)
	r.wantEvents(0, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "e", false) })
	r.wantStatus("d", down)
}

func TestAPeerThatIsAliveAgainCancelsItsCheck(t *testing.T) {
	r := inDomains(t, StartConfig{CheckTimeout: 2 * second})
	r.left("d")
	c := r.oneCheck()
	r.wantEvents(0, func() { r.alive("d") }) // it was UP all the time
	r.wantNoDeadline()
	r.wantEvents(0, func() {
		r.m.HandleSiblingAnswer(r.now, c.ID, "c", true)
		r.pass(minute)
	})
	r.wantStatus("d", up)

	r.left("d")
	r.alive("d") // before anybody took the check
	r.wantNoChecks()
	r.left("d")
	if next := r.oneCheck(); next.ID == c.ID {
		t.Error("a check id is used twice")
	}
}

func TestARemovedPeerCancelsItsCheckAndEndsItsProbation(t *testing.T) {
	for name, remove := range map[string]func(r *rig){
		"RemoveNode": func(r *rig) {
			for _, id := range []types.NodeId{"d", "f"} {
				if err := r.m.RemoveNode(id); err != nil {
					r.Fatal(err)
				}
			}
		},
		"UpdateCluster": func(r *rig) { r.cluster("east", "a b", "west", "c e") },
	} {
		r := inDomains(t, StartConfig{CheckTimeout: second})
		r.left("d", "f")
		c := r.oneCheck()
		remove(r)
		r.wantNoDeadline()
		if r.m.OnProbation("f") {
			t.Errorf("%s: f stays on probation", name)
		}
		r.wantEvents(0, func() { r.m.HandleSiblingAnswer(r.now, c.ID, "c", true) })
		r.cluster("east", "a b", "west", "c d e", "south", "f")
		r.pass(10 * minute)
		r.wantStatus("d", down)
		r.wantStatus("f", down)
		checkInvariants(t, r.m, r.now)
	}
}

func TestSeedsNamedAtStartAreAskedButAreNotKnown(t *testing.T) {
	r := inDomains(t, StartConfig{Domains: map[types.NodeId]string{"g": "west"}})
	r.left("d")
	if c := r.oneCheck(); !slices.Equal(c.Siblings, []types.NodeId{"c", "e"}) {
		t.Errorf("UpdateCluster left %v as siblings", c.Siblings)
	}

	// As a second start finds it: the cluster is known already.
	r.m.Stop()
	seeds := map[types.NodeId]string{"g": "south", "c": "south", "a": "south", "h": "west"}
	if err := r.m.Start(StartConfig{
		Provider:  types.QUORUM_PROVIDER_FAILURE_DOMAINS,
		ActiveMap: domains("east", "west", "south"),
		Domains:   seeds,
	}); err != nil {
		t.Fatal(err)
	}
	clear(seeds) // it was copied
	r.alive("f", "d")
	r.left("f")
	if c := r.oneCheck(); !slices.Equal(c.Siblings, []types.NodeId{"g"}) {
		t.Errorf("siblings of f are %v, want g: c and a are known to be elsewhere", c.Siblings)
	}
	if _, known := r.m.Node("g"); known {
		t.Error("g became known")
	}
	r.m.AddNode("g", down, false, "west")
	r.left("d")
	if c := r.oneCheck(); !slices.Equal(c.Siblings, []types.NodeId{"c", "e", "g", "h"}) {
		t.Errorf("siblings of d are %v", c.Siblings)
	}
	if err := r.m.RemoveNode("g"); err != nil {
		t.Fatal(err)
	}
	r.alive("f")
	r.left("f")
	r.wantStatus("f", suspDown) // g is nobody's sibling any more
}

func TestTheLossOfAWholeDomainIsSuspectDownAndCostsItsVotes(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("c", "d", "e") // 3 of 6
	checks := r.m.TakeChecks()
	if len(checks) != 3 || checks[0].Peer != "c" || checks[2].Peer != "e" {
		t.Fatalf("checks are %v, want one each for c, d, e", checks)
	}
	r.wantStatus("a", up)
	for i, c := range checks {
		for _, s := range c.Siblings {
			r.m.HandleSiblingAnswer(r.now, c.ID, s, false)
		}
		if want := i < 2; (r.m.SelfStatus() == up) != want {
			t.Errorf("after %d of 3 verdicts: %v", i+1, r.m.SelfStatus())
		}
	}
	r.wantStatus("d", suspDown)
	r.wantStatus("a", suspect)
	r.pass(10 * second)
	r.wantStatus("a", out)
	// The domain is given up: three of three.
	if !r.m.UpdateActiveMap(r.now, domains("east", "south")) {
		t.Error("the active map did not change")
	}
	r.wantStatus("a", up)
	if got := r.m.Tally(); got != (Tally{Members: 3, Alive: 3, Needed: 2}) {
		t.Errorf("tally is %+v", got)
	}
}

func TestProbationEndsDownWhileTheNodeIsUpAndWithoutAnEvent(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f")
	r.pass(minute - 1)
	r.wantStatus("f", suspDown)
	r.wantEvents(0, func() { r.pass(1) })
	r.wantStatus("f", down)
	r.wantChanges(Change{ID: "f", From: up, To: suspDown}, Change{ID: "f", From: suspDown, To: down})
	r.wantNoDeadline()
}

func TestProbationIsRenewedWhileTheNodeIsNotUp(t *testing.T) {
	r := inDomains(t, StartConfig{ActiveMap: domains("east", "west", "south")})
	r.left("f")
	r.pass(30 * second)
	r.m.UpdateActiveMap(r.now, domains("west", "south")) // the own domain is out
	r.wantStatus("a", suspect)
	r.pass(10 * second)
	r.wantStatus("a", out)
	r.pass(20 * second)
	r.wantStatus("f", suspDown)
	r.wantDeadlineIn(minute)
	r.m.UpdateActiveMap(r.now, domains("east", "west", "south"))
	r.wantStatus("a", up)
	r.pass(minute - 1)
	r.wantStatus("f", suspDown)
	r.pass(1)
	r.wantStatus("f", down)
}

func TestAPeerOnProbationIsNotPutOnItAgain(t *testing.T) {
	r := inDomains(t, StartConfig{Probation: 20 * second})
	r.left("f")
	r.pass(15 * second)
	r.wantEvents(1, func() { r.left("f") })
	r.wantDeadlineIn(5 * second)
	r.pass(5 * second)
	r.wantStatus("f", down)
	r.wantNoDeadline()
}

func TestProbationGoesByTheOwnStatusInTheTable(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f")
	r.m.SetSelfStatus(out) // the machine itself stays UP, without an event
	r.pass(minute)
	r.wantStatus("f", suspDown)
	r.wantDeadlineIn(minute)
}

func TestAnAlivePeerEndsItsProbation(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f")
	r.wantEvents(1, func() { r.alive("f") })
	r.wantStatus("f", up)
	r.wantNoDeadline()
	r.pass(10 * minute)
	r.wantStatus("f", up)
}

func TestAVerdictOfDownEndsProbationToo(t *testing.T) {
	r := inDomains(t, StartConfig{})
	r.left("f")
	r.m.AddNode("g", down, false, "south")
	r.left("f")
	c := r.oneCheck()
	r.wantStatus("f", suspDown)
	r.m.HandleSiblingAnswer(r.now, c.ID, "g", true)
	r.wantStatus("f", down)
	r.wantNoDeadline()
}

func TestAPeerThatIsOutOfQuorumItselfStillCounts(t *testing.T) {
	for status, want := range map[types.NodeStatus]int{
		invalid: 0, up: 1, down: 0, neverGossiped: 0, out: 1, suspect: 1, suspDown: 0, 99: 0,
	} {
		r := startRig(t, "", StartConfig{})
		r.m.AddNode("b", status, true, "")
		if got := r.m.Tally().Alive; got != want {
			t.Errorf("%v counts for %d, want %d", status, got, want)
		}
	}
}
