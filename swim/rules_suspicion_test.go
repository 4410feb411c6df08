package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// buddies are the three ways of the buddy system: ours, the paper's, none.
var buddies = []struct {
	what              string
	rules             swim.Rules
	onPing, elsewhere bool
}{
	{"ours", swim.Rules{}, true, true},
	{"on pings only", swim.Rules{BuddyOnPingsOnly: true}, true, false},
	{"none", swim.Rules{NoBuddy: true}, false, false},
}

// spent sends everything that waits to be piggybacked, to a peer.
func (s *solo) spent(p peer) {
	s.t.Helper()
	for range 100 {
		s.ackTo(p)
	}
	s.sent()
}

// Lifeguard §IV-C: "every ping to a suspected member carries the suspicion".
func TestPingsToASuspectCarryTheSuspicionUnlessThereIsNoBuddySystem(t *testing.T) {
	for _, b := range buddies {
		s := newSolo(t, under(b.rules, quiet, func(cfg *swim.Config) {
			cfg.ProbeInterval, cfg.ProbeRetries, cfg.SuspicionMult = time.Second, swim.Off, 100
		}))
		p := s.meet(1)
		s.hear(p[0].addr, p[0].claim(swim.Suspect, "m9"))
		s.spent(p[0])
		ping := s.await(swim.KindPing)
		if _, told := ping.has(swim.KindSuspect); told != b.onPing {
			t.Errorf("%s: the ping carries the suspicion: %v", b.what, told)
		}

		// A relay that suspects the target tells it as well, and passes on what it
		// answers by our own rule.
		s = newSolo(t, under(b.rules, quiet))
		p = s.meet(3)
		s.hear(p[2].addr, p[1].claim(swim.Suspect, "m2"))
		s.spent(p[2])
		s.hear(p[0].addr, pingReq(p[1], 5))
		ping = s.await(swim.KindPing)
		if _, told := ping.has(swim.KindSuspect); told != b.onPing {
			t.Errorf("%s: the relay's ping carries the suspicion: %v", b.what, told)
		}
		p[1].stamp.Incarnation++
		s.hear(p[1].addr, p[1].alive())
		s.spent(p[2])
		m, _ := ping.has(swim.KindPing)
		s.hear(p[1].addr, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
		if _, told := s.await(swim.KindAck).has(swim.KindAlive); told != b.elsewhere {
			t.Errorf("%s: the relayed ack carries the refutation: %v", b.what, told)
		}
	}
}

func TestAcksAndPingReqsCarryClaimsForTheirOwnSakeByOurRuleOnly(t *testing.T) {
	for _, b := range buddies {
		s := newSolo(t, under(b.rules, quiet))
		p := s.meet(3)
		s.hear(p[2].addr, p[1].claim(swim.Suspect, "m2"))
		s.spent(p[2])
		if _, told := s.ackTo(p[1]).has(swim.KindSuspect); told != b.elsewhere {
			t.Errorf("%s: the ack to a suspect tells it so: %v", b.what, told)
		}

		// The ack to somebody that we do not know has no news but what is due to it.
		me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
		s.hear(stranger, me.claim(swim.Suspect, "m9"), swim.Message{Kind: swim.KindPing, Seq: 3, Name: []byte("self")})
		if _, told := s.await(swim.KindAck).has(swim.KindAlive); told != b.elsewhere {
			t.Errorf("%s: the ack of an accused carries its refutation: %v", b.what, told)
		}

		s = newSolo(t, under(b.rules, quiet, func(cfg *swim.Config) { cfg.ProbeInterval, cfg.SuspicionMult = time.Second, 100 }))
		p = s.meet(4)
		for i := range p {
			s.hear(p[i].addr, p[(i+1)%4].claim(swim.Suspect, p[i].name))
		}
		for i := range p[1:] { // whoever is asked must be alive
			p[i].stamp.Incarnation++
			s.hear(p[i].addr, p[i].alive())
		}
		s.spent(p[0])
		for s.core.Stats().IndirectProbes == 0 || s.state("m3") != swim.Suspect {
			s.hear(p[0].addr, p[0].alive())
			s.advance(time.Millisecond)
			for _, d := range s.out {
				if m, ok := d.has(swim.KindPing); ok && string(m.Name) != "m3" {
					s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
				}
			}
		}
		if _, told := s.await(swim.KindPingReq).has(swim.KindSuspect); told != b.elsewhere {
			t.Errorf("%s: the ping-req carries the suspicion: %v", b.what, told)
		}
	}
}

func TestAnAccusationOfAFormerIncarnationIsAnsweredUnlessNothingIsRepeated(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{NoRepeat: on}, quiet))
		p := s.meet(2)
		me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
		s.hear(p[0].addr, me.claim(swim.Suspect, "m0"))
		s.spent(p[1])
		s.hear(p[0].addr, me.claim(swim.Suspect, "m0")) // has missed the refutation
		if _, again := s.ackTo(p[1]).has(swim.KindAlive); again == on {
			t.Errorf("nothing repeated %v: repeated %v", on, again)
		}
	}
}

