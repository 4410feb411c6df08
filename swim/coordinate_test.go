package swim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// coordinated sends no pings to compare tables, so that all pings are probes.
func coordinated(cfg *swim.Config) {
	cfg.PushPullInterval = 500 * time.Hour
}

// A turn is the first ping of a period's probe.
type turn struct {
	at       time.Duration
	from, to string
	extra    bool // it is no period's: to was silent
}

// watchTurns calls seen for the first ping of every probe that has all its stages.
func watchTurns(cl *cluster, seen func(turn)) {
	codec, err := wirev2.New("test", "v2")
	if err != nil {
		cl.t.Fatal(err)
	}
	probes, extra := map[*process]uint64{}, map[*process]uint64{}
	for _, p := range cl.up() {
		probes[p], extra[p] = p.core.Stats().Probes, p.core.Stats().SilentProbes
	}
	cl.packet = func(from *process, _ netip.AddrPort, b []byte, _ bool) {
		rest, _ := codec.OpenPacket(b)
		for rest.Len() > 0 {
			var m swim.Message
			rest, _ = codec.NextMessage(rest, &m)
			if s := from.core.Stats(); m.Kind == swim.KindPing && s.Probes > probes[from] {
				seen(turn{cl.now, from.name, string(m.Name), s.SilentProbes > extra[from]})
				probes[from], extra[from] = s.Probes, s.SilentProbes
			}
		}
	}
}

func TestMembersThatAgreeProbeEveryoneOncePerPeriodAndEveryPairMeets(t *testing.T) {
	for _, n := range []int{2, 3, 5, 24} {
		cl := newCluster(t, uint64(n))
		cl.start(n, coordinated)
		cl.run(30 * time.Second)
		if !cl.agreed() {
			t.Fatal("no agreement")
		}
		pairs := map[string]int{}
		turns := map[string][]time.Duration{}
		watchTurns(cl, func(u turn) {
			pairs[u.from+">"+u.to]++
			turns[u.to] = append(turns[u.to], u.at)
		})
		cl.run(time.Duration(n-1) * time.Second)
		if len(pairs) != n*(n-1) {
			t.Errorf("%d members: %d pairs have met in n-1 periods", n, len(pairs))
		}
		for name, at := range turns {
			if len(at) != n-1 {
				t.Errorf("%d members: %s was probed %d times in n-1 periods", n, name, len(at))
			}
			for i := 1; i < len(at); i++ {
				if at[i]-at[i-1] != time.Second {
					t.Errorf("%d members: %s was probed after %v", n, name, at[i]-at[i-1])
				}
			}
		}
	}
}

// Papers: the optimum at one probe per member and period is a wait that is uniform
// on one period.
func TestTheWaitFromACrashToTheFirstPingIsUniformOnOnePeriod(t *testing.T) {
	waits := waitsForAPing(t, func(cfg *swim.Config) { coordinated(cfg); cfg.Rules.IgnoreSilence = true })
	isDistributed(t, waits, func(w float64) float64 { return w })
	if m := mean(waits); m < 0.45 || m > 0.55 || waits[len(waits)-1] > 1 {
		t.Errorf("mean %.3f, longest %.3f periods", m, waits[len(waits)-1])
	}
}

