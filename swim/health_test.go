package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestLocalHealthIsASaturatingCounterThatStretchesTime(t *testing.T) {
	for _, c := range []struct {
		most  int
		steps []int // 0 improves, others worsen by that much
		score int
	}{
		{7, nil, 0},
		{7, []int{0, 0}, 0},
		{7, []int{1, 1}, 2},
		{7, []int{3, 3, 3}, 7},
		{7, []int{7, 7, 0}, 6},
		{7, []int{2, 0, 0, 0}, 0},
		{0, []int{5}, 0}, // off
	} {
		score, second := swim.HealthAfter(c.most, c.steps...)
		if score != c.score || second != time.Duration(c.score+1)*time.Second {
			t.Errorf("%v of %d: score %d, one second is %v; want %d", c.steps, c.most, score, second, c.score)
		}
	}
}

// Lifeguard §IV-A: a failed probe costs the nacks that are missing. A prober whose
// relays all nack can hear, so a crashed member does not make it doubt itself.
func TestAFailedProbeCostsItsMissingNacks(t *testing.T) {
	for _, c := range []struct {
		what          string
		members       int // besides us
		nacks, health int
	}{
		{"no relay could be asked", 1, 0, 1},
		{"all three relays nack", 5, 3, 0},
		{"one of three relays is silent", 5, 2, 1},
		{"all three relays are silent", 5, 0, 3},
		{"more nacks than relays are not believed", 5, 9, 0},
	} {
		s := newSolo(t, nil)
		peers := s.meet(c.members)
		target := ""
		for target == "" {
			s.advance(time.Millisecond)
			for _, d := range s.sent() {
				if m, ok := d.has(swim.KindPing); ok {
					target = string(m.Name)
				}
			}
		}
		s.advance(500 * time.Millisecond)
		nacks := c.nacks
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPingReq); ok {
				for ; nacks > 0; nacks-- {
					s.hear(d.to, swim.Message{Kind: swim.KindNack, Seq: m.Seq})
					if c.nacks <= 3 {
						nacks--
						break
					}
				}
			}
		}
		if c.nacks == 0 && len(peers) > 1 {
			s.hear(peers[0].addr, peers[0].alive()) // not cut off
		}
		s.advance(500 * time.Millisecond)
		if got := s.core.Health(); got != c.health {
			t.Errorf("%s: health %d, want %d", c.what, got, c.health)
		}
		if s.state(target) != swim.Suspect {
			t.Errorf("%s: %s is %v", c.what, target, s.state(target))
		}
	}
}

func TestBadHealthStretchesPatienceAndNotTheProtocolPeriod(t *testing.T) {
	for _, stretch := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{HealthStretchesPeriod: stretch}, func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off }))
		p := s.meet(4)
		// Three refutations: score 3, all times fourfold.
		for i := swim.Incarnation(1); i <= 3; i++ {
			s.hear(p[0].addr, swim.Message{
				Kind: swim.KindSuspect, Name: []byte("self"), From: []byte("m0"),
				Stamp: swim.Stamp{Life: s.core.Self().Life, Incarnation: i},
			})
		}
		if s.core.Health() != 3 {
			t.Fatalf("health %d", s.core.Health())
		}
		s.sent()
		var pings, asks []time.Duration
		for range 12_000 {
			s.advance(time.Millisecond)
			for _, d := range s.sent() {
				if _, ok := d.has(swim.KindPing); ok {
					pings = append(pings, s.now)
				}
				if _, ok := d.has(swim.KindPingReq); ok && len(asks) == 0 {
					asks = append(asks, s.now)
				}
			}
			if len(asks) > 0 && len(pings) > 1 {
				break
			}
			if len(pings) == 1 && stretch || len(pings) > 1 && !stretch {
				s.hear(p[3].addr, p[3].alive())
			}
		}
		period := time.Second
		if stretch {
			period = 4 * time.Second
		}
		if len(pings) < 2 || len(asks) == 0 {
			t.Fatalf("pings at %v, ping-reqs at %v", pings, asks)
		}
		if got := pings[1] - pings[0]; got != period {
			t.Errorf("stretch %v: a period of %v, want %v", stretch, got, period)
		}
		if got := asks[0] - pings[0]; got != 2*time.Second {
			t.Errorf("stretch %v: others asked after %v, want 2s", stretch, got)
		}
	}
}
