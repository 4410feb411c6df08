package nekton

import (
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/types"
)

// gobbed are nodes on memberlist's wire that know each other and are not started.
func gobbed(t *testing.T, ids ...types.NodeId) []*Node {
	t.Helper()
	var nodes []*Node
	update := map[types.NodeId]types.NodeUpdate{}
	for _, id := range ids {
		update[id] = types.NodeUpdate{QuorumMember: true}
		nodes = append(nodes, NewNode("127.0.0.1:0", id, 3, quick(), "v1", "c", ""))
	}
	for _, n := range nodes {
		n.UpdateCluster(update)
	}
	return nodes
}

// hear gives a node a state as if a push-pull had brought it.
func hear(n *Node, state []byte) { n.mergeState(node.Table{Peer: "pv1", State: state}) }

// rack is a struct that all programs know.
type rack struct {
	Row   int
	Slots []string
}

func TestValuesReachTheOthersAsGobGivesThem(t *testing.T) {
	t.Parallel()
	gob.Register(rack{})
	nodes := gobbed(t, "a", "b", "c")
	values := types.StoreMap{"int": -5, "strings": []string{"a", "b"}, "nil": nil, "": 1.5, "rack": rack{1, []string{"x"}}}
	for key, value := range values {
		if err := nodes[0].SetSelf(key, value); err != nil {
			t.Fatal(err)
		}
	}
	hear(nodes[1], nodes[0].ownState())
	hear(nodes[2], nodes[1].ownState()) // c hears of a from b
	for _, n := range nodes {
		info, err := n.GetLocalNodeInfo("a")
		if err != nil || !reflect.DeepEqual(info.Value, values) || info.GenNumber != 3 {
			t.Errorf("%s shows %+v, %v", n.NodeId(), info, err)
		}
	}
	if info, _ := nodes[2].GetLocalNodeInfo("b"); len(info.Value) != 0 || info.GenNumber != 3 {
		t.Errorf("c shows %+v of b", info)
	}
	if !nodes[0].DeleteSelf("rack") {
		t.Fatal("it was not there")
	}
	hear(nodes[1], nodes[0].ownState())
	if info, _ := nodes[1].GetLocalNodeInfo("a"); len(info.Value) != len(values)-1 {
		t.Errorf("a deleted key is still there: %+v", info.Value)
	}
}

func TestAValueThatGobDoesNotTakeSilencesNothing(t *testing.T) {
	t.Parallel()
	nodes := gobbed(t, "a", "b")
	nodes[0].UpdateSelf("good", "x")
	var no *UnencodableError
	if err := nodes[0].SetSelf("bad", struct{ A int }{1}); !errors.As(err, &no) || !strings.Contains(err.Error(), "not registered") {
		t.Errorf("the error is %v", err)
	}
	var limit *LimitError
	if err := nodes[0].SetSelf("large", make([]byte, 1<<17)); !errors.As(err, &limit) {
		t.Errorf("the error is %v", err)
	}
	hear(nodes[1], nodes[0].ownState())
	if info, _ := nodes[1].GetLocalNodeInfo("a"); !reflect.DeepEqual(info.Value, types.StoreMap{"good": "x"}) {
		t.Errorf("b shows %v", info.Value)
	}
	if refused := nodes[0].Stats().RefusedValues; refused != 2 {
		t.Errorf("%d values refused, want 2", refused)
	}
}

// fickle cannot be encoded any more once it was decoded.
type fickle struct{ used bool }

func (f fickle) GobEncode() ([]byte, error) {
	if f.used {
		return nil, errors.New("not again")
	}
	return []byte{1}, nil
}
func (f *fickle) GobDecode([]byte) error { f.used = true; return nil }

func TestATypeThatChangesItsMindDoesNotSilenceTheOthers(t *testing.T) {
	t.Parallel()
	gob.Register(fickle{})
	nodes := gobbed(t, "a", "b")
	nodes[0].UpdateSelf("fickle", fickle{})
	nodes[0].UpdateSelf("good", "x")
	hear(nodes[1], nodes[0].ownState())
	if info, _ := nodes[1].GetLocalNodeInfo("a"); !reflect.DeepEqual(info.Value, types.StoreMap{"good": "x"}) {
		t.Errorf("b shows %v", info.Value)
	}
}

