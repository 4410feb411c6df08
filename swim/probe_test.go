package swim_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// An error on local send is not evidence against the peer.
func TestSendErrorsRaiseDoubtAboutOurselvesAndNeverAccuseAPeer(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.NoStreamProbe = true })
	peers := s.meet(4)
	s.advanceAnswered(3 * time.Second)
	for i := range 4000 {
		s.advance(time.Millisecond)
		if i%100 == 0 {
			s.hear(peers[1].addr, peers[1].alive()) // we are not cut off
		}
		for _, d := range s.sent() {
			if d.to == peers[0].addr {
				s.do(func() { s.core.HandleSendError(s.now, d.to, errors.New("network is down")) })
				continue
			}
			if m, ok := d.has(swim.KindPing); ok {
				s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
			}
		}
	}
	if s.core.Stats().SendErrors == 0 || s.core.Stats().ProbeFailures == 0 {
		t.Fatalf("the test tests nothing: %+v", s.core.Stats())
	}
	if s.state("m0") != swim.Alive || s.count(swim.EventSuspected, "") != 0 {
		t.Errorf("m0 is %v", s.state("m0"))
	}
}

func TestAnInterfaceThatIsDownCutsUsOffAndTellsNobody(t *testing.T) {
	s := newSolo(t, nil)
	s.meet(4)
	s.advanceAnswered(3 * time.Second)
	start := s.now
	for s.now < start+20*time.Second {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			s.do(func() { s.core.HandleSendError(s.now, d.to, errors.New("network is down")) })
			for _, m := range d.msgs {
				if m.Kind == swim.KindSuspect || m.Kind == swim.KindDead {
					t.Fatalf("told %v that %s is %v", d.to, m.Name, m.Kind)
				}
			}
		}
	}
	if !s.core.CutOff() || s.core.Stats().Dead != 4 {
		t.Errorf("cut off %v, %d dead", s.core.CutOff(), s.core.Stats().Dead)
	}
	for m := range s.core.Members() {
		if m.State == swim.Dead && (!m.Private || m.Since-start > 8*time.Second) {
			t.Errorf("%s dead after %v, private %v", m.Name, m.Since-start, m.Private)
		}
	}
}

// A suspicion that everybody knows of runs out while we are cut off: the refutation
// may be on the other side, so the verdict is a secret.
func TestASuspicionThatRunsOutWhileCutOffEndsInASecret(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	s.advanceAnswered(3 * time.Second)
	s.hear(peers[1].addr, peers[0].claim(swim.Suspect, "m1"))
	s.advance(10 * time.Second)
	if m, _ := s.core.Member("m0"); m.State != swim.Dead || !m.Private {
		t.Fatalf("m0 is %v, private %v", m.State, m.Private)
	}
	s.hear(peers[0].addr, peers[0].alive())
	for _, p := range peers {
		if p.name != "m0" && s.state(p.name) == swim.Suspect {
			t.Errorf("%s is still suspect after the reconnection", p.name)
		}
	}
	if s.state("m0") != swim.Alive {
		t.Errorf("m0 was heard, and is %v", s.state("m0"))
	}
}

func TestAProbeThatWasOvertakenByARefutationAccusesNobody(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.NoStreamProbe = true })
	p := s.meet(1)[0]
	other := newPeer(1)
	s.hear(other.addr, other.alive())
	silent := true
	for silent {
		s.advance(time.Millisecond)
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPing); ok {
				if d.to == p.addr {
					silent = false
				} else {
					s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
				}
			}
		}
	}
	s.advance(600 * time.Millisecond)
	p.stamp.Incarnation = 2 // it told somebody, who tells us
	s.hear(other.addr, p.alive())
	s.advance(400 * time.Millisecond)
	if s.core.Stats().ProbeFailures != 1 || s.state("m0") != swim.Alive {
		t.Errorf("%d failures, m0 %v", s.core.Stats().ProbeFailures, s.state("m0"))
	}
}

