package swim_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

var (
	swarmSeed = flag.Uint64("swarm.seed", 0, "run the swarm of this seed only")
	swarmRuns = flag.Int("swarm.runs", 8, "how many swarms to run")
)

// A swarm is a cluster to which anything happens at random: crashes, restarts with
// and without a new address, freezes, cuts of one or both directions, loss,
// departures, news. What must hold after every event is checked after every event;
// what must hold in the end, when all is calm again.
type swarm struct {
	cl    *cluster
	rand  *rand.Rand
	links map[[2]string]bool
	own   map[string]swim.Stamp           // the highest that a node of a name had of itself
	held  map[*process]map[string]verdict // what each process last held
	gone  map[*process]bool               // have left
	seed  uint64
	spare int
	trace uint64
}

type verdict struct {
	stamp  swim.Stamp
	dead   bool
	secret bool
}

func newSwarm(t testing.TB, seed uint64) *swarm {
	s := &swarm{
		cl: newCluster(t, seed), rand: rand.New(rand.NewPCG(seed, 99)), links: map[[2]string]bool{},
		own: map[string]swim.Stamp{}, held: map[*process]map[string]verdict{}, gone: map[*process]bool{}, seed: seed, spare: 100,
	}
	s.cl.blocked = func(from, to *process) bool { return s.links[[2]string{from.name, to.name}] }
	s.cl.check = s.check
	h := fnv.New64a()
	s.cl.packet = func(from *process, to netip.AddrPort, b []byte, lost bool) {
		fmt.Fprintln(h, s.cl.now, from.name, to, b, lost)
		s.trace = h.Sum64()
	}
	s.cl.event = func(p *process, e swim.Event) {
		fmt.Fprintln(h, s.cl.now, p.name, e.Kind, e.Name, e.From, e.Stamp, e.Moved, e.RTT)
		s.trace = h.Sum64()
	}
	return s
}

func (s *swarm) fail(format string, args ...any) {
	s.cl.t.Helper()
	s.cl.t.Fatalf("%v: %s", s.cl.now, fmt.Sprintf(format, args...))
}

// check runs after every input of every process.
func (s *swarm) check(p *process) {
	if self := p.core.Self(); self.Compare(s.own[p.name]) > 0 {
		s.own[p.name] = self
	}
	was := s.held[p]
	if was == nil {
		was = map[string]verdict{}
		s.held[p] = was
	}
	for m := range p.core.Members() {
		now := verdict{m.Stamp, m.State == swim.Dead || m.State == swim.Left, m.Private}
		before, known := was[m.Name]
		switch {
		case m.Stamp.Compare(s.own[m.Name]) > 0:
			s.fail("%s holds %s at %v; it never said more than %v", p.name, m.Name, m.Stamp, s.own[m.Name])
		case known && m.Stamp.Compare(before.stamp) < 0:
			s.fail("%s held %s at %v, and now at %v", p.name, m.Name, before.stamp, m.Stamp)
		case known && before.dead && !before.secret && !now.dead && m.Stamp.Compare(before.stamp) <= 0:
			s.fail("%s held %s dead at %v, and now %v at %v", p.name, m.Name, before.stamp, m.State, m.Stamp)
		}
		was[m.Name] = now
	}
	for name := range was {
		if _, known := p.core.Member(name); !known {
			delete(was, name) // its tombstone is gone: it may come back as it was
		}
	}
	if st := p.core.Stats(); st.QueuedClaims > st.Alive+st.Suspect+st.Dead+st.Left || p.core.Health() > 7 {
		s.fail("%s: %d claims queued, health %d", p.name, st.QueuedClaims, p.core.Health())
	}
}

// members are the processes that run and have not left.
func (s *swarm) members() []*process {
	var ps []*process
	for _, p := range s.cl.up() {
		if !s.gone[p] {
			ps = append(ps, p)
		}
	}
	return ps
}

