package swim_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestTheRetransmitLimitGrowsWithTheLogarithmOfTheGroup(t *testing.T) {
	// Source: memberlist, λ ⌈log10(n+1)⌉ with λ = 4.
	for _, c := range []struct{ n, want int }{
		{1, 4}, {3, 4}, {9, 4}, {10, 8}, {64, 8}, {99, 8}, {100, 12}, {512, 12}, {1024, 16}, {9999, 16}, {10000, 20},
	} {
		if got := swim.RetransmitLimit(4, c.n); got != c.want {
			t.Errorf("n = %d: %d, want %d", c.n, got, c.want)
		}
	}
}

// bulk is a riding state whose rumours have the sizes that the test gives them.
type bulk struct {
	*notes
	size map[string]int
}

func (b bulk) AppendRumour(dst []byte, name string, _ uint64, budget int) []byte {
	n := b.size[name]
	if n == 0 || n > budget {
		return dst
	}
	for range n {
		dst = append(dst, 'x')
	}
	return dst
}

// fill lets one ping of m0 be answered, whose ack takes what news there is.
func (s *solo) ackTo(p peer) datagram {
	s.t.Helper()
	s.sent()
	s.hear(p.addr, swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self")})
	for _, d := range s.sent() {
		if _, ok := d.has(swim.KindAck); ok {
			return d
		}
	}
	s.t.Fatal("a ping without an ack")
	return datagram{}
}

// quiet has no timers of its own: only what is asked for happens.
func quiet(cfg *swim.Config) {
	cfg.ProbeInterval, cfg.GossipInterval, cfg.PushPullInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off, swim.Off
}

func TestNewsIsSentAsOftenAsTheLimitSaysAndNeverAgain(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	limit := s.core.Stats().RetransmitLimit
	sends := map[string]int{}
	for range 3 * limit {
		for _, m := range s.ackTo(peers[0]).msgs {
			if m.Kind == swim.KindAlive {
				sends[string(m.Name)]++
			}
		}
	}
	for _, p := range peers {
		if sends[p.name] != limit {
			t.Errorf("%s was sent %d times, want %d", p.name, sends[p.name], limit)
		}
	}
	if got := s.core.Stats().QueuedClaims; got != 0 {
		t.Errorf("%d claims are still queued", got)
	}
}

func TestWhatWasSentLeastGoesFirst(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.PacketBudget = 1200; cfg.RetransmitMult = 8 })
	const n = 30
	for i := range n {
		p := newPeer(i)
		p.meta = make([]byte, 150) // seven to a packet
		s.hear(p.addr, p.alive())
	}
	for range 60 {
		before := map[string]int{}
		least := 1 << 30
		for i := range n {
			name := fmt.Sprintf("m%d", i)
			if sends, ok := s.core.QueuedSends(name, false); ok {
				before[name] = sends
				least = min(least, sends)
			}
		}
		for _, m := range s.ackTo(newPeer(0)).msgs {
			if m.Kind != swim.KindAlive {
				continue
			}
			// Nothing that was sent oftener may go while something that was sent
			// less often stays behind: all here are of one size, but for a byte.
			for name, sends := range before {
				now, queued := s.core.QueuedSends(name, false)
				if queued && now == sends && sends < before[string(m.Name)] {
					t.Fatalf("%s was sent, %d times before; %s stayed behind, sent %d times", m.Name, before[string(m.Name)], name, sends)
				}
			}
		}
	}
}

func TestNewsReplacesOlderNewsOfTheSameMember(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	for i := range 1000 {
		peers[0].stamp.Incarnation = swim.Incarnation(i + 2)
		s.hear(peers[0].addr, peers[0].alive())
	}
	if got := s.core.Stats().QueuedClaims; got > 4 {
		t.Errorf("%d claims queued by 1000 changes of one member among 4", got)
	}
	for _, m := range s.ackTo(peers[1]).msgs {
		if string(m.Name) == "m0" && m.Stamp.Incarnation != 1001 {
			t.Errorf("incarnation %d was sent, not the newest", m.Stamp.Incarnation)
		}
	}
}

