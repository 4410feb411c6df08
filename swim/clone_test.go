package swim_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func (n *notes) clone() *notes {
	return &notes{self: n.self, value: maps.Clone(n.value), life: maps.Clone(n.life)}
}

// twin is a core and its clone, which get the same inputs.
type twin struct {
	t       testing.TB
	cores   [2]*swim.Core
	batches [2]swim.Batch
}

// both calls one after the other, and compares all they want done.
func (w *twin) both(now time.Duration, do func(*swim.Core)) {
	w.t.Helper()
	var packets [2][][]byte
	var events [2][]swim.Event
	var dials [2][]swim.Dial
	for i, c := range w.cores {
		do(c)
		c.TakePackets(&w.batches[i])
		for j := range w.batches[i].Len() {
			to, b := w.batches[i].At(j)
			packets[i] = append(packets[i], append([]byte(to.String()), b...))
		}
		c.TakeEvents(&events[i])
		c.TakeDials(&dials[i])
	}
	if !slices.EqualFunc(packets[0], packets[1], bytes.Equal) || !slices.Equal(dials[0], dials[1]) ||
		!slices.EqualFunc(events[0], events[1], func(a, b swim.Event) bool {
			return a.Kind == b.Kind && a.Name == b.Name && a.Stamp == b.Stamp && a.From == b.From && a.At == b.At
		}) {
		w.t.Fatalf("at %v the clone acts differently:\n%v %v %v\n%v %v %v", now,
			packets[0], events[0], dials[0], packets[1], events[1], dials[1])
	}
	if a, b := w.cores[0].AppendCanonical(nil, now), w.cores[1].AppendCanonical(nil, now); !bytes.Equal(a, b) {
		w.t.Fatalf("at %v the clone is in another state", now)
	}
}

func TestACloneFedTheSameInputsActsIdentically(t *testing.T) { feedTwins(t, nil) }

