package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestWithoutEagerGossipNewsWaitsForATickOfItsOwnClock(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{NoEagerGossip: on}, func(cfg *swim.Config) {
			cfg.ProbeInterval, cfg.PushPullInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off
		}))
		p := s.meet(8)
		s.advance(10 * time.Second) // all news is used up
		s.sent()
		atOnce, phase := 0, time.Duration(-1)
		for i := range 20 {
			s.advance(time.Duration(1000+37*i) * time.Millisecond)
			s.sent()
			p[0].stamp.Incarnation++
			heard := s.now
			s.hear(p[0].addr, p[0].alive())
			s.advance(200 * time.Millisecond)
			first := s.sent()[0].at
			if first == heard {
				atOnce++
			}
			if phase < 0 {
				phase = first % (200 * time.Millisecond)
			}
			if on && first%(200*time.Millisecond) != phase {
				t.Errorf("a tick at %v, the clock's phase is %v", first, phase)
			}
		}
		if on && atOnce > 1 || !on && atOnce != 20 {
			t.Errorf("no eager gossip %v: %d of 20 pieces of news went at once", on, atOnce)
		}
		s.advance(10 * time.Second)
		rounds := s.core.Stats().GossipRounds
		s.advance(time.Hour)
		if _, due := s.core.NextDeadline(); due || s.core.Stats().GossipRounds != rounds {
			t.Errorf("no eager gossip %v: rounds without news", on)
		}
	}
}

// SWIM §5: "at most six" pieces of news ride on a packet.
func TestMaxPiggybackBoundsThePiecesOfNewsInAPacket(t *testing.T) {
	for _, c := range []struct{ most, want int }{{0, 20}, {6, 6}, {1, 1}} {
		s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.MaxPiggyback = c.most })
		p := s.meet(20)
		if got := len(s.ackTo(p[0]).msgs) - 1; got != c.want {
			t.Errorf("at most %d: %d pieces of news on an ack", c.most, got)
		}
		seen := map[string]bool{}
		for range 100 {
			for _, m := range s.ackTo(p[0]).msgs {
				seen[string(m.Name)] = true
			}
		}
		if len(seen) < 20 {
			t.Errorf("at most %d: only %d members were told of", c.most, len(seen))
		}
	}
}

func TestWithoutFingerprintsPingsAndAcksAreBareAndPushPullOpensAStreamEachTime(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, under(swim.Rules{NoPrints: on}, func(cfg *swim.Config) { cfg.HealInterval = swim.Off }))
		p := s.meet(3)
		ping, _ := s.await(swim.KindPing).has(swim.KindPing)
		ack, _ := s.ackTo(p[0]).has(swim.KindAck)
		if (ping.Seen == swim.PrintsAbsent) != on || (ack.Seen == swim.PrintsAbsent) != on {
			t.Errorf("no prints %v: the ping's are %v, the ack's %v", on, ping.Seen, ack.Seen)
		}

		// A ping whose prints differ repairs; in step, only the timer opens streams.
		s.advanceAnswered(2 * time.Second)
		s.dials = nil
		s.hear(p[0].addr, swim.Message{
			Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Prints: swim.Prints{Members: 1}, Seen: swim.PrintsGiven,
		})
		if repairs := len(s.dials) > 0; repairs == on {
			t.Errorf("no prints %v: a difference opened %d streams", on, len(s.dials))
		}
		s = newSolo(t, under(swim.Rules{NoPrints: on}, func(cfg *swim.Config) { cfg.HealInterval, cfg.ProbeInterval = swim.Off, swim.Off }))
		s.meet(3)
		streams := 0
		for range 600 {
			s.advanceAnswered(time.Second)
			for _, d := range s.dials {
				streams++
				s.do(func() { s.core.HandleDialError(s.now, d, errUnreachable) })
			}
			s.dials = nil
		}
		want := 0
		if on {
			want = 20
		}
		if streams < want-1 || streams > want+1 {
			t.Errorf("no prints %v: %d streams in ten minutes, want about %d", on, streams, want)
		}
	}
}

