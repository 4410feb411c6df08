package store

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// published is a store whose record has n keys with values of 32 bytes, and a
// replica that is equal.
func published(b *testing.B, n int) (owner, replica *Store) {
	owner, replica = newStore(b, "owner"), newStore(b, "replica")
	for i := range n {
		if err := owner.Set(wall, types.StoreKey(fmt.Sprintf("key-%d", i)), make([]byte, 32)); err != nil {
			b.Fatal(err)
		}
	}
	merge(b, replica, owner.AppendRumour(nil, "owner", 0, unlimited))
	return owner, replica
}

// A change of one key and the rumour about it, at the owner.
func BenchmarkSetAndRumour(b *testing.B) {
	for _, n := range []int{1, 100, 10000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			owner, _ := published(b, n)
			value := make([]byte, 32)
			buf := make([]byte, 0, 1400)
			b.ReportAllocs()
			for b.Loop() {
				if err := owner.Set(wall, "key-0", value); err != nil {
					b.Fatal(err)
				}
				_, v, _ := owner.Version("owner")
				buf = owner.AppendRumour(buf[:0], "owner", v-1, 700)
			}
			b.ReportMetric(float64(len(buf)), "wire-B/op")
		})
	}
}

// A rumour that is news, at a replica; the owner's part is in it.
func BenchmarkMergeNews(b *testing.B) {
	for _, n := range []int{1, 100, 10000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			owner, replica := published(b, n)
			value := make([]byte, 32)
			buf := make([]byte, 0, 1400)
			b.ReportAllocs()
			for b.Loop() {
				_, v, _ := owner.Version("owner")
				_ = owner.Set(wall, "key-0", value)
				buf = owner.AppendRumour(buf[:0], "owner", v, 700)
				if m, err := replica.Merge(0, buf); !m.News || err != nil {
					b.Fatal(m, err)
				}
			}
		})
	}
}

// A rumour that is known, which is most of what arrives.
func BenchmarkMergeKnown(b *testing.B) {
	owner, replica := published(b, 20)
	rumour := owner.AppendRumour(nil, "owner", 15, unlimited)
	b.ReportAllocs()
	for b.Loop() {
		if m, err := replica.Merge(0, rumour); m.News || err != nil {
			b.Fatal(m, err)
		}
	}
}

// The whole record for a node that has nothing: both sides.
func BenchmarkWholeRecord(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			owner, _ := published(b, n)
			b.ReportAllocs()
			var size int
			for b.Loop() {
				delta := owner.AppendDelta(nil, "owner", nil, unlimited)
				merge(b, newStore(b, "joiner"), delta)
				size = len(delta)
			}
			b.ReportMetric(float64(size), "wire-B/op")
		})
	}
}

func BenchmarkHash(b *testing.B) {
	_, replica := published(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		_ = replica.Hash("owner")
	}
}

func BenchmarkValue(b *testing.B) {
	g := testRegistry(b)
	for _, bb := range []struct {
		name  string
		value any
	}{
		{"string", "a value of some length"},
		{"map", map[string]int{"a": 1, "b": 2, "c": 3}},
		{"struct", disk{Path: "/dev/sda", Size: 1 << 40, Tags: []string{"ssd"}}},
	} {
		encoded, err := g.Encode(bb.value)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("encode/"+bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.Encode(bb.value)
			}
			b.ReportMetric(float64(len(encoded)), "wire-B/op")
		})
		b.Run("decode/"+bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.Decode(encoded)
			}
		})
	}
}
