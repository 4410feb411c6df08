package gobwire

import (
	"bytes"
	"encoding/gob"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// Types that contain others, and themselves, in every way that gob has.
type (
	checkTree struct {
		Name  string
		Sub   []checkTree
		ByKey map[string]*checkTree
		Any   any
		Raw   [3]int16
		When  time.Time
		Self  explosive
	}
	checkLeaf struct{ X complex128 }
	checkList []any
	checkMap  map[any]any
)

func registerChecked() {
	register()
	gob.Register(checkTree{})
	gob.Register(checkLeaf{})
	gob.Register(checkList{})
	gob.Register(checkMap{})
	gob.Register(time.Time{})
}

// anyValue is a value of any of the types that are registered.
func anyValue(r *rand.Rand, depth int) any {
	n := 12
	if depth == 0 {
		n = 8
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(1000) - 500
	case 2:
		return []string{"a", ""}[:r.IntN(3)]
	case 3:
		return checkLeaf{complex(r.Float64(), 0)}
	case 4:
		return make([]byte, r.IntN(300))
	case 5:
		return captured()
	case 6:
		return []float32{r.Float32()}
	case 7:
		return r.Uint64()
	case 8:
		return checkList{anyValue(r, depth-1), anyValue(r, depth-1)}
	case 9:
		return checkMap{"k": anyValue(r, depth-1), r.IntN(9): anyValue(r, depth-1)}
	case 10:
		return []any{anyValue(r, depth-1)}
	}
	return checkTree{
		Name: "n", Sub: make([]checkTree, r.IntN(3)), ByKey: map[string]*checkTree{"x": {Any: anyValue(r, 0)}},
		Any: anyValue(r, 0), Raw: [3]int16{1, 0, -1}, When: captured(), Self: explosive{true},
	}
}

func TestWhateverGobWritesPassesTheCheck(t *testing.T) {
	registerChecked()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		nodes := types.NodeInfoMap{}
		for _, id := range []types.NodeId{"a", "b", "c"}[:r.IntN(4)] {
			values := types.StoreMap{}
			for _, key := range []types.StoreKey{"x", "y", "z"}[:r.IntN(4)] {
				values[key] = anyValue(r, 4)
			}
			nodes[id] = types.NodeInfo{Id: id, LastUpdateTs: captured(), Value: values}
		}
		b, err := EncodeState(nodes)
		if err != nil {
			t.Fatal(err)
		}
		if !checkGob(b) {
			t.Fatalf("state %d, of %d bytes, does not pass: %v", i, len(b), nodes)
		}
	}
	for _, name := range []string{"meta-v1", "state-all-basic-kinds", "state-empty-values", "state-one-string"} {
		if b, _ := load(t, name); !checkGob(b) {
			t.Errorf("%s does not pass", name)
		}
	}
}

// Gob itself misreads such a value where the field is not known.
func TestATypeThatIsNewWithinAnInterfaceOfAStructIsRefusedWhenItIsSet(t *testing.T) {
	registerChecked()
	var g Values
	for _, c := range []struct {
		v    any
		good bool
	}{
		{checkTree{Any: checkLeaf{1}}, true},
		{checkList{checkList{checkLeaf{1}}}, true},
		{checkTree{Any: checkList{1}}, true},
		{checkTree{Any: checkList{checkLeaf{1}}}, false},
	} {
		_, err := g.Encode(c.v)
		var no *store.UnencodableError
		if c.good != (err == nil) || err != nil && !errors.As(err, &no) {
			t.Errorf("%v: %v", c.v, err)
		}
	}
}

// A count of a hundred million entries in 300 bytes takes gob many gigabytes.
func TestACountThatNothingMatchesIsRefusedBeforeGobSeesIt(t *testing.T) {
	b, _ := load(t, "state-one-string")
	at := bytes.Index(b, []byte("\x00\x01\x06node-7"))
	if at < 0 {
		t.Fatal("the vector has changed")
	}
	hostile := append(append(bytes.Clone(b[:at+1]), 0xfc, 0x06, 0x6e, 0x6f, 0x64), b[at+2:]...)
	hostile[bytes.LastIndex(b[:at], []byte("\xff\x88"))-1] += 4 // the length of the message
	if checkGob(hostile) {
		t.Error("it passes")
	}
	if nodes, err := DecodeState(hostile, 1<<20); err == nil {
		t.Errorf("it is %v", nodes)
	}
}

func TestWhatIsNestedTooDeepIsRefused(t *testing.T) {
	register()
	nested := func(depth int) []byte {
		var v any = 1
		for range depth {
			v = []any{v}
		}
		b, err := EncodeState(types.NodeInfoMap{"a": {Value: types.StoreMap{"k": v}}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := nested(50); !checkGob(b) {
		t.Error("fifty levels do not pass")
	}
	if _, err := DecodeState(nested(200), 1<<20); err == nil {
		t.Error("two hundred levels pass")
	}
}

func TestDamagedStatesTakeNoTime(t *testing.T) {
	registerChecked()
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"state-all-basic-kinds", "state-one-string"} {
		b, _ := load(t, name)
		for range 3000 {
			c := bytes.Clone(b)
			for range 1 + r.IntN(4) {
				c[r.IntN(len(c))] = byte(r.IntN(256))
			}
			_, _ = DecodeState(c, 1<<16) // ends, and soon, or the test does not
		}
	}
}

func BenchmarkCheckStateOf1000(b *testing.B) {
	state, err := EncodeState(thousand())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(state)))
	b.ReportAllocs()
	for b.Loop() {
		if !checkGob(state) {
			b.Fatal("does not pass")
		}
	}
}
