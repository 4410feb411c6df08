package nekton

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// next waits for the next event of a kind.
func next[E Event](t testing.TB, events <-chan Event) E {
	t.Helper()
	return nextMatch(t, events, func(E) bool { return true })
}

// nextMatch waits for the next event of a kind that matches.
func nextMatch[E Event](t testing.TB, events <-chan Event, matches func(E) bool) E {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the subscription ended before a %T", *new(E))
			}
			if e, ok := e.(E); ok && matches(e) {
				return e
			}
		case <-timeout:
			t.Fatalf("no %T within %v", *new(E), patience)
		}
	}
}

func TestEventsTellTheStoryOfAMemberInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	n, peer := s.node("n", ""), s.node("peer", "")
	events := n.Subscribe(within(t))
	s.start(n)
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n": {QuorumMember: true}, "peer": {QuorumMember: true}})
	s.start(peer, n)
	if e := next[MemberEvent](t, events); e.Node != "peer" || e.Change != MemberJoined || e.Addr.String() != peer.Addr() {
		t.Errorf("first comes %v", e)
	}
	if e := next[StatusEvent](t, events); e.Node != "peer" || e.To != types.NODE_STATUS_UP {
		t.Errorf("then %v", e)
	}
	if e := next[QuorumEvent](t, events); e.To != types.NODE_STATUS_UP || e.Quorum != (Quorum{Members: 2, Alive: 2, Needed: 2}) {
		t.Errorf("then %v", e)
	}
	peer.UpdateSelf("k", 1)
	if e := next[StoreEvent](t, events); e.Node != "peer" {
		t.Errorf("then %v", e)
	}
	if got := Values[int](n, "k")["peer"]; got != 1 {
		t.Errorf("after the event the value is %d", got)
	}
	addr := peer.Addr()
	if err := peer.Stop(0); err != nil {
		t.Fatal(err)
	}
	if e := next[MemberEvent](t, events); e.Change != MemberSuspected {
		t.Errorf("then %v", e)
	}
	if e := next[MemberEvent](t, events); e.Change != MemberFailed {
		t.Errorf("then %v", e)
	}
	if e := next[StatusEvent](t, events); e.To != types.NODE_STATUS_DOWN {
		t.Errorf("then %v", e)
	}
	if e := next[QuorumEvent](t, events); e.To != types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
		t.Errorf("then %v", e)
	}
	// Where it was: elsewhere it would have to wait until memberlist's wire forgets it.
	peer = s.nodeAt(addr, "peer", 1, "")
	s.start(peer, n)
	if e := next[MemberEvent](t, events); e.Change != MemberJoined {
		t.Errorf("then %v", e)
	}
	if err := peer.Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if e := nextMatch(t, events, func(e MemberEvent) bool { return e.Change == MemberLeft || e.Change == MemberFailed }); e.Change != MemberLeft {
		t.Errorf("at last %v", e)
	}
}

func TestWhatACallCausedIsThereWhenItReturns(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	events := n.Subscribe(within(t))
	n.UpdateSelf("k", 1)
	n.AddNode("peer", types.NODE_STATUS_DOWN, false, "")
	if err := n.UpdateNodeStatus("peer", types.NODE_STATUS_UP); err != nil {
		t.Fatal(err)
	}
	if got := len(events); got != 2 {
		t.Errorf("%d events wait, want 2", got)
	}
	want := []string{"store of node n changed", "node peer NODE_STATUS_DOWN -> NODE_STATUS_UP"}
	for _, w := range want {
		if e := <-events; e.String() != w || e.When().IsZero() {
			t.Errorf("got %q at %v, want %q", e, e.When(), w)
		}
	}
}

func TestASubscriberThatDoesNotKeepUpLosesEventsAndIsTold(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "", WithEventBuffer(3))
	slow, fast := n.Subscribe(within(t)), n.Subscribe(within(t))
	seen := 0
	for i := range 10 {
		n.UpdateSelf("k", i)
		for len(fast) > 0 {
			if _, lost := (<-fast).(ResyncEvent); lost {
				t.Error("the fast subscriber lost events")
			}
			seen++
		}
	}
	if seen != 10 {
		t.Errorf("the fast subscriber saw %d events", seen)
	}
	var got []string
	for len(slow) > 0 {
		switch e := (<-slow).(type) {
		case StoreEvent:
			got = append(got, "store")
		case ResyncEvent:
			got = append(got, "resync")
			if e.Lost != 1 || e.String() != "1 events lost; read the state anew" {
				t.Errorf("the resync event is %+v", e)
			}
		}
	}
	if !slices.Equal(got, []string{"store", "store", "store", "resync"}) {
		t.Errorf("the slow subscriber saw %q", got)
	}
	if lost := n.Stats().LostEvents; lost != 7 {
		t.Errorf("%d events were lost, want 7", lost)
	}
	n.UpdateSelf("k", 11)
	if _, ok := (<-slow).(StoreEvent); !ok {
		t.Error("after it has caught up, the slow subscriber gets events again")
	}
}

