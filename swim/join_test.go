package swim_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// converse lets two cores hold the exchange of a dial, to its end.
func converse(t testing.TB, opener, answerer *solo, d swim.Dial) (openErr, answerErr error) {
	t.Helper()
	id, frame, err := opener.core.Begin(opener.now, d)
	if err != nil {
		return err, nil
	}
	peer := answerer.core.Accept(answerer.now, opener.addr)
	for range 10 {
		reply, done, err := answerer.core.Step(answerer.now, peer, frame)
		if err != nil || reply == nil {
			opener.core.Abort(opener.now, id, errors.Join(errUnreachable, err))
			opener.drain()
			answerer.drain()
			return nil, err
		}
		frame, _, openErr = opener.core.Step(opener.now, id, reply)
		if done || openErr != nil || frame == nil {
			answerer.core.Abort(answerer.now, peer, nil)
			opener.drain()
			answerer.drain()
			return openErr, nil
		}
	}
	t.Fatal("an exchange without an end")
	return nil, nil
}

// named boots a solo under a name and address of its own.
func named(t testing.TB, name string, number int, adjust func(*swim.Config)) *solo {
	addr := newPeer(number).addr
	s := newSolo(t, func(cfg *swim.Config) {
		cfg.Name, cfg.Addr, cfg.Rider = name, addr, newNotes(name)
		if adjust != nil {
			adjust(cfg)
		}
	})
	s.addr = addr
	return s
}

func joinDone(t testing.TB, s *solo) swim.Event {
	t.Helper()
	for i := len(s.events) - 1; i >= 0; i-- {
		if s.events[i].Kind == swim.EventJoinDone {
			return s.events[i]
		}
	}
	t.Fatal("the join is not done")
	return swim.Event{}
}

func TestAJoinThatIsRefusedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		what   string
		reason swim.RefusalReason
		seed   func(*swim.Config)
		joiner func(*swim.Config)
		before func(*solo)
	}{
		{"a full table", swim.RefusedFull, func(cfg *swim.Config) { cfg.MaxMembers = 3 }, nil, func(s *solo) { s.meet(2) }},
		{"a name that a live member of the same life has elsewhere", swim.RefusedName, nil, nil, func(s *solo) {
			twin := peer{name: "joiner", addr: newPeer(700).addr, stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: epoch}, Incarnation: 1}}
			s.hear(twin.addr, twin.alive())
		}},
		{"a lower generation", swim.RefusedGeneration, nil, func(cfg *swim.Config) { cfg.Life.Generation = 0 }, func(s *solo) {
			former := peer{name: "joiner", addr: newPeer(700).addr, stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: 1}, Incarnation: 1}}
			s.hear(former.addr, former.alive(), former.claim(swim.Left, ""))
		}},
		{"another cluster", swim.RefusedCluster, nil, func(cfg *swim.Config) { cfg.ClusterID = "other" }, nil},
		{"another version", swim.RefusedVersion, nil, func(cfg *swim.Config) { cfg.Version = "v9" }, nil},
		{"a boot ahead of the clock", swim.RefusedBoot, nil, func(cfg *swim.Config) {
			cfg.Life.Boot += swim.Boot(25 * time.Hour / time.Millisecond)
		}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			seed, joiner := named(t, "seed", 500, c.seed), named(t, "joiner", 501, c.joiner)
			if c.before != nil {
				c.before(seed)
			}
			members := seed.core.Stats().Alive
			var id uint64
			joiner.do(func() { id = joiner.core.Join(joiner.now, []netip.AddrPort{seed.addr}) })
			converse(t, joiner, seed, joiner.dials[0])

			e := joinDone(t, joiner)
			var refused *swim.RefusedError
			if !errors.Is(e.Err, swim.ErrNoSeed) || !errors.As(e.Err, &refused) || refused.Reason != c.reason || e.ID != id {
				t.Errorf("the joiner got %+v", e)
			}
			if seed.count(swim.EventRefused, "joiner") != 1 || seed.core.Stats().RefusalsSent != 1 {
				t.Error("the seed has no event and no counter")
			}
			if seed.core.Stats().Alive != members || joiner.core.Stats().Alive != 1 {
				t.Error("somebody was taken in")
			}
		})
	}
}

func TestAJoinDialsSoManySeedsAtATimeAndEndsWithTheFirstAnswer(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.JoinDials = 3 })
	var addrs []netip.AddrPort
	for i := range 8 {
		addrs = append(addrs, newPeer(500+i).addr)
	}
	s.do(func() { s.core.Join(s.now, append(addrs, addrs...)) }) // each twice
	if len(s.dials) != 3 {
		t.Fatalf("%d dials at once", len(s.dials))
	}
	for i := range 4 {
		s.do(func() { s.core.HandleDialError(s.now, s.dials[i], errUnreachable) })
		if len(s.dials) != 3+i+1 {
			t.Fatalf("%d dials after %d failures", len(s.dials), i+1)
		}
	}
	seed := named(t, "seed", 504, nil)
	if openErr, answerErr := converse(t, s, seed, s.dials[4]); openErr != nil || answerErr != nil {
		t.Fatal(openErr, answerErr)
	}
	if e := joinDone(t, s); e.Err != nil {
		t.Errorf("%v", e.Err)
	}
	for i := 5; i < len(s.dials); i++ { // the rest is tried all the same
		s.do(func() { s.core.HandleDialError(s.now, s.dials[i], errUnreachable) })
	}
	if len(s.dials) != 8 || s.count(swim.EventJoinDone, "") != 1 {
		t.Errorf("%d dials, %d outcomes", len(s.dials), s.count(swim.EventJoinDone, ""))
	}
}