// memberlist: ⌈log2 n - log2 32⌉ + 1 intervals above 32 members.
func TestAScaledPushPullIntervalGrowsWithTheGroup(t *testing.T) {
	for _, c := range []struct{ n, times int }{{32, 1}, {33, 2}, {64, 2}, {65, 3}, {128, 3}, {1000, 6}} {
		if got := swim.PushPullScale(c.n); got != c.times {
			t.Errorf("n = %d: %d intervals, want %d", c.n, got, c.times)
		}
		if c.n > 65 {
			continue // the function is enough
		}
		for _, on := range []bool{false, true} {
			s := newSolo(t, under(swim.Rules{ScalePushPull: on}, func(cfg *swim.Config) { quiet(cfg); cfg.PushPullInterval = time.Minute }))
			s.meet(c.n - 1)
			s.advance(time.Minute) // the first is at a random time
			before := s.core.Stats().Compares
			s.advance(60 * time.Minute)
			want := uint64(60)
			if on {
				want = 60 / uint64(c.times)
			}
			if got := s.core.Stats().Compares - before; got+1 < want || got > want+1 {
				t.Errorf("n = %d, scaled %v: %d comparisons in an hour, want about %d", c.n, on, got, want)
			}
		}
	}
}

// pushPull runs a push-pull between two cores, and returns the size of each frame.
func pushPull(opener, answerer *solo, kind swim.DialKind) (sizes []int, err error) {
	mine, frame, err := opener.core.Begin(opener.now, swim.Dial{Kind: kind, Addr: answerer.addr})
	theirs := answerer.core.Accept(answerer.now, opener.addr)
	for toAnswerer := true; frame != nil && err == nil; toAnswerer = !toAnswerer {
		sizes = append(sizes, len(frame))
		if toAnswerer {
			frame, _, err = answerer.core.Step(answerer.now, theirs, frame)
		} else {
			frame, _, err = opener.core.Step(opener.now, mine, frame)
		}
	}
	opener.drain()
	answerer.drain()
	return sizes, err
}

func TestWholeTablesMoveInFullTheDeadIncludedAndAreGossipedOn(t *testing.T) {
	for _, on := range []bool{false, true} {
		rules := swim.Rules{WholeTables: on, TrustDeaths: true}
		one := newSolo(t, under(rules, quiet))
		other := newSolo(t, under(rules, quiet, func(cfg *swim.Config) {
			cfg.Name, cfg.Addr, cfg.Rider = "other", stranger, newNotes("other")
		}))
		other.addr = stranger
		p := one.meet(50)
		other.meet(50)
		// They differ in one member: the one holds it dead, the other alive.
		one.hear(p[1].addr, p[0].claim(swim.Dead, "m1"))
		sizes, err := pushPull(one, other, swim.DialHeal)
		if err != nil {
			t.Fatal(err)
		}
		if whole := min(sizes[1], sizes[2]) > 50*10; whole != on {
			t.Errorf("whole tables %v: frames of %v bytes", on, sizes)
		}
		if got := other.state("m0"); got != swim.Suspect {
			t.Errorf("whole tables %v: the other side holds the dead member %v", on, got)
		}

		// Equal tables: a push-pull of our own is small, one of whole tables is not.
		sizes, err = pushPull(one, other, swim.DialHeal)
		if err != nil {
			t.Fatal(err)
		}
		if whole := min(sizes[1], sizes[2]) > 50*10; whole != on {
			t.Errorf("whole tables %v, nearly in sync: frames of %v bytes", on, sizes)
		}

		// A newcomer gets all there is, and gossips it on by memberlist's rule.
		newcomer := newSolo(t, under(rules, quiet, func(cfg *swim.Config) {
			cfg.Name, cfg.Addr, cfg.Rider = "new", newPeer(99).addr, newNotes("new")
		}))
		newcomer.addr = newPeer(99).addr
		sizes, err = pushPull(newcomer, one, swim.DialJoin)
		if err != nil {
			t.Fatal(err)
		}
		st := newcomer.core.Stats()
		if spreads := st.QueuedClaims > 40; spreads != on || st.Alive < 51 {
			t.Errorf("whole tables %v: the newcomer holds %d alive and has %d claims to gossip", on, st.Alive, st.QueuedClaims)
		}
		if sizes[2] > 50*10 {
			t.Errorf("whole tables %v: the newcomer sends back %d bytes", on, sizes[2])
		}
		if one.state("new") != swim.Alive {
			t.Errorf("whole tables %v: the newcomer is %v", on, one.state("new"))
		}
	}
}

func TestAClusterOfWholeTablesFormsAndAgrees(t *testing.T) {
	cl := newCluster(t, 9)
	cl.start(12, under(swim.Rules{WholeTables: true, NoPrints: true, ScalePushPull: true}))
	cl.until(time.Minute, "formed", cl.agreed)
	streams := cl.streams
	cl.run(5 * time.Minute)
	if got := cl.streams - streams; got < 12*9 {
		t.Errorf("%d streams in five minutes of twelve members", got)
	}
	if !cl.agreed() {
		t.Error("they do not agree any more")
	}
}
