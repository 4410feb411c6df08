package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// leaveAck acknowledges the departure of s from a peer.
func (s *solo) leaveAck(from peer) {
	s.hear(from.addr, swim.Message{Kind: swim.KindLeaveAck, Seq: swim.SeqNo(s.core.Self().Incarnation)})
}

func TestALeaveDoesNotWaitForPeersThatAreGoneOnceSomebodyHasHeard(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(3) // two of them have gone, unheard
	s.do(func() { s.core.Leave(s.now) })
	s.leaveAck(peers[0])
	if s.count(swim.EventLeaveAcked, "") != 0 {
		t.Fatal("one of three was enough at once")
	}
	s.advance(3*500*time.Millisecond + time.Millisecond)
	if s.count(swim.EventLeaveAcked, "") != 1 {
		t.Error("after three tries the leave still waits for peers that do not answer")
	}
}

func TestALeaveThatNobodyHearsIsNotAcknowledged(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(3)
	s.do(func() { s.core.Leave(s.now) })
	s.sent()
	s.advance(time.Minute)
	if s.count(swim.EventLeaveAcked, "") != 0 {
		t.Fatal("a leave that nobody acknowledged counts as acknowledged")
	}
	told := map[string]int{}
	for _, d := range s.sent() {
		if m, ok := d.has(swim.KindDead); ok && string(m.Name) == "self" {
			told[d.to.String()]++
		}
	}
	for _, p := range peers {
		if told[p.addr.String()] < 10 {
			t.Errorf("%s was told %d times in a minute", p.name, told[p.addr.String()])
		}
	}
	s.leaveAck(peers[0])
	s.advance(time.Second)
	if s.count(swim.EventLeaveAcked, "") != 1 {
		t.Error("the first acknowledgement, late, does not end it")
	}
}

func TestADepartureIsAcknowledgedAlsoBeforeItsJoiningIsKnown(t *testing.T) {
	s := newSolo(t, quiet)
	peers := s.meet(2)
	s.sent()
	acks := func() int {
		n := 0
		for _, d := range s.sent() {
			if _, ok := d.has(swim.KindLeaveAck); ok {
				n++
			}
		}
		return n
	}
	stranger := newPeer(9)
	s.hear(stranger.addr, stranger.claim(swim.Left, stranger.name))
	if acks() != 1 {
		t.Error("a stranger that leaves is not acknowledged")
	}
	moved := peers[0]
	moved.addr = newPeer(8).addr
	moved.stamp.Boot++
	s.hear(moved.addr, moved.claim(swim.Left, moved.name))
	if acks() != 1 || s.state(moved.name) != swim.Left {
		t.Errorf("a member that leaves from an address we do not know is %v", s.state(moved.name))
	}
	s.hear(peers[1].addr, stranger.claim(swim.Left, stranger.name))
	if acks() != 0 {
		t.Error("what a member says about another is acknowledged")
	}
}
