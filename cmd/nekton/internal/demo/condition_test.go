package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// cell is what one node sees of another.
func cell(s types.NodeStatus, h Held) PeerView { return PeerView{Status: s, Held: h, Generation: 1} }

var (
	up      = cell(types.NODE_STATUS_UP, HeldAlive)
	suspect = cell(types.NODE_STATUS_UP, HeldSuspect)
	down    = cell(types.NODE_STATUS_DOWN, HeldDead)
)

// three is a cluster of a1, b1 and w, of which w was killed: a1 holds it dead, b1
// still suspects it.
func three() *Snapshot {
	return &Snapshot{Nodes: []NodeView{
		{ID: "a1", Phase: PhaseRunning, Own: types.NODE_STATUS_UP, Peers: []PeerView{up, up, down}},
		{ID: "b1", Phase: PhaseRunning, Own: types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, Peers: []PeerView{up, up, suspect}},
		{ID: "w", Phase: PhaseKilled},
	}}
}

func ids(names ...types.NodeId) []types.NodeId { return names }

func TestConditionsSayWhatIsSeenInstead(t *testing.T) {
	const upStatus, downStatus = types.NODE_STATUS_UP, types.NODE_STATUS_DOWN
	withValues := three()
	withValues.Nodes[0].Peers[1].Values = types.StoreMap{"load": int64(7)}
	for _, test := range []struct {
		name string
		s    *Snapshot
		c    condition
		want string // "": it holds
	}{
		{"all that run see both UP", three(), sees(nil, ids("a1", "b1"), upStatus), ""},
		{"one sees w UP", three(), sees(nil, ids("w"), downStatus), "b1 sees w UP"},
		{"either status will do", three(), sees(nil, ids("w"), downStatus, upStatus), ""},
		{"only a1 is asked", three(), sees(ids("a1"), ids("w"), downStatus), ""},
		{"nobody asks a node that does not run", three(), sees(ids("w"), nil, downStatus), ""},
		{"one holds w suspect", three(), holds("w", HeldDead), "b1 holds w suspect"},
		{"somebody holds w dead", three(), someoneHolds("w", HeldDead), ""},
		{"nobody holds w left", three(), someoneHolds("w", HeldLeft), "nobody holds w left; a1: dead, b1: suspect"},
		{"own status of one", three(), own(ids("a1"), upStatus), ""},
		{"own status of all that run", three(), own(nil, upStatus), "b1 is SUSPECT_NOT_IN_QUORUM"},
		{"all of the plan run", three(), isRunning(nil), "w is killed"},
		{"generation", three(), generation("b1", 1), ""},
		{"older generation", three(), generation("b1", 2), "a1 knows b1 by generation 1"},
		{"values at one node only", withValues, reads("b1", types.StoreMap{"load": int64(7)}), "b1 reads nothing of b1"},
		{"another type is another value", withValues, reads("b1", types.StoreMap{"load": 7}), "a1 reads load=7 of b1, b1 reads nothing of b1"},
		{"no values are no values", three(), reads("b1", nil), ""},
		{"the first that does not hold", three(), all(own(ids("a1"), upStatus), isRunning(nil), holds("w", HeldDead)), "w is killed"},
		{"all of nothing", three(), all(), ""},
	} {
		if got := test.c(test.s); got != test.want {
			t.Errorf("%s: seen %q, want %q", test.name, got, test.want)
		}
	}
}

func TestACourseRemembersAStatusThatIsOver(t *testing.T) {
	c := course{}
	want := c.passed(nil, types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM)
	s := three()
	c.note(s)
	if got := want(s); got != "a1 is UP" {
		t.Errorf("seen %q", got)
	}
	s.At = 5
	s.Nodes[0].Own, s.Nodes[1].Own = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, types.NODE_STATUS_NOT_IN_QUORUM
	c.note(s)
	if got := want(s); got != "" {
		t.Errorf("both have passed it, seen %q", got)
	}
	if got := c.longest(ids("a1", "b1"), types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, types.NODE_STATUS_NOT_IN_QUORUM); got != 5 {
		t.Errorf("longest is %v, want b1's 5", got)
	}
}

func TestTheNilCourseNotesNothing(t *testing.T) {
	var c course
	c.note(three())
	if c != nil {
		t.Errorf("it noted %v", c)
	}
}

