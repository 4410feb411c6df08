package interop

import (
	"math"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
)

// pair is one member of each kind, in both orders: what one does, the other has to
// notice.
func pairs(w *world) [2][2]member {
	return [2][2]member{{w.ours[1], w.theirs[1]}, {w.theirs[2], w.ours[2]}}
}

// Members of both kinds are killed in a cluster of both, and everybody of both kinds
// finds out within the bounds of the formula.
//
//	min = SuspicionMult × log10(n) × ProbeInterval, max = 6 × min
//
// The first to declare it dead needs at least min from the first failed probe, and with
// everybody confirming hardly more; see the figures that the test logs. How long each
// kind takes for each is compared over all framings together: a few deaths of a single
// one say little.
func TestAKilledMemberIsDetectedByBothKindsWithinTheSameTime(t *testing.T) {
	var times detections
	t.Cleanup(func() { times.compare(t) })
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.grow(6, true)
		for round := range 3 {
			for _, kind := range []string{"nekton", "memberlist"} {
				var victim member = w.ours[len(w.ours)-1-round]
				if kind == "memberlist" {
					victim = w.theirs[len(w.theirs)-1-round]
				}
				times.add(kind, w.detection(victim))
				w.rest(30 * time.Second)
			}
		}
		w.meet()
	})
}

// detection kills a member and returns after how long each of the others held it dead.
func (w *world) detection(victim member) map[member]time.Duration {
	w.t.Helper()
	shortest := time.Duration(4 * max(1, math.Log10(float64(len(w.members)))) * float64(time.Second))
	killed := time.Now()
	victim.Kill()
	w.drop(victim)
	took := map[member]time.Duration{}
	w.eventually(time.Minute, func() string {
		for _, m := range w.members {
			at := m.Gone(victim.Name())
			if at.IsZero() {
				return m.Name() + " does not know that " + victim.Name() + " is dead"
			}
			took[m] = at.Sub(killed)
		}
		return ""
	})
	for m, d := range took {
		if d < shortest*9/10 || d > 6*shortest {
			w.t.Errorf("%s finds %s dead after %v, want %v to %v", m.Name(), victim.Name(), d, shortest, 6*shortest)
		}
	}
	return took
}

// detections are the times that detecting took, by "victim seen by observer".
type detections struct {
	mu   sync.Mutex
	took map[string][]time.Duration
}

func (d *detections) add(victim string, took map[member]time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.took == nil {
		d.took = map[string][]time.Duration{}
	}
	for m, after := range took {
		observer := "memberlist"
		if _, ok := m.(*ours); ok {
			observer = "nekton"
		}
		who := victim + " seen by " + observer
		d.took[who] = append(d.took[who], after)
	}
}

// compare fails when one kind takes half as long again as another. It logs how long all
// have taken.
func (d *detections) compare(t *testing.T) {
	if t.Failed() || len(d.took) == 0 {
		return
	}
	var medians []time.Duration
	for who, all := range d.took {
		slices.Sort(all)
		medians = append(medians, all[len(all)/2])
		t.Logf("%-30s n=%3d  min %6.2fs  p50 %6.2fs  max %6.2fs", who, len(all),
			all[0].Seconds(), all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
	}
	if low, high := slices.Min(medians), slices.Max(medians); high > low*3/2 {
		t.Errorf("the medians are between %v and %v", low, high)
	}
}

// A suspicion out of nowhere is refuted, whoever is accused and whoever hears it.
func TestTheAccusedRefutes(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.thorough()
		w.grow(6, false)
		stranger := w.stranger()
		for _, p := range pairs(w) {
			accused, listener := p[0], p[1]
			before := w.row(stranger, listener, accused.Name())
			for _, kind := range []byte{peer.TypeSuspect, peer.TypeDead} {
				w.send(stranger, listener.Addr(), peer.Message(kind, peer.Accusation{
					Incarnation: before.Incarnation, Node: accused.Name(), From: w.members[0].Name(),
				}))
				wanted := before.Incarnation + 1
				for _, m := range w.members {
					w.eventually(5*time.Minute, func() string { // gossip may miss one, push-pull does not
						if row := w.row(stranger, m, accused.Name()); row.State != peer.RowAlive || row.Incarnation < wanted {
							return m.Name() + " has heard no refutation of " + accused.Name()
						}
						return ""
					})
				}
				before = w.row(stranger, listener, accused.Name())
			}
		}
		w.meet()
	})
}

// thorough makes both kinds send everything twice as often, in a cluster where that is
// 16 times. With memberlist's default, one in three thousand pieces of news misses a
// given member, and what that member does then is another test.
func (w *world) thorough() {
	w.alter(func(c *memberlist.Config) { c.RetransmitMult = 8 })
	w.options = append(w.options, nekton.WithProtocol(nekton.Protocol{RetransmitMult: 8}))
}

// stranger opens one that speaks in the framing of the world, and is closed with the test.
func (w *world) stranger() *peer.Stranger {
	w.t.Helper()
	s, err := w.site.Stranger()
	if err != nil {
		w.t.Fatal(err)
	}
	s.Around = w.envelope
	w.closers = append(w.closers, s.Close)
	return s
}

// row is what a member tells about a name.
func (w *world) row(s *peer.Stranger, m member, name string) peer.Row {
	w.t.Helper()
	table, err := s.Table(m.Addr())
	if err != nil {
		w.t.Fatalf("the table of %s: %v", m.Name(), err)
	}
	return table[name]
}

func (w *world) send(s *peer.Stranger, to netip.AddrPort, b []byte) {
	w.t.Helper()
	if err := s.Send(b, to); err != nil {
		w.t.Fatal(err)
	}
}

