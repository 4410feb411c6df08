package swim_test

import (
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// Two processes with one name and one life: the first one stays, whoever sees both
// says so once, and nothing of it is counted against either.
func TestTwoProcessesOfOneLifeAreAConflictThatIsToldOnce(t *testing.T) {
	s := newSolo(t, quiet)
	first := s.meet(2)[0]
	second := first
	second.addr = stranger
	for i := range 5 {
		second.stamp.Incarnation = swim.Incarnation(i + 1)
		s.hear(second.addr, second.alive())
	}
	m, _ := s.core.Member("m0")
	if m.Addr != first.addr || s.count(swim.EventConflict, "m0") != 1 || s.core.Stats().Conflicts != 1 || s.drops(swim.DropConflict) != 5 {
		t.Errorf("at %v, %d events, %d dropped", m.Addr, s.count(swim.EventConflict, "m0"), s.drops(swim.DropConflict))
	}
	// The same about ourselves: we say again that we are alive, and go on.
	twin := peer{name: "self", addr: stranger, stamp: s.core.Self()}
	s.hear(stranger, twin.alive())
	if s.core.Replaced() || s.count(swim.EventConflict, "self") != 1 || s.core.Self() != twin.stamp {
		t.Errorf("replaced %v, now at %v", s.core.Replaced(), s.core.Self())
	}
}

func TestAHigherLifeElsewhereReplacesUsAndOneAheadOfTheClockDoesNot(t *testing.T) {
	s := newSolo(t, quiet)
	s.meet(2)
	ahead := peer{name: "self", addr: stranger, stamp: s.core.Self()}
	ahead.stamp.Boot += 25 * 3600 * 1000
	s.hear(stranger, ahead.alive())
	if s.core.Replaced() || s.drops(swim.DropBootAhead) != 1 {
		t.Fatal("a boot a day ahead of the clock has replaced us")
	}
	next := peer{name: "self", addr: stranger, stamp: s.core.Self()}
	next.stamp.Boot++
	s.hear(stranger, next.alive())
	if !s.core.Replaced() || s.count(swim.EventConflict, "self") != 1 {
		t.Fatal("we have not been replaced")
	}
	s.sent()
	s.hear(newPeer(0).addr, swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self")})
	if _, due := s.core.NextDeadline(); due || len(s.sent()) != 0 {
		t.Error("who has been replaced still talks")
	}
}

// A former run of ours at our own address is no rival: it is outbid.
func TestAFormerRunAtOurOwnAddressIsOutbid(t *testing.T) {
	for _, claim := range []swim.State{swim.Alive, swim.Suspect, swim.Dead, swim.Left} {
		s := newSolo(t, quiet)
		s.meet(2)
		former := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
		former.stamp.Boot += 1000
		former.stamp.Incarnation = 7
		s.hear(newPeer(0).addr, former.claim(claim, "m0"))
		if got := s.core.Self(); got.Boot != former.stamp.Boot+1 || got.Incarnation != 1 || s.core.Replaced() {
			t.Errorf("%v at %v: we are at %v, replaced %v", claim, former.stamp, got, s.core.Replaced())
		}
	}
}

func TestAMemberThatTakesTheAddressOfAnotherIsHeardThere(t *testing.T) {
	s := newSolo(t, quiet)
	p := s.meet(2)
	heir := newPeer(50)
	heir.addr = p[0].addr
	s.hear(heir.addr, p[0].claim(swim.Left, ""), heir.alive())
	if who, _ := s.core.MemberAt(heir.addr); who != heir.name {
		t.Errorf("at %v lives %q", heir.addr, who)
	}
	s.hear(p[1].addr, heir.claim(swim.Left, ""))
	p[0].stamp.Boot++
	s.hear(p[0].addr, p[0].alive()) // back at its old address, with its old meta
	if who, _ := s.core.MemberAt(p[0].addr); who != "m0" {
		t.Errorf("at %v lives %q", p[0].addr, who)
	}
}
