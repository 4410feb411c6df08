package node_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// peer is a node on memberlist's wire that is not open, and knows "a" and "b".
func peer(t *testing.T, id types.NodeId) *node.Node {
	t.Helper()
	n, err := node.New(node.Config{ID: id, Generation: 7, ClusterID: "c", Version: "v1", Memberlist: true, Intervals: pace()}, 0, epoch())
	if err != nil {
		t.Fatal(err)
	}
	n.UpdateCluster(0, map[types.NodeId]types.NodeUpdate{"a": {Addr: "a:1", ClusterDomain: "here"}, "b": {}})
	return n
}

func epoch() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }

// told is an entry as a peer's push-pull tells it.
func told(id types.NodeId, after time.Duration, value string) node.Entry {
	return node.Entry{
		Info:   types.NodeInfo{Id: id, GenNumber: 3, LastUpdateTs: epoch().Add(after), Status: types.NODE_STATUS_UP, QuorumMember: true, Addr: "x:9"},
		Values: []node.KeyValue{{Key: "k", Value: []byte(value)}},
	}
}

func merge(t *testing.T, n *node.Node, e node.Entry) {
	t.Helper()
	if err := n.MergeEntry(0, e.Info.Id, e); err != nil {
		t.Fatal(err)
	}
}

func shown(t *testing.T, n *node.Node, id types.NodeId) (values map[types.StoreKey]string, info types.NodeInfo) {
	t.Helper()
	e, err := n.Entry(id)
	if err != nil {
		t.Fatal(err)
	}
	values = map[types.StoreKey]string{}
	for _, kv := range e.Values {
		values[kv.Key] = string(kv.Value)
	}
	return values, e.Info
}

func TestAStrictlyNewerEntryIsTakenWholeButForOurOwnView(t *testing.T) {
	n := peer(t, "b")
	first := told("a", 0, "first")
	first.Values = append(first.Values, node.KeyValue{Key: "gone", Value: []byte("x")})
	merge(t, n, first)
	merge(t, n, told("a", 0, "same time"))
	merge(t, n, told("a", -time.Second, "older"))
	if values, _ := shown(t, n, "a"); !maps.Equal(values, map[types.StoreKey]string{"k": "first", "gone": "x"}) {
		t.Errorf("after the first, one of the same time and an older one, the values are %v", values)
	}
	merge(t, n, told("a", 1, "second"))
	values, info := shown(t, n, "a")
	if !maps.Equal(values, map[types.StoreKey]string{"k": "second"}) {
		t.Errorf("after the second, the values are %v", values)
	}
	if info.GenNumber != 3 || !info.LastUpdateTs.Equal(epoch().Add(1)) {
		t.Errorf("generation and time are not those of the entry: %+v", info)
	}
	if info.Status != types.NODE_STATUS_DOWN || info.QuorumMember || info.Addr != "a:1" || info.ClusterDomain != "here" {
		t.Errorf("status, flag, address or domain is not ours: %+v", info)
	}
}

func TestAnEntryIsForcedWhereNothingWasKnown(t *testing.T) {
	for _, status := range []types.NodeStatus{types.NODE_STATUS_INVALID, types.NODE_STATUS_NEVER_GOSSIPED} {
		n := peer(t, "b")
		merge(t, n, told("a", 0, "new"))
		if err := n.SetStatus(0, "a", status); err != nil {
			t.Fatal(err)
		}
		merge(t, n, told("a", -time.Hour, "old"))
		if values, info := shown(t, n, "a"); values["k"] != "old" || info.Status != status {
			t.Errorf("%v: %v, %v", status, values, info.Status)
		}
	}
}

func TestOurOwnEntryNeverComesFromOthers(t *testing.T) {
	n := peer(t, "a")
	if err := n.SetValue(0, "k", []byte("mine")); err != nil {
		t.Fatal(err)
	}
	merge(t, n, told("a", time.Hour, "echo of the future"))
	merge(t, n, told("stranger", time.Hour, "x"))
	if values, info := shown(t, n, "a"); values["k"] != "mine" || info.GenNumber != 7 || info.LastUpdateTs.After(epoch()) {
		t.Errorf("our own entry is %v, %+v", values, info)
	}
	if _, err := n.Entry("stranger"); err == nil {
		t.Error("a stranger is known")
	}
}