// act lets one thing happen.
func (s *swarm) act() {
	cl := s.cl
	ps := s.members()
	p := ps[s.rand.IntN(len(ps))]
	other := ps[s.rand.IntN(len(ps))]
	switch what := s.rand.IntN(100); {
	case what < 8:
		if len(ps) > 3 {
			cl.crash(p)
		}
	case what < 25: // restart, of a node that is down if there is one
		for _, name := range cl.order {
			if q := cl.nodes[name]; q.dead || s.gone[q] {
				p = q
			}
		}
		if !p.dead {
			cl.crash(p)
		}
		number := int(p.addr.Addr().As4()[3])
		if p.name != "n0" && s.rand.IntN(2) == 0 {
			s.spare++
			number = s.spare
		}
		s.reboot(p.name, number)
	case what < 35:
		if !p.paused {
			cl.pause(p)
			cl.after(time.Duration(s.rand.IntN(15000))*time.Millisecond, func() {
				if !p.dead {
					cl.resume(p)
				}
			})
		}
	case what < 50:
		s.links[[2]string{p.name, other.name}] = true
		if s.rand.IntN(2) == 0 {
			s.links[[2]string{other.name, p.name}] = true
		}
	case what < 60: // cut in two
		for _, a := range cl.order {
			for _, b := range cl.order {
				if (a < p.name) != (b < p.name) {
					s.links[[2]string{a, b}] = true
				}
			}
		}
	case what < 75:
		clear(s.links)
	case what < 80:
		cl.loss = float64(s.rand.IntN(30)) / 100
	case what < 83:
		if len(ps) > 4 {
			s.gone[p] = true
			cl.input(p, func() { p.core.Leave(cl.now) })
			cl.after(3*time.Second, func() { cl.crash(p) })
		}
	case what < 90:
		cl.input(p, func() {
			if err := p.core.SetMeta(cl.now, fmt.Append(nil, s.rand.IntN(100))); err != nil {
				s.fail("%v", err)
			}
		})
	default:
		cl.input(p, func() { p.core.Touch(cl.now, p.name, p.rider.publish()) })
	}
}

// reboot starts a node anew; it joins through two random others.
func (s *swarm) reboot(name string, number int) {
	seeds := s.members()
	p := s.cl.boot(name, number, s.configure)
	if len(seeds) > 0 {
		s.cl.join(p, seeds[s.rand.IntN(len(seeds))], seeds[s.rand.IntN(len(seeds))])
	}
}

// configure gives a node the one address that never moves as a seed for healing:
// nodes that have all moved away from each other could not meet otherwise. Every
// other swarm runs on something else than the defaults.
func (s *swarm) configure(cfg *swim.Config) {
	cfg.Seeds = []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:7946")}
	switch s.seed % 8 {
	case 2, 6:
		if s.rand.IntN(4) == 0 {
			cfg.Wall = cfg.Wall.Add(time.Duration(s.rand.IntN(7_200_000)-3_600_000) * time.Millisecond)
		}
	case 1:
		cfg.TombstoneTTL = 20 * time.Second
	case 3:
		cfg.Rules.TrustDeaths, cfg.Rules.HealthStretchesPeriod, cfg.ProbeRetries = true, true, swim.Off
	case 5:
		cfg.ProbeTimeout, cfg.SuspicionMult, cfg.GossipInterval, cfg.IndirectProbes = 200*time.Millisecond, 3, 100*time.Millisecond, 1
		cfg.NoStreamProbe = true
	case 7:
		cfg.GossipInterval, cfg.GossipToTheDead, cfg.MaxTombstones = swim.Off, swim.Off, 2
	}
}

// calm ends all trouble, and waits until all agree about everything.
func (s *swarm) calm() {
	clear(s.links)
	s.cl.loss = 0
	if p := s.cl.nodes["n0"]; p.dead || s.gone[p] {
		s.cl.crash(p)
		s.reboot("n0", 1)
	}
	for _, p := range s.cl.up() {
		if p.paused {
			s.cl.resume(p)
		}
	}
	s.cl.run(5 * time.Second) // who leaves is gone
	same := func() bool {
		ps := s.cl.up()
		if !s.cl.agreed() {
			return false
		}
		for _, p := range ps {
			if p.core.Fingerprints() != ps[0].core.Fingerprints() {
				return false
			}
			for _, q := range ps {
				if p.rider.value[q.name] != q.rider.value[q.name] {
					return false
				}
			}
		}
		return true
	}
	start := s.cl.now
	for !same() {
		if s.cl.now-start > 5*time.Minute {
			for _, p := range s.cl.up() {
				s.cl.t.Logf("%s health %d cut off %v prints %x", p.name, p.core.Health(), p.core.CutOff(), p.core.Fingerprints())
				for m := range p.core.Members() {
					s.cl.t.Logf("   %s %v %v private %v, state %d of %v", m.Name, m.State, m.Stamp, m.Private, p.rider.value[m.Name], p.rider.life[m.Name])
				}
			}
			s.fail("no agreement after five calm minutes")
		}
		s.cl.run(100 * time.Millisecond)
	}
	for _, p := range s.cl.up() {
		if p.core.CutOff() || p.core.Replaced() {
			s.fail("%s: cut off %v, replaced %v", p.name, p.core.CutOff(), p.core.Replaced())
		}
	}
}

