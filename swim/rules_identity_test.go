package swim_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestAFinalDeathWinsAtAnyIncarnationAndLastsForThatLife(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{DeathIsFinal: on, TrustDeaths: true}, quiet))
		p := s.meet(3)
		late := p[0].claim(swim.Dead, "m1")
		p[0].stamp.Incarnation = 5
		s.hear(p[0].addr, p[0].alive())
		s.hear(p[1].addr, late) // of incarnation 1
		want := swim.Alive
		if on {
			want = swim.Dead
		}
		if m, _ := s.core.Member("m0"); m.State != want || m.Stamp.Incarnation != 5 {
			t.Errorf("final %v: after a late death m0 is %v at %v, want %v", on, m.State, m.Stamp, want)
		}

		s.hear(p[2].addr, p[1].claim(swim.Dead, "m2"))
		p[1].stamp.Incarnation = 9
		s.hear(p[1].addr, p[1].alive())
		if back := s.state("m1") == swim.Alive; back == on {
			t.Errorf("final %v: after its refutation m1 is %v", on, s.state("m1"))
		}
		p[1].stamp.Boot, p[1].stamp.Incarnation = p[1].stamp.Boot+1, 1
		s.hear(p[1].addr, p[1].alive())
		if s.state("m1") != swim.Alive {
			t.Errorf("final %v: restarted, m1 is %v", on, s.state("m1"))
		}
		s.hear(p[2].addr, p[2].claim(swim.Left, ""))
		p[2].stamp.Incarnation = 7
		s.hear(p[2].addr, p[2].alive())
		if back := s.state("m2") == swim.Alive; back == on {
			t.Errorf("final %v: having left, m2 is %v", on, s.state("m2"))
		}
	}
}

// hashicorp/memberlist issues 311 and 312: a dead member is revived by a stale claim,
// since the later death that lost against the first left no trace.
func TestEvidenceThatLosesLeavesATraceUnlessItIsForgotten(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{ForgetLosers: on, TrustDeaths: true}, quiet))
		p := s.meet(3)
		at := func(i swim.Incarnation) peer { q := p[0]; q.stamp.Incarnation = i; return q }
		s.hear(p[1].addr, at(1).claim(swim.Dead, "m1"))
		s.hear(p[1].addr, at(7).claim(swim.Dead, "m1"))    // it had come back, and died again
		s.hear(p[1].addr, at(8).claim(swim.Suspect, "m2")) // loses against dead
		s.hear(p[2].addr, at(5).alive())                   // stale: from between the two deaths
		want := swim.Dead
		if on {
			want = swim.Alive
		}
		if got := s.state("m0"); got != want {
			t.Errorf("forgotten %v: after a stale claim m0 is %v, want %v", on, got, want)
		}
	}
}

func TestASuspicionOfAHigherIncarnationIsOneMoreConfirmationIfLosersAreForgotten(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{ForgetLosers: on}, quiet))
		p := s.meet(6)
		s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
		p[0].stamp.Incarnation = 3
		s.hear(p[2].addr, p[0].claim(swim.Suspect, "m2"))
		st := s.core.Stats()
		if m, _ := s.core.Member("m0"); (st.Confirmations == 1) != on || (m.Stamp.Incarnation == 1) != on {
			t.Errorf("forgotten %v: %d confirmations, held at %v", on, st.Confirmations, m.Stamp)
		}
	}
}

func TestHearsayBringsBackAForgottenNameIfItIsTrusted(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{TrustHearsay: on, TrustDeaths: true}, quiet, func(cfg *swim.Config) { cfg.TombstoneTTL = time.Hour }))
		p := s.meet(2)
		s.hear(p[0].addr, p[1].claim(swim.Dead, "m0"))
		s.advance(time.Hour)
		s.hear(p[0].addr, p[1].alive())
		if _, listed := s.core.Member("m1"); listed != on {
			t.Errorf("trusted %v: listed %v", on, listed)
		}
	}
}