func TestATrustedDeathIsFinalAtOnce(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{TrustDeaths: on}, quiet))
		p := s.meet(4)
		s.hear(p[1].addr, p[0].claim(swim.Dead, "m1"))
		want := swim.Suspect
		if on {
			want = swim.Dead
		}
		if got := s.state("m0"); got != want {
			t.Errorf("trusted %v: m0 is %v, want %v", on, got, want)
		}
	}
}

func TestASuspectedAccuserConfirmsIfAnybodyDoes(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{AnyAccuserCounts: on}, quiet))
		p := s.meet(5)
		s.hear(p[1].addr, p[2].claim(swim.Suspect, "m1"))
		s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
		s.hear(p[2].addr, p[0].claim(swim.Suspect, "m2"))           // suspected itself
		s.hear(p[3].addr, p[0].claim(swim.Suspect, "nobody known")) // no member
		want := uint64(0)
		if on {
			want = 2
		}
		if got := s.core.Stats().Confirmations; got != want {
			t.Errorf("anybody %v: %d confirmations, want %d", on, got, want)
		}
	}
}

// memberlist: K is 0 where n-2 < K. Times are in periods of an hour.
func TestAllOrNothingKBeginsWithTheShortestTimeoutInAGroupTooSmallForK(t *testing.T) {
	for _, c := range []struct {
		on   bool
		n    int
		want time.Duration
	}{
		{false, 4, 24 * time.Hour}, {true, 4, 4 * time.Hour}, {false, 5, 24 * time.Hour}, {true, 5, 24 * time.Hour},
	} {
		if got := failsAfter(t, c.n, under(swim.Rules{AllOrNothingK: c.on}), 0); got != c.want {
			t.Errorf("all or nothing %v, n = %d: dead after %v, want %v", c.on, c.n, got, c.want)
		}
	}
}

// SWIM §5: the prototype suspects for 3 ⌈ln(n+1)⌉ periods, and sends as often: 9 for
// n ≤ 19, 12 for 20 to 53, 15 for 54 and more.
func TestNaturalLogarithmsAreThoseOfThePrototype(t *testing.T) {
	for _, c := range []struct{ n, want int }{
		{3, 6}, {19, 9}, {20, 12}, {54, 15},
	} {
		got := failsAfter(t, c.n, under(swim.Rules{NaturalSuspicion: true}, func(cfg *swim.Config) {
			cfg.SuspicionMult, cfg.SuspicionMaxMult, cfg.SuspicionConfirmations = 3, 1, swim.Off
		}), 0)
		if want := time.Duration(c.want) * time.Hour; got != want {
			t.Errorf("n = %d: dead after %v, want %v", c.n, got, want)
		}
		s := newSolo(t, under(swim.Rules{NaturalRetransmits: true}, quiet, func(cfg *swim.Config) { cfg.RetransmitMult = 3 }))
		s.meet(c.n - 1)
		if got := s.core.Stats().RetransmitLimit; got != c.want {
			t.Errorf("n = %d: %d sends, want %d", c.n, got, c.want)
		}
	}
}

func TestNaturalSuspicionsAreShortenedByConfirmationsToo(t *testing.T) {
	got := failsAfter(t, 19, under(swim.Rules{NaturalSuspicion: true}, func(cfg *swim.Config) { cfg.SuspicionMult = 3 }), 0, 0, 0, 0)
	if want := 9 * time.Hour; got != want {
		t.Errorf("with K confirmations dead after %v, want %v", got, want)
	}
}