func TestMuchToSeeIsCutShort(t *testing.T) {
	got := enumerate([]string{"1", "2", "3", "4", "5", "6"})
	if got != "1, 2, 3, 4, and 2 more" {
		t.Errorf("got %q", got)
	}
}

func TestListsReadAsASentence(t *testing.T) {
	for want, in := range map[string][]types.NodeId{"": nil, "a": ids("a"), "a and b": ids("a", "b"), "a, b and c": ids("a", "b", "c")} {
		if got := list(in); got != want {
			t.Errorf("list(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestChangesBetweenTwoPicturesAreTold(t *testing.T) {
	before := &Snapshot{Nodes: []NodeView{
		{ID: "a1", Phase: PhaseRunning, Own: types.NODE_STATUS_UP, Peers: []PeerView{up, up, suspect, up, suspect, down}},
		{ID: "a2", Phase: PhaseRunning, Peers: []PeerView{up}},
		{ID: "b1", Phase: PhaseRunning}, {ID: "b2", Phase: PhaseRunning}, {ID: "b3", Phase: PhaseRunning}, {ID: "w", Phase: PhaseRunning},
	}}
	after := &Snapshot{Nodes: []NodeView{
		{ID: "a1", Phase: PhaseRunning, Own: types.NODE_STATUS_NOT_IN_QUORUM, Health: 1, Peers: []PeerView{up, suspect, down, cell(types.NODE_STATUS_DOWN, HeldLeft), up, up}},
		{ID: "a2", Phase: PhaseKilled},
		{ID: "b1", Phase: PhaseRunning}, {ID: "b2", Phase: PhaseRunning}, {ID: "b3", Phase: PhaseRunning}, {ID: "w", Phase: PhaseRunning},
	}}
	want := []string{
		"a1 suspects a2",
		"a1 declares b1 dead", "a1 sees b1 DOWN",
		"a1 knows that b2 left", "a1 sees b2 DOWN",
		"a1 suspects b3 no longer",
		"a1 sees w UP",
		"a1 is NOT_IN_QUORUM (was UP)",
		"a1 trusts itself less: local health score 1",
	}
	if got := changes(before, after); !slices.Equal(got, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := changes(nil, after); got != nil {
		t.Errorf("the first picture is no change, told %q", got)
	}
	if got := changes(after, after); got != nil {
		t.Errorf("the same picture is no change, told %q", got)
	}
}

func TestGoroutinesOfNodesAreToldApart(t *testing.T) {
	for _, test := range []struct {
		name  string
		trace string
		want  bool
	}{
		{"a node's loop in an errgroup", "goroutine 7 [IO wait]:\nnet.(*UDPConn).Read()\n\t/x.go:1\ngithub.com/nekton-go/nekton.(*Node).read()\n\t/x.go:1\ngolang.org/x/sync/errgroup.(*Group).Go.func1()\n\t/x.go:1\ncreated by golang.org/x/sync/errgroup.(*Group).Go in goroutine 1\n\t/x.go:1", true},
		{"started by the transport", "goroutine 7 [select]:\nruntime.gopark()\n\t/x.go:1\ncreated by github.com/nekton-go/nekton/transport.NewStreams in goroutine 1\n\t/x.go:1", true},
		{"a timer's function", "goroutine 7 [select]:\ngithub.com/nekton-go/nekton.(*Node).tick()\n\t/x.go:1\ncreated by time.goFunc\n\t/x.go:1", true},
		{"the command calling a node", "goroutine 1 [select]:\ngithub.com/nekton-go/nekton.(*Node).Stop()\n\t/x.go:1\ngithub.com/nekton-go/nekton/cmd/nekton/internal/demo.(*story).leave.func1()\n\t/x.go:1\ncreated by github.com/nekton-go/nekton/cmd/nekton/internal/demo.(*story).during in goroutine 1\n\t/x.go:1", false},
		{"main", "goroutine 1 [running]:\nmain.main()\n\t/x.go:1", false},
		{"the command in an errgroup", "goroutine 9 [running]:\ngithub.com/nekton-go/nekton.(*Node).Stop()\n\t/x.go:1\ngithub.com/nekton-go/nekton/cmd/nekton/internal/demo.(*cluster).close.func1()\n\t/x.go:1\ngolang.org/x/sync/errgroup.(*Group).Go.func1()\n\t/x.go:1\ncreated by golang.org/x/sync/errgroup.(*Group).Go in goroutine 1\n\t/x.go:1", false},
	} {
		if got := startedByNode(test.trace); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
