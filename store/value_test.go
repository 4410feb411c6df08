package store

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/internal/mpack"
)

type (
	level int
	disk  struct {
		Path  string
		Size  uint64
		Tags  []string
		Level level
		Extra any
		Next  *disk
		Gone  int `msgpack:"-"`
		Short int `msgpack:"s"`
	}
	point struct{ X, Y int }
	grid  struct {
		Cells [2][2]int8
		Sum   [4]byte
		Addr  netip.Addr
		At    time.Time
		P     **int
		Err   error
		By    map[point]time.Duration
	}
	tree []tree
	// failure speaks for itself, and does what its text says.
	failure struct{ text string }
	// packed speaks msgpack for itself.
	packed struct{ a, b int }
)

func (f failure) Error() string { return f.text }
func (f failure) MarshalBinary() ([]byte, error) {
	switch f.text {
	case "panic in encode":
		panic("on purpose")
	case "error in encode":
		return nil, errors.New("on purpose")
	}
	return []byte(f.text), nil
}
func (f *failure) UnmarshalBinary(b []byte) error {
	switch f.text = string(b); f.text {
	case "panic in decode":
		panic(errors.New("on purpose"))
	case "error in decode":
		return errors.New("on purpose")
	}
	return nil
}
func (p packed) EncodeMsgpack(e *msgpack.Encoder) error  { return e.EncodeMulti(p.a, p.b) }
func (p *packed) DecodeMsgpack(d *msgpack.Decoder) error { return d.DecodeMulti(&p.a, &p.b) }