func runSwarm(t testing.TB, seed uint64) uint64 {
	s := newSwarm(t, seed)
	s.cl.start(3+s.rand.IntN(6), s.configure)
	s.cl.run(5 * time.Second)
	for range 3 {
		for range 25 {
			s.act()
			s.cl.run(time.Duration(s.rand.IntN(3000)) * time.Millisecond)
		}
		s.calm()
	}
	return s.trace
}

func TestASwarmKeepsEveryInvariantAndAgreesWhenCalm(t *testing.T) {
	if *swarmSeed != 0 {
		runSwarm(t, *swarmSeed)
		return
	}
	for i := range *swarmRuns {
		seed := uint64(i + 1)
		if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runSwarm(t, seed) }) {
			t.Fatalf("replay with: go test ./swim -run ASwarm -swarm.seed=%d", seed)
		}
	}
}

func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	if one, other := runSwarm(t, 4711), runSwarm(t, 4711); one != other || one == 0 {
		t.Errorf("traces %x and %x", one, other)
	}
}

// hostileMessage is a message of any kind about anybody, with wild stamps.
func hostileMessage(r *rand.Rand, names []string, addrs []netip.AddrPort) swim.Message {
	number := func() uint64 {
		switch r.IntN(4) {
		case 0:
			return uint64(r.IntN(4))
		case 1:
			return ^uint64(0) - uint64(r.IntN(2))
		case 2:
			return epoch + uint64(r.IntN(1_000_000))
		}
		return r.Uint64()
	}
	body := make([]byte, r.IntN(60))
	for i := range body {
		body[i] = byte(r.IntN(256))
	}
	return swim.Message{
		Kind: swim.Kind(1 + r.IntN(swim.NumKinds-1)), Seq: swim.SeqNo(r.IntN(1 << 16)),
		Name: []byte(names[r.IntN(len(names))]), From: []byte(names[r.IntN(len(names))]), Addr: addrs[r.IntN(len(addrs))],
		Stamp: swim.Stamp{
			Life:        swim.Life{Generation: swim.Generation(r.IntN(3)), Boot: swim.Boot(number())},
			Incarnation: swim.Incarnation(number()),
		},
		Meta: body, Body: append(make([]byte, 24), names[r.IntN(len(names))]...),
		Prints: swim.Prints{Members: number(), State: number()}, Seen: swim.PrintsSeen(r.IntN(3)),
		WantNack: r.IntN(2) == 0, Wait: time.Duration(r.IntN(1e9)),
	}
}

func TestHostileClaimsBreakNoInvariantAndNoBound(t *testing.T) { beHostile(t, nil) }

// beHostile sends a core wild claims, by rules that are drawn anew for each seed.
func beHostile(t *testing.T, rules func(*rand.Rand) swim.Rules) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		s := newSolo(t, func(cfg *swim.Config) {
			cfg.MaxMembers, cfg.MaxTombstones, cfg.TombstoneTTL = 40, 15, time.Minute
			if rules != nil {
				cfg.Rules, cfg.ReclaimAfter = rules(r), 10*time.Second
			}
		})
		names, addrs := []string{"self"}, []netip.AddrPort{s.addr, stranger}
		for i := range 60 {
			names, addrs = append(names, newPeer(i).name), append(addrs, newPeer(i).addr)
		}
		for i := range 3000 {
			msgs := make([]swim.Message, 1+r.IntN(4))
			for j := range msgs {
				msgs[j] = hostileMessage(r, names, addrs)
			}
			s.core.HandlePacket(s.now, addrs[r.IntN(len(addrs))], s.encode(msgs...))
			if i%10 == 0 {
				s.advance(time.Duration(r.IntN(300)) * time.Millisecond)
			}
			s.drain()
			for _, d := range s.dials {
				s.core.HandleDialError(s.now, d, errUnreachable)
			}
			s.out, s.events, s.dials = nil, nil, nil
			if st := s.core.Stats(); st.Alive+st.Suspect+st.Dead+st.Left > 40 {
				t.Fatalf("seed %d: table of %+v", seed, st)
			}
			if s.core.Replaced() {
				break // a higher life of our name elsewhere: that is what anybody may say
			}
		}
	}
}

