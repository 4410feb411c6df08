//go:build unix

package nekton

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// What an idle member costs: processor time, user and system, of a hundred members in
// one process that talk over UDP sockets of loopback, at LAN's pace.
func BenchmarkIdleMember(b *testing.B) {
	const size = 100
	s := newSite(b)
	s.intervals = sane()
	s.intervals.PushPullInterval = 30 * time.Second
	first := s.node("n0", "")
	s.start(first)
	for i := range size - 1 {
		s.start(s.node(types.NodeId(fmt.Sprintf("n%d", i+1)), ""), first)
	}
	eventually(b, func() bool {
		for _, n := range s.nodes {
			if len(n.GetNodes()) != size {
				return false
			}
		}
		return true
	}, "%d nodes converge", size)
	<-time.After(idleSettles)
	for b.Loop() {
		before, sent, began := processorTime(b), s.sent(), time.Now()
		<-time.After(idleFor)
		members := size * time.Since(began).Seconds()
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/members, "µs/member-s")
		b.ReportMetric(float64(s.sent()-sent)/members, "packets/member-s")
	}
}

const (
	idleSettles = 10 * time.Second // until all news has been told often enough
	idleFor     = 20 * time.Second
)

// sent is how many packets all nodes have sent.
func (s *site) sent() (packets uint64) {
	for _, n := range s.nodes {
		packets += n.Stats().Packets.PacketsOut
	}
	return packets
}

// processorTime is that of this process.
func processorTime(t testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