func testRegistry(t testing.TB) *Registry {
	t.Helper()
	g := NewRegistry()
	for name, sample := range map[string]any{
		"disk": &disk{}, "point": point{}, "grid": grid{}, "tree": tree{}, "failure": failure{}, "packed": packed{},
		"deep": map[string]map[string]map[string]map[string]int{},
	} {
		if err := g.Register(name, sample); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func roundTrip(t failer, g *Registry, v any) any {
	t.Helper()
	b, err := g.Encode(v)
	if err != nil {
		t.Fatalf("encode %T: %v", v, err)
	}
	got, err := g.Decode(b)
	if err != nil {
		t.Fatalf("decode %T from %x: %v", v, b, err)
	}
	again, err := g.Encode(got)
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("%T is %x, and its decoded value %x, %v", v, b, again, err)
	}
	return got
}

func TestValuesReturnWithTheirTypes(t *testing.T) {
	g := testRegistry(t)
	seven := 7
	to7 := &seven
	zone := time.FixedZone("", -3*3600-1800)
	for _, v := range []any{
		nil, true, false, "", "text", "\xff no UTF-8", strings.Repeat("long", 100),
		0, 1, -1, math.MinInt, math.MaxInt, int8(-128), int16(-32768), int32(math.MinInt32), int64(math.MinInt64),
		int64(-33), int64(-129), int64(-32769), int64(-1 << 31),
		uint(math.MaxUint), uint8(255), uint16(65535), uint32(math.MaxUint32), uint64(math.MaxUint64), uint64(128),
		float32(1.5), 1.5, math.Inf(-1), math.SmallestNonzeroFloat64, complex64(1 - 2i), 3 + 4i,
		[]byte("bytes"), []byte{}, []byte(nil), make([]byte, 70000),
		[]string{"a", ""}, []string{}, []string(nil), []int{1, -2}, []bool{true}, []float32{1}, make([]uint16, 70000),
		[][]byte{{1}, nil, {}}, [][]string{{"a"}, nil}, [][][]int{{{1}}}, []any{1, "a", nil, []any{int8(2)}}, []any{},
		map[string]int{"a": 1, "b": -2}, map[string]int{}, map[string]int(nil), map[string]any{"a": nil, "b": []int{1}},
		map[string][]string{"a": {"b"}, "c": nil}, map[int]map[bool]float64{1: {true: 2}}, map[any]any{1: "a", "1": 2, int8(1): nil},
		map[complex128]uint8{1i: 1}, map[float64]string{math.Inf(1): "x"},
		time.Time{}, time.Unix(0, 0).UTC(), wall, wall.In(zone), []time.Time{wall}, map[string]time.Time{"a": wall},
		time.Second, []time.Duration{1}, map[string]time.Duration{"a": 1},
		point{1, 2}, []point{{1, 2}}, map[point]string{{1, 2}: "a"}, map[string]point{"a": {}}, []any{point{}, 1},
		disk{Path: "/", Size: math.MaxUint64, Tags: []string{}, Level: 3, Extra: point{1, 2}, Next: &disk{Extra: int16(1)}, Short: 4},
		grid{Cells: [2][2]int8{{1, 2}, {3, 4}}, Sum: [4]byte{1}, Addr: netip.MustParseAddr("::1"), At: wall, P: &to7,
			Err: failure{"x"}, By: map[point]time.Duration{{1, 2}: time.Hour}},
		tree{{}, {{}}, nil}, failure{"fine"}, packed{1, -2}, []packed{{3, 4}},
		map[string]map[string]map[string]map[string]int{"a": {"b": {"c": {"d": 1}}}},
	} {
		if got := roundTrip(t, g, v); !reflect.DeepEqual(got, v) {
			t.Errorf("%T %v came back as %T %v", v, v, got, got)
		}
	}
	if got := roundTrip(t, g, math.NaN()).(float64); !math.IsNaN(got) {
		t.Errorf("NaN came back as %v", got)
	}
	if got := roundTrip(t, g, math.Copysign(0, -1)).(float64); !math.Signbit(got) {
		t.Error("the sign of -0 was lost")
	}
}

func TestValuesOfOtherTypesReturnAsTheTypesBelowThem(t *testing.T) {
	type inner struct{ A int8 }
	type plain struct {
		Name  string
		In    inner
		List  []inner
		Ptr   *inner
		Any   any
		Reg   point
		Level level
		Gone  int `msgpack:"-"`
		small int
	}
	two := 2
	g := testRegistry(t)
	for _, tt := range []struct{ in, want any }{
		{level(3), 3},
		{[]level{3}, []int{3}},
		{map[level]level{1: 2}, map[int]int{1: 2}},
		{[2]string{"a", "b"}, []string{"a", "b"}},
		{[2]byte{1, 2}, []byte{1, 2}},
		{&two, 2},
		{(*int)(nil), nil},
		{[]*int{&two, nil}, []any{2, nil}},
		{&point{1, 2}, point{1, 2}},
		{[]error{failure{"x"}, nil}, []any{failure{"x"}, nil}},
		{json("{}"), []byte("{}")},
		{struct{}{}, map[string]any{}},
		{[]inner{{1}}, []map[string]any{{"A": int8(1)}}},
		{plain{"n", inner{1}, []inner{{2}}, &inner{3}, 4, point{5, 6}, 7, 8, 9}, map[string]any{
			"Name": "n", "In": map[string]any{"A": int8(1)}, "List": []map[string]any{{"A": int8(2)}},
			"Ptr": map[string]any{"A": int8(3)}, "Any": 4, "Reg": point{5, 6}, "Level": 7,
		}},
	} {
		if got := roundTrip(t, g, tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%T %v came back as %T %v, want %T %v", tt.in, tt.in, got, got, tt.want, tt.want)
		}
	}
	here := time.Now() // with a monotonic part, in the zone of this machine
	got := roundTrip(t, g, here).(time.Time)
	if !got.Equal(here) || got.Format(time.RFC3339Nano) != here.Format(time.RFC3339Nano) || strings.Contains(got.String(), "m=") {
		t.Errorf("%v came back as %v", here, got)
	}
}

type json []byte

func TestValuesWithoutAnEncodingAreErrors(t *testing.T) {
	g := testRegistry(t)
	cycle := []any{nil}
	cycle[0] = cycle
	ring := &disk{}
	ring.Next = ring
	var loop any
	loop = &loop
	for _, v := range []any{
		make(chan int), func() {}, uintptr(1), []any{make(chan int)}, map[string]any{"a": func() {}}, struct{ C chan int }{},
		[][][][]int{}, map[struct{ A int }]int{}, map[time.Time]int{}, map[*int]int{}, big.Rat{}, netip.Addr{}, failure{"error in encode"},
		disk{Extra: make(chan int)},
	} {
		_, err := g.Encode(v)
		var bad *UnencodableError
		if !errors.As(err, &bad) || bad.Type == nil || !strings.Contains(err.Error(), bad.Type.String()) {
			t.Errorf("%T: %v", v, err)
		}
	}
	for _, v := range []any{cycle, ring, loop} {
		if _, err := g.Encode(v); !errors.Is(err, ErrTooDeep) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestAPanicInAUsersCodeIsAnError(t *testing.T) {
	g := testRegistry(t)
	var panicked *PanicError
	if _, err := g.Encode([]any{failure{"panic in encode"}}); !errors.As(err, &panicked) || panicked.Value != "on purpose" {
		t.Errorf("encode: %v", err)
	}
	b, err := g.Encode(failure{"panic in decode"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Decode(b); !errors.As(err, &panicked) || panicked.Op != "decode" || errors.Unwrap(panicked) == nil {
		t.Errorf("decode: %v", err)
	}
	b, _ = g.Encode(failure{"error in decode"})
	if _, err := g.Decode(b); !errors.Is(err, ErrBadValue) || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("error in decode: %v", err)
	}
}

func TestATypeThatIsNotRegisteredAtTheReceiverIsNamed(t *testing.T) {
	b, err := testRegistry(t).Encode(map[string]point{"a": {}})
	if err != nil {
		t.Fatal(err)
	}
	var unknown *UnknownTypeError
	if _, err := NewRegistry().Decode(b); !errors.As(err, &unknown) || unknown.Name != "point" {
		t.Fatalf("err = %v", err)
	}
}

func TestFieldsMayComeAndGo(t *testing.T) {
	type old struct{ A, B int }
	type young struct {
		B int
		C map[string][]int
	}
	sender, receiver := NewRegistry(), NewRegistry()
	if err := errors.Join(sender.Register("r", old{}), receiver.Register("r", young{})); err != nil {
		t.Fatal(err)
	}
	b, _ := sender.Encode(old{1, 2})
	if got, err := receiver.Decode(b); got != nil && !reflect.DeepEqual(got, young{B: 2}) || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
	b, _ = receiver.Encode(young{3, map[string][]int{"a": {1, 2}}})
	if got, err := sender.Decode(b); got != (old{0, 3}) || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestRegistrationsThatCannotWorkAreErrors(t *testing.T) {
	g := testRegistry(t)
	for _, tt := range []struct {
		name   string
		sample any
		want   string
	}{
		{"", 1, "1 to 128 bytes"},
		{strings.Repeat("x", 129), 1, "1 to 128 bytes"},
		{"a<b", 1, "without < and >"},
		{"nil", nil, "nil has no type"},
		{"point", disk{}, "belongs to store.point"},
		{"pt", point{}, `registered as "point"`},
		{"ch", struct{ In struct{ C []chan int } }{}, "In.C[]"},
		{"hidden", struct{ a int }{}, "no exported field"},
		{"twice", struct {
			A int `msgpack:"x"`
			B int `msgpack:"x"`
		}{}, "called x"},
	} {
		if err := g.Register(tt.name, tt.sample); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.name, err, tt.want)
		}
	}
	if err := g.Register("point", &point{}); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

func TestValuesAreMsgpack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(3).Draw(t, "value")
		b, err := NewRegistry().Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		dec := msgpack.NewDecoder(bytes.NewReader(b))
		if err := dec.Skip(); err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if _, err := dec.PeekCode(); err == nil {
			t.Fatalf("%x is more than one value", b)
		}
	})
}

// genValue draws values of Go's own types that compare with ==, or DeepEqual.
func genValue(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Int8().AsAny(),
		rapid.Int64().AsAny(), rapid.Uint32().AsAny(), rapid.Uint64().AsAny(), rapid.Float64().AsAny(),
		rapid.SliceOf(rapid.Byte()).AsAny(), rapid.SliceOf(rapid.String()).AsAny(), rapid.MapOf(rapid.String(), rapid.Int()).AsAny(),
	)
	if depth == 0 {
		return leaf
	}
	inner := genValue(depth - 1)
	return rapid.OneOf(leaf, rapid.SliceOfN(inner, 0, 5).AsAny(), rapid.MapOfN(rapid.String(), inner, 0, 5).AsAny())
}

