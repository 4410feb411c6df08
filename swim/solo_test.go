package swim_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// solo is one core whose peers are the test itself: it says what they say and
// reads what they are sent.
type solo struct {
	t      testing.TB
	core   *swim.Core
	codec  *wirev2.Codec
	rider  *notes
	now    time.Duration
	wall   time.Time
	addr   netip.AddrPort
	out    []datagram
	events []swim.Event
	dials  []swim.Dial

	batchOf  swim.Batch
	eventsOf []swim.Event
}

// A datagram is a packet that the core sent, taken apart.
type datagram struct {
	at   time.Duration
	to   netip.AddrPort
	size int
	msgs []swim.Message
}

// has returns the first message of a kind.
func (d datagram) has(kind swim.Kind) (swim.Message, bool) {
	i := slices.IndexFunc(d.msgs, func(m swim.Message) bool { return m.Kind == kind })
	if i < 0 {
		return swim.Message{}, false
	}
	return d.msgs[i], true
}

// newSolo boots a core called "self" on LAN's defaults.
func newSolo(t testing.TB, adjust func(*swim.Config)) *solo {
	t.Helper()
	codec, err := wirev2.New("test", "v2")
	if err != nil {
		t.Fatal(err)
	}
	s := &solo{
		t: t, codec: codec, rider: newNotes("self"), now: time.Hour, wall: time.UnixMilli(epoch),
		addr: netip.MustParseAddrPort("10.9.9.9:7946"),
	}
	cfg := swim.Config{
		Name: "self", Addr: s.addr, ClusterID: "test", Version: "v2", Codec: codec, Rider: s.rider,
		Rand: rand.New(rand.NewPCG(7, 7)), Wall: s.wall,
		Life: swim.Life{Generation: 1, Boot: epoch},
	}
	if adjust != nil {
		adjust(&cfg)
	}
	if s.core, err = swim.New(cfg, s.now); err != nil {
		t.Fatal(err)
	}
	s.drain()
	return s
}

// A peer is a member that the test plays.
type peer struct {
	name  string
	addr  netip.AddrPort
	stamp swim.Stamp
	meta  []byte
}

func newPeer(i int) peer {
	return peer{
		name: fmt.Sprintf("m%d", i), addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 7946),
		stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: epoch - 1000}, Incarnation: 1},
	}
}

func (p peer) alive() swim.Message {
	return swim.Message{Kind: swim.KindAlive, Name: []byte(p.name), Addr: p.addr, Stamp: p.stamp, Meta: p.meta}
}

// claim is a claim about the peer, by an accuser where it takes one.
func (p peer) claim(state swim.State, from string) swim.Message {
	switch state {
	case swim.Alive:
		return p.alive()
	case swim.Suspect:
		return swim.Message{Kind: swim.KindSuspect, Name: []byte(p.name), From: []byte(from), Stamp: p.stamp}
	case swim.Left:
		from = p.name
	}
	return swim.Message{Kind: swim.KindDead, Name: []byte(p.name), From: []byte(from), Stamp: p.stamp}
}

// meet introduces n peers, m0 …, each by its own word.
func (s *solo) meet(n int) []peer {
	ps := make([]peer, n)
	for i := range ps {
		ps[i] = newPeer(i)
		s.hear(ps[i].addr, ps[i].alive())
	}
	return ps
}

func (s *solo) encode(msgs ...swim.Message) []byte {
	b := s.codec.BeginPacket(nil)
	var parts []int
	for i := range msgs {
		parts = append(parts, len(b))
		b = s.codec.AppendMessage(b, &msgs[i])
	}
	return s.codec.FinishPacket(b, 0, parts)
}

// hear lets a packet arrive.
func (s *solo) hear(from netip.AddrPort, msgs ...swim.Message) {
	s.t.Helper()
	s.core.HandlePacket(s.now, from, s.encode(msgs...))
	s.drain()
}

