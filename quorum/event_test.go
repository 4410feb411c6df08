package quorum

import (
	"math"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// upOfThree is a node of three, all alive and UP.
func upOfThree(t *testing.T, cfg StartConfig) *rig {
	r := startRig(t, "", cfg)
	r.cluster("", "a b c")
	r.alive("b", "c")
	r.wantStatus("a", up)
	r.m.TakeChanges()
	return r
}

func TestANodeWithoutQuorumMembersIsOutOfQuorumWhenItAnnouncesItself(t *testing.T) {
	r := startRig(t, "", StartConfig{})
	r.event(types.SELF_ALIVE)
	r.wantStatus("a", out)
	r.wantChanges()
}

func TestWithNoopANodeIsUpAtOnce(t *testing.T) {
	r := startRig(t, "", StartConfig{Provider: types.QUORUM_PROVIDER_NOOP})
	r.event(types.SELF_ALIVE)
	r.wantChanges(Change{ID: "a", From: out, To: up, Self: true})
}

func TestANodeThatIsNoMemberIsUpWhileTheMembersItSeesHaveAMajority(t *testing.T) {
	r := startRig(t, "", StartConfig{})
	peers := members("", "b c d")
	peers["a"] = types.NodeUpdate{}
	r.m.UpdateCluster(r.now, peers)
	r.alive("b")
	r.wantStatus("a", out)
	r.alive("c")
	r.wantStatus("a", up)
	r.left("b")
	r.wantStatus("a", suspect)
}

func TestALossOfQuorumIsFirstASuspicionAndThenAFact(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.left("c")
	r.wantStatus("a", up)
	r.wantNoDeadline()
	r.left("b")
	r.wantDeadlineIn(10 * second)
	r.pass(10*second - 1)
	r.wantStatus("a", suspect)
	r.pass(1)
	r.wantStatus("a", out)
	r.wantNoDeadline()
	r.wantChanges(
		Change{ID: "c", From: up, To: down},
		Change{ID: "b", From: up, To: down},
		Change{ID: "a", From: up, To: suspect, Self: true},
		Change{ID: "a", From: suspect, To: out, Self: true},
	)
}

func TestEvenAndOddClustersLoseTheirQuorumWithTheMemberThatMakesHalf(t *testing.T) {
	ids := []types.NodeId{"b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for size := 1; size <= 10; size++ {
		r := startRig(t, "", StartConfig{})
		peers := map[types.NodeId]types.NodeUpdate{"a": {QuorumMember: true}}
		for _, id := range ids[:size-1] {
			peers[id] = types.NodeUpdate{QuorumMember: true}
		}
		r.m.UpdateCluster(r.now, peers)
		for n := 1; n <= size; n++ { // n alive
			if n > 1 {
				r.alive(ids[n-2])
			}
			if want := 2*n > size; (r.m.SelfStatus() == up) != want {
				t.Errorf("%d of %d alive: %v, want UP: %v", n, size, r.m.SelfStatus(), want)
			}
		}
		for n := size - 1; n >= 1; n-- {
			r.left(ids[n-1])
			if want := 2*n > size; (r.m.SelfStatus() == up) != want {
				t.Errorf("%d of %d left: %v, want UP: %v", n, size, r.m.SelfStatus(), want)
			}
		}
	}
}

func TestRecoveryLeavesTheTimerRunningAndItFindsTheNodeUp(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.left("b", "c")
	r.pass(4 * second)
	r.alive("b")
	r.wantStatus("a", up)
	r.wantDeadlineIn(6 * second)
	r.m.TakeChanges()
	r.wantEvents(1, func() { r.pass(minute) })
	r.wantStatus("a", up)
	r.wantChanges()
	r.wantNoDeadline()
}

func TestASecondLossGetsItsFullTime(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.left("b", "c")
	r.pass(9 * second)
	r.alive("b")
	r.left("b")
	r.wantDeadlineIn(10 * second)
	r.wantEvents(0, func() { r.pass(10*second - 1) })
	r.wantStatus("a", suspect)
	r.pass(1)
	r.wantStatus("a", out)
}

func TestOnlyTheStepFromUpToSuspectArmsTheTimer(t *testing.T) {
	r := startRig(t, "", StartConfig{})
	for _, e := range events {
		if e != types.SELF_LEAVE {
			r.event(e) // in NOT_IN_QUORUM
			r.wantNoDeadline()
		}
	}
	r = upOfThree(t, StartConfig{})
	r.left("b", "c")
	r.pass(3 * second)
	for _, e := range []types.StateEvent{types.SELF_ALIVE, types.NODE_ALIVE, types.NODE_LEAVE,
		types.UPDATE_CLUSTER_SIZE, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP} {
		r.event(e) // in SUSPECT_NOT_IN_QUORUM
		r.wantDeadlineIn(7 * second)
	}
}

func TestSelfAliveDoesNotClearASuspicionThoughTheQuorumIsBack(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.left("b", "c")
	if err := r.m.SetStatus("b", up); err != nil {
		t.Fatal(err)
	}
	r.event(types.SELF_ALIVE)
	r.event(types.NODE_LEAVE)
	r.wantStatus("a", suspect)
	r.pass(10 * second) // TIMEOUT does
	r.wantStatus("a", up)
}

func TestAQuorumTimeoutOfZeroMeansAtOnce(t *testing.T) {
	m := New("a", "")
	if err := m.Start(StartConfig{}); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, m: m}
	r.cluster("", "a b")
	r.alive("b")
	r.m.TakeChanges()
	r.wantEvents(2, func() { r.left("b") })
	r.wantChanges(
		Change{ID: "b", From: up, To: down},
		Change{ID: "a", From: up, To: suspect, Self: true},
		Change{ID: "a", From: suspect, To: out, Self: true},
	)
	r.wantNoDeadline()
}