func TestDrawnValuesReturn(t *testing.T) {
	g := NewRegistry()
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(4).Draw(t, "value")
		if got := roundTrip(t, g, v); !reflect.DeepEqual(got, v) {
			t.Fatalf("%#v came back as %#v", v, got)
		}
	})
}

func TestBadValuesAreErrors(t *testing.T) {
	g := testRegistry(t)
	value := func(descriptor string, payload ...byte) []byte {
		return append(mpack.AppendStr([]byte{0x92}, descriptor), payload...)
	}
	deep := []byte{mpack.Nil}
	for range 2 * MaxDepth {
		deep = append(mpack.AppendStr([]byte{0x92}, "[A"), append([]byte{0x91}, deep...)...)
	}
	for _, tt := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, ErrBadValue},
		{"no descriptor", []byte{1}, ErrBadValue},
		{"empty descriptor", value("", 1), ErrBadValue},
		{"unknown descriptor", value("?", 1), ErrBadValue},
		{"two types", value("ii", 1), ErrBadValue},
		{"open name", value("<x", 1), ErrBadValue},
		{"nested type", value("[[[[i", 0x90), ErrBadValue},
		{"slices as keys", value("{[ii", 0x80), ErrBadValue},
		{"trees as keys", value("{<tree>i", 0x80), ErrBadValue},
		{"slices as keys in any", value("{Ai", append(append([]byte{0x81}, value("[i", 0x90)...), 1)...), ErrBadValue},
		{"a key twice", value("{si", 0x82, 0xa1, 'a', 1, 0xa1, 'a', 2), ErrBadValue},
		{"another kind", value("i", 0xa1, 'x'), ErrBadValue},
		{"int8 overflow", value("a", 0xcd, 1, 0), ErrBadValue},
		{"uint8 overflow", value("v", 0xcd, 1, 0), ErrBadValue},
		{"int64 overflow", value("e", 0xcf, 255, 0, 0, 0, 0, 0, 0, 0), ErrBadValue},
		{"negative uint", value("u", 0xff), ErrBadValue},
		{"a float32 in 8 bytes", value("f", 0xcb, 0, 0, 0, 0, 0, 0, 0, 0), ErrBadValue},
		{"a huge count", value("[i", 0xdd, 255, 255, 255, 255), ErrBadValue},
		{"a huge map", value("{ii", 0xdf, 255, 255, 255, 255), ErrBadValue},
		{"a huge string", value("s", 0xdb, 255, 255, 255, 255), ErrBadValue},
		{"one byte too many", value("i", 1, 1), ErrBadValue},
		{"a time of two parts", value("T", 0x92, 1, 1), ErrBadValue},
		{"too many nanoseconds", value("T", 0x93, 1, 0xce, 255, 255, 255, 255, 0xc0), ErrBadValue},
		{"a zone two days away", value("T", 0x93, 1, 1, 0xd2, 0, 2, 0xa3, 0), ErrBadValue},
		{"an array of three", value("<grid>", 0x81, 0xa5, 'C', 'e', 'l', 'l', 's', 0x93, 0x90, 0x90, 0x90), ErrBadValue},
		{"not an error", value("<grid>", append([]byte{0x81, 0xa3, 'E', 'r', 'r'}, value("i", 1)...)...), ErrBadValue},
		{"nested too deep", deep, ErrTooDeep},
		{"trees nested too deep", value("<tree>", bytes.Repeat([]byte{0x91}, 1000)...), ErrTooDeep},
	} {
		if v, err := g.Decode(tt.b); !errors.Is(err, tt.want) || v != nil {
			t.Errorf("%s: %v, %v, want %v", tt.name, v, err, tt.want)
		}
	}
}