// do calls the core.
func (s *solo) do(f func()) {
	s.t.Helper()
	f()
	s.drain()
}

// drain collects what the core wants, and checks its invariants.
func (s *solo) drain() {
	s.t.Helper()
	var batch swim.Batch
	s.core.TakePackets(&batch)
	for i := range batch.Len() {
		to, b := batch.At(i)
		b = slices.Clone(b)
		d := datagram{at: s.now, to: to, size: len(b)}
		rest, drop := s.codec.OpenPacket(b)
		if drop != swim.DropNone {
			s.t.Fatalf("the core sent a packet that is dropped as %v", drop)
		}
		for rest.Len() > 0 {
			var m swim.Message
			var ok bool
			if rest, ok = s.codec.NextMessage(rest, &m); !ok {
				s.t.Fatal("the core sent a malformed message")
			}
			d.msgs = append(d.msgs, m)
		}
		s.out = append(s.out, d)
	}
	var dials []swim.Dial
	s.core.TakeDials(&dials)
	s.dials = append(s.dials, dials...)
	var events []swim.Event
	s.core.TakeEvents(&events)
	s.events = append(s.events, events...)
	if err := s.core.CheckInvariants(); err != nil {
		s.t.Fatalf("at %v: %v", s.now, err)
	}
}

// advance lets time pass, deadline by deadline.
func (s *solo) advance(d time.Duration) {
	s.t.Helper()
	end := s.now + d
	for {
		at, ok := s.core.NextDeadline()
		if !ok || at > end {
			break
		}
		s.now = max(s.now, at)
		s.core.HandleTimeout(s.now)
		s.drain()
	}
	s.now = end
}

// sent returns the datagrams since the last call.
func (s *solo) sent() []datagram {
	out := s.out
	s.out = nil
	return out
}

// ack answers every ping to a peer that is not in silent, as that peer would.
func (s *solo) ackAll(silent ...netip.AddrPort) {
	s.t.Helper()
	for _, d := range s.sent() {
		if m, ok := d.has(swim.KindPing); ok && !slices.Contains(silent, d.to) {
			s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
		}
	}
}

// advanceAnswered lets time pass while all but the silent answer pings at once.
func (s *solo) advanceAnswered(d time.Duration, silent ...netip.AddrPort) {
	s.t.Helper()
	for end := s.now + d; s.now < end; {
		s.advance(min(end-s.now, 10*time.Millisecond))
		s.ackAll(silent...)
	}
}

// advanceByDeadlines lets time pass until end, while everybody answers pings at
// once.
func (s *solo) advanceByDeadlines(end time.Duration) {
	s.t.Helper()
	for {
		at, ok := s.core.NextDeadline()
		if !ok || at > end {
			break
		}
		s.advance(at - s.now)
		s.ackAll()
	}
	s.advance(end - s.now)
}

func (s *solo) state(name string) swim.State {
	s.t.Helper()
	m, ok := s.core.Member(name)
	if !ok {
		s.t.Fatalf("%s is unknown", name)
	}
	return m.State
}

// count counts the events of a kind about a name; any name if empty.
func (s *solo) count(kind swim.EventKind, name string) int {
	n := 0
	for _, e := range s.events {
		if e.Kind == kind && (name == "" || e.Name == name) {
			n++
		}
	}
	return n
}

func (s *solo) drops(d swim.Drop) uint64 { return s.core.Stats().Drops[d] }

// validConfig is a configuration that New accepts.
func validConfig() swim.Config {
	codec, err := wirev2.New("test", "v2")
	if err != nil {
		panic(err)
	}
	return swim.Config{
		Name: "self", Addr: netip.MustParseAddrPort("10.9.9.9:7946"), ClusterID: "test", Version: "v2", Codec: codec,
		Rand: rand.New(rand.NewPCG(7, 7)), Life: swim.Life{Generation: 1, Boot: epoch},
	}
}