func TestDownIsFinalUntilTheNextStart(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.event(types.SELF_LEAVE)
	r.wantStatus("a", down)
	for _, e := range events {
		r.event(e)
	}
	r.left("b")
	r.alive("b")
	r.wantStatus("b", up)
	r.wantStatus("a", down)
	r.m.Stop()
	r.wantStatus("a", down)
	if err := r.m.Start(StartConfig{}); err != nil {
		t.Fatal(err)
	}
	r.wantStatus("a", out)
}

func TestTheOwnStatusIsWrittenAfterEveryEvent(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	for _, written := range []types.NodeStatus{down, suspDown, neverGossiped, invalid, out} {
		r.m.SetSelfStatus(written)
		r.wantStatus("a", written)
		r.wantEvents(1, func() { r.event(types.SELF_ALIVE) })
		r.wantStatus("a", up)
		r.wantChanges(
			Change{ID: "a", From: up, To: written, Self: true},
			Change{ID: "a", From: written, To: up, Self: true},
		)
	}
}

func TestAnOwnStatusWrittenByTheApplicationCountsUntilTheNextEvent(t *testing.T) {
	r := startRig(t, "", StartConfig{})
	r.cluster("", "a b")
	r.alive("b")
	r.m.SetSelfStatus(down) // one of two
	r.event(types.NODE_LEAVE)
	r.wantStatus("a", suspect)
}

func TestAnEventThatDoesNotExistIsIgnored(t *testing.T) {
	r := upOfThree(t, StartConfig{})
	r.m.SetSelfStatus(down)
	r.wantEvents(0, func() { r.event(7); r.event(255) })
	r.wantStatus("a", down)
}

func TestATimeoutBeyondTheRangeOfTimeNeverComes(t *testing.T) {
	r := upOfThree(t, StartConfig{QuorumTimeout: math.MaxInt64})
	r.left("b", "c")
	r.wantNoDeadline()
	r.m.HandleTimeout(math.MaxInt64)
	r.wantStatus("a", suspect)
}
