//go:build unix

package nekton

import (
	"testing"
)

// A push-pull of two nodes that hold the same, over TCP on loopback: the processor time
// of both ends and of the system.
func BenchmarkPushPullInSync(b *testing.B) {
	s := newSite(b)
	s.intervals.ProbeInterval, s.intervals.GossipInterval, s.intervals.PushPullInterval = 0, 0, 0
	one, other := still(b), s.node("other", "")
	s.start(other)
	push := func() {
		if err := one.Rejoin(b.Context(), other.Addr()); err != nil {
			b.Fatal(err)
		}
	}
	push()
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		push()
	}
	b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
