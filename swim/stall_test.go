package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// stall lets time pass in which the core is not called at all, and then only its
// timers: what waits in its socket comes later.
func (s *solo) stall(d time.Duration) {
	s.now += d
	s.do(func() { s.core.HandleTimeout(s.now) })
}

func TestAMemberThatWasStalledLetsASuspectRefuteAfterwards(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	m := peers[0]
	s.hear(peers[1].addr, m.claim(swim.Suspect, "m1"))
	s.stall(10 * time.Minute)
	if got := s.state("m0"); got != swim.Suspect {
		t.Fatalf("right after the stall the suspect is %v", got)
	}
	if got := s.core.Stats().Stalls; got != 1 {
		t.Errorf("%d stalls were counted", got)
	}
	m.stamp.Incarnation++
	s.hear(peers[1].addr, m.alive()) // it waited in the socket
	if got := s.state("m0"); got != swim.Alive || s.count(swim.EventFailed, "m0") != 0 {
		t.Errorf("after its refutation was read it is %v", got)
	}
}

// The socket may be read before the timers run: what begins then has lost no time.
func TestWhatBeginsAfterAStallGetsNoTimeForIt(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	s.now += 10 * time.Minute // in which nobody called
	s.hear(peers[1].addr, peers[0].claim(swim.Suspect, "m1"))
	s.do(func() { s.core.Ping(s.now, "m3", peers[3].addr) })
	s.do(func() { s.core.HandleTimeout(s.now) })
	s.advanceAnswered(swim.Config{ProbeTimeout: 500 * time.Millisecond}.PingPatience(), peers[0].addr, peers[3].addr)
	if got := s.count(swim.EventPingDone, "m3"); got != 1 {
		t.Errorf("a ping that was begun after the stall is over %d times, want 1", got)
	}
	longest := swim.SuspicionTimeout(4, 6, 5, time.Second, 0, 3)
	s.advanceAnswered(longest, peers[0].addr)
	if got := s.state("m0"); got != swim.Dead {
		t.Errorf("a suspect of after the stall is %v after its full time", got)
	}
}

func TestAStallDoesNotSaveASuspectThatStaysSilent(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	s.hear(peers[1].addr, peers[0].claim(swim.Suspect, "m1"))
	s.stall(10 * time.Minute)
	longest := swim.SuspicionTimeout(4, 6, 5, time.Second, 0, 3)
	s.advanceAnswered(longest+time.Second, peers[0].addr)
	if got := s.state("m0"); got != swim.Dead {
		t.Errorf("after its full time it is %v", got)
	}
}

func TestAProbeThatWasOpenDuringAStallWaitsForTheAckInTheSocket(t *testing.T) {
	s := newSolo(t, nil)
	s.meet(1)
	s.sent()
	var pings []datagram
	for len(pings) == 0 {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			if _, ok := d.has(swim.KindPing); ok {
				pings = append(pings, d)
			}
		}
	}
	s.stall(time.Minute)
	ping, _ := pings[0].has(swim.KindPing)
	s.hear(pings[0].to, swim.Message{Kind: swim.KindAck, Seq: ping.Seq, Seen: swim.PrintsSame})
	if got := s.core.Stats(); got.Suspicions != 0 || got.ProbeFailures != 0 || s.core.CutOff() {
		t.Errorf("%d suspicions, %d failed probes, cut off %v", got.Suspicions, got.ProbeFailures, s.core.CutOff())
	}
}