// feedTwins gives a core and its clone the same inputs, by rules that are drawn anew
// for each seed.
func feedTwins(t *testing.T, rules func(*rand.Rand) swim.Rules) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 6))
		source := rand.NewPCG(seed, 7)
		s := newSolo(t, func(cfg *swim.Config) {
			cfg.Rand = rand.New(source)
			cfg.Seeds = []netip.AddrPort{stranger}
			if rules != nil {
				cfg.Rules = rules(r)
			}
			cfg.NoCoordinatedProbing = seed%2 == 0
		})
		names, addrs := []string{"m0", "m1", "m2", "m3"}, []netip.AddrPort{s.addr, stranger}
		for i := range 12 {
			names, addrs = append(names, newPeer(i).name), append(addrs, newPeer(i).addr)
		}
		s.meet(6)
		step := func(now time.Duration) func(*swim.Core) {
			if r.IntN(3) > 0 {
				m := hostileMessage(r, names, addrs)
				from, packet := addrs[r.IntN(len(addrs))], s.encode(m)
				return func(c *swim.Core) { c.HandlePacket(now, from, packet) }
			}
			switch r.IntN(12) {
			case 0:
				return func(c *swim.Core) { c.Join(now, addrs[3:6]) }
			case 1:
				return func(c *swim.Core) { c.Ping(now, "m9", addrs[4]) }
			case 2:
				return func(c *swim.Core) { c.Accept(now, addrs[5]) }
			case 3:
				return func(c *swim.Core) {
					if _, _, err := c.Begin(now, swim.Dial{Kind: swim.DialJoin, Addr: addrs[3]}); err != nil {
						t.Error(err)
					}
				}
			}
			return func(c *swim.Core) { c.HandleTimeout(now) }
		}
		for range 300 {
			s.now += time.Duration(r.IntN(100)) * time.Millisecond
			step(s.now)(s.core)
			s.drain()
		}
		state, err := source.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		copied := &rand.PCG{}
		if err := copied.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		before := s.core.AppendCanonical(nil, s.now)
		w := &twin{t: t, cores: [2]*swim.Core{s.core, s.core.Clone(rand.New(copied), s.rider.clone())}}
		w.both(s.now, func(*swim.Core) {})
		for range 300 {
			s.now += time.Duration(r.IntN(100)) * time.Millisecond
			w.both(s.now, step(s.now))
			for _, c := range w.cores {
				if err := c.CheckInvariants(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if bytes.Equal(before, s.core.AppendCanonical(nil, s.now)) {
			t.Error("300 inputs, and the encoding of the state is what it was")
		}
	}
}

func TestWhatHappensToACloneDoesNotHappenToTheOriginal(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(5)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	before := s.core.AppendCanonical(nil, s.now)
	c := s.core.Clone(rand.New(rand.NewPCG(1, 1)), s.rider.clone())
	for i := range p {
		c.HandlePacket(s.now, p[2].addr, s.encode(p[0].claim(swim.Suspect, p[i].name), p[i].claim(swim.Left, "")))
	}
	c.Join(s.now, []netip.AddrPort{stranger})
	c.Leave(s.now)
	for at, ok := c.NextDeadline(); ok && at < s.now+time.Hour; at, ok = c.NextDeadline() {
		c.HandleTimeout(at)
	}
	if !bytes.Equal(before, s.core.AppendCanonical(nil, s.now)) {
		t.Error("the original has changed")
	}
	if err := s.core.CheckInvariants(); err != nil {
		t.Error(err)
	}
}

// Equal states are encoded equally, whatever the time and whatever the numbers of
// rows and timers; different ones differently.
func TestTheCanonicalEncodingKnowsNoTimeOfDay(t *testing.T) {
	at := func(origin time.Duration, adjust func(*swim.Core, time.Duration)) []byte {
		cfg := validConfig()
		quiet(&cfg)
		trusting(&cfg)
		c, err := swim.New(cfg, origin)
		if err != nil {
			t.Fatal(err)
		}
		s := &solo{t: t, core: c}
		if adjust != nil {
			adjust(c, origin+time.Second)
		}
		s.drainQuietly()
		return c.AppendCanonical(nil, origin+2*time.Second)
	}
	codec := newSolo(t, nil)
	p := newPeer(0)
	hear := func(msgs ...swim.Message) func(*swim.Core, time.Duration) {
		return func(c *swim.Core, now time.Duration) { c.HandlePacket(now, p.addr, codec.encode(msgs...)) }
	}
	states := map[string]func(*swim.Core, time.Duration){
		"alone": nil, "one": hear(p.alive()), "one suspect": hear(p.alive(), p.claim(swim.Suspect, "m9")),
		"one dead": hear(p.alive(), p.claim(swim.Dead, "m9")), "one left": hear(p.alive(), p.claim(swim.Left, "")),
		"accused": hear(swim.Message{Kind: swim.KindSuspect, Name: []byte("self"), From: []byte("m0"),
			Stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: epoch}, Incarnation: 1}}),
		"leaving": func(c *swim.Core, now time.Duration) { c.Leave(now) },
		"joining": func(c *swim.Core, now time.Duration) { c.Join(now, []netip.AddrPort{stranger}) },
	}
	seen := map[string]string{}
	for name, adjust := range states {
		early, late := at(0, adjust), at(time.Hour, adjust)
		if !bytes.Equal(early, late) {
			t.Errorf("%s: the encoding depends on the time", name)
		}
		if other, dup := seen[string(early)]; dup {
			t.Errorf("%s is encoded as %s", name, other)
		}
		seen[string(early)] = name
	}
}

// drainQuietly throws away what the core wants.
func (s *solo) drainQuietly() {
	s.core.TakePackets(&s.batchOf)
	s.core.TakeEvents(&s.eventsOf)
	s.core.TakeDials(&s.dials)
}

func TestACloneSharesNothingThatChanges(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.Seeds = []netip.AddrPort{stranger} })
	p := s.meet(5)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"), pingReq(p[2], 4))
	s.hear(p[1].addr, p[3].claim(swim.Left, ""))
	s.core.Join(s.now, []netip.AddrPort{stranger, p[0].addr})
	s.core.Accept(s.now, stranger)
	s.core.Leave(s.now)
	c := s.core.Clone(rand.New(rand.NewPCG(1, 1)), s.rider.clone())
	if shared := swim.Shared(s.core, c); len(shared) > 0 {
		t.Errorf("it shares %v", shared)
	}
	if shared := swim.Shared(s.core, s.core); len(shared) < 20 {
		t.Errorf("the comparison sees only %v", shared)
	}
}