// flooded keeps one kind of news fresh for everybody, and counts what of the
// other kind gets through in a number of acks.
func flooded(t *testing.T, floodRumours bool, acks int) (through int) {
	t.Helper()
	b := bulk{newNotes("self"), map[string]int{}}
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.Rider = b })
	const n = 100
	peers := s.meet(n)
	for range 40 {
		for range 100 {
			s.ackTo(peers[0]) // use up the news that they are alive
		}
		if s.core.Stats().QueuedClaims == 0 {
			break
		}
	}
	for i := range acks {
		for j := range peers {
			p := &peers[j]
			b.size[p.name] = 100
			p.meta = make([]byte, 100)
			if floodRumours {
				s.do(func() { s.core.Touch(s.now, p.name, 0) })
			} else {
				p.stamp.Incarnation++
				s.hear(p.addr, p.alive())
			}
		}
		lone := peers[i%n]
		if floodRumours {
			peers[i%n].stamp.Incarnation++
			s.hear(lone.addr, peers[i%n].alive())
		} else {
			s.do(func() { s.core.Touch(s.now, lone.name, 0) })
		}
		for _, m := range s.ackTo(peers[0]).msgs {
			if floodRumours && m.Kind == swim.KindAlive && string(m.Name) == lone.name || !floodRumours && m.Kind == swim.KindRumour {
				through++
				break
			}
		}
	}
	return through
}

func TestClaimsAndRumoursDoNotStarveEachOther(t *testing.T) {
	for _, floodRumours := range []bool{false, true} {
		if got := flooded(t, floodRumours, 50); got != 50 {
			t.Errorf("flood of rumours %v: %d of 50 packets had the other kind", floodRumours, got)
		}
	}
}

func TestARumourLargerThanAPacketAgesOutAndHoldsNothingUp(t *testing.T) {
	b := bulk{newNotes("self"), map[string]int{}}
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.Rider = b })
	peers := s.meet(30)
	for range 400 {
		s.ackTo(peers[0])
	}
	for _, p := range peers {
		b.size[p.name] = 2000 // never fits
		s.do(func() { s.core.Touch(s.now, p.name, 0) })
	}
	b.size["m7"] = 100
	s.do(func() { s.core.Touch(s.now, "m7", 0) })
	first := 0
	for i := 1; s.core.Stats().QueuedRumours > 0; i++ {
		if i > 200 {
			t.Fatalf("%d rumours are still queued", s.core.Stats().QueuedRumours)
		}
		if _, ok := s.ackTo(peers[0]).has(swim.KindRumour); ok && first == 0 {
			first = i
		}
	}
	if first != 1 {
		t.Errorf("the rumour that fits went with packet %d", first)
	}
}

func TestARumourLargerThanHalfAPacketGetsThroughAFlood(t *testing.T) {
	b := bulk{newNotes("self"), map[string]int{}}
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.Rider = b })
	peers := s.meet(60)
	b.size["m3"] = 1100
	s.do(func() { s.core.Touch(s.now, "m3", 0) })
	got := 0
	for range 10 {
		for i := range peers {
			peers[i].stamp.Incarnation++
			s.hear(peers[i].addr, peers[i].alive())
		}
		if _, ok := s.ackTo(peers[0]).has(swim.KindRumour); ok {
			got++
		}
	}
	if got == 0 {
		t.Error("it never went")
	}
}

// GossipInterval bounds the rate, not the delay.
func TestFreshNewsAfterSilenceIsForwardedAtOnceAndThenAtTheNextTick(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeInterval = swim.Off; cfg.PushPullInterval = swim.Off })
	peers := s.meet(8)
	s.advance(10 * time.Second) // all news is used up
	s.sent()
	began := s.now
	var rounds []time.Duration
	for range 999 {
		peers[0].stamp.Incarnation++
		s.hear(peers[0].addr, peers[0].alive())
		s.advance(time.Millisecond)
		for _, d := range s.sent() {
			if len(rounds) == 0 || rounds[len(rounds)-1] != d.at {
				rounds = append(rounds, d.at)
			}
		}
	}
	if len(rounds) < 5 || len(rounds) > 6 {
		t.Fatalf("%d rounds in a second, want one for each tick and one more: %v", len(rounds), rounds)
	}
	if rounds[0] != began {
		t.Errorf("fresh news was sent after %v", rounds[0]-began)
	}
	if wait := rounds[1] - rounds[0]; wait > 200*time.Millisecond {
		t.Errorf("the next round was %v later", wait)
	}
	for i := 2; i < len(rounds); i++ {
		if rounds[i]-rounds[i-1] != 200*time.Millisecond {
			t.Errorf("rounds at %v and %v are not those of a clock", rounds[i-1], rounds[i])
		}
	}
}

func TestNothingToSendMeansNothingSent(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) {
		cfg.ProbeInterval, cfg.PushPullInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off
	})
	s.meet(8)
	s.advance(10 * time.Second)
	s.sent()
	rounds := s.core.Stats().GossipRounds
	s.advance(time.Hour)
	if got := s.sent(); len(got) != 0 || s.core.Stats().GossipRounds != rounds {
		t.Errorf("%d packets in an idle hour", len(got))
	}
}