// FuzzPacket: whatever comes in a packet, nothing panics and no invariant breaks.
func FuzzPacket(f *testing.F) {
	seed := newSolo(f, nil)
	p := newPeer(0)
	f.Add(seed.encode(p.alive(), p.claim(swim.Suspect, "m1")), uint16(1000))
	f.Add(seed.encode(p.claim(swim.Left, "")), uint16(1))
	f.Add(seed.encode(swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Seen: swim.PrintsGiven}), uint16(0))
	f.Add(seed.encode(pingReq(p, 4)), uint16(400))
	f.Add(seed.encode(peer{name: "self", addr: p.addr, stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: epoch}, Incarnation: 9}}.alive()), uint16(3))
	f.Fuzz(func(t *testing.T, packet []byte, after uint16) {
		s := newSolo(t, nil)
		p := s.meet(3)
		s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
		s.core.HandlePacket(s.now, p[2].addr, packet)
		s.drain()
		s.advance(time.Duration(after) * time.Millisecond)
		s.core.HandlePacket(s.now, stranger, packet)
		s.drain()
	})
}

// FuzzFrame: the same for the frames of a stream, on either end of it.
func FuzzFrame(f *testing.F) {
	seed := newSolo(f, nil)
	p := newPeer(0)
	self := swim.Claim{Name: p.name, Addr: p.addr, Stamp: p.stamp}
	claims := []swim.Claim{{State: swim.Dead, Name: "m1", Addr: newPeer(1).addr, Stamp: p.stamp, From: "m0"}, {Name: "self", Addr: p.addr, Stamp: p.stamp}}
	for _, frame := range []swim.Frame{
		{Kind: swim.FrameOpen, ClusterID: "test", Version: "v2", Self: self, Buckets: []uint64{1, 2}},
		{Kind: swim.FrameOpen, ClusterID: "test", Version: "v2", Self: self, Join: true},
		{Kind: swim.FrameDigest, Self: self, Differ: []uint32{0}, Rows: []swim.Row{{Name: "m9", Stamp: p.stamp}, {Name: "self", Stamp: p.stamp}}, Claims: claims},
		{Kind: swim.FrameDelta, Self: self, Claims: claims, Deltas: [][]byte{[]byte("x")}, Wants: []swim.Want{{Name: "m0"}}},
		{Kind: swim.FrameRefuse, Refusal: swim.Refusal{Reason: swim.RefusedGeneration, Ours: "9"}},
		{Kind: swim.FramePing, ClusterID: "test", Seq: 1, Name: "self"},
	} {
		f.Add(seed.codec.AppendFrame(nil, &frame), uint8(0))
		f.Add(seed.codec.AppendFrame(nil, &frame), uint8(1))
	}
	f.Fuzz(func(t *testing.T, frame []byte, role uint8) {
		s := newSolo(t, nil)
		s.meet(3)
		var id swim.ExchangeID
		switch role % 4 {
		case 0:
			id = s.core.Accept(s.now, p.addr)
		default:
			kind := []swim.DialKind{swim.DialJoin, swim.DialHeal, swim.DialPing}[role%4-1]
			var err error
			if id, _, err = s.core.Begin(s.now, swim.Dial{Kind: kind, Addr: p.addr, Name: p.name}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if _, done, _ := s.core.Step(s.now, id, frame); done {
				break
			}
			s.drain()
		}
		s.core.Abort(s.now, id, errUnreachable)
		s.drain()
		s.advance(3 * time.Second)
	})
}
