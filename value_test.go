package nekton

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

type disk struct {
	Path string
	Size uint64
	Tags map[string][]int
}

func TestValuesArriveWithTheirTypes(t *testing.T) {
	needs(t, "values that describe themselves")
	t.Parallel()
	nodes := cluster(t, 2, WithType("disk", disk{}))
	values := types.StoreMap{
		"int": 7, "int64": int64(-1) << 40, "uint8": uint8(200), "float": 1.5, "bool": true, "string": "ä", "": "the empty key",
		"bytes": []byte{0, 1, 255}, "strings": []string{"a", ""}, "nil": nil, "any": []any{1, "two", 3.0, nil},
		"map":  map[string]any{"a": []int{1}, "b": map[string]string{"c": "d"}},
		"time": time.Date(2024, 2, 29, 1, 2, 3, 456789, time.UTC), "duration": time.Minute,
		"disk": disk{"/dev/sda", 1 << 40, map[string][]int{"t": {1, 2}}}, "pointer": &disk{Path: "p"},
	}
	for key, value := range values {
		if err := nodes[0].SetSelf(key, value); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	eventually(t, func() bool {
		info, _ := nodes[1].GetLocalNodeInfo("n1")
		return len(info.Value) == len(values)
	}, "all values arrive")
	for _, n := range nodes {
		info, _ := n.GetLocalNodeInfo("n1")
		for key, want := range values {
			if key == "pointer" {
				want = disk{Path: "p"}
			}
			if got := info.Value[key]; !reflect.DeepEqual(got, want) {
				t.Errorf("at %s, %q is %#v, want %#v", n.NodeId(), key, got, want)
			}
		}
	}
	if d, err := Value[disk](nodes[1], "n1", "disk"); err != nil || d.Size != 1<<40 {
		t.Errorf("the disk is %+v, %v", d, err)
	}
}

func TestAnUnregisteredStructIsAMapEverywhere(t *testing.T) {
	needs(t, "values that describe themselves")
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	n.UpdateSelf("disk", struct{ Path string }{"p"})
	if m, err := Value[map[string]any](n, "n", "disk"); err != nil || m["Path"] != "p" {
		t.Errorf("got %v, %v", m, err)
	}
}

func TestAValueOfATypeThatIsNotRegisteredHereHarmsNothingElse(t *testing.T) {
	needs(t, "values that describe themselves")
	t.Parallel()
	s := newSite(t)
	knows, ignorant := s.node("knows", "", WithType("disk", disk{})), s.node("ignorant", "")
	s.start(knows)
	s.start(ignorant, knows)
	list(knows, ignorant)
	knows.UpdateSelf("disk", disk{Path: "p"})
	knows.UpdateSelf("other", 1)
	eventually(t, func() bool { return Values[int](ignorant, "other")["knows"] == 1 }, "the other value arrives")
	got := ignorant.GetLocalState()["knows"].Value["disk"]
	var unknown *store.UnknownTypeError
	if u, ok := got.(Undecodable); !ok || !errors.As(u.Err, &unknown) || unknown.Name != "disk" || len(u.Bytes) == 0 {
		t.Errorf("the disk is %#v", got)
	}
	if _, err := Value[disk](ignorant, "knows", "disk"); !errors.As(err, &unknown) {
		t.Errorf("Value returned %v", err)
	}
	if got := ignorant.Stats().UndecodableValues; got < 2 {
		t.Errorf("%d values were undecodable", got)
	}
}

func TestRefusedValuesSayWhyAndChangeNothing(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "",
		WithLimits(Limits{Key: 4, Value: 100, Record: 300}), WithType("panicky", panicky{}))
	if err := n.SetSelf("k", "before"); err != nil {
		t.Fatal(err)
	}
	var deep any
	for range 100 {
		deep = []any{deep}
	}
	var limit *LimitError
	var unencodable *UnencodableError
	var panicked *store.PanicError
	for _, c := range []struct {
		name  string
		key   types.StoreKey
		value any
		as    any
		is    error
	}{
		{"a channel", "k", make(chan int), &unencodable, nil},
		{"a function in a map", "k", map[string]any{"f": func() {}}, &unencodable, nil},
		{"a panic", "k", panicky{}, &panicked, nil},
		{"too deep", "k", deep, nil, store.ErrTooDeep},
		{"a long key", "12345", 1, &limit, store.ErrKeyTooLong},
		{"a very long key", types.StoreKey(strings.Repeat("k", 10000)), 1, &limit, store.ErrKeyTooLong},
		{"a large value", "k", strings.Repeat("x", 101), &limit, store.ErrValueTooLarge},
	} {
		err := n.SetSelf(c.key, c.value)
		if c.as != nil && !errors.As(err, c.as) || c.is != nil && !errors.Is(err, c.is) || err == nil {
			t.Errorf("%s: got %v", c.name, err)
		} else if !strings.HasPrefix(err.Error(), "nekton: set ") || len(err.Error()) > 1000 {
			t.Errorf("%s: the message is %.300q", c.name, err)
		}
	}
	for i := range 3 {
		if err := n.SetSelf(types.StoreKey(fmt.Sprint(i)), strings.Repeat("x", 90)); i == 2 && !errors.Is(err, store.ErrRecordTooLarge) {
			t.Errorf("beyond the limit of the record: %v", err)
		}
	}
	if got, _ := Value[string](n, "n", "k"); got != "before" {
		t.Errorf("the value is %q", got)
	}
	if got := n.Stats().RefusedValues; got != 8 {
		t.Errorf("%d values were refused, want 8", got)
	}
}

