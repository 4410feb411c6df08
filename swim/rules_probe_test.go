package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A test per rule of others: what it changes, with it and without.

// under gives a core rules, beside other settings.
func under(rules swim.Rules, adjust ...func(*swim.Config)) func(*swim.Config) {
	return func(cfg *swim.Config) {
		for _, a := range adjust {
			a(cfg)
		}
		// Others have orders of their own, and so probes at whole milliseconds, in
		// which the tests advance.
		cfg.Rules, cfg.NoCoordinatedProbing = rules, true
	}
}

// await lets time pass until a datagram with a message of a kind goes out, and
// returns it.
func (s *solo) await(kind swim.Kind) datagram {
	s.t.Helper()
	for end := s.now + time.Minute; s.now < end; {
		for i, d := range s.out {
			if _, ok := d.has(kind); ok {
				s.out = s.out[i+1:]
				return d
			}
		}
		s.advance(time.Millisecond)
	}
	s.t.Fatalf("no %v in a minute", kind)
	return datagram{}
}

// refutations lets us refute n times, which raises our score to n.
func (s *solo) refutations(n int, by peer) {
	s.t.Helper()
	for range n {
		me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
		s.hear(by.addr, me.claim(swim.Suspect, by.name))
	}
	if s.core.Health() != n {
		s.t.Fatalf("health %d after %d refutations", s.core.Health(), n)
	}
}

func TestRandomTargetsAreDrawnAnewInEachPeriod(t *testing.T) {
	const n = 12
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{RandomTargets: on}, func(cfg *swim.Config) { cfg.PushPullInterval = swim.Off }))
		s.meet(n)
		order := s.pingsFor(40 * n * time.Second)
		last, longest := map[string]int{}, 0
		for i, name := range order {
			if before, ok := last[name]; ok {
				longest = max(longest, i-before)
			}
			last[name] = i
		}
		if len(last) != n || (longest > 2*n-1) != on {
			t.Errorf("random %v: %d targets, the longest time between two probes of one is %d periods", on, len(last), longest)
		}
	}
}

func TestSerialProbesWaitForEachOther(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{SerialProbes: on}, func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off }))
		p := s.meet(5)
		s.refutations(2, p[0]) // a probe waits three periods
		s.sent()
		first := s.await(swim.KindPing)
		s.hear(p[4].addr, p[4].alive()) // not cut off
		want := time.Second
		if on {
			want = 3 * time.Second
		}
		if got := s.await(swim.KindPing).at - first.at; got != want {
			t.Errorf("serial %v: the next period began after %v, want %v", on, got, want)
		}
	}
}

func TestSerialProbesThatAreAnsweredKeepThePeriod(t *testing.T) {
	s := newSolo(t, under(swim.Rules{SerialProbes: true}, func(cfg *swim.Config) { cfg.PushPullInterval = swim.Off }))
	s.meet(5)
	if got := len(s.pingsFor(60 * time.Second)); got != 60 {
		t.Errorf("%d probes in 60 periods", got)
	}
}

func TestAVerdictAtTheEndOfThePeriodDoesNotWaitForTheIndirectRound(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{VerdictAtPeriodEnd: on}, func(cfg *swim.Config) {
			cfg.ProbeTimeout = 800 * time.Millisecond
		}))
		p := s.meet(5)
		target, _ := s.await(swim.KindPing).has(swim.KindPing)
		start := s.now
		for s.state(string(target.Name)) == swim.Alive {
			s.hear(p[0].addr, p[0].alive()) // not cut off
			s.advance(time.Millisecond)
		}
		want := 1600 * time.Millisecond
		if on {
			want = time.Second
		}
		if got := s.now - start; got != want {
			t.Errorf("at the end of the period %v: the verdict came after %v, want %v", on, got, want)
		}
	}
}

func TestHealthThatSparesTheTimeoutStretchesTheVerdictOnly(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{HealthSparesTimeout: on, VerdictAtPeriodEnd: true}, func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off }))
		p := s.meet(5)
		s.refutations(3, p[0])
		s.sent()
		ping := s.await(swim.KindPing)
		target, _ := ping.has(swim.KindPing)
		asked := s.await(swim.KindPingReq)
		want := 2 * time.Second
		if on {
			want = 500 * time.Millisecond
		}
		if got := asked.at - ping.at; got != want {
			t.Errorf("spared %v: others were asked after %v, want %v", on, got, want)
		}
		for s.count(swim.EventSuspected, string(target.Name)) == 0 {
			s.hear(p[0].addr, p[0].alive()) // not cut off
			s.advance(time.Millisecond)
		}
		if got := s.now - ping.at; got != 4*time.Second {
			t.Errorf("spared %v: the verdict came after %v, want 4s", on, got)
		}
	}
}