func TestAJoinThroughOurselvesOrNobodySucceedsAtOnce(t *testing.T) {
	for _, addrs := range [][]netip.AddrPort{nil, {netip.MustParseAddrPort("10.9.9.9:7946")}} {
		s := newSolo(t, quiet)
		s.do(func() { s.core.Join(s.now, addrs) })
		if e := joinDone(t, s); e.Err != nil || len(s.dials) != 0 {
			t.Errorf("%v: %v, %d dials", addrs, e.Err, len(s.dials))
		}
	}
}

func TestACancelledJoinDialsNobodyElseAndEnds(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.JoinDials = 1 })
	var id uint64
	s.do(func() { id = s.core.Join(s.now, []netip.AddrPort{newPeer(1).addr, newPeer(2).addr}) })
	s.do(func() { s.core.CancelJoin(s.now, id) })
	s.do(func() { s.core.HandleDialError(s.now, s.dials[0], errUnreachable) })
	if e := joinDone(t, s); !errors.Is(e.Err, swim.ErrNoSeed) || !errors.Is(e.Err, errUnreachable) || len(s.dials) != 1 {
		t.Errorf("%v, %d dials", e.Err, len(s.dials))
	}
}

// A seed that refused us is not tried while healing, for as long as a tombstone
// lasts; then it may have been upgraded.
func TestHealingLeavesASeedAloneThatRefusedUs(t *testing.T) {
	seed := named(t, "seed", 500, nil)
	s := named(t, "joiner", 501, func(cfg *swim.Config) {
		cfg.Version, cfg.TombstoneTTL, cfg.Seeds = "v9", time.Hour, []netip.AddrPort{seed.addr}
	})
	for len(s.dials) == 0 {
		s.advance(time.Second)
	}
	converse(t, s, seed, s.dials[0])
	s.advance(59 * time.Minute)
	if len(s.dials) != 1 {
		t.Errorf("%d more dials within the hour", len(s.dials)-1)
	}
	s.advance(2 * time.Minute)
	if len(s.dials) != 2 {
		t.Errorf("%d dials after the hour", len(s.dials)-1)
	}
}

// A leaving node answers "left".
func TestALeavingMemberSaysSoToWhoeverAsks(t *testing.T) {
	s, other := named(t, "leaver", 500, nil), named(t, "other", 501, nil)
	other.hear(s.addr, peer{name: "leaver", addr: s.addr, stamp: s.core.Self()}.alive())
	s.do(func() { s.core.Leave(s.now) })
	s.sent()
	s.hear(stranger, swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("leaver")})
	out := s.sent()
	m, ok := out[0].has(swim.KindDead)
	if _, acked := out[0].has(swim.KindAck); !ok || acked || string(m.Name) != "leaver" || string(m.From) != "leaver" {
		t.Errorf("a ping was answered %v", out)
	}
	openErr, answerErr := converse(t, other, s, swim.Dial{ID: 1, Kind: swim.DialHeal, Addr: s.addr, Name: "leaver"})
	if openErr != nil || answerErr != nil || other.state("leaver") != swim.Left {
		t.Errorf("after a push-pull (%v, %v) it is %v", openErr, answerErr, other.state("leaver"))
	}
	if s.count(swim.EventLeaveAcked, "") != 1 {
		t.Error("with nobody to ask, the leave was not acknowledged at once")
	}
}

// A push-pull brings both tables to the union, whatever the sizes, as long as
// it takes.
func TestPushPullsMakeTablesEqualWithinAnyFrameBudget(t *testing.T) {
	for _, budget := range []int{1000, 4 << 20} {
		one := named(t, "one", 2000, func(cfg *swim.Config) { quiet(cfg); cfg.FrameBudget = budget })
		other := named(t, "other", 2001, func(cfg *swim.Config) { quiet(cfg); cfg.FrameBudget = budget })
		for i := range 300 {
			p := newPeer(i)
			if i%3 != 0 {
				one.hear(p.addr, p.alive())
			}
			if i%3 != 1 {
				p.stamp.Incarnation += swim.Incarnation(i % 2)
				other.hear(p.addr, p.alive())
			}
		}
		rounds := 0
		for one.core.Fingerprints() != other.core.Fingerprints() {
			if rounds++; rounds > 200 {
				t.Fatalf("budget %d: not equal after %d push-pulls", budget, rounds)
			}
			d := swim.Dial{ID: uint64(rounds), Kind: swim.DialHeal, Addr: other.addr}
			if openErr, answerErr := converse(t, one, other, d); openErr != nil || answerErr != nil {
				t.Fatal(openErr, answerErr)
			}
		}
		if budget > 1<<20 && rounds != 1 {
			t.Errorf("%d push-pulls", rounds)
		}
		if got := one.core.Stats().Alive; got != 302 {
			t.Errorf("budget %d: %d members", budget, got)
		}
	}
}
