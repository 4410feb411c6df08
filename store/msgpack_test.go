package store

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/internal/mpack"
)

// The layouts of doc comments, byte by byte.
func TestDeltaAndDigestHaveTheirLayout(t *testing.T) {
	a := newStore(t, "a")
	a.BeginLife(Life{1, 0x1234})
	if err := a.Set(wallTime(5), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	a.Delete(0, wallTime(7), "k")
	if err := a.Set(wallTime(9), "j", []byte{}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, want string }{
		// id, generation, boot, base, reached, beyond, floor, updated, entries
		{"delta", "99" + "a161" + "01" + "cd1234" + "00" + "03" + "00" + "00" + "09" + "96" + "a16b" + "02" + "c0" + "a16a" + "03" + "c400"},
		{"cut", "99" + "a161" + "01" + "cd1234" + "00" + "02" + "01" + "00" + "09" + "93" + "a16b" + "02" + "c0"},
		{"digest", "93" + "01" + "cd1234" + "03"},
		{"incomplete digest", "94" + "01" + "cd1234" + "02" + "03"},
	} {
		var got []byte
		switch tt.name {
		case "delta":
			got = a.AppendRumour(nil, "a", 0, unlimited)
		case "cut":
			got = cutAt(t, a, 2)
		case "digest":
			got = a.AppendDigest(nil, "a")
		case "incomplete digest":
			b := newStore(t, "b")
			merge(t, b, cutAt(t, a, 2))
			got = b.AppendDigest(nil, "a")
		}
		if hex.EncodeToString(got) != tt.want {
			t.Errorf("%s is\n%x, want\n%s", tt.name, got, tt.want)
		}
	}
}

// The library writes the same bytes and reads ours, and we read its.
func TestIntegersAndLengthsAreMsgpack(t *testing.T) {
	theirs := func(v any) []byte {
		var buf bytes.Buffer
		e := msgpack.NewEncoder(&buf)
		e.UseCompactInts(true)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	for _, v := range []uint64{0, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxUint64} {
		b := mpack.AppendUint(nil, v)
		if want := theirs(v); !bytes.Equal(b, want) || len(b) != mpack.LenUint(v) {
			t.Errorf("%d is %x in %d bytes, want %x", v, b, mpack.LenUint(v), want)
		}
		if r := (&reader{b: b}); r.uint() != v || r.bad || len(r.b) > 0 {
			t.Errorf("%d is not read", v)
		}
		if r := (&reader{b: b}); v > math.MaxInt64 && (r.int() != 0 || !r.bad) {
			t.Errorf("%d fits 63 bits", v)
		}
	}
	for _, v := range []int64{-1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64} {
		b := mpack.AppendInt(nil, v)
		if want := theirs(v); !bytes.Equal(b, want) {
			t.Errorf("%d is %x, want %x", v, b, want)
		}
		if r := (&reader{b: b}); r.int() != v || r.bad || len(r.b) > 0 {
			t.Errorf("%d is not read", v)
		}
		if r := (&reader{b: b}); r.uint() != 0 || !r.bad {
			t.Errorf("%d is read as unsigned", v)
		}
	}
	for _, n := range []int{0, 31, 32, 255, 256, 65535, 65536} {
		p := make([]byte, n)
		if b := mpack.AppendBin(nil, p); !bytes.Equal(b, theirs(p)) || len(b) != mpack.LenBin(n) {
			t.Errorf("%d bytes: %d, mpack.LenBin %d", n, len(b), mpack.LenBin(n))
		}
		if b := mpack.AppendStr(nil, p); !bytes.Equal(b, theirs(string(p))) || len(b) != mpack.LenStr(n) {
			t.Errorf("a string of %d bytes: %d, mpack.LenStr %d", n, len(b), mpack.LenStr(n))
		}
		if b := mpack.AppendArray(nil, n); !bytes.Equal(b, theirs(make([]bool, n))[:len(b)]) || len(b) != mpack.LenArray(n) {
			t.Errorf("an array of %d: %x, mpack.LenArray %d", n, b, mpack.LenArray(n))
		}
	}
}

// What the library skips, we skip, and neither believes a length that is not there.
func TestSkippingIsWhatTheLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := msgpack.Marshal(genValue(3).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		r := reader{b: append(b, 0xc3)}
		if r.skip(1); r.bad || len(r.b) != 1 {
			t.Fatalf("%x: bad %v, %d bytes are left", b, r.bad, len(r.b))
		}
		short := reader{b: b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]}
		if short.skip(1); !short.bad {
			t.Fatalf("%x was skipped with its end missing", b)
		}
	})
	for _, s := range []string{
		"d401ff", "d80100112233445566778899aabbccddeeff", "c70201aaaa", "c8000101ff", "c90000000101ff", "ca00000000",
		"cb0000000000000000", "d0ff", "d1ffff", "d2ffffffff", "d3ffffffffffffffff", "dc000101", "dd0000000101",
		"de00010102", "df000000010102", "d901ff", "da0001ff", "db00000001ff", "c500019c", "c6000000019c",
	} {
		b, _ := hex.DecodeString(s)
		if r := (&reader{b: b}); func() bool { r.skip(1); return r.bad || len(r.b) > 0 }() {
			t.Errorf("%s is not skipped", s)
		}
		if r := (&reader{b: b[:len(b)-1]}); func() bool { r.skip(1); return !r.bad }() {
			t.Errorf("%s is skipped without its end", s)
		}
	}
	for _, s := range []string{"c1", "dfffffffff", "ddffffffff", "c6ffffffff", "9f", ""} {
		b, _ := hex.DecodeString(s)
		if r := (&reader{b: b}); func() bool { r.skip(1); return !r.bad }() {
			t.Errorf("%q is skipped", s)
		}
	}
}
