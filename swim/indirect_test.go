package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// times of a probe that nothing answers, since its first ping.
type times struct {
	asked, others, verdict time.Duration
	waits                  time.Duration // what relays are told
}

// unanswered has every round trip among n members take rtt for some time, and then
// plays a probe whose target is gone, while relays nack after nack of what they are
// told, or not at all when that is 0.
func unanswered(t *testing.T, n int, rtt time.Duration, nack int, rules swim.Rules) (u times) {
	s := newSolo(t, under(rules, func(cfg *swim.Config) { cfg.NoStreamProbe, cfg.PushPullInterval = true, swim.Off }))
	peers := s.meet(n)
	answer := func(d datagram, after time.Duration, kind swim.Kind, seq swim.SeqNo) {
		for d.at+after > s.now {
			s.advance(time.Millisecond)
		}
		s.hear(d.to, swim.Message{Kind: kind, Seq: seq, Seen: swim.PrintsSame})
	}
	for end := s.now + time.Duration(2*n)*time.Second; s.now < end && rtt > 0; {
		ping := s.await(swim.KindPing)
		m, _ := ping.has(swim.KindPing)
		answer(ping, rtt, swim.KindAck, m.Seq)
	}
	ping := s.await(swim.KindPing)
	target, _ := ping.has(swim.KindPing)
	before := s.core.Stats()
	first := s.await(swim.KindPingReq)
	u.asked = time.Duration(1 + s.core.Stats().ProbeRetries - before.ProbeRetries)
	u.others = first.at - ping.at
	var relays []datagram
	for _, d := range append([]datagram{first}, s.sent()...) {
		if m, ok := d.has(swim.KindPingReq); ok {
			relays, u.waits = append(relays, d), m.Wait
		}
	}
	s.hear(peers[0].addr, peers[0].alive()) // not cut off
	for _, d := range relays {
		if m, _ := d.has(swim.KindPingReq); nack > 0 {
			answer(d, m.Wait*time.Duration(nack)/100+rtt, swim.KindNack, m.Seq)
		}
	}
	for s.advance(0); s.state(string(target.Name)) == swim.Alive; {
		s.advance(time.Millisecond)
	}
	u.verdict = s.now - ping.at
	return u
}

// The whole schedule: see indirect.go.
func TestOthersAreAskedWhenTheDirectPingsAreOverdueAndTheVerdictFallsAtProbeTimeout(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		what string
		rtt  time.Duration
		nack int
		want times
	}{
		{"a fast network", ms, 80, times{3, 300 * ms, 500 * ms, 200 * ms}},
		{"a fast network whose relays are silent", ms, 0, times{3, 300 * ms, 500 * ms, 200 * ms}},
		{"nothing was learnt", 0, 80, times{3, 500 * ms, 900 * ms, 500 * ms}},
		{"nothing was learnt, and relays are silent", 0, 0, times{3, 500 * ms, 1000 * ms, 500 * ms}},
	} {
		if got := unanswered(t, 5, c.rtt, c.nack, swim.Rules{}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestASlowNetworkHasTheTimeThatItsRoundTripsTake(t *testing.T) {
	const ms = time.Millisecond
	got := unanswered(t, 5, 150*ms, 0, swim.Rules{})
	// 150 ms and what is left of a variation: three pings, then two round trips.
	if got.others < 450*ms || got.waits < 300*ms || got.verdict != got.others+got.waits || got.verdict > 1000*ms {
		t.Errorf("%+v", got)
	}
}

func TestByTheRuleOfThePapersTheIndirectRoundTakesTheRestOfThePeriod(t *testing.T) {
	const ms = time.Millisecond
	got := unanswered(t, 5, ms, 80, swim.Rules{VerdictAtPeriodEnd: true})
	if want := (times{3, 500 * ms, 1000 * ms, 500 * ms}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Learnt round trips make nobody a suspect sooner than ProbeTimeout, also if all relays
// nack at once because they are full.
func TestNoVerdictComesBeforeProbeTimeout(t *testing.T) {
	for _, refused := range []int{1, 50} {
		if got := unanswered(t, 5, time.Millisecond, refused, swim.Rules{}); got.verdict != 500*time.Millisecond {
			t.Errorf("relays that nack after %d %%: the verdict came after %v", refused, got.verdict)
		}
	}
}

// In a large group a member has met few others. What it has learnt of them is taken for
// the rest.
func TestTheRoundTripsOfSomeAreTakenForThoseOfTheOthers(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.NoStreamProbe, cfg.NoCoordinatedProbing = true, true })
	s.meet(200)
	s.advanceAnswered(5 * time.Second)
	for s.sent(); s.core.Stats().IndirectProbes == 0; {
		s.advance(10 * time.Millisecond)
	}
	ping, others := time.Duration(0), time.Duration(0)
	for _, d := range s.sent() {
		if _, ok := d.has(swim.KindPing); ok && ping == 0 {
			ping = d.at
		}
		if _, ok := d.has(swim.KindPingReq); ok {
			others = d.at
		}
	}
	if got := others - ping; got != 300*time.Millisecond {
		t.Errorf("others were asked after %v, want 300ms", got)
	}
}