// Who says goodbye has left, and has not failed, in the tables of both kinds.
func TestADepartureIsSeenAsOneByBothKinds(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.thorough()
		w.grow(6, true)
		stranger := w.stranger()
		for _, leaver := range []member{w.ours[1], w.theirs[1]} {
			if err := leaver.Leave(); err != nil {
				t.Fatalf("%s leaves: %v", leaver.Name(), err)
			}
			w.drop(leaver)
			w.meet()
			for _, m := range w.members {
				if row := w.row(stranger, m, leaver.Name()); row.State != peer.RowLeft {
					t.Errorf("%s has %s in state %d, want left", m.Name(), leaver.Name(), row.State)
				}
				if o, ok := m.(*ours); ok && len(o.changes(leaver.Name(), nekton.MemberLeft)) != 1 {
					t.Errorf("%s has no event of the departure of %s", o.Name(), leaver.Name())
				}
			}
		}
		w.calm()
	})
}

// The direct path between one of each kind is blocked, for packets and streams, so that
// only others can save them: of the other kind, and of the own.
func TestEachKindServesTheIndirectProbesOfTheOther(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.grow(2, true)
		a, b := w.ours[0], w.theirs[0]
		relayed := map[member]*counter{w.ours[1]: {}, w.theirs[1]: {}}
		w.site.Links.Watch(func(s peer.Sent) {
			for relay, count := range relayed {
				if !s.Stream && s.From == relay.Addr() && (s.To == a.Addr() || s.To == b.Addr()) {
					count.add()
				}
			}
		})
		between := func(from, to netip.AddrPort) bool {
			return from == a.Addr() && to == b.Addr() || from == b.Addr() && to == a.Addr()
		}
		w.site.Links.Block(between, between)
		w.rest(2 * time.Minute)
		w.site.Links.Block(nil, nil)
		w.site.Links.Watch(nil)
		for relay, count := range relayed {
			if count.get() == 0 {
				t.Errorf("%s has sent nothing to either", relay.Name())
			}
		}
		w.meet()
		w.calm()
		if got := a.Stats().Protocol; got.IndirectProbes == 0 || got.ProbeFailures != 0 {
			t.Errorf("%s asked %d relays, %d probes failed", a.Name(), got.IndirectProbes, got.ProbeFailures)
		}
		if got := w.ours[1].Stats().Protocol.Relays; got == 0 {
			t.Errorf("%s served no indirect probe", w.ours[1].Name())
		}
	})
}

// Where packets are lost between the two kinds, streams show that they live.
func TestStreamPingsSaveWhoLosesAllPackets(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.grow(2, true)
		lonely := w.theirs[1]
		other := w.ours[1]
		for _, victim := range []member{lonely, other} {
			w.site.Links.Block(func(from, to netip.AddrPort) bool { return from == victim.Addr() || to == victim.Addr() }, nil)
			w.rest(time.Minute)
			w.site.Links.Block(nil, nil)
			for _, m := range w.members {
				if !m.Gone(victim.Name()).IsZero() {
					t.Errorf("%s holds %s dead", m.Name(), victim.Name())
				}
			}
			w.rest(30 * time.Second)
		}
		w.meet()
	})
}

// Who was killed and comes back at its address, under its name, is back on both sides.
func TestARestartedMemberIsBackOnBothSides(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.grow(3, true)
		for i, away := range []time.Duration{0, 2 * time.Second, time.Minute} {
			o := w.ours[len(w.ours)-1]
			at := o.Addr()
			o.Kill()
			w.drop(o)
			w.rest(away)
			w.join(w.oursAt("n3", at, uint64(i)+2))
			w.meetWithin(time.Minute)

			m := w.theirs[len(w.theirs)-1]
			at = m.Addr()
			m.Kill()
			w.drop(m)
			w.rest(away)
			w.join(w.theirsAt("m3", at))
			w.meetWithin(time.Minute)
		}
		w.rest(time.Minute)
		w.meet()
	})
}

// At another address it is back when the old entry is forgotten, at both kinds: neither
// takes a new address while it holds the old one alive, suspect or dead. Whoever left
// before is back at once.
func TestAMemberRestartedElsewhereIsBackOnBothSidesOnceTheOldOneIsGone(t *testing.T) {
	inMemory(t, peer.LAN(), func(w *world) {
		w.use(mode{})
		w.grow(3, true)
		for i, end := range []func(member){member.Kill, func(m member) {
			if err := m.Leave(); err != nil {
				t.Error(err)
			}
		}} {
			o := w.ours[len(w.ours)-1]
			end(o)
			w.drop(o)
			w.join(w.oursAt("n3", w.site.Addr(), uint64(i)+2))
			w.meetWithin(3 * time.Minute)

			m := w.theirs[len(w.theirs)-1]
			end(m)
			w.drop(m)
			w.join(w.theirsAt("m3", w.site.Addr()))
			w.meetWithin(3 * time.Minute)
			w.atTheirAddresses()
		}
		w.rest(time.Minute)
		w.meet()
	})
}

// atTheirAddresses waits until everybody has everybody where it is now.
func (w *world) atTheirAddresses() {
	w.t.Helper()
	s := w.stranger()
	w.eventually(3*time.Minute, func() string {
		for _, m := range w.members {
			table, err := s.Table(m.Addr())
			if err != nil {
				w.t.Fatal(err)
			}
			for _, other := range w.members {
				row := table[other.Name()]
				if ip, _ := netip.AddrFromSlice(row.Addr); netip.AddrPortFrom(ip, row.Port) != other.Addr() || row.State != peer.RowAlive {
					return m.Name() + " has " + other.Name() + " at " + ip.String()
				}
			}
		}
		return ""
	})
}
