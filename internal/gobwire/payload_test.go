package gobwire

import (
	"bytes"
	"encoding/gob"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// What follows has the shape of the original's types, as another program has them.
type (
	otherID   string
	otherKey  string
	otherMeta struct {
		ClusterId     string
		GossipVersion string
		Id            otherID
		GenNumber     uint64
		LastUpdateTs  time.Time
	}
	otherInfo struct {
		Id                 otherID
		GenNumber          uint64
		LastUpdateTs       time.Time
		WaitForGenUpdateTs time.Time
		Status             uint8
		Value              map[otherKey]interface{}
		QuorumMember       bool
		ClusterDomain      string
		Addr               string
	}
)

func encodeGob(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnotherProgramReadsOurMeta(t *testing.T) {
	zone := time.FixedZone("", 3600)
	info := types.NodeMetaInfo{
		ClusterId: "c", GossipVersion: "v1", Id: "7", GenNumber: 9, LastUpdateTs: captured().In(zone),
	}
	for _, bridge := range []string{"", "v2"} {
		b, err := EncodeMeta(Meta{info, bridge})
		if err != nil {
			t.Fatal(err)
		}
		var got otherMeta
		if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if want := (otherMeta{"c", "v1", "7", 9, captured()}); got != want {
			t.Errorf("it reads %+v, want %+v", got, want)
		}
		var r MetaReader
		if m, err := r.Decode(b); err != nil || m.Id != "7" || m.Bridge != bridge {
			t.Errorf("we read %+v, %v, want bridge %q", m, err, bridge)
		}
	}
}

func TestAMetaThatDoesNotFitIsRefused(t *testing.T) {
	long := types.NodeMetaInfo{ClusterId: strings.Repeat("c", 255), Id: types.NodeId(strings.Repeat("n", 253))}
	if _, err := EncodeMeta(Meta{NodeMetaInfo: long}); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "limit 512") {
		t.Errorf("the error is %v", err)
	}
	var r MetaReader
	if _, err := r.Decode(make([]byte, MaxMeta+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("the error is %v", err)
	}
}

func TestAMetaReaderIsNotConfusedByOtherDescriptionsOrBrokenValues(t *testing.T) {
	type shuffled struct { // the same fields in another order, and one that we do not have
		LastUpdateTs  time.Time
		Extra         []string
		Id            string
		GossipVersion string
	}
	var r MetaReader
	good, err := EncodeMeta(Meta{NodeMetaInfo: types.NodeMetaInfo{ClusterId: "c", GossipVersion: "v1", Id: "good", LastUpdateTs: captured()}})
	if err != nil {
		t.Fatal(err)
	}
	others := [][]byte{
		encodeGob(t, shuffled{captured(), []string{"x"}, "other", "v1"}),
		encodeGob(t, otherMeta{Id: "third"}),
		encodeGob(t, struct{ Id int }{7}),
		encodeGob(t, "a string"),
		good[:len(good)-1], append(bytes.Clone(good), 0), append(bytes.Clone(good), good...),
		bytes.Replace(good, []byte("good"), []byte("\xff\xff\xff\xff"), 1),
		{}, {0}, {0xff}, {0x80}, {0xf7, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	}
	for range 3 {
		for i, b := range others {
			var fresh MetaReader
			want, wantErr := fresh.Decode(b)
			got, err := r.Decode(b)
			if got != want || (err == nil) != (wantErr == nil) {
				t.Errorf("meta %d: %+v, %v; a fresh reader says %+v, %v", i, got, err, want, wantErr)
			}
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("meta %d: %v does not wrap ErrMalformed", i, err)
			}
			if info, err := r.Decode(good); err != nil || info.Id != "good" || info.ClusterId != "c" {
				t.Fatalf("after meta %d the good one is %+v, %v", i, info, err)
			}
		}
	}
}

func TestAnotherProgramReadsOurState(t *testing.T) {
	values := types.StoreMap{"int": -5, "strings": []string{"a", "b"}, "nil": nil, "": "empty key", "bytes": []byte{1}}
	b, err := EncodeState(types.NodeInfoMap{"7": {
		Id: "7", GenNumber: 3, LastUpdateTs: captured(), WaitForGenUpdateTs: captured(), Status: types.NODE_STATUS_UP,
		Value: values, QuorumMember: true, ClusterDomain: "d", Addr: "a:1",
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got map[otherID]otherInfo
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := otherInfo{"7", 3, captured(), captured(), 1, map[otherKey]any{}, true, "d", "a:1"}
	for k, v := range values {
		want.Value[otherKey(k)] = v
	}
	if !reflect.DeepEqual(got, map[otherID]otherInfo{"7": want}) {
		t.Errorf("it reads %+v, want %+v", got, want)
	}
}

// explosive panics in its own code.
type explosive struct{ OnDecode bool }

func (e explosive) GobEncode() ([]byte, error) {
	if !e.OnDecode {
		panic("bang")
	}
	return []byte{1}, nil
}
func (e *explosive) GobDecode([]byte) error { panic("bang") }

type registered struct {
	A int
	B []string
}

func register() { gob.Register(registered{}); gob.Register(explosive{}); gob.Register([]any{}) }

func TestAStateThatCannotBeReadIsAnErrorAndNothingElse(t *testing.T) {
	register()
	type stranger struct{ A int }
	state := func(v any) []byte {
		return encodeGob(t, map[string]otherInfo{"7": {Id: "7", Value: map[otherKey]any{"k": v}}})
	}
	gob.RegisterName("gobwire.renamed", stranger{})
	unknown := bytes.ReplaceAll(state(stranger{1}), []byte("gobwire.renamed"), []byte("gobwire.unknown"))
	good := state("v")
	for name, c := range map[string]struct {
		state []byte
		limit int
		want  error
	}{
		"too large":             {good, len(good) - 1, ErrTooLarge},
		"truncated":             {good[:len(good)-1], 1 << 20, ErrMalformed},
		"empty":                 {nil, 1 << 20, ErrMalformed},
		"another type":          {encodeGob(t, "text"), 1 << 20, ErrMalformed},
		"a type that is no one": {unknown, 1 << 20, ErrMalformed},
	} {
		if nodes, err := DecodeState(c.state, c.limit); !errors.Is(err, c.want) || nodes != nil {
			t.Errorf("%s: %v, %v; want %v", name, nodes, err, c.want)
		}
	}
	var p *store.PanicError
	if nodes, err := DecodeState(state(explosive{true}), 1<<20); !errors.As(err, &p) || nodes != nil {
		t.Errorf("a value that explodes is %v, %v", nodes, err)
	}
	if _, err := EncodeState(types.NodeInfoMap{"7": {Value: types.StoreMap{"k": explosive{}}}}); !errors.As(err, &p) {
		t.Errorf("a value that explodes is %v", err)
	}
}

func TestValuesComeOutAsGobGivesThem(t *testing.T) {
	register()
	var g Values
	for _, v := range []any{
		nil, true, "x", 1, int8(-1), int16(2), int32(3), int64(-4), uint(5), uint8(6), uint16(7), uint32(8), uint64(1 << 63),
		float32(1.5), -2.5, complex64(1i), complex(1, 2), uintptr(9),
		[]bool{true}, []string{"a"}, []int{1}, []int8{1}, []int16{1}, []int32{1}, []int64{1}, []uint{1}, []byte{1, 2},
		[]uint16{1}, []uint32{1}, []uint64{1}, []float32{1}, []float64{1}, []complex64{1}, []complex128{1}, []uintptr{1},
		[]string(nil), registered{1, []string{"b"}}, []any{nil, 1, registered{2, nil}},
	} {
		b, err := g.Encode(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		got, err := g.Decode(b)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%T %v comes out as %T %v, %v", v, v, got, got, err)
		}
		if _, err := EncodeState(types.NodeInfoMap{"7": {Value: types.StoreMap{"k": got}}}); err != nil {
			t.Errorf("%T cannot travel: %v", v, err)
		}
	}
}

func TestWhatGobDoesNotTakeIsRefusedWithItsType(t *testing.T) {
	register()
	var g Values
	type unregistered struct{ A int }
	for _, v := range []any{unregistered{}, map[string]int{}, make(chan int), func() {}, (*int)(nil), []any{unregistered{}}, time.Second} {
		var no *store.UnencodableError
		if _, err := g.Encode(v); !errors.As(err, &no) || no.Type != reflect.TypeOf(v) || no.Reason == "" {
			t.Errorf("%T: %v", v, err)
		}
	}
	cycle := []any{nil}
	cycle[0] = cycle
	if _, err := g.Encode(cycle); !errors.Is(err, store.ErrTooDeep) {
		t.Errorf("a cycle: %v", err)
	}
	var p *store.PanicError
	if _, err := g.Encode(explosive{}); !errors.As(err, &p) || p.Op != "encode" {
		t.Errorf("a panic: %v", err)
	}
	b, err := g.Encode(explosive{true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Decode(b); !errors.As(err, &p) || p.Op != "decode" {
		t.Errorf("a panic: %v", err)
	}
	for _, b := range [][]byte{nil, {2}, {formGob}, {formBasic}, b[:len(b)-1]} {
		if v, err := g.Decode(b); err == nil {
			t.Errorf("%x is %v", b, v)
		}
	}
}

// What a reader that has learnt says is what gob says.
func FuzzMeta(f *testing.F) {
	good, err := EncodeMeta(Meta{NodeMetaInfo: types.NodeMetaInfo{ClusterId: "c", GossipVersion: "v1", Id: "n", GenNumber: 1, LastUpdateTs: captured()}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, name := range []string{"meta-v1", "meta-v2"} {
		b, _ := load(f, name)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r MetaReader
		if _, err := r.Decode(good); err != nil {
			t.Fatal(err)
		}
		got, err := r.Decode(b)
		if err != nil {
			got = Meta{}
		} else {
			var want types.NodeMetaInfo
			if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&want); err != nil {
				t.Fatalf("gob says %v, and the reader %+v", err, got)
			}
			if !got.LastUpdateTs.Equal(want.LastUpdateTs) {
				t.Fatalf("the reader says %v, gob %v", got.LastUpdateTs, want.LastUpdateTs)
			}
			got.LastUpdateTs = want.LastUpdateTs
			if got.NodeMetaInfo != want {
				t.Fatalf("the reader says %+v, gob %+v", got, want)
			}
		}
		if info, err := r.Decode(good); err != nil || info.Id != "n" {
			t.Fatalf("after %x the good one is %+v, %v", b, info, err)
		}
	})
}

func FuzzState(f *testing.F) {
	register()
	for _, name := range []string{"state-all-basic-kinds", "state-empty-values", "state-one-string"} {
		b, _ := load(f, name)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		nodes, err := DecodeState(b, 1<<16)
		if (err != nil) && nodes != nil {
			t.Fatalf("an error, %v, and %d nodes", err, len(nodes))
		}
		if err == nil {
			if _, err := EncodeState(nodes); err != nil && !strings.Contains(err.Error(), "nil pointer") {
				t.Fatalf("what was read cannot be written: %v", err)
			}
		}
	})
}
