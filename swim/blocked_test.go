package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Lifeguard §V: a member whose sending is blocked stops at its first send, while
// its suspicions run out on their own.
func TestAMemberWhoseSendingIsBlockedStillDeclaresSuspectsDead(t *testing.T) {
	s := newSolo(t, as(swim.PaperSWIM()))
	p := s.meet(9)
	if _, ok := s.core.NextSuspicion(); ok {
		t.Error("a suspicion is due, and nobody is suspected")
	}
	s.advanceAnswered(20 * time.Second) // all news is used up
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	start := s.now
	s.hear(p[1].addr, p[2].claim(swim.Suspect, "m1"))
	s.sent()
	pings := s.core.Stats().Probes

	shortest := 5 * time.Second // α max(1, log10 10) periods
	at, ok := s.core.NextSuspicion()
	if !ok || at != start+shortest {
		t.Fatalf("the first suspicion runs out at %v, %v; want %v", at, ok, start+shortest)
	}
	s.now = at - 1
	s.do(func() { s.core.HandleSuspicionTimeout(s.now) })
	if s.state("m0") != swim.Suspect {
		t.Error("dead before its time")
	}
	s.now = at
	s.do(func() { s.core.HandleSuspicionTimeout(s.now) })
	for _, name := range []string{"m0", "m2"} {
		if s.state(name) != swim.Dead || s.count(swim.EventFailed, name) != 1 {
			t.Errorf("%s is %v, %d events", name, s.state(name), s.count(swim.EventFailed, name))
		}
	}
	if out := s.sent(); len(out) != 0 || len(s.dials) != 0 || s.core.Stats().Probes != pings {
		t.Errorf("sent %v, %d dials, %d periods meanwhile", out, len(s.dials), s.core.Stats().Probes-pings)
	}
	if _, ok := s.core.NextSuspicion(); ok {
		t.Error("a suspicion is due, and nobody is suspected any more")
	}
	// What was held up is done when it can be: the news of the deaths goes out.
	s.do(func() { s.core.HandleTimeout(s.now) })
	s.advance(time.Second)
	told := false
	for _, d := range s.sent() {
		_, dead := d.has(swim.KindDead)
		told = told || dead
	}
	if !told {
		t.Error("nobody was told of the deaths")
	}
}

func TestWithoutTheRuleABlockedMemberGivesTheTimeBackToItsSuspects(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(9)
	s.advanceAnswered(20 * time.Second)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	before, _ := s.core.NextSuspicion()
	due, _ := s.core.NextDeadline()
	s.now = due + 3*time.Second // nothing was handled since
	s.do(func() { s.core.HandleTimeout(s.now) })
	if after, _ := s.core.NextSuspicion(); after-before != 3*time.Second {
		t.Errorf("the suspect got %v more, want 3s", after-before)
	}
}