func TestAnEntryUnderAnotherKeyOrTooLargeIsRefused(t *testing.T) {
	n := peer(t, "b")
	var mismatch *node.MismatchError
	if err := n.MergeEntry(0, "b", told("a", 0, "x")); !errors.As(err, &mismatch) {
		t.Errorf("under another key: %v", err)
	}
	var limit *store.LimitError
	if err := n.MergeEntry(0, "a", told("a", 0, strings.Repeat("x", store.DefaultMaxValue+1))); !errors.As(err, &limit) {
		t.Errorf("too large: %v", err)
	}
	if values, _ := shown(t, n, "a"); len(values) != 0 {
		t.Errorf("it was taken all the same: %v", values)
	}
}

func TestATableTellsWhatWasHeardAsItWasHeard(t *testing.T) {
	n := peer(t, "b")
	wall := epoch().Add(time.Minute)
	n.SetWall(0, wall)
	if table := n.Table(0); len(table) != 1 || table[0].Info.Id != "b" || !table[0].Info.LastUpdateTs.Equal(wall) {
		t.Fatalf("a node that has heard of nobody tells %+v", table)
	}
	merge(t, n, told("a", time.Second, "x"))
	// What we say locally about a peer does not travel, and hides nothing.
	n.SetWall(0, epoch().Add(time.Hour))
	n.AddNode(0, "a", types.NODE_STATUS_UP, true, "there")
	n.SetWall(0, wall)
	table := n.Table(0)
	if len(table) != 2 || table[0].Info.Id != "a" || !table[0].Info.LastUpdateTs.Equal(epoch().Add(time.Second)) ||
		table[0].Info.GenNumber != 3 || string(table[0].Values[0].Value) != "x" {
		t.Errorf("it tells %+v", table)
	}
	if !table[1].Info.LastUpdateTs.After(wall) {
		t.Errorf("our own time stood still at %v", table[1].Info.LastUpdateTs)
	}
	n.SetWall(0, wall.Add(-time.Hour))
	if at := n.Table(0)[1].Info.LastUpdateTs; !at.After(table[1].Info.LastUpdateTs) {
		t.Errorf("our own time went back with the clock, to %v", at)
	}
	merge(t, n, told("a", 2*time.Second, "y"))
	if values, _ := shown(t, n, "a"); values["k"] != "y" {
		t.Errorf("AddNode hides newer values: %v", values)
	}
}

func TestValuesOfANodeThatIsListedAgainAreGone(t *testing.T) {
	n := peer(t, "b")
	merge(t, n, told("a", 0, "x"))
	if err := n.RemoveNode(0, "a"); err != nil {
		t.Fatal(err)
	}
	n.AddNode(0, "a", types.NODE_STATUS_UP, false, "")
	if values, info := shown(t, n, "a"); len(values) != 0 || info.GenNumber != 0 {
		t.Errorf("there is %v of generation %d left", values, info.GenNumber)
	}
	if len(n.Table(0)) != 1 {
		t.Error("and it is passed on")
	}
	merge(t, n, told("a", -time.Hour, "older than what was forgotten"))
	if values, _ := shown(t, n, "a"); len(values) != 1 {
		t.Error("nothing is taken any more")
	}
}

func TestOnlyAChangeOfValuesIsAnEvent(t *testing.T) {
	n := peer(t, "b")
	var events []node.Event
	count := func() int { n.TakeEvents(&events); return len(events) }
	count()
	for i, want := range []struct {
		entry  node.Entry
		events int
	}{{told("a", 0, "x"), 1}, {told("a", 1, "x"), 0}, {told("a", 2, "y"), 1}, {told("a", 1, "z"), 0}} {
		merge(t, n, want.entry)
		if got := count(); got != want.events {
			t.Errorf("entry %d: %d events, want %d", i, got, want.events)
		}
	}
}

func TestAMetaThatIsTooLongIsAnErrorOfTheConfiguration(t *testing.T) {
	cfg := node.Config{
		ID: types.NodeId(strings.Repeat("n", 253)), ClusterID: strings.Repeat("c", 255), Version: "v1", Memberlist: true, Intervals: pace(),
	}
	var field *node.FieldError
	if err := cfg.Validate(); !errors.As(err, &field) || !strings.Contains(err.Error(), "limit 512") {
		t.Errorf("the error is %v", err)
	}
	cfg.ID += "n"
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "node id has 254 bytes, want 1 to 253") {
		t.Errorf("the error is %v", err)
	}
	cfg.ID, cfg.ClusterID = "n", "c"
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