func TestAnIntThatDoesNotFitThePlatformIsAnError(t *testing.T) {
	b := mpack.AppendInt(mpack.AppendStr([]byte{0x92}, "i"), 1<<40)
	v, err := NewRegistry().Decode(b)
	if math.MaxInt > math.MaxInt32 {
		if err != nil || reflect.ValueOf(v).Int() != 1<<40 {
			t.Fatalf("%v, %v", v, err)
		}
	} else if !errors.Is(err, ErrBadValue) {
		t.Fatalf("%v, %v", v, err)
	}
}

func TestDecodingAllocatesNoMoreThanTheBytesJustify(t *testing.T) {
	type big struct{ A [1000]int64 }
	g := NewRegistry()
	if err := g.Register("big", big{}); err != nil {
		t.Fatal(err)
	}
	n := 60000
	b := mpack.AppendArray(mpack.AppendStr([]byte{0x92}, "[<big>"), n)
	b = append(b, bytes.Repeat([]byte{0x80}, n)...)
	if _, err := g.Decode(b); !errors.Is(err, ErrBadValue) || !strings.Contains(err.Error(), "memory") {
		t.Fatalf("480 MB for 60 KB: %v", err)
	}
	b = append(mpack.AppendArray(mpack.AppendStr([]byte{0x92}, "[[i"), n), bytes.Repeat([]byte{mpack.Nil}, n)...)
	if v, err := g.Decode(b); err != nil || len(v.([][]int)) != n {
		t.Fatalf("an honest list: %v", err)
	}
}