func TestAZeroIntervalSwitchesItsLoopOff(t *testing.T) {
	for _, c := range []struct {
		what string
		off  func(*swim.Config)
		none func(swim.Stats) uint64
	}{
		{"probing", func(cfg *swim.Config) { cfg.ProbeInterval, cfg.PushPullInterval = swim.Off, swim.Off },
			func(st swim.Stats) uint64 { return st.MessagesOut[swim.KindPing] + st.Suspicions }},
		{"gossip", func(cfg *swim.Config) {
			cfg.GossipInterval, cfg.ProbeInterval, cfg.PushPullInterval = swim.Off, swim.Off, swim.Off
		},
			func(st swim.Stats) uint64 { return st.PacketsOut + st.GossipRounds }},
		{"push-pull", func(cfg *swim.Config) { cfg.PushPullInterval = swim.Off },
			func(st swim.Stats) uint64 { return st.Compares + st.Exchanges + st.ExchangesIdle + st.ExchangesFailed }},
		{"healing", func(cfg *swim.Config) { cfg.HealInterval = swim.Off },
			func(st swim.Stats) uint64 { return st.HealAttempts }},
		{"indirect probes", func(cfg *swim.Config) { cfg.IndirectProbes = swim.Off },
			func(st swim.Stats) uint64 { return st.IndirectProbes }},
		{"asking again", func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off },
			func(st swim.Stats) uint64 { return st.ProbeRetries }},
		{"local health", func(cfg *swim.Config) { cfg.HealthMax = swim.Off },
			func(st swim.Stats) uint64 { return uint64(st.Health) }},
		{"gossip to the dead", func(cfg *swim.Config) { cfg.GossipToTheDead = swim.Off },
			func(swim.Stats) uint64 { return 0 }},
	} {
		s := newSolo(t, c.off)
		peers := s.meet(5)
		s.advanceAnswered(5*time.Second, peers[0].addr)
		s.advance(2 * time.Minute)
		if n := c.none(s.core.Stats()); n != 0 {
			t.Errorf("%s is off, and did %d things: %+v", c.what, n, s.core.Stats())
		}
	}
}

func TestOffIsAnErrorWhereItWouldMeanNothing(t *testing.T) {
	for name, set := range map[string]func(*swim.Config){
		"ProbeTimeout":  func(cfg *swim.Config) { cfg.ProbeTimeout = swim.Off },
		"JoinDials":     func(cfg *swim.Config) { cfg.JoinDials = swim.Off },
		"FrameBudget":   func(cfg *swim.Config) { cfg.FrameBudget = swim.Off },
		"GossipNodes":   func(cfg *swim.Config) { cfg.GossipNodes = swim.Off },
		"NackAfter":     func(cfg *swim.Config) { cfg.NackAfter = 101 },
		"PacketBudget":  func(cfg *swim.Config) { cfg.PacketBudget = 100 },
		"ProbeInterval": func(cfg *swim.Config) { cfg.ProbeInterval = -2 },
		"Name":          func(cfg *swim.Config) { cfg.Name = "" },
		"Meta":          func(cfg *swim.Config) { cfg.Meta = make([]byte, swim.MaxMetaLen+1) },
		"Addr":          func(cfg *swim.Config) { cfg.Addr = netip.MustParseAddrPort("0.0.0.0:1") },
	} {
		cfg := validConfig()
		set(&cfg)
		if _, err := swim.New(cfg, 0); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// The owner's Ping: three tries, each with ProbeTimeout and a pause of 100 ms.
func TestPingAsksThreeTimes(t *testing.T) {
	s := newSolo(t, quiet)
	var id uint64
	s.do(func() { id = s.core.Ping(s.now, "x", stranger) })
	start := s.now
	for s.count(swim.EventPingDone, "x") == 0 {
		s.advance(time.Millisecond)
	}
	var tries []time.Duration
	for _, d := range s.sent() {
		if _, ok := d.has(swim.KindPing); ok && d.to == stranger {
			tries = append(tries, d.at-start)
		}
	}
	if len(tries) != 3 || tries[1] != 600*time.Millisecond || tries[2] != 1200*time.Millisecond {
		t.Errorf("tries at %v", tries)
	}
	if e := s.events[len(s.events)-1]; e.ID != id || e.OK {
		t.Errorf("event %+v", e)
	}
	s.do(func() { id = s.core.Ping(s.now, "x", stranger) })
	s.advance(700 * time.Millisecond)
	out := s.sent()
	m, _ := out[len(out)-1].has(swim.KindPing)
	s.hear(stranger, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
	if e := s.events[len(s.events)-1]; e.Kind != swim.EventPingDone || e.ID != id || !e.OK || e.RTT != 100*time.Millisecond {
		t.Errorf("event %+v", e)
	}
}