// isDistributed fails the test unless sorted waits, in periods, are distributed as given,
// by the test of Kolmogorov and Smirnov at 1 %: 1.63/√n.
func isDistributed(t *testing.T, waits []float64, below func(float64) float64) {
	for i, w := range waits {
		if d := math.Abs(below(w) - float64(i)/float64(len(waits))); d > 1.63/math.Sqrt(float64(len(waits))) {
			t.Fatalf("%d of %d waits are below %.3f periods", i, len(waits), w)
		}
	}
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

// waitsForAPing crashes members and returns, sorted and in periods, how long each waited
// for the first ping of a probe.
func waitsForAPing(t *testing.T, configure func(*swim.Config)) []float64 {
	const crashes = 200
	cl := newCluster(t, 1)
	cl.unchecked = true
	ps := cl.start(64, configure)
	cl.run(20 * time.Second)
	var gone *process
	cl.blocked = func(from, to *process) bool { return gone != nil && (from == gone || to == gone) }
	r := rand.New(rand.NewPCG(1, 2))
	var waits []float64
	for range crashes {
		cl.run(time.Duration(r.IntN(1e9)))
		start := cl.now
		gone = ps[r.IntN(len(ps))]
		watchTurns(cl, func(u turn) {
			// It comes back before anybody has to suspect it: the next crash finds
			// the same group.
			if gone != nil && u.to == gone.name && u.from != gone.name {
				waits = append(waits, (cl.now - start).Seconds())
				gone = nil
			}
		})
		cl.until(time.Second, "it is probed", func() bool { return gone == nil })
	}
	slices.Sort(waits)
	return waits
}

// share runs a cluster for some time and returns which part of the periods' probes was
// coordinated, for those members that which selects.
func share(cl *cluster, d time.Duration, which func(*process) bool) float64 {
	sum := func() (coordinated, all float64) {
		for _, p := range cl.up() {
			if which(p) {
				s := p.core.Stats()
				coordinated, all = coordinated+float64(s.CoordinatedProbes), all+float64(s.Probes-s.SilentProbes)
			}
		}
		return coordinated, all
	}
	c0, a0 := sum()
	cl.run(d)
	c1, a1 := sum()
	return (c1 - c0) / (a1 - a0)
}

func all(*process) bool                      { return true }
func only(name string) func(*process) bool   { return func(p *process) bool { return p.name == name } }
func allBut(name string) func(*process) bool { return func(p *process) bool { return p.name != name } }
func setClock(cl *cluster, p *process, d time.Duration) {
	p.core.SetWall(cl.now, cl.wall().Add(d))
}

func TestWhoseClockIsWrongProbesInAnOrderOfItsOwnAndComesBack(t *testing.T) {
	for _, c := range []struct {
		what  string
		set   func(*cluster, *process)
		agree bool
	}{
		{"a tenth of a period ahead", func(cl *cluster, p *process) { setClock(cl, p, 100*time.Millisecond) }, true},
		{"a tenth of a period behind", func(cl *cluster, p *process) { setClock(cl, p, -100*time.Millisecond) }, true},
		{"0.9 periods ahead", func(cl *cluster, p *process) { setClock(cl, p, 900*time.Millisecond) }, false},
		{"0.9 periods behind", func(cl *cluster, p *process) { setClock(cl, p, -900*time.Millisecond) }, false},
		{"hours ahead", func(cl *cluster, p *process) { setClock(cl, p, 5*time.Hour) }, false},
		{"in 1969", func(cl *cluster, p *process) { p.core.SetWall(cl.now, time.Unix(-1e6, 5e8)) }, false},
		{"unknown", func(cl *cluster, p *process) { p.core.SetWall(cl.now, time.Time{}) }, false},
	} {
		cl := newCluster(t, 3)
		ps := cl.start(12, coordinated)
		cl.run(20 * time.Second)
		if got := share(cl, 20*time.Second, all); got != 1 {
			t.Fatalf("%s: before, %.2f of the probes were coordinated", c.what, got)
		}
		c.set(cl, ps[5])
		cl.run(15 * time.Second)
		alone, others := share(cl, 40*time.Second, only("n5")), share(cl, 40*time.Second, allBut("n5"))
		if (alone == 1) != c.agree || !c.agree && alone > 0.1 || others < 0.9 {
			t.Errorf("%s: coordinated were %.2f of its probes and %.2f of the others'", c.what, alone, others)
		}
		setClock(cl, ps[5], 0)
		cl.run(20 * time.Second)
		if got := share(cl, 20*time.Second, all); got != 1 {
			t.Errorf("%s: afterwards, %.2f of the probes are coordinated", c.what, got)
		}
	}
}

func TestAFewThatAreWrongDoNotDisturbTheOthers(t *testing.T) {
	cl := newCluster(t, 5)
	ps := cl.start(24, coordinated)
	cl.run(20 * time.Second)
	for i, p := range ps[:3] {
		setClock(cl, p, time.Duration(i+1)*time.Hour)
	}
	cl.run(20 * time.Second)
	wrong := func(p *process) bool { return slices.Contains(ps[:3], p) }
	right := func(p *process) bool { return !wrong(p) }
	if a, b := share(cl, time.Minute, wrong), share(cl, time.Minute, right); a > 0.1 || b < 0.99 {
		t.Errorf("coordinated are %.2f of the probes of those that are wrong and %.2f of the others'", a, b)
	}
}

// As in a rolling upgrade: who tells no period disagrees.
func TestAFewMembersThatCoordinateAmongMostThatDoNotProbeAsTheyDid(t *testing.T) {
	cl := newCluster(t, 6)
	for i := range 12 {
		p := cl.boot(fmt.Sprintf("n%d", i), i+1, func(cfg *swim.Config) {
			coordinated(cfg)
			cfg.NoCoordinatedProbing = i >= 2
		})
		if i > 0 {
			cl.join(p, cl.nodes["n0"])
		}
	}
	cl.run(30 * time.Second)
	if got := share(cl, time.Minute, all); got > 0.05 {
		t.Errorf("%.2f of the probes are coordinated", got)
	}
	if !cl.agreed() {
		t.Error("no agreement about who is there")
	}
}

func TestAWaveOfJoinsIsSurvivedAndAgreementComesBack(t *testing.T) {
	cl := newCluster(t, 7)
	cl.unchecked = true
	cl.start(16, coordinated)
	cl.run(20 * time.Second)
	for i := range 48 {
		p := cl.boot(fmt.Sprintf("x%d", i), 100+i, coordinated)
		cl.join(p, cl.nodes["n0"])
		cl.run(100 * time.Millisecond)
	}
	took := cl.until(30*time.Second, "all agree", cl.agreed)
	cl.run(10 * time.Second)
	if got := share(cl, 10*time.Second, all); got != 1 {
		t.Errorf("agreed after %v, but %.2f of the probes are coordinated", took, got)
	}
}

func TestADeathDoesNotEndCoordination(t *testing.T) {
	cl := newCluster(t, 8)
	ps := cl.start(32, coordinated)
	cl.run(20 * time.Second)
	cl.crash(ps[9])
	if got := share(cl, 30*time.Second, all); got < 0.99 || !cl.agreed() {
		t.Errorf("%.3f of the probes were coordinated", got)
	}
}

// A ring that was given up in a wave of changes is put together again when it is
// over, from the members that there are then.
func TestARingThatTooManyChangesHaveTornIsMended(t *testing.T) {
	s := newSolo(t, coordinated)
	const n = 2500 // n²/4 entries would have to be moved
	for i := range n {
		p := newPeer(i)
		s.core.HandlePacket(s.now, p.addr, s.encode(p.alive()))
	}
	if torn, _ := s.core.Ring(); !torn {
		t.Fatal("the ring has been kept through a wave of joins")
	}
	s.hear(newPeer(5).addr, newPeer(7).claim(swim.Left, ""))
	s.advanceAnswered(time.Second)
	s.advanceAnswered(2 * time.Second)
	torn, names := s.core.Ring()
	if torn || len(names) != n || !slices.Contains(names, "self") || slices.Contains(names, "m7") {
		t.Errorf("torn %v, %d on the ring of %d", torn, len(names), n)
	}
	if err := s.core.CheckInvariants(); err != nil {
		t.Error(err)
	}
}

// A wall clock that is set back again and again would have the same member probed
// for ever: the books are kept by the probe order.
func TestAClockThatStandsStillStarvesNobody(t *testing.T) {
	const n = 7
	s := newSolo(t, coordinated)
	s.meet(n - 1)
	last, periods := map[string]int{}, 0
	for i := range 20_000 {
		if i%100 == 0 {
			s.core.SetWall(s.now, s.wall)
		}
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			m, ok := d.has(swim.KindPing)
			if !ok {
				continue
			}
			s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
			periods++
			if gap := periods - last[string(m.Name)]; gap > 6*n-1 {
				t.Errorf("%s was not probed for %d periods", m.Name, gap)
			}
			last[string(m.Name)] = periods
		}
	}
	coordinated := int(s.core.Stats().CoordinatedProbes)
	if len(last) != n-1 || periods < 100 || coordinated < periods/2 {
		t.Errorf("%d members were probed in %d periods, %d of them in turn", len(last), periods, coordinated)
	}
}

