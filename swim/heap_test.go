package swim_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// footprint is what lives on the heap.
type footprint struct{ bytes, objects float64 }

// liveHeap collects garbage and measures the rest.
func liveHeap() footprint {
	runtime.GC()
	runtime.GC() // what the first one has only swept now counts
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return footprint{float64(s.HeapAlloc), float64(s.HeapObjects)}
}

// per is the growth since before, for each of n members.
func (h footprint) per(n int, before footprint) footprint {
	return footprint{(h.bytes - before.bytes) / float64(n), (h.objects - before.objects) / float64(n)}
}

// heapPeer is a member with a name of ten bytes and 32 bytes of meta.
func heapPeer(i int) peer {
	p := newPeer(i)
	p.name, p.meta = fmt.Sprintf("node%06d", i), make([]byte, 32)
	for j := range p.meta {
		p.meta[j] = byte(i >> (j % 4 * 8))
	}
	return p
}

// fill introduces n members to a core, 20 in a packet, and throws its outputs away.
func (r *rig) fill(n int) {
	for first := 0; first < n; first += 20 {
		var msgs []swim.Message
		for i := first; i < min(first+20, n); i++ {
			msgs = append(msgs, heapPeer(i).alive())
		}
		r.core.HandlePacket(r.now, heapPeer(0).addr, r.encode(msgs...))
		r.take()
	}
}

// settle sends all news as often as it has to be sent.
func (r *rig) settle() {
	ping := r.encode(swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self")})
	for r.core.Stats().QueuedClaims > 0 {
		for range 1000 {
			r.core.HandlePacket(r.now, heapPeer(0).addr, ping)
			r.core.TakePackets(&r.batch)
		}
	}
	r.take()
}

// BenchmarkHeapPerMember is what a core keeps for each member, with a name of ten
// bytes, an IPv4 address, 32 bytes of meta and no riding state: while all of them
// are news, and when the news has been told.
func BenchmarkHeapPerMember(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			for b.Loop() {
				before := liveHeap()
				r := &rig{solo: newSolo(b, func(cfg *swim.Config) { cfg.Rider = nil })}
				r.drain()
				alone := liveHeap()
				r.fill(n)
				full := liveHeap()
				r.settle()
				calm := liveHeap()
				b.ReportMetric(alone.bytes-before.bytes, "B/alone")
				b.ReportMetric(full.per(n, alone).bytes, "B/member-full")
				b.ReportMetric(calm.per(n, alone).bytes, "B/member")
				b.ReportMetric(calm.per(n, alone).objects, "objects/member")
				if got := r.core.Stats().Alive; got != n+1 {
					b.Fatalf("%d members are alive, want %d", got, n+1)
				}
				runtime.KeepAlive(r)
			}
		})
	}
}

// A row has no pointer and no gap, so that what is added to it is seen here.
func TestARowTakes32Bytes(t *testing.T) {
	if swim.RowSize != 32 {
		t.Errorf("a row takes %d bytes, want 32", swim.RowSize)
	}
}

// What repeats itself is remembered while it does: 2 KiB that no node at rest holds.
func TestEchoesAreLetGoWhenNothingIsRepeated(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(1)[0]
	s.hear(p.addr, p.alive())
	if !s.core.HoldsEchoes() {
		t.Error("a claim that says what is known is not remembered")
	}
	s.advanceAnswered(3 * time.Second)
	if s.core.HoldsEchoes() {
		t.Error("after three periods without a claim, echoes are held")
	}
}
