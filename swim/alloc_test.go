package swim_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// rig is a core in steady state among n members, for allocations and time.
type rig struct {
	*solo
	peers []peer
	batch swim.Batch
	ev    []swim.Event
	dial  []swim.Dial
}

func newRig(t testing.TB, n int, adjust func(*swim.Config)) *rig {
	s := newSolo(t, adjust)
	r := &rig{solo: s, peers: make([]peer, n-1)}
	for i := range r.peers {
		r.peers[i] = newPeer(i)
		s.core.HandlePacket(s.now, r.peers[i].addr, s.encode(r.peers[i].alive()))
	}
	// The news that they are alive is used up.
	ping := s.encode(swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self")})
	for s.core.Stats().QueuedClaims > 0 {
		for range 100 {
			s.core.HandlePacket(s.now, r.peers[0].addr, ping)
		}
		s.core.TakePackets(&r.batch)
	}
	r.take()
	return r
}

// take drains the outputs as an owner does.
func (r *rig) take() {
	r.core.TakePackets(&r.batch)
	r.core.TakeEvents(&r.ev)
	r.core.TakeDials(&r.dial)
}

// pingFromPeer is a ping whose sender's tables equal ours.
func (r *rig) pingFromPeer() (from netip.AddrPort, packet []byte) {
	return r.peers[1].addr, r.encode(swim.Message{
		Kind: swim.KindPing, Seq: 9, Name: []byte("self"), Prints: r.core.Fingerprints(), Seen: swim.PrintsGiven,
	})
}

// refresh makes k members news again, without a change of their rows.
func (r *rig) refresh(k int) {
	for _, p := range r.peers[:k] {
		r.core.Touch(r.now, p.name, 0)
	}
}

// known is a gossip packet of claims that say nothing new.
func (r *rig) known(k int) []byte {
	var msgs []swim.Message
	for _, p := range r.peers[:k] {
		msgs = append(msgs, p.alive())
	}
	return r.encode(msgs...)
}

// idlePeriod lets one protocol period pass in which the probed member answers.
func (r *rig) idlePeriod(ack []byte, find func([]byte) swim.SeqNo) {
	end := r.now + time.Second
	for {
		at, ok := r.core.NextDeadline()
		if !ok || at > end {
			break
		}
		r.now = max(r.now, at)
		r.core.HandleTimeout(r.now)
		r.core.TakePackets(&r.batch)
		for i := range r.batch.Len() {
			to, packet := r.batch.At(i)
			m := swim.Message{Kind: swim.KindAck, Seq: find(packet), Seen: swim.PrintsSame}
			r.core.HandlePacket(r.now, to, r.codec.AppendMessage(r.codec.BeginPacket(ack[:0]), &m))
		}
		r.core.TakeEvents(&r.ev)
		r.core.TakeDials(&r.dial)
	}
	r.now = end
}

// seqOf reads the number of the ping that a packet begins with.
func (r *rig) seqOf() func([]byte) swim.SeqNo {
	in := new(swim.Message)
	return func(packet []byte) swim.SeqNo {
		rest, _ := r.codec.OpenPacket(packet)
		r.codec.NextMessage(rest, in)
		return in.Seq
	}
}

func TestTheHotPathAllocatesNothing(t *testing.T) {
	t.Run("shuffled", func(t *testing.T) {
		hotPath(t, func(cfg *swim.Config) { cfg.NoCoordinatedProbing = true })
	})
	hotPath(t, nil)
}

func hotPath(t *testing.T, adjust func(*swim.Config)) {
	r := newRig(t, 100, adjust)
	from, ping := r.pingFromPeer()
	gossip := r.known(20)
	find, ack := r.seqOf(), make([]byte, 0, 64)
	suspect := r.peers[3]
	for _, c := range []struct {
		what string
		do   func()
	}{
		{"a ping and its ack", func() { r.core.HandlePacket(r.now, from, ping); r.take() }},
		{"a ping and its ack with piggyback", func() {
			r.refresh(5)
			r.core.HandlePacket(r.now, from, ping)
			r.take()
		}},
		{"20 claims that are known", func() { r.core.HandlePacket(r.now, from, gossip); r.take() }},
		{"an idle protocol period", func() { r.idlePeriod(ack, find) }},
	} {
		for range 300 {
			c.do() // buffers grow to their size
		}
		if n := testing.AllocsPerRun(300, c.do); n != 0 {
			t.Errorf("%s: %v allocations", c.what, n)
		}
	}
	// The same among suspicions: an ack that carries one.
	r.core.HandlePacket(r.now, from, r.encode(suspect.claim(swim.Suspect, "m1")))
	if n := testing.AllocsPerRun(100, func() { r.core.HandlePacket(r.now, suspect.addr, ping); r.take() }); n != 0 {
		t.Errorf("a ping of a suspect: %v allocations", n)
	}
	if got := r.core.Stats(); got.Suspect != 1 || got.Drops != [swim.NumDrops]uint64{} {
		t.Errorf("the rig does not do what it should: %+v", got)
	}
}

var groupSizes = []int{10, 1000, 10_000}

// BenchmarkPingAckPiggyback is the core's share of a probe at the member that is
// probed, codec included: a ping comes in, an ack with one piece of news goes out.
// Sockets, encryption and the prober's half are not in it.
func BenchmarkPingAckPiggyback(b *testing.B) {
	for _, n := range groupSizes {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			// The news is a rumour of 40 bytes, made new again each time: that is
			// in the figure.
			r := newRig(b, n, func(cfg *swim.Config) {
				cfg.Rider = bulk{newNotes("self"), map[string]int{"m0": 40}}
			})
			from, ping := r.pingFromPeer()
			b.ReportAllocs()
			for b.Loop() {
				r.core.Touch(r.now, "m0", 0)
				r.core.HandlePacket(r.now, from, ping)
				r.core.TakePackets(&r.batch)
			}
		})
	}
}