func TestAStateThatCannotBeReadIsLostAndCounted(t *testing.T) {
	t.Parallel()
	n := gobbed(t, "a", "b")[0]
	type local struct{ A int }
	gob.RegisterName("nekton.local1", local{})
	state, err := gobwire.EncodeState(types.NodeInfoMap{"b": {Id: "b", Value: types.StoreMap{"k": local{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	hear(n, []byte(strings.ReplaceAll(string(state), "nekton.local1", "nekton.local2")))
	hear(n, state[:len(state)-1])
	hear(n, make([]byte, 21<<20))
	if lost := n.Stats().LostStates; lost != 3 {
		t.Errorf("%d states lost, want 3", lost)
	}
	hear(n, state)
	if v, err := Value[local](n, "b", "k"); v.A != 1 || err != nil {
		t.Errorf("the next state brings %v, %v", v, err)
	}
}

func TestEntriesThatCannotBeTakenAreLeftOutAndCounted(t *testing.T) {
	t.Parallel()
	n := gobbed(t, "a", "b", "c")[0]
	state, err := gobwire.EncodeState(types.NodeInfoMap{
		"b":        {Id: "b", Value: types.StoreMap{"good": 1, "large": make([]byte, 1<<17)}},
		"c":        {Id: "b", Value: types.StoreMap{"k": "forged"}},
		"stranger": {Id: "stranger", Value: types.StoreMap{"k": "x"}},
		"a":        {Id: "a", Value: types.StoreMap{"k": "echo"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	hear(n, state)
	want := map[types.NodeId]types.StoreMap{"a": {}, "b": {"good": 1}, "c": {}}
	for id, info := range n.GetLocalState() {
		if !reflect.DeepEqual(info.Value, want[id]) {
			t.Errorf("%s shows %v, want %v", id, info.Value, want[id])
		}
	}
	if stats := n.Stats(); stats.RefusedValues != 2 || stats.LostStates != 0 {
		t.Errorf("refused %d, lost %d; want 2 and 0", stats.RefusedValues, stats.LostStates)
	}
}

func TestAStateThatIsTooLargeTellsOurOwnValuesAtLeast(t *testing.T) {
	t.Parallel()
	ids := []types.NodeId{"a", "b"}
	for i := range 8 {
		ids = append(ids, types.NodeId(fmt.Sprintf("x%d", i)))
	}
	nodes := gobbed(t, ids...)
	n := NewNode("127.0.0.1:0", "a", 1, quick(), "v1", "c", "", WithLimits(Limits{Stream: 256 << 10}))
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"a": {}, "x0": {}, "x1": {}, "x2": {}, "x3": {}})
	n.UpdateSelf("k", "mine")
	for _, peer := range nodes[2:6] {
		peer.UpdateSelf("k", make([]byte, 60<<10))
		hear(n, peer.ownState())
	}
	hear(nodes[1], n.ownState())
	if v, err := Value[string](nodes[1], "a", "k"); v != "mine" || err != nil {
		t.Errorf("b shows %v, %v", v, err)
	}
	if _, err := Value[[]byte](nodes[1], "x0", "k"); !errors.Is(err, ErrNoValue) {
		t.Errorf("and of x0: %v", err)
	}
}

func TestWithTypeTellsGob(t *testing.T) {
	t.Parallel()
	type gobShelf struct{ N int }
	n := NewNode("127.0.0.1:0", "a", 1, quick(), "v1", "c", "", WithType("any name", gobShelf{}))
	if err := n.SetSelf("k", gobShelf{3}); err != nil {
		t.Fatal(err)
	}
	if v, err := Value[gobShelf](n, "a", "k"); v.N != 3 || err != nil {
		t.Errorf("it is %v, %v", v, err)
	}
}
