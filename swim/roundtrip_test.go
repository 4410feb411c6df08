package swim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestAnAckIsOverdueAfterTheTimeoutOfRFC6298(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		what    string
		samples []time.Duration
		want    time.Duration
	}{
		{"nothing is known: a third of the patience", nil, 500 * ms / 3},
		{"the first sample R: R + 4 R/2", []time.Duration{60 * ms}, 180 * ms},
		{"a fast member: a fifth of the patience", []time.Duration{ms}, 100 * ms},
		{"no time at all is a microsecond", []time.Duration{0}, 100 * ms},
		{"the second moves an eighth and a quarter", []time.Duration{80 * ms, 160 * ms}, 90*ms + 4*50*ms},
	} {
		// A round trip is kept to a twentieth of a percent.
		if got := swim.RoundTripOverdue(500*ms, c.samples...); (got - c.want).Abs() > c.want/1000 {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// Learnt round trips decide when to ask again, never when to judge.
func TestAskingAgainDoesNotJudgeSooner(t *testing.T) {
	// Turns of their own come at whole milliseconds, in which the test advances.
	s := newSolo(t, func(cfg *swim.Config) { cfg.NoCoordinatedProbing = true })
	p := s.meet(1)[0]
	s.advanceAnswered(10 * time.Second) // round trips of nothing at all
	s.sent()
	var pings []time.Duration
	for s.state(p.name) == swim.Alive {
		s.advance(time.Millisecond)
		for _, d := range s.sent() {
			if _, ok := d.has(swim.KindPing); ok && s.core.Stats().ProbeFailures == 0 {
				pings = append(pings, s.now)
			}
		}
	}
	if len(pings) != 3 {
		t.Fatalf("pings at %v, want one and two more", pings)
	}
	if again := pings[1] - pings[0]; again != 100*time.Millisecond {
		t.Errorf("asked again after %v, want a fifth of 500ms", again)
	}
	// Nobody else could be asked: the stream has another ProbeTimeout.
	if m, _ := s.core.Member(p.name); m.Since-pings[0] != 800*time.Millisecond {
		t.Errorf("judged after %v, want 800ms", m.Since-pings[0])
	}
}

func TestOnlyFirstDirectAnswersAreMeasured(t *testing.T) {
	s := newSolo(t, nil)
	s.meet(1)
	var ping datagram
	for len(ping.msgs) == 0 {
		s.advance(time.Millisecond)
		for _, d := range s.sent() {
			if _, ok := d.has(swim.KindPing); ok {
				ping = d
			}
		}
	}
	s.advance(200 * time.Millisecond) // it was asked again: whose answer is this?
	m, _ := ping.has(swim.KindPing)
	s.hear(ping.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
	if info, _ := s.core.Member("m0"); info.RTT != 0 {
		t.Errorf("measured %v", info.RTT)
	}
	if s.core.Stats().Acks != 1 {
		t.Error("the ack did not count")
	}
}

// Whoever always asks twice never learns that once is enough, since no answer says
// which ping it is to.
func TestAPathThatHasBecomeSlowerIsNotAskedTwiceForEver(t *testing.T) {
	for _, c := range []struct {
		what        string
		first, then time.Duration // one way
	}{
		{"a fast path becomes slow", time.Millisecond, 80 * time.Millisecond},
		{"a path is slow from the beginning", 100 * time.Millisecond, 100 * time.Millisecond},
		{"slower than the direct stage", 100 * time.Millisecond, 300 * time.Millisecond},
	} {
		cl := newCluster(t, 1)
		cl.delay, cl.jitter = c.first, 5*time.Millisecond
		p := cl.start(2, func(cfg *swim.Config) { cfg.PushPullInterval = 500 * time.Hour })[1]
		cl.run(20 * time.Second)
		cl.delay = c.then
		cl.run(20 * time.Second)
		before := p.core.Stats()
		cl.run(40 * time.Second)
		after := p.core.Stats()
		if n := after.Probes - before.Probes; n != 40 || after.ProbeRetries != before.ProbeRetries {
			t.Errorf("%s: %d of %d probes were asked again", c.what, after.ProbeRetries-before.ProbeRetries, n)
		}
	}
}

func TestAnAckToOneOfSeveralPingsMakesUsWaitAsLongNextTime(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		what          string
		before, after []time.Duration // samples
		first, last   time.Duration   // since these pings
		want          time.Duration
	}{
		{"a third more than it took", nil, nil, 150 * ms, 50 * ms, 200 * ms},
		{"less than what is waited anyway", nil, nil, 101 * ms, ms, 500 * ms / 3},
		{"beyond what was measured", []time.Duration{3 * ms}, nil, 303 * ms, 103 * ms, 403 * ms},
		{"the usual time after the last ping: the others are lost", []time.Duration{3 * ms}, nil, 103 * ms, 3 * ms, 100 * ms},
		{"too soon after the last ping", slices.Repeat([]time.Duration{200 * ms}, 10), nil, 600 * ms, 100 * ms, 733 * ms},
		{"a sample takes a quarter off", []time.Duration{3 * ms}, []time.Duration{3 * ms}, 303 * ms, 103 * ms, 303 * ms},
		{"more of them take off all", []time.Duration{3 * ms}, slices.Repeat([]time.Duration{3 * ms}, 5), 303 * ms, 103 * ms, 100 * ms},
		{"the first of all takes off all", nil, []time.Duration{3 * ms}, 303 * ms, 3 * ms, 100 * ms},
	} {
		if got := swim.RoundTripOverdueAfter(500*ms, c.before, c.first, c.last, c.after); (got - c.want).Abs() > c.want/1000 {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