// Whatever clocks do and whoever comes and goes: a member makes at most one probe
// per period of its own, and one of whoever is silent, periods are no shorter than 7/8, and two probes of one
// member by another are at most 6n-1 of the prober's periods apart.
func TestNobodyIsStarvedAndNothingStormsInAnyMixture(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cl := newCluster(t, rapid.Uint64().Draw(rt, "seed"))
		n := rapid.IntRange(2, 5).Draw(rt, "members")
		configure := func(cfg *swim.Config) {
			coordinated(cfg)
			cfg.MaxClockLead = 10_000 * time.Hour // nobody is refused for a boot of tomorrow
			cfg.NoCoordinatedProbing = rapid.IntRange(0, 5).Draw(rt, "coordinates") == 0
			if rapid.IntRange(0, 5).Draw(rt, "stretches") == 0 {
				cfg.Rules.HealthStretchesPeriod = true
			}
		}
		steady := cl.start(n, configure)
		cl.run(5 * time.Second)

		skew := func() time.Duration {
			return rapid.OneOf(
				rapid.Map(rapid.IntRange(-3000, 3000), func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }),
				rapid.Map(rapid.IntRange(-100, 100), func(h int) time.Duration { return time.Duration(h) * time.Hour }),
			).Draw(rt, "skew")
		}
		most, probes, extra := n, map[string][]turn{}, map[string][]turn{}
		watchTurns(cl, func(u turn) {
			if u.extra {
				extra[u.from] = append(extra[u.from], u)
				return
			}
			probes[u.from] = append(probes[u.from], u)
		})
		start := cl.now
		extras := 0
		for range 8 {
			cl.run(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "ms")) * time.Millisecond)
			p := steady[rapid.IntRange(0, n-1).Draw(rt, "who")]
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0, 1, 2:
				setClock(cl, p, skew())
			case 3:
				p.core.SetWall(cl.now, time.Time{})
			case 4:
				x := cl.boot(fmt.Sprintf("x%d", extras), 50+extras, configure)
				cl.join(x, p)
				cl.run(2 * time.Second) // who leaves unknown, others have to ask for
				extras++
				most = max(most, len(cl.up()))
			case 5:
				if x := cl.nodes[fmt.Sprintf("x%d", extras-1)]; x != nil && !x.dead {
					cl.input(x, func() { x.core.Leave(cl.now) })
					cl.run(2 * time.Second)
					cl.crash(x)
				}
			}
		}
		cl.run(time.Duration(12*most) * time.Second)
		for _, p := range steady {
			mine := probes[p.name]
			// k probes fall into k periods, so k+2 of them span k whole periods.
			for i := 2; i < len(mine); i++ {
				for k := 1; k <= min(i-1, 5); k++ {
					if d := mine[i].at - mine[i-k-1].at; d < time.Duration(k)*time.Second*7/8-time.Millisecond {
						rt.Fatalf("%s made %d probes within %v: %v %v", p.name, k+2, d, mine[max(0, i-k-4):min(len(mine), i+4)], p.events)
					}
				}
			}
			// A ping in turn is heard less than half a period before its turn, or after
			// it, and whoever is silent is probed a period after that turn.
			for i := 1; i < len(extra[p.name]); i++ {
				if d := extra[p.name][i].at - extra[p.name][i-1].at; d < time.Second/2 {
					rt.Fatalf("%s made two probes out of turn within %v", p.name, d)
				}
			}
			last, longest := map[string]int{}, map[string]int{}
			for i, u := range mine {
				if strings.HasPrefix(u.to, "n") {
					longest[u.to] = max(longest[u.to], i-last[u.to])
					last[u.to] = i
				}
			}
			for _, q := range steady {
				if gap := max(longest[q.name], len(mine)-last[q.name]); p != q && gap > 6*most-1 {
					rt.Fatalf("%s has not probed %s for %d periods, with %d members", p.name, q.name, gap, most)
				}
			}
			// Nor does it rest: a clock that is set makes a period 15/8 at most.
			if least := int((cl.now - start) / (2 * time.Second)); n > 1 && len(mine) < least {
				rt.Fatalf("%s made %d probes in %v", p.name, len(mine), cl.now-start)
			}
		}
	})
}