func TestADeletedKeyIsGoneEverywhere(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3)
	nodes[0].UpdateSelf("a", 1)
	nodes[0].UpdateSelf("b", 2)
	eventually(t, func() bool { return len(nodes[2].GetStoreKeys()) == 2 }, "both keys arrive")
	if !nodes[0].DeleteSelf("a") || nodes[0].DeleteSelf("a") || nodes[0].DeleteSelf("never there") {
		t.Error("DeleteSelf does not say whether the key was there")
	}
	for _, n := range nodes {
		eventually(t, func() bool { return slices.Equal(n.GetStoreKeys(), []types.StoreKey{"b"}) }, "%s forgets the key", n.NodeId())
	}
}

func TestTypedGettersSayWhatIsWrong(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	n.UpdateSelf("k", "v")
	n.UpdateSelf("nil", nil)
	var unknown *UnknownNodeError
	if _, err := Value[string](n, "x", "k"); !errors.As(err, &unknown) || unknown.ID != "x" {
		t.Errorf("of an unknown node: %v", err)
	}
	if _, err := Value[string](n, "n", "x"); !errors.Is(err, ErrNoValue) {
		t.Errorf("of an unknown key: %v", err)
	}
	var wrong *TypeError
	if _, err := Value[int](n, "n", "k"); !errors.As(err, &wrong) || wrong.Want != "int" || wrong.Got != "string" {
		t.Errorf("of another type: %v", err)
	}
	if v, err := Value[any](n, "n", "nil"); v != nil || err != nil {
		t.Errorf("nil as any: %v, %v", v, err)
	}
	if _, err := Value[string](n, "n", "nil"); !errors.As(err, &wrong) || wrong.Got != "<nil>" {
		t.Errorf("nil as a string: %v", err)
	}
	if got := Values[int](n, "k"); got == nil || len(got) != 0 {
		t.Errorf("Values of another type: %v", got)
	}
	if got := Values[any](n, "nil"); !maps.Equal(got, map[types.NodeId]any{"n": nil}) {
		t.Errorf("Values of nil: %v", got)
	}
}

func TestWhoHasOtherKeysIsLeftOutAndWhoHasNoneIsIn(t *testing.T) {
	n := NewNode("127.0.0.1:0", "self", 1, quick(), *gossip, "c", "")
	n.UpdateSelf("k", 1)
	give := func(id types.NodeId, status types.NodeStatus, values types.StoreMap) {
		n.AddNode(id, types.NODE_STATUS_NEVER_GOSSIPED, false, "")
		if values != nil {
			n.Update(types.NodeInfoMap{id: {Id: id, GenNumber: 9, LastUpdateTs: time.Now(), Value: values}})
		}
		if err := n.UpdateNodeStatus(id, status); err != nil {
			t.Fatal(err)
		}
	}
	give("has", types.NODE_STATUS_DOWN, types.StoreMap{"k": 2, "other": nil})
	give("suspect", types.NODE_STATUS_SUSPECT_DOWN, types.StoreMap{"k": 3})
	give("other keys", types.NODE_STATUS_UP, types.StoreMap{"other": 1})
	give("no keys", types.NODE_STATUS_UP, nil)
	give("invalid", types.NODE_STATUS_INVALID, types.StoreMap{"k": 4, "hidden": 1})
	give("never", types.NODE_STATUS_NEVER_GOSSIPED, types.StoreMap{"k": 5})

	got := map[types.NodeId]any{}
	for id, v := range n.GetStoreKeyValue("k") {
		got[id] = v.Value
		if v.Id != id || v.LastUpdateTs.IsZero() {
			t.Errorf("%s: %+v", id, v)
		}
	}
	if want := map[types.NodeId]any{"self": 1, "has": 2, "suspect": 3, "no keys": nil}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := n.GetStoreKeys(), []types.StoreKey{"hidden", "k", "other"}; !slices.Equal(got, want) {
		t.Errorf("the keys are %q, want %q", got, want)
	}
	if v := n.GetStoreKeyValue("k")["has"]; v.GenNumber != 9 || v.Status != types.NODE_STATUS_DOWN {
		t.Errorf("has is %+v", v)
	}
	if got := n.GetStoreKeyValue("nowhere"); got == nil || len(got) != 1 { // "no keys"
		t.Errorf("of a key that nobody has: %v", got)
	}
}

