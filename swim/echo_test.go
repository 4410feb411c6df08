package swim_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// attentive is a codec that counts what it parses; a deaf one never says that something
// looks like a claim, so that everything is parsed.
type attentive struct {
	swim.Codec
	parsed int
	deaf   bool
}

func (a *attentive) NextMessage(messages swim.Messages, m *swim.Message) (swim.Messages, bool) {
	a.parsed++
	return a.Codec.NextMessage(messages, m)
}

func (a *attentive) CutAlive(messages swim.Messages) (claim []byte, rest swim.Messages, ok bool) {
	if a.deaf {
		return nil, messages, false
	}
	return a.Codec.CutAlive(messages)
}

// listening is a core whose codec counts.
func listening(t *testing.T, deaf bool, adjust func(*swim.Config)) (*solo, *attentive) {
	a := &attentive{deaf: deaf}
	s := newSolo(t, func(cfg *swim.Config) {
		a.Codec = cfg.Codec
		cfg.Codec = a
		if adjust != nil {
			adjust(cfg)
		}
	})
	return s, a
}

func TestAClaimThatSaidWhatIsKnownIsNotReadAgain(t *testing.T) {
	for _, meta := range []string{"", "some meta"} {
		s, codec := listening(t, false, nil)
		p := newPeer(0)
		p.meta = []byte(meta)
		parsed := func(m swim.Message) int {
			before := codec.parsed
			s.core.HandlePacket(s.now, newPeer(1).addr, s.encode(m))
			return codec.parsed - before
		}
		older, newer := p, p
		newer.stamp.Incarnation++
		for i, c := range []struct {
			what string
			m    swim.Message
			want int
		}{
			{"the claim that introduces it", p.alive(), 1},
			{"the same, which is now known", p.alive(), 1},
			{"the same again", p.alive(), 0},
			{"a suspicion", p.claim(swim.Suspect, "m1"), 1},
			{"the claim, while it is suspect", p.alive(), 1},
			{"a refutation", newer.alive(), 1},
			{"the refutation, which is now known", newer.alive(), 1},
			{"the refutation again", newer.alive(), 0},
			{"the claim, which is not what is known any more", older.alive(), 1},
		} {
			if got := parsed(c.m); got != c.want {
				t.Errorf("meta %q, %d, %s: parsed %d times, want %d", meta, i, c.what, got, c.want)
			}
		}
		if got := s.core.Stats().MessagesIn[swim.KindAlive]; got != 8 {
			t.Errorf("%d claims were counted, not 8", got)
		}
	}
}

func TestClaimsAreReadAnewWhenRecordsHaveMoved(t *testing.T) {
	s, codec := listening(t, false, nil)
	peers := s.meet(20)
	var packet []byte
	for range 2 {
		var msgs []swim.Message
		for _, p := range peers {
			msgs = append(msgs, p.alive())
		}
		packet = s.encode(msgs...)
		s.core.HandlePacket(s.now, peers[1].addr, packet)
	}
	moving := peers[0]
	for i := range 200 { // each makes waste of a record
		moving.stamp.Incarnation++
		moving.meta = []byte(fmt.Sprint("meta ", i))
		s.hear(moving.addr, moving.alive())
	}
	codec.parsed = 0
	s.core.HandlePacket(s.now, peers[1].addr, packet)
	if codec.parsed != len(peers) {
		t.Errorf("%d of %d claims were parsed", codec.parsed, len(peers))
	}
	for _, p := range peers[1:] {
		if m, ok := s.core.Member(p.name); !ok || m.Addr != p.addr || m.Stamp != p.stamp {
			t.Errorf("%s is %+v", p.name, m)
		}
	}
}

// Law: a core that does not read what it has heard before acts as one that reads all.
func TestNotReadingAgainChangesNothing(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 8))
		coordinated := seed%2 == 0
		adjust := func(cfg *swim.Config) {
			cfg.MaxMembers, cfg.MaxTombstones, cfg.TombstoneTTL = 15, 5, 2*time.Second
			cfg.NoCoordinatedProbing = !coordinated
			cfg.Rules.AddressConflicts = seed%3 == 0
		}
		one, eager := listening(t, false, adjust)
		other, deaf := listening(t, true, adjust)
		w := &twin{t: t, cores: [2]*swim.Core{one.core, other.core}}
		names, addrs := []string{"nobody"}, []netip.AddrPort{one.addr, stranger}
		peers := make([]peer, 20)
		for i := range peers {
			peers[i] = newPeer(i)
			names, addrs = append(names, peers[i].name), append(addrs, peers[i].addr)
		}
		now := one.now
		for range 500 {
			now += time.Duration(r.IntN(40)) * time.Millisecond
			if r.IntN(4) == 0 {
				w.both(now, func(c *swim.Core) { c.HandleTimeout(now) })
				continue
			}
			var msgs []swim.Message
			for range 1 + r.IntN(6) {
				p := &peers[r.IntN(len(peers))]
				switch r.IntN(40) {
				case 0:
					msgs = append(msgs, hostileMessage(r, names, addrs))
				case 1:
					msgs = append(msgs, p.claim(swim.State(r.IntN(4)), peers[r.IntN(len(peers))].name))
				case 2:
					p.stamp.Incarnation++
					p.meta = slices.Repeat([]byte{'x'}, r.IntN(3)*100)
				case 3:
					p.addr = addrs[r.IntN(len(addrs))]
				}
				msgs = append(msgs, p.alive())
			}
			from, packet := addrs[r.IntN(len(addrs))], one.encode(msgs...)
			w.both(now, func(c *swim.Core) { c.HandlePacket(now, from, packet) })
			a, b := w.cores[0].Stats(), w.cores[1].Stats()
			if a != b {
				t.Fatalf("seed %d: it counts differently\n%+v\n%+v", seed, a, b)
			}
		}
		if err := one.core.CheckInvariants(); err != nil {
			t.Error(err)
		}
		if eager.parsed > deaf.parsed*9/10 {
			t.Errorf("seed %d: parsed %d messages, the other one %d", seed, eager.parsed, deaf.parsed)
		}
	}
}
