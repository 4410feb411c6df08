package swim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

var stranger = netip.MustParseAddrPort("192.0.2.66:4444")

func pingReq(p peer, seq swim.SeqNo) swim.Message {
	return swim.Message{
		Kind: swim.KindPingReq, Seq: seq, Name: []byte(p.name), Addr: p.addr, WantNack: true, Wait: 500 * time.Millisecond,
	}
}

func TestARelayPingsMembersOnlyAndOnlyWhereItKnowsThem(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	elsewhere, nobody := peers[1], newPeer(9)
	elsewhere.addr = netip.MustParseAddrPort("192.0.2.1:80")
	self := peer{name: "self", addr: s.addr}
	for i, target := range []peer{elsewhere, nobody, self} {
		s.sent()
		s.hear(peers[0].addr, pingReq(target, 77))
		out := s.sent()
		if len(out) != 1 || out[0].to != peers[0].addr {
			t.Fatalf("%s at %v: sent %v", target.name, target.addr, out)
		}
		// The asker learns that we live, and so does not doubt itself.
		if m, ok := out[0].has(swim.KindNack); !ok || m.Seq != 77 || len(out[0].msgs) != 1 {
			t.Errorf("answered %v", out[0].msgs)
		}
		if got := s.drops(swim.DropRelayRefused); got != uint64(i+1) {
			t.Errorf("%d refusals counted", got)
		}
	}
}

func TestARelayNacksAtEightyPercentAndStillPassesOnALateAck(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	s.sent()
	start := s.now
	s.hear(peers[0].addr, pingReq(peers[1], 77))
	ping, ok := s.sent()[0].has(swim.KindPing)
	if !ok {
		t.Fatal("no ping to the target")
	}
	s.advance(399 * time.Millisecond)
	if out := s.sent(); len(out) != 0 {
		t.Fatalf("sent %v too early", out)
	}
	s.advance(time.Millisecond)
	out := s.sent()
	if m, ok := out[0].has(swim.KindNack); !ok || m.Seq != 77 || out[0].to != peers[0].addr || s.now-start != 400*time.Millisecond {
		t.Fatalf("at %v: %v", s.now-start, out)
	}
	s.advance(300 * time.Millisecond)
	s.hear(peers[1].addr, swim.Message{Kind: swim.KindAck, Seq: ping.Seq})
	out = s.sent()
	if m, ok := out[0].has(swim.KindAck); !ok || m.Seq != 77 || m.Seen != swim.PrintsAbsent {
		t.Errorf("the late ack became %v", out)
	}
	s.hear(peers[1].addr, swim.Message{Kind: swim.KindAck, Seq: ping.Seq})
	if s.drops(swim.DropStaleAck) != 1 {
		t.Error("a second ack was not stale")
	}
}

// The refutation that came to the relay meanwhile goes along with the ack, so that
// the asker cannot miss it.
func TestARelayedAckOfASuspectCarriesItsRefutation(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(3)
	s.hear(peers[0].addr, peers[1].claim(swim.Suspect, "m0"), pingReq(peers[1], 5))
	var ping swim.Message
	for _, d := range s.sent() {
		if m, ok := d.has(swim.KindPing); ok {
			ping = m
			if _, told := d.has(swim.KindSuspect); !told {
				t.Error("the ping does not tell the suspect (Lifeguard §IV-C)")
			}
		}
	}
	peers[1].stamp.Incarnation = 2
	s.hear(peers[1].addr, peers[1].alive(), swim.Message{Kind: swim.KindAck, Seq: ping.Seq})
	out := s.sent()
	if m, ok := out[len(out)-1].has(swim.KindAlive); !ok || m.Stamp.Incarnation != 2 {
		t.Errorf("passed on %v", out)
	}
}

// Indirect pings cannot be used to amplify.
func TestAStrangerGetsNoMoreThanItSent(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(20) // 20 claims are waiting to be piggybacked
	s.sent()
	ping := swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Seen: swim.PrintsGiven, Prints: s.core.Fingerprints()}
	s.hear(stranger, ping)
	if out := s.sent(); len(out) != 1 || out[0].size > len(s.encode(ping)) {
		t.Errorf("a ping of %d bytes brought %v", len(s.encode(ping)), out)
	}
	req := pingReq(peers[0], 2)
	s.hear(stranger, req)
	relayed := s.sent()
	m, ok := relayed[0].has(swim.KindPing)
	if !ok || relayed[0].to != peers[0].addr || len(relayed[0].msgs) != 1 {
		t.Fatalf("a ping-req of %d bytes brought %v", len(s.encode(req)), relayed)
	}
	s.hear(peers[0].addr, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
	if out := s.sent(); len(out) != 1 || out[0].to != stranger || out[0].size > len(s.encode(req)) {
		t.Errorf("its ack brought %v", out)
	}
	s.hear(peers[0].addr, ping)
	if out := s.sent(); len(out[0].msgs) < 10 {
		t.Errorf("a member got %d messages", len(out[0].msgs))
	}
}

func TestTheNumberOfRelaysIsBounded(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(2)
	b := s.encode(pingReq(peers[0], 1))
	for range 1500 {
		s.core.HandlePacket(s.now, peers[1].addr, b)
	}
	s.drain()
	if st := s.core.Stats(); st.Relays != 1024 || st.Drops[swim.DropRelayRefused] != 1500-1024 {
		t.Errorf("%d relays, %d refused", st.Relays, st.Drops[swim.DropRelayRefused])
	}
	s.advance(2 * time.Second)
	s.hear(peers[1].addr, pingReq(peers[0], 1))
	if st := s.core.Stats(); st.Relays != 1025 {
		t.Error("relays that are over still count")
	}
}
