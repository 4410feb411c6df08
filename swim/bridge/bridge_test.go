package bridge_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/bridge"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// member is what a [swim.Core] and a [bridge.Bridge] have in common.
type member interface {
	HandlePacket(now time.Duration, from netip.AddrPort, packet []byte)
	HandleTimeout(now time.Duration)
	NextDeadline() (time.Duration, bool)
	TakePackets(out *swim.Batch)
	TakeDials(out *[]swim.Dial)
	TakeEvents(out *[]swim.Event)
	Begin(now time.Duration, d swim.Dial) (swim.ExchangeID, []byte, error)
	Accept(now time.Duration, from netip.AddrPort) swim.ExchangeID
	Step(now time.Duration, id swim.ExchangeID, frame []byte) ([]byte, bool, error)
	Abort(now time.Duration, id swim.ExchangeID, err error)
	HandleDialError(now time.Duration, d swim.Dial, err error)
	Join(now time.Duration, addrs []netip.AddrPort) uint64
	Leave(now time.Duration)
	Alive() int
	CheckInvariants() error
}

// party is one member of a world without distance: what is sent arrives at once.
type party struct {
	member
	name   string
	addr   netip.AddrPort
	events []swim.Event
	gone   bool
}

type world struct {
	t       *testing.T
	now     time.Duration
	parties map[netip.AddrPort]*party
	cut     [2]bool // wires that carry nothing
}

func newWorld(t *testing.T) *world { return &world{t: t, parties: map[netip.AddrPort]*party{}} }

func addrOf(name string) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, name[0]}), 7946)
}

// core makes a core on a wire.
func (w *world) core(name string, wire int, meta string) *swim.Core {
	w.t.Helper()
	return w.coreOf(name, wire, meta, swim.Life{Generation: 1, Boot: 1}, addrOf(name))
}

