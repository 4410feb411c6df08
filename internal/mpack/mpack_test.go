package mpack_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/nekton-go/nekton/internal/mpack"
)

// library is what vmihailenco/msgpack writes, in its shortest form.
func library(t *testing.T, v any) []byte {
	t.Helper()
	var buf bytes.Buffer
	e := msgpack.NewEncoder(&buf)
	e.UseCompactInts(true)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestWhatIsAppendedIsWhatTheLibraryWrites(t *testing.T) {
	check := func(what string, got, want []byte, length int) {
		t.Helper()
		if !bytes.Equal(got, want) || length != len(got) {
			t.Errorf("%s is %x, said to be %d bytes, want %x", what, got, length, want)
		}
	}
	for _, v := range []uint64{0, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		check("an unsigned integer", mpack.AppendUint(nil, v), library(t, v), mpack.LenUint(v))
	}
	for _, v := range []int64{0, 1, -1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64} {
		b := mpack.AppendInt(nil, v)
		check("an integer", b, library(t, v), len(b))
	}
	for _, v := range []bool{false, true} {
		check("a boolean", mpack.AppendBool(nil, v), library(t, v), 1)
	}
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536} {
		p := make([]byte, n)
		check("bytes", mpack.AppendBin(nil, p), library(t, p), mpack.LenBin(n))
		check("text", mpack.AppendStr(nil, p), library(t, string(p)), mpack.LenStr(n))
		head := mpack.AppendArray(nil, n)
		check("the head of an array", head, library(t, make([]bool, n))[:len(head)], mpack.LenArray(n))
		m := make(map[int]bool, n)
		for i := range n {
			m[i] = true
		}
		head = mpack.AppendMap(nil, n)
		check("the head of a map", head, library(t, m)[:len(head)], mpack.LenArray(n))
	}
}

func TestAppendingAllocatesNothing(t *testing.T) {
	b, p := make([]byte, 0, 64), []byte("eight ch")
	allocs := testing.AllocsPerRun(100, func() {
		c := mpack.AppendArray(b, 3)
		c = mpack.AppendUint(c, math.MaxUint64)
		c = mpack.AppendStr(c, p)
		_ = mpack.AppendBin(c, p)
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