// BenchmarkPingAckIdle is the same without news: what a quiet cluster does.
func BenchmarkPingAckIdle(b *testing.B) {
	for _, n := range groupSizes {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			r := newRig(b, n, nil)
			from, ping := r.pingFromPeer()
			b.ReportAllocs()
			for b.Loop() {
				r.core.HandlePacket(r.now, from, ping)
				r.core.TakePackets(&r.batch)
			}
		})
	}
}

// BenchmarkGossipTwentyKnown is a gossip packet of 20 claims that say nothing new:
// what most gossip is when it has reached most members.
func BenchmarkGossipTwentyKnown(b *testing.B) {
	for _, n := range groupSizes[1:] {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			r := newRig(b, n, nil)
			from, gossip := r.peers[1].addr, r.known(20)
			b.ReportAllocs()
			for b.Loop() {
				r.core.HandlePacket(r.now, from, gossip)
			}
		})
	}
}

// BenchmarkIdlePeriod is a protocol period of a quiet cluster at one member: the
// probe and its ack, and every timer that is due.
func BenchmarkIdlePeriod(b *testing.B) {
	for _, n := range groupSizes {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			r := newRig(b, n, nil)
			find, ack := r.seqOf(), make([]byte, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				r.idlePeriod(ack, find)
			}
		})
	}
}

// BenchmarkPushPullInSync is a push-pull between two members whose tables are
// equal: what a join of a known member or a needless stream costs both sides.
func BenchmarkPushPullInSync(b *testing.B) {
	for _, n := range groupSizes {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			one := newRig(b, n, nil)
			other := newSolo(b, func(cfg *swim.Config) { cfg.Name, cfg.Addr = "m0", newPeer(0).addr; cfg.Rider = newNotes("m0") })
			self := peer{name: "self", addr: one.addr, stamp: one.core.Self()}
			one.peers[0].stamp = other.core.Self()
			one.core.HandlePacket(one.now, one.peers[0].addr, one.encode(one.peers[0].alive()))
			for _, p := range append(one.peers[1:], self) {
				other.core.HandlePacket(other.now, p.addr, other.encode(p.alive()))
			}
			if one.core.Fingerprints() != other.core.Fingerprints() {
				b.Fatal("the tables differ")
			}
			wire := 0
			b.ReportAllocs()
			for b.Loop() {
				id, frame, err := one.core.Begin(one.now, swim.Dial{Kind: swim.DialHeal, Addr: other.addr})
				if err != nil {
					b.Fatal(err)
				}
				wire = len(frame)
				peer := other.core.Accept(other.now, one.addr)
				for done := false; !done; {
					var reply []byte
					if reply, done, err = other.core.Step(other.now, peer, frame); err != nil {
						b.Fatal(err)
					}
					wire += len(reply)
					if frame, _, err = one.core.Step(one.now, id, reply); err != nil {
						b.Fatal(err)
					}
					wire += len(frame)
				}
				one.take()
				other.core.TakePackets(&other.batchOf)
				other.core.TakeEvents(&other.eventsOf)
			}
			b.ReportMetric(float64(wire), "wire-B/op")
		})
	}
}
