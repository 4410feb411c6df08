package swim_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Elsewhere dead and left entries pile up, and nobody forgets them.
func TestTenThousandJoinsAndLeavesLeaveNothingBehind(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) {
		quiet(cfg)
		cfg.TombstoneTTL, cfg.MaxTombstones = time.Hour, 100
	})
	var peak int
	for i := range 10_000 {
		p := newPeer(i)
		s.core.HandlePacket(s.now, p.addr, s.encode(p.alive()))
		s.core.HandlePacket(s.now, p.addr, s.encode(p.claim(swim.Left, "")))
		if i%100 == 0 {
			s.drain()
			s.out, s.events = nil, nil
		}
		if i == 1000 {
			peak, _, _, _, _ = s.core.Rows()
		}
		s.now += time.Second
	}
	s.drain()
	rows, order, fifo, forgotten, slots := s.core.Rows()
	if rows != peak || rows > 110 || order > 210 || fifo > 1000 || slots > 20 {
		t.Errorf("rows %d (%d early on), order %d, fifo %d, deadlines %d", rows, peak, order, fifo, slots)
	}
	if forgotten > 10_000 {
		t.Errorf("%d names are remembered as forgotten", forgotten)
	}
	if got := s.core.Stats(); got.Left > 100 || got.Alive != 1 {
		t.Errorf("%d left, %d alive", got.Left, got.Alive)
	}
	// And time takes the rest.
	s.advance(2 * time.Hour)
	if got := s.core.Stats(); got.Left != 0 {
		t.Errorf("%d tombstones after their time", got.Left)
	}
}

func TestTombstonesAreForgottenOldestFirst(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.MaxTombstones = 2; cfg.TombstoneTTL = time.Hour })
	for i := range 4 {
		p := newPeer(i)
		s.hear(p.addr, p.alive())
		s.hear(p.addr, p.claim(swim.Left, ""))
		s.advance(time.Minute)
	}
	for i, want := range []bool{false, false, true, true} {
		if _, ok := s.core.Member(fmt.Sprintf("m%d", i)); ok != want {
			t.Errorf("m%d is remembered: %v", i, ok)
		}
	}
	s.advance(57 * time.Minute)
	if _, ok := s.core.Member("m2"); !ok {
		t.Error("m2 was forgotten before its time")
	}
	s.advance(2 * time.Minute)
	if _, ok := s.core.Member("m2"); ok {
		t.Error("m2 was not forgotten")
	}
}

func TestAMemberThatComesBackIsNoTombstone(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.TombstoneTTL = time.Hour })
	p := s.meet(1)[0]
	s.hear(p.addr, p.claim(swim.Left, ""))
	s.advance(30 * time.Minute)
	p.stamp.Boot++
	s.hear(p.addr, p.alive())
	s.advance(24 * time.Hour)
	if s.state("m0") != swim.Alive || s.count(swim.EventForgotten, "") != 0 {
		t.Errorf("m0 is %v", s.state("m0"))
	}
}

// After its tombstone is gone, a name heard only from third parties is
// listed once our own probe of it has succeeded.
func TestAForgottenNameIsListedOnceItHasAnsweredOurOwnPing(t *testing.T) {
	forget := func(t *testing.T) (*solo, peer) {
		s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.TombstoneTTL = time.Hour })
		p := s.meet(2)[1]
		s.hear(p.addr, p.claim(swim.Dead, "m0"))
		s.advance(time.Hour)
		if _, ok := s.core.Member("m1"); ok {
			t.Fatal("m1 was not forgotten")
		}
		s.sent()
		s.hear(newPeer(0).addr, p.alive())
		if _, ok := s.core.Member("m1"); ok {
			t.Fatal("third parties listed it")
		}
		return s, p
	}
	t.Run("it answers", func(t *testing.T) {
		s, p := forget(t)
		later := p
		later.stamp.Incarnation = 4
		s.hear(newPeer(0).addr, later.alive())
		s.ackAll()
		if m, _ := s.core.Member("m1"); m.State != swim.Alive || m.Stamp != later.stamp {
			t.Errorf("m1 is %v at %v", m.State, m.Stamp)
		}
	})
	t.Run("it does not answer", func(t *testing.T) {
		s, p := forget(t)
		s.advance(10 * time.Second)
		if _, ok := s.core.Member("m1"); ok || s.count(swim.EventJoined, "m1") != 1 {
			t.Error("m1 came back from hearsay")
		}
		s.hear(newPeer(0).addr, p.alive()) // and may be tried again
		s.ackAll()
		if s.state("m1") != swim.Alive {
			t.Errorf("m1 is %v", s.state("m1"))
		}
	})
}

func TestCandidatesAreBounded(t *testing.T) {
	s := newSolo(t, quiet)
	s.core.ForgetNames()
	from := netip.MustParseAddrPort("10.8.8.8:1")
	for i := range 2000 {
		s.core.HandlePacket(s.now, from, s.encode(newPeer(i).alive()))
	}
	s.drain()
	if got := s.core.Stats().OpenProbes; got != 1024 || s.drops(swim.DropCandidateFull) != 2000-1024 {
		t.Errorf("%d candidates are being probed, %d dropped", got, s.drops(swim.DropCandidateFull))
	}
	s.advance(time.Minute)
	if got := s.core.Stats().OpenProbes; got != 0 {
		t.Errorf("%d probes are left", got)
	}
}

// The member whose turn comes later in this period may be forgotten by then.
func TestATurnWhoseMemberIsForgottenIsNobodys(t *testing.T) {
	for k := range 100 {
		s := newSolo(t, func(cfg *swim.Config) { cfg.MaxTombstones = 1 })
		peers := s.meet(5)
		s.advanceAnswered(time.Second + time.Duration(k)*20*time.Millisecond)
		for _, p := range peers[:3] {
			s.hear(p.addr, p.claim(swim.Left, ""))
		}
		s.sent()
		s.advance(2 * time.Second)
		for _, d := range s.sent() {
			if d.to == s.addr {
				t.Fatalf("after %d steps, we ping ourselves", k)
			}
		}
	}
}