// However a subscriber reads, every loss is followed by a ResyncEvent, and no send
// finds the channel full.
func TestEveryLossIsFollowedByAResync(t *testing.T) {
	for _, reads := range []int{0, 1, 2, 3} {
		s := &subscription{events: make(chan Event, 3)}
		unmarked := false // events were lost since the last resync was read
		read := func() {
			if _, ok := (<-s.events).(ResyncEvent); ok {
				unmarked = false
			}
		}
		for range 50 {
			for range 5 {
				unmarked = s.put(StoreEvent{}) || unmarked
			}
			for range min(reads, len(s.events)) {
				read()
			}
		}
		for len(s.events) > 0 {
			read()
		}
		if unmarked || s.lost == 0 {
			t.Errorf("reading %d of 5: lost %d, the last of them without a resync: %v", reads, s.lost, unmarked)
		}
	}
}

func TestABlockedSubscriberStopsNobody(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3, WithEventBuffer(1))
	n := nodes[0]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	blocked := n.Subscribe(ctx) // nobody reads it
	called := make(chan struct{})
	go func() { // another subscriber calls the whole API for each event
		defer close(called)
		for e := range n.Events(ctx) {
			n.GetLocalState()
			n.GetStoreKeyValue("k")
			n.GetStoreKeys()
			n.Members()
			n.GetNodes()
			n.Stats()
			n.MetaInfo()
			n.UpdateNodeStatus("n2", status(n, "n2"))
			n.ExternalNodeLeave("n2")
			n.UpdateClusterDomainsActiveMap(nil)
			_ = n.Subscribe(ctx)
			if _, err := n.Ping("n2", nodes[1].Addr()); !lacks("Ping") && err != nil && !errors.Is(err, ErrNotRunning) && !errors.Is(err, ErrStopped) {
				t.Errorf("ping while handling %v: %v", e, err)
			}
			if _, ok := e.(StoreEvent); !ok {
				n.UpdateSelf("seen", e.String())
			}
		}
	}()
	for i := range 50 {
		nodes[1].UpdateSelf("k", i)
	}
	eventually(t, func() bool { return Values[int](n, "k")["n2"] == 49 }, "the last value arrives")
	remains(t, 500*time.Millisecond, func() bool { return n.Stats().Protocol.ProbeFailures == 0 }, "probes are answered")
	for _, peer := range nodes[1:] {
		if got := status(peer, "n1"); got != types.NODE_STATUS_UP {
			t.Errorf("%s shows n1 as %v", peer.NodeId(), got)
		}
	}
	if err := n.Stop(5 * time.Second); err != nil {
		t.Error(err)
	}
	cancel()
	<-called
	eventually(t, func() bool {
		for range blocked {
		}
		return n.Stats().Subscribers == 0
	}, "all subscriptions end with their context")
}

func TestEventsEndWithTheLoop(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	events := n.Events(context.Background())
	n.UpdateSelf("k", 1)
	for e := range events {
		if e != (StoreEvent{At: e.When(), Node: "n"}) {
			t.Errorf("got %v", e)
		}
		break
	}
	eventually(t, func() bool { return n.Stats().Subscribers == 0 }, "the subscription ends")
}

func TestStrangersHaveNoStoreEvents(t *testing.T) {
	needs(t, "values of strangers")
	t.Parallel()
	s := newSite(t)
	nodes := s.grow(2)
	events := nodes[0].Subscribe(within(t))
	nodes[1].UpdateSelf("k", 1)
	eventually(t, func() bool { return nodes[0].Stats().Store.Keys == 1 }, "the stranger's record is replicated")
	list(nodes...) // now it is known, and its values with it
	if got := Values[int](nodes[0], "k")["n2"]; got != 1 {
		t.Errorf("the value is %d", got)
	}
	for len(events) > 0 {
		if e, ok := (<-events).(StoreEvent); ok {
			t.Errorf("got %v", e)
		}
	}
}

func TestEventsDescribeThemselves(t *testing.T) {
	for _, c := range []struct {
		event Event
		want  string
	}{
		{MemberEvent{Node: "n", Change: MemberJoined}, "member n joined at invalid AddrPort"},
		{MemberEvent{Node: "n", Change: MemberJoined, Restarted: true}, "member n restarted at invalid AddrPort"},
		{MemberEvent{Node: "n", Change: MemberUpdated}, "member n updated, at invalid AddrPort"},
		{MemberEvent{Node: "n", Change: MemberSuspected, From: "m"}, "member n suspected, says m"},
		{MemberEvent{Node: "n", Change: MemberRefuted}, "member n refuted"},
		{MemberEvent{Node: "n", Change: MemberConflict}, "member n is also claimed by invalid AddrPort"},
		{SelfEvent{Change: SelfRefuted, From: "m"}, "self refuted what m said"},
		{SelfEvent{Change: SelfCutOff}, "self cut off"},
		{SelfEvent{Change: SelfReplaced}, "self replaced by a newer node, says invalid AddrPort"},
		{RefusedEvent{ByUs: true, Node: "n", Reason: 1, Ours: "a", Theirs: "b"}, `refused n at invalid AddrPort: cluster id mismatch (ours "a", theirs "b")`},
		{RefusedEvent{Node: "n", Reason: 1}, `refused by n at invalid AddrPort: cluster id mismatch (ours "", theirs "")`},
		{QuorumEvent{From: 4, To: 1, Quorum: Quorum{3, 2, 2}}, "self NODE_STATUS_NOT_IN_QUORUM -> NODE_STATUS_UP (2 of 3 alive, 2 needed)"},
	} {
		if got := c.event.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := MemberChange(99).String() + SelfChange(99).String() + Phase(99).String(); strings.Count(got, "99") != 2 || !strings.Contains(got, "unknown") {
		t.Errorf("unknown values print as %q", got)
	}
}