func TestUpdateTakesEntriesThatAreStrictlyLater(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "", WithLimits(Limits{Value: 100}))
	n.AddNode("p", types.NODE_STATUS_NEVER_GOSSIPED, true, "d")
	at := time.Now().Add(time.Hour).Truncate(0)
	update := func(at time.Time, values types.StoreMap) types.NodeInfo {
		n.Update(types.NodeInfoMap{"p": {Id: "p", LastUpdateTs: at, Status: types.NODE_STATUS_UP, Addr: "x:1", ClusterDomain: "e", Value: values}})
		info, err := n.GetLocalNodeInfo("p")
		if err != nil {
			t.Fatal(err)
		}
		if !info.QuorumMember || info.ClusterDomain != "d" || info.Addr != "" {
			t.Errorf("the local configuration changed: %+v", info)
		}
		return info
	}
	if got := update(time.Unix(1, 0), types.StoreMap{"a": 1}); got.Value["a"] != 1 || got.Status != types.NODE_STATUS_NEVER_GOSSIPED {
		t.Errorf("who never gossiped takes any entry: %+v", got)
	}
	if err := n.UpdateNodeStatus("p", types.NODE_STATUS_DOWN); err != nil {
		t.Fatal(err)
	}
	if got := update(time.Unix(2, 0), types.StoreMap{"a": 2}); got.Value["a"] != 1 {
		t.Errorf("an earlier entry was taken: %+v", got)
	}
	if got := update(at, types.StoreMap{"b": 3, "large": strings.Repeat("x", 200), "bad": func() {}}); len(got.Value) != 1 || got.Value["b"] != 3 {
		t.Errorf("a later entry replaces all, without what is refused: %+v", got)
	}
	if got := update(at, types.StoreMap{"b": 4}); got.Value["b"] != 3 {
		t.Errorf("an entry of the same time was taken: %+v", got)
	}
	n.Update(nil)
	n.Update(types.NodeInfoMap{"p": {Id: "p", LastUpdateTs: at.Add(1), Value: nil}})
	if info, _ := n.GetLocalNodeInfo("p"); len(info.Value) != 0 || info.Value == nil {
		t.Errorf("an entry without values: %+v", info)
	}
}

func TestAnUnknownNodeIsATypedError(t *testing.T) {
	n := NewNode("127.0.0.1:0", "n", 1, quick(), *gossip, "c", "")
	_, info := n.GetLocalNodeInfo("x")
	for name, err := range map[string]error{
		"GetLocalNodeInfo": info, "UpdateNodeStatus": n.UpdateNodeStatus("x", types.NODE_STATUS_UP), "RemoveNode": n.RemoveNode("x"),
	} {
		var unknown *UnknownNodeError
		if !errors.As(err, &unknown) || unknown.ID != "x" || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

func TestNilMapsAreEmptyMaps(t *testing.T) {
	s := newSite(t)
	n := s.node("n", "")
	n.Update(nil)
	n.UpdateCluster(nil)
	if err := n.Start(types.GossipStartConfiguration{}); err != nil {
		t.Fatal(err)
	}
	if err := n.UpdateClusterDomainsActiveMap(nil); err != nil {
		t.Error(err)
	}
	n.UpdateCluster(nil)
	if got := len(n.GetLocalState()); got != 1 {
		t.Errorf("%d nodes are known", got)
	}
}

// What the application writes over the status of a live peer lasts until the
// push-pull interval is over.
func TestAWrittenStatusOfALivePeerIsCorrected(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 2)
	n := nodes[0]
	if err := n.UpdateNodeStatus("n2", types.NODE_STATUS_DOWN); err != nil {
		t.Fatal(err)
	}
	if got := status(n, "n2"); got != types.NODE_STATUS_DOWN {
		t.Errorf("right after the call the peer is %v", got)
	}
	awaitStatus(t, n, "n2", types.NODE_STATUS_UP)
	n.AddNode("n2", types.NODE_STATUS_SUSPECT_DOWN, true, "")
	awaitStatus(t, n, "n2", types.NODE_STATUS_UP)
	n.UpdateSelfStatus(types.NODE_STATUS_NOT_IN_QUORUM)
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_NOT_IN_QUORUM {
		t.Errorf("the own status that was written is %v", got)
	}
	list(nodes...)
	if got := n.GetSelfStatus(); got != types.NODE_STATUS_UP {
		t.Errorf("after an event the own status is %v", got)
	}
}
