package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Suspicion, death retention and tombstone collection do not show.
func TestFingerprintsShowMembershipAndNothingElse(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); trusting(cfg); cfg.TombstoneTTL = time.Hour })
	empty := s.core.Fingerprints()
	peers := s.meet(3)
	three := s.core.Fingerprints()
	if three == empty {
		t.Fatal("three members more, and the same fingerprints")
	}
	s.hear(peers[1].addr, peers[0].claim(swim.Suspect, "m1"))
	if s.core.Fingerprints() != three {
		t.Error("suspicion shows")
	}
	s.hear(peers[1].addr, peers[0].claim(swim.Dead, "m1"))
	two := s.core.Fingerprints()
	if two == three {
		t.Error("a death does not show")
	}
	s.advance(2 * time.Hour)
	if _, ok := s.core.Member("m0"); ok || s.core.Fingerprints() != two {
		t.Error("the collection of a tombstone shows")
	}
	peers[1].stamp.Incarnation++
	s.hear(peers[1].addr, peers[1].alive())
	if s.core.Fingerprints() == two {
		t.Error("an incarnation does not show")
	}
}

func TestFingerprintsDoNotDependOnTheOrderOfEvents(t *testing.T) {
	one, other := newSolo(t, quiet), newSolo(t, quiet)
	one.meet(20)
	for i := 19; i >= 0; i-- {
		p := newPeer(i)
		other.hear(p.addr, p.alive())
	}
	if one.core.Fingerprints() != other.core.Fingerprints() {
		t.Error("they do")
	}
}

// A difference opens a stream only when our own fingerprint has been
// still for two gossip intervals and this pair was not compared before.
func TestADifferenceOpensAStreamOnlyOnceAndWhenOurTableIsStill(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeInterval = swim.Off; cfg.HealInterval = swim.Off })
	p := s.meet(2)[0]
	differ := func(prints uint64) int {
		s.dials = nil
		s.hear(p.addr, swim.Message{
			Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Prints: swim.Prints{Members: prints}, Seen: swim.PrintsGiven,
		})
		return len(s.dials)
	}
	s.advance(399 * time.Millisecond)
	if n := differ(1); n != 0 {
		t.Errorf("%d streams while news is on its way", n)
	}
	s.advance(time.Millisecond)
	if n := differ(1); n != 1 {
		t.Fatalf("%d streams when still", n)
	}
	first := s.dials[0]
	if n := differ(2); n != 0 {
		t.Errorf("%d streams beside the one that is open", n)
	}
	// The exchange moves nothing: the pair is remembered.
	s.idleExchange(first, p, swim.Prints{Members: 1})
	if n := differ(1); n != 0 {
		t.Errorf("%d streams for a pair that was compared", n)
	}
	if n := differ(3); n != 1 {
		t.Errorf("%d streams for another pair", n)
	}
}

// What could not be taken in when two tables were compared may be taken in later: a
// forgotten name that did not answer our ping, for one.
func TestAPairThatWasComparedInVainIsComparedAgainOnThePushPullInterval(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeInterval = swim.Off; cfg.HealInterval = swim.Off })
	s.meet(2)
	prints := swim.Prints{Members: 1}
	var streams []time.Duration
	for end := s.now + 3*time.Minute; s.now < end; {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			if ping, ok := d.has(swim.KindPing); ok {
				s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: ping.Seq, Prints: prints, Seen: swim.PrintsGiven})
			}
		}
		for _, d := range s.dials {
			streams = append(streams, s.now)
			s.idleExchange(d, newPeer(0), prints)
		}
		s.dials = nil
	}
	if n := len(streams); n < 5 || n > 6 {
		t.Errorf("%d streams in three minutes: %v", n, streams)
	}
}

func TestAPushPullThatFailedIsNotTriedAgainAtEveryPing(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.HealInterval = swim.Off })
	p := s.meet(2)[0]
	s.advanceAnswered(2 * time.Second)
	s.dials = nil
	for range 40 {
		s.hear(p.addr, swim.Message{
			Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Prints: swim.Prints{Members: 1}, Seen: swim.PrintsGiven,
		})
		for _, d := range s.dials {
			s.do(func() { s.core.HandleDialError(s.now, d, errUnreachable) })
		}
		s.dials = nil
		s.advanceAnswered(100 * time.Millisecond)
	}
	if got := s.core.Stats().ExchangesFailed; got < 3 || got > 5 {
		t.Errorf("%d attempts in four periods of ten pings each", got)
	}
}

// idleExchange plays the answerer of a push-pull that has nothing to say.
func (s *solo) idleExchange(d swim.Dial, p peer, prints swim.Prints) {
	s.t.Helper()
	id, _, err := s.core.Begin(s.now, d)
	if err != nil {
		s.t.Fatal(err)
	}
	self := swim.Claim{Name: p.name, Addr: p.addr, Stamp: p.stamp}
	f := swim.Frame{Kind: swim.FrameDigest, Self: self, Prints: prints}
	if reply, done, err := s.core.Step(s.now, id, s.codec.AppendFrame(nil, &f)); reply != nil || !done || err != nil {
		s.t.Fatalf("an empty digest is answered with %x, done %v, error %v", reply, done, err)
	}
	s.drain()
}

func TestEqualFingerprintsEndThePeriodicComparisonWithoutAStream(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeInterval = swim.Off; cfg.HealInterval = swim.Off })
	s.meet(3)
	s.advance(5 * time.Second)
	s.sent()
	s.dials = nil // nobody has answered so far
	s.advanceAnswered(10 * time.Minute)
	if len(s.dials) != 0 || s.core.Stats().ComparesInSync < 19 {
		t.Errorf("%d streams, %d comparisons in sync", len(s.dials), s.core.Stats().ComparesInSync)
	}
}