// coreOf makes a core of a certain life, at an address of its own.
func (w *world) coreOf(name string, wire int, meta string, life swim.Life, addr netip.AddrPort) *swim.Core {
	w.t.Helper()
	cfg := swim.Config{
		Name: name, Addr: addr, Meta: []byte(meta), ClusterID: "c", Version: "v2",
		Rand: rand.New(rand.NewPCG(uint64(name[0]), uint64(wire))), Life: life,
		PushPullInterval: 5 * time.Second,
	}
	var err error
	if cfg.Codec, err = wirev2.New("c", "v2"); wire == bridge.Memberlist {
		cfg.Version = "v1"
		cfg.Codec, err = wirev1.New(wirev1.Config{Name: name, Addr: cfg.Addr})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := swim.New(cfg, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) add(name string, m member) *party {
	p := &party{member: m, name: name, addr: addrOf(name)}
	w.parties[p.addr] = p
	return p
}

func (w *world) bridged(name string) *party {
	return w.add(name, bridge.New(bridge.Config{
		Nekton: w.core(name, bridge.Nekton, ""), Memberlist: w.core(name+"v1", bridge.Memberlist, "bridged"),
		Name:    func(id string) string { return id + "v1" },
		ID:      func(name string) string { return strings.TrimSuffix(name, "v1") },
		Bridged: func(meta []byte) bool { return string(meta) == "bridged" },
	}))
}

func wireOf(b []byte) int {
	if b[0] < 14 {
		return bridge.Memberlist
	}
	return bridge.Nekton
}

// settle carries everything until nobody says anything more.
func (w *world) settle() {
	for more := true; more; {
		more = false
		for _, p := range w.all() {
			more = w.carry(p) || more
		}
	}
}

// all are those who run, in a fixed order.
func (w *world) all() (all []*party) {
	for _, p := range w.parties {
		if !p.gone {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *party) int { return strings.Compare(a.name, b.name) })
	return all
}

func (w *world) carry(p *party) (any bool) {
	var packets swim.Batch
	p.TakePackets(&packets)
	for i := range packets.Len() {
		any = true
		to, b := packets.At(i)
		if _, both := p.member.(*bridge.Bridge); both && int(packets.Wire(i)) != wireOf(b) {
			w.t.Fatalf("%s: a packet of wire %d is marked %d", p.name, wireOf(b), packets.Wire(i))
		}
		if q := w.parties[to]; q != nil && !q.gone && !w.cut[wireOf(b)] {
			q.HandlePacket(w.now, p.addr, slices.Clone(b))
		}
	}
	var dials []swim.Dial
	p.TakeDials(&dials)
	for _, d := range dials {
		any = true
		w.converse(p, d)
	}
	var events []swim.Event
	p.TakeEvents(&events)
	p.events = append(p.events, events...)
	return any
}

var errUnreachable = errors.New("unreachable")

func (w *world) converse(p *party, d swim.Dial) {
	q := w.parties[d.Addr]
	id, frame, err := p.Begin(w.now, d)
	if err != nil {
		w.t.Fatal(err)
	}
	if q == nil || q.gone {
		p.Abort(w.now, id, errUnreachable)
		return
	}
	there := q.Accept(w.now, netip.AddrPortFrom(p.addr.Addr(), 40000))
	for done := false; !done; {
		if w.cut[wireOf(frame)] {
			p.Abort(w.now, id, errUnreachable)
			q.Abort(w.now, there, errUnreachable)
			return
		}
		var reply []byte
		if reply, done, err = q.Step(w.now, there, frame); reply == nil {
			if !done || err != nil {
				p.Abort(w.now, id, errUnreachable)
			}
			return
		}
		var over bool
		if frame, over, err = p.Step(w.now, id, reply); err != nil && !done {
			q.Abort(w.now, there, err)
		}
		if over && frame == nil {
			return
		}
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for until := w.now + d; ; {
		w.settle()
		next, any := until, false
		for _, p := range w.all() {
			if at, ok := p.NextDeadline(); ok && at <= next {
				next, any = at, true
			}
		}
		if !any {
			w.now = until
			return
		}
		w.now = max(w.now, next)
		for _, p := range w.all() {
			if at, ok := p.NextDeadline(); ok && at <= w.now {
				p.HandleTimeout(w.now)
			}
			if err := p.CheckInvariants(); err != nil {
				w.t.Fatalf("%s: %v", p.name, err)
			}
		}
	}
}

// told are the kinds of events about a node, without those that only count.
func (p *party) told(id string) (kinds []swim.EventKind) {
	for _, e := range p.events {
		if e.Name == id && e.Kind != swim.EventProbed && e.Kind != swim.EventExchanged {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func (p *party) expect(t *testing.T, id string, want ...swim.EventKind) {
	t.Helper()
	if got := p.told(id); !slices.Equal(got, want) {
		t.Errorf("%s was told of %s: %v, want %v", p.name, id, got, want)
	}
}

// trio is two bridged nodes and one on memberlist's wire alone, joined through that.
func trio(t *testing.T) (w *world, a, b, m *party) {
	w = newWorld(t)
	m = w.add("mv1", w.core("mv1", bridge.Memberlist, "plain"))
	a, b = w.bridged("a"), w.bridged("b")
	a.Join(0, []netip.AddrPort{m.addr})
	w.pass(time.Second)
	b.Join(w.now, []netip.AddrPort{m.addr})
	w.pass(5 * time.Second)
	return w, a, b, m
}

func TestEveryNodeIsToldOnce(t *testing.T) {
	_, a, b, m := trio(t)
	for _, p := range []*party{a, b, m} {
		if p.Alive() != 3 {
			t.Errorf("%s lists %d", p.name, p.Alive())
		}
	}
	a.expect(t, "b", swim.EventJoined)
	a.expect(t, "m", swim.EventJoined)
	b.expect(t, "a", swim.EventJoined)
	joins := 0
	for _, e := range b.events {
		if e.Kind == swim.EventJoinDone {
			joins++
			if e.Err != nil || e.ID != 1 {
				t.Errorf("join %d is done: %v", e.ID, e.Err)
			}
		}
	}
	if joins != 1 {
		t.Errorf("the join is done %d times", joins)
	}
	names := []string{}
	for i := range a.member.(*bridge.Bridge).Members() {
		names = append(names, i.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"a", "b", "m"}) {
		t.Errorf("members are %v", names)
	}
}

func TestBridgedNodesMeetOnNektonsWireThoughTheirSeedDoesNotSpeakIt(t *testing.T) {
	_, a, b, _ := trio(t)
	for _, p := range []*party{a, b} {
		other := map[*party]string{a: "b", b: "a"}[p]
		if br := p.member.(*bridge.Bridge); !br.On(bridge.Nekton, other) || !br.On(bridge.Memberlist, other) {
			t.Errorf("%s sees %s on nekton's side: %v, on memberlist's: %v", p.name, other,
				br.On(bridge.Nekton, other), br.On(bridge.Memberlist, other))
		}
	}
}

func TestWhoIsLostOnOneWireIsNotLost(t *testing.T) {
	for wire := range 2 {
		w, a, _, _ := trio(t)
		a.events = nil
		w.cut[wire] = true
		w.pass(time.Minute)
		a.expect(t, "b")
		if wire == bridge.Nekton {
			a.expect(t, "m")
		}
		if a.member.(*bridge.Bridge).CutOff() {
			t.Error("it holds itself cut off")
		}
	}
}

func TestWhoIsLostOnBothWiresIsLostOnce(t *testing.T) {
	w, a, b, _ := trio(t)
	a.events = nil
	b.gone = true
	w.pass(time.Minute)
	got := a.told("b")
	failed := slices.Index(got, swim.EventFailed)
	if failed < 0 || slices.Contains(got[failed+1:], swim.EventFailed) || slices.Contains(got, swim.EventJoined) {
		t.Errorf("told: %v", got)
	}
	if a.Alive() != 2 {
		t.Errorf("it lists %d", a.Alive())
	}
}

func TestADepartureIsOneOnBothWires(t *testing.T) {
	w, a, b, m := trio(t)
	a.events, m.events = nil, nil
	b.Leave(w.now)
	w.pass(5 * time.Second)
	b.gone = true
	w.pass(25 * time.Second)
	a.expect(t, "b", swim.EventLeft)
	m.expect(t, "bv1", swim.EventLeft)
	acked := 0
	for _, e := range b.events {
		if e.Kind == swim.EventLeaveAcked {
			acked++
		}
	}
	if acked != 1 {
		t.Errorf("the departure is over %d times", acked)
	}
}

func TestBothWiresCutIsCutOff(t *testing.T) {
	w, a, _, _ := trio(t)
	w.cut = [2]bool{true, true}
	w.pass(time.Minute)
	if !a.member.(*bridge.Bridge).CutOff() {
		t.Error("it does not notice")
	}
	if !slices.ContainsFunc(a.events, func(e swim.Event) bool { return e.Kind == swim.EventCutOff }) {
		t.Error("it does not say so")
	}
	w.cut = [2]bool{}
	w.pass(time.Minute)
	if a.Alive() != 3 || a.member.(*bridge.Bridge).CutOff() {
		t.Errorf("it lists %d; cut off %v", a.Alive(), a.member.(*bridge.Bridge).CutOff())
	}
}

func TestAJoinThatReachesNobodyFailsOnceWithTheReasonsOfBothWires(t *testing.T) {
	w := newWorld(t)
	a := w.bridged("a")
	id := a.Join(0, []netip.AddrPort{addrOf("x")})
	w.pass(time.Second)
	var outcomes []swim.Event
	for _, e := range a.events {
		if e.Kind == swim.EventJoinDone {
			outcomes = append(outcomes, e)
		}
	}
	if len(outcomes) != 1 || outcomes[0].ID != id || !errors.Is(outcomes[0].Err, swim.ErrNoSeed) {
		t.Errorf("outcomes %+v", outcomes)
	}
}

func TestAReplacedNodeSaysNothingOnEitherWire(t *testing.T) {
	w, a, b, m := trio(t)
	early := a.Accept(w.now, b.addr)
	// A second process of the same name, with a higher life, from another address.
	higher := w.coreOf("a", bridge.Nekton, "", swim.Life{Generation: 2, Boot: 1}, addrOf("z"))
	z := &party{member: higher, name: "z", addr: addrOf("z")}
	w.parties[z.addr] = z
	z.Join(w.now, []netip.AddrPort{a.addr})
	w.settle()
	if !a.member.(*bridge.Bridge).Replaced() {
		t.Fatal("the lower life was not replaced")
	}

	dial := swim.Dial{Kind: swim.DialPing, Addr: a.addr, Name: "av1"}
	_, ping, err := m.Begin(w.now, dial)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []swim.ExchangeID{early, a.Accept(w.now, m.addr)} {
		if reply, done, err := a.Step(w.now, id, ping); reply != nil || !done || !errors.Is(err, swim.ErrReplaced) {
			t.Errorf("a ping on memberlist's wire was answered with %d bytes, done %v, error %v", len(reply), done, err)
		}
	}
	dial.Wire, dial.Addr, dial.Name = bridge.Memberlist, m.addr, m.name
	if _, frame, err := a.Begin(w.now, dial); frame != nil || !errors.Is(err, swim.ErrReplaced) {
		t.Errorf("a stream on memberlist's wire began with %d bytes, error %v", len(frame), err)
	}
}