func TestWithIncarnationsOnlyARestartedMemberHasToRefuteItsFormerRun(t *testing.T) {
	for _, on := range []bool{false, true} {
		rules := swim.Rules{OnlyIncarnations: on}
		cl := newCluster(t, 4)
		ps := cl.start(5, under(rules))
		cl.until(time.Minute, "formed", cl.agreed)
		// n4 refutes a few times, so that its former run is at incarnation 4.
		for i := range swim.Incarnation(3) {
			cl.input(ps[4], func() {
				b := accusation(t, ps[4], i+1)
				ps[4].core.HandlePacket(cl.now, ps[0].addr, b)
			})
		}
		cl.run(5 * time.Second)
		if m, _ := ps[0].core.Member("n4"); m.Stamp.Incarnation != 4 || (m.Stamp.Life == swim.Life{}) != on {
			t.Fatalf("incarnations only %v: n4 is held at %v", on, m.Stamp)
		}
		cl.crash(ps[4])
		again := cl.boot("n4", 5, under(rules))
		if got := again.core.Self().Incarnation; got != 1 {
			t.Fatalf("restarted at incarnation %d", got)
		}
		cl.join(again, ps[0])
		cl.until(time.Minute, "all see the restarted member", cl.agreed)
		cl.run(5 * time.Second)
		want := swim.Incarnation(1)
		if on {
			want = 5
		}
		for _, p := range cl.up() {
			if m, _ := p.core.Member("n4"); m.Stamp.Incarnation != want || m.State != swim.Alive {
				t.Errorf("incarnations only %v: %s holds n4 %v at %v, want incarnation %d", on, p.name, m.State, m.Stamp, want)
			}
		}
	}
}

// accusation is a packet that suspects p at an incarnation.
func accusation(t *testing.T, p *process, i swim.Incarnation) []byte {
	t.Helper()
	s := newSolo(t, nil)
	stamp := p.core.Self()
	stamp.Incarnation = i
	return s.encode(swim.Message{Kind: swim.KindSuspect, Name: []byte(p.name), From: []byte("n0"), Stamp: stamp})
}

// hashicorp/memberlist issue 157: the same name at a new address is refused.
func TestANewAddressOfAKnownNameIsAConflictByMemberlistsRule(t *testing.T) {
	for _, c := range []struct {
		what    string
		held    swim.State
		reclaim time.Duration
		dead    time.Duration // how long it has been
		moves   bool          // by memberlist's rule; by ours, always
	}{
		{"alive", swim.Alive, time.Second, 0, false},
		{"suspect", swim.Suspect, time.Second, 0, false},
		{"dead, and never to be reclaimed", swim.Dead, 0, time.Hour, false},
		{"dead for too short a time", swim.Dead, time.Minute, time.Minute, false},
		{"dead for long enough", swim.Dead, time.Minute, time.Minute + 1, true},
		{"left", swim.Left, 0, 0, true},
	} {
		for _, on := range []bool{false, true} {
			s := newSolo(t, under(swim.Rules{AddressConflicts: on, TrustDeaths: true}, quiet, func(cfg *swim.Config) {
				cfg.ReclaimAfter = c.reclaim
				cfg.ProbeInterval, cfg.SuspicionMult = 24*time.Hour, 1000
			}))
			p := s.meet(3)
			if c.held != swim.Alive {
				s.hear(p[1].addr, p[0].claim(c.held, "m1"))
			}
			s.now += c.dead
			next := p[0]
			next.addr = stranger
			next.stamp.Boot++
			s.hear(p[1].addr, next.alive())
			m, _ := s.core.Member("m0")
			moved := m.Addr == stranger && m.State == swim.Alive
			if moved != (c.moves || !on) || (s.count(swim.EventConflict, "m0") == 1) == moved {
				t.Errorf("%s, memberlist's rule %v: it is %v at %v, %d conflicts", c.what, on, m.State, m.Addr, s.count(swim.EventConflict, "m0"))
			}
		}
	}
}

// Where lives do not tell two runs apart, our rule refuses the second one by name;
// memberlist lets it in, and nobody lists where it is.
func TestAJoinFromANewAddressSucceedsAndIsIgnoredByMemberlistsRule(t *testing.T) {
	for _, on := range []bool{false, true} {
		rules := swim.Rules{AddressConflicts: on, OnlyIncarnations: true}
		s := newSolo(t, under(rules, quiet))
		first := newPeer(0)
		first.stamp.Life = swim.Life{}
		s.hear(first.addr, first.alive())
		second := newSolo(t, under(rules, quiet, func(cfg *swim.Config) {
			cfg.Name, cfg.Addr, cfg.Rider = "m0", stranger, newNotes("m0")
		}))
		second.addr = stranger
		_, err := pushPull(second, s, swim.DialJoin)
		var refused *swim.RefusedError
		if errors.As(err, &refused) == on {
			t.Errorf("memberlist's rule %v: the join ends with %v", on, err)
		}
		if m, _ := s.core.Member("m0"); m.Addr != first.addr || s.count(swim.EventConflict, "m0") != 1 {
			t.Errorf("memberlist's rule %v: m0 is at %v, %d conflicts", on, m.Addr, s.count(swim.EventConflict, "m0"))
		}
	}
}
