package store

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// liveHeap collects garbage and measures the rest: bytes and objects.
func liveHeap() (bytes, objects float64) {
	runtime.GC()
	runtime.GC() // what the first one has only swept now counts
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc), float64(s.HeapObjects)
}

// BenchmarkHeapPerMember is what a store keeps for each member that publishes
// nothing: when its owner knows in which life the member is, and when only the store
// does. The names are the caller's, and not in it.
func BenchmarkHeapPerMember(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("members=%d/implied", n), func(b *testing.B) {
			heapPerMember(b, n, func(types.NodeId) (Life, bool) { return Life{1, 1}, true })
		})
		b.Run(fmt.Sprintf("members=%d/held", n), func(b *testing.B) { heapPerMember(b, n, nil) })
	}
}

func heapPerMember(b *testing.B, n int, lifeOf func(types.NodeId) (Life, bool)) {
	ids := make([]types.NodeId, n)
	for i := range ids {
		ids[i] = types.NodeId(fmt.Sprintf("node%06d", i))
	}
	for b.Loop() {
		bytes, objects := liveHeap()
		s := newStoreWith(b, Config{Self: "self", Generation: 1, LifeOf: lifeOf})
		for _, id := range ids {
			s.BeginReplica(id, Life{1, 1})
		}
		after, left := liveHeap()
		b.ReportMetric((after-bytes)/float64(n), "B/member")
		b.ReportMetric((left-objects)/float64(n), "objects/member")
		runtime.KeepAlive(s)
	}
}