func TestARumourThatArrivesIsMergedAndPassedOn(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	body := binary.BigEndian.AppendUint64(nil, 9)
	body = binary.BigEndian.AppendUint64(body, uint64(peers[0].stamp.Generation))
	body = binary.BigEndian.AppendUint64(body, uint64(peers[0].stamp.Boot))
	body = append(body, "m0"...)
	s.hear(peers[1].addr, swim.Message{Kind: swim.KindRumour, Body: body})
	if s.rider.value["m0"] != 9 || s.count(swim.EventStateChanged, "m0") != 1 {
		t.Fatalf("value %d, events %v", s.rider.value["m0"], s.events)
	}
	if m, ok := s.ackTo(peers[2]).has(swim.KindRumour); !ok || !bytes.Equal(m.Body, body) {
		t.Errorf("not passed on: %v", m)
	}
	s.hear(peers[2].addr, swim.Message{Kind: swim.KindRumour, Body: body})
	if s.count(swim.EventStateChanged, "m0") != 1 {
		t.Error("what was known is news")
	}
	stranger := append(body[:24:24], "nobody"...)
	s.hear(peers[1].addr, swim.Message{Kind: swim.KindRumour, Body: stranger})
	s.hear(peers[1].addr, swim.Message{Kind: swim.KindRumour, Body: []byte{1}})
	if s.drops(swim.DropUnknownMember) != 1 || s.drops(swim.DropBadRumour) != 1 {
		t.Errorf("drops %v", s.core.Stats().Drops)
	}
}

// m0 starts anew and publishes at once; then its clock is set back, and it starts once
// more, before anybody has met the life between.
func TestRidingStateOfALifeThatWasNotMetIsNotTakenIn(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(2)
	met := peers[0].stamp
	publish := func(life swim.Life, value uint64) {
		owner := newNotes("m0")
		owner.life["m0"], owner.value["m0"] = life, value
		s.hear(peers[1].addr, swim.Message{Kind: swim.KindRumour, Body: owner.AppendRumour(nil, "m0", 0, 100)})
	}
	between, last := met.Life, met.Life
	between.Boot, last.Boot = met.Boot+300, met.Boot+1
	publish(between, 7)
	if s.rider.value["m0"] != 0 || s.rider.life["m0"] != met.Life || s.drops(swim.DropRumourGap) != 1 {
		t.Fatalf("value %d of %v, drops %v", s.rider.value["m0"], s.rider.life["m0"], s.core.Stats().Drops)
	}
	peers[0].stamp = swim.Stamp{Life: last, Incarnation: 1}
	s.hear(peers[0].addr, peers[0].alive())
	publish(last, 2)
	if s.rider.value["m0"] != 2 || s.rider.life["m0"] != last {
		t.Fatalf("value %d of %v", s.rider.value["m0"], s.rider.life["m0"])
	}
	publish(between, 7) // somebody still tells it
	if s.rider.value["m0"] != 2 || s.core.Stats().RumoursMerged != 1 {
		t.Errorf("value %d of %v", s.rider.value["m0"], s.rider.life["m0"])
	}
}

func TestAClaimCountsBeforeTheStateThatStandsBeforeItInAPacket(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(1)
	peers[0].stamp.Boot++
	owner := newNotes("m0")
	owner.life["m0"], owner.value["m0"] = peers[0].stamp.Life, 5
	rumour := swim.Message{Kind: swim.KindRumour, Body: owner.AppendRumour(nil, "m0", 0, 100)}
	s.hear(peers[0].addr, rumour, peers[0].alive())
	if s.rider.value["m0"] != 5 || s.drops(swim.DropRumourGap) != 0 {
		t.Errorf("value %d of %v, drops %v", s.rider.value["m0"], s.rider.life["m0"], s.core.Stats().Drops)
	}
}

func TestTheFirstWordsInALifeComeWithTheClaimThatBeginsIt(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(1)
	s.do(func() { s.core.Touch(s.now, "self", s.rider.publish()) })
	first := s.ackTo(peers[0])
	if m, ok := first.has(swim.KindAlive); !ok || string(m.Name) != "self" || m.Stamp != s.core.Self() {
		t.Errorf("the first words: %+v", first.msgs)
	}
	for range 100 { // until nobody needs to be told any more
		if _, more := s.ackTo(peers[0]).has(swim.KindRumour); !more {
			break
		}
	}
	s.do(func() { s.core.Touch(s.now, "self", s.rider.publish()) })
	later := s.ackTo(peers[0])
	if _, told := later.has(swim.KindRumour); !told {
		t.Fatalf("no news: %+v", later.msgs)
	}
	if m, ok := later.has(swim.KindAlive); ok && string(m.Name) == "self" {
		t.Errorf("the second words: %+v", later.msgs)
	}
}