// Lifeguard §IV-A against our own, and memberlist's, charge.
func TestPaperHealthChargesAFailureAndAMissedNack(t *testing.T) {
	for _, c := range []struct {
		paper         bool
		nacks, health int
	}{
		{false, 3, 0}, {false, 2, 1}, {false, 0, 3},
		{true, 3, 1}, {true, 2, 2}, {true, 0, 2},
	} {
		s := newSolo(t, under(swim.Rules{PaperHealth: c.paper}))
		p := s.meet(5)
		req := s.await(swim.KindPingReq)
		relays := append([]datagram{req}, s.sent()...)
		for _, d := range relays[:c.nacks] {
			m, _ := d.has(swim.KindPingReq)
			s.hear(d.to, swim.Message{Kind: swim.KindNack, Seq: m.Seq})
		}
		s.hear(p[0].addr, p[0].alive()) // not cut off
		s.advance(500 * time.Millisecond)
		if got := s.core.Health(); got != c.health {
			t.Errorf("paper %v, %d of 3 nacks: health %d, want %d", c.paper, c.nacks, got, c.health)
		}
	}
}

func TestWithoutForgivenessAStallJudgesByTheClock(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{CountStalls: on}))
		p := s.meet(4)
		s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
		s.stall(time.Minute)
		want := swim.Suspect
		if on {
			want = swim.Dead
		}
		if got := s.state("m0"); got != want {
			t.Errorf("stalls count %v: after a minute's stall the suspect is %v, want %v", on, got, want)
		}
	}
}

func TestWithoutTheCutOffStateVerdictsAreTold(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{NoCutOff: on}))
		s.meet(4)
		s.advance(10 * time.Second)
		told := false
		for _, d := range s.sent() {
			_, suspects := d.has(swim.KindSuspect)
			told = told || suspects
		}
		if told != on || s.core.CutOff() == on {
			t.Errorf("no cut-off state %v: told %v, cut off %v", on, told, s.core.CutOff())
		}
	}
}

func TestWithoutNacksRelaysAreSilentAndAFailureCostsOne(t *testing.T) {
	off := func(cfg *swim.Config) { cfg.NackAfter = swim.Off }
	s := newSolo(t, off)
	p := s.meet(5)
	req, _ := s.await(swim.KindPingReq).has(swim.KindPingReq)
	if req.WantNack {
		t.Error("a nack is asked for")
	}
	s.hear(p[0].addr, p[0].alive()) // not cut off
	s.advance(500 * time.Millisecond)
	if got := s.core.Health(); got != 1 {
		t.Errorf("health %d after a failed probe, want 1", got)
	}

	s = newSolo(t, func(cfg *swim.Config) { quiet(cfg); off(cfg) })
	p = s.meet(3)
	s.hear(p[0].addr, pingReq(p[1], 7))
	s.sent()
	s.advance(10 * time.Second)
	if out := s.sent(); len(out) != 0 {
		t.Errorf("a relay without nacks sent %v", out)
	}
}

// memberlist's relays nack after the whole timeout. With half of the period as the
// timeout that is after the prober's verdict: too late to be heard.
func TestANackAfterTheWholeTimeoutComesAfterTheVerdict(t *testing.T) {
	for _, c := range []struct {
		after, health int
	}{{80, 0}, {100, 3}} {
		cl := newCluster(t, 3)
		cl.jitter = 0
		ps := cl.start(6, func(cfg *swim.Config) {
			cfg.NackAfter, cfg.NoStreamProbe, cfg.HealInterval = c.after, true, swim.Off
			cfg.Rules.IgnoreSilence = true // no member makes two probes of the crashed one
		})
		cl.until(time.Minute, "formed", cl.agreed)
		cl.run(10 * time.Second)
		cl.crash(ps[5])
		worst := 0
		cl.check = func(p *process) { worst = max(worst, p.core.Health()) }
		cl.until(time.Minute, "suspected", func() bool { s, _ := ps[0].sees("n5"); return s != swim.Alive })
		cl.run(2 * time.Second)
		if worst != c.health {
			t.Errorf("nacks after %d %%: the worst health of a prober is %d, want %d", c.after, worst, c.health)
		}
	}
}