func TestWhoDoesNotCoordinateTellsNoPeriod(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newSolo(t, func(cfg *swim.Config) { cfg.NoCoordinatedProbing = !on })
		s.meet(3)
		s.advance(3 * time.Second)
		pings := 0
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPing); ok {
				pings++
				if (m.Period != 0) != on {
					t.Errorf("coordinating %v, and told period %d", on, m.Period)
				}
			}
		}
		if pings == 0 {
			t.Error("no pings")
		}
	}
}

func TestCoordinationNeedsAClockAndAWireThatCarriesPrints(t *testing.T) {
	for name, lack := range map[string]func(*swim.Config){
		"a wire without prints": func(cfg *swim.Config) { cfg.Codec = printless{cfg.Codec} },
		"no clock":              func(cfg *swim.Config) { cfg.Wall = time.Time{} },
		"a rule":                func(cfg *swim.Config) { cfg.Rules.RandomTargets = true },
	} {
		s := newSolo(t, lack)
		s.meet(2)
		s.advance(3 * time.Second)
		pings := 0
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPing); ok {
				if pings++; m.Period != 0 {
					t.Errorf("%s: a ping tells period %d", name, m.Period)
				}
			}
		}
		if pings == 0 {
			t.Errorf("%s: no pings", name)
		}
	}
}

type printless struct{ swim.Codec }

func (printless) Carries() swim.Carries {
	return swim.Carries{Lives: true, Rumours: true, Waits: true, LeaveAcks: true}
}

// Shifts in a row reach few members: their sums are few.
func TestScatteredShiftsAreAPermutation(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 1000} {
		seen := make([]bool, n)
		for i := range n {
			if v := swim.Scatter(i, n); v < 0 || v >= n || seen[v] {
				t.Fatalf("n = %d: %d is scattered to %d", n, i, v)
			} else {
				seen[v] = true
			}
		}
	}
}
