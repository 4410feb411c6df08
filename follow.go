package nekton

import (
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// note reads the events of the state machine: it measures, finds out who waits for
// what, and puts what users see into the outbox. It is called with mu held.
func (n *Node) note(out *output) {
	for i := range out.events {
		e := &out.events[i]
		switch e.Kind {
		case node.EventTraffic:
			n.measure(&e.Member)
			continue
		case node.EventJoinDone, node.EventPingDone:
			n.complete(out, e.Member)
			continue
		case node.EventLeaveAcked:
			if n.run != nil && n.run.left != nil {
				out.done = append(out.done, completion{n.run.left, e.Member})
				n.run.left = nil
			}
			continue
		}
		event := n.translate(n.core.Wall(n.now), e)
		if event == nil {
			continue
		}
		out.lines = append(out.lines, event)
		if n.listeners > 0 {
			n.outbox = append(n.outbox, event)
			out.deliver = true
		}
	}
}

// measure takes the measurements that the state machine leaves to its owner.
func (n *Node) measure(e *swim.Event) {
	switch {
	case e.Kind == swim.EventProbed && e.RTT > 0:
		n.measured.roundTrips.add(roundTripBounds[:], e.RTT)
	case e.Kind == swim.EventExchanged:
		n.measured.pushPulls.add(pushPullBounds[:], e.RTT)
	}
}

// complete tells whoever waits for a join or ping.
func (n *Node) complete(out *output, e swim.Event) {
	if n.run == nil {
		return
	}
	if waiter, ok := n.run.waiters[e.ID]; ok {
		delete(n.run.waiters, e.ID)
		out.done = append(out.done, completion{waiter, e})
	}
}

// translate turns an event of the state machine into one for users, nil if they
// do not care.
func (n *Node) translate(wall time.Time, e *node.Event) Event {
	switch e.Kind {
	case node.EventStatus:
		if e.Change.Self {
			q := n.core.Stats().Quorum
			return QuorumEvent{
				At: wall, From: e.Change.From, To: e.Change.To,
				Quorum: Quorum{Members: q.Members, Alive: q.Alive, Needed: q.Needed},
			}
		}
		return StatusEvent{At: wall, Node: e.ID, From: e.Change.From, To: e.Change.To}
	case node.EventStore:
		if _, _, err := n.core.ValueOf(e.ID, ""); err != nil {
			return nil // a stranger
		}
		return StoreEvent{At: wall, Node: n.outer(e.ID)}
	case node.EventMember:
		return n.translateMember(wall, e)
	}
	return nil
}

// translateMember turns an event of the protocol into one for users.
func (n *Node) translateMember(wall time.Time, e *node.Event) Event {
	m := &e.Member
	switch m.Kind {
	case swim.EventSelfRefuted:
		return SelfEvent{At: wall, Change: SelfRefuted, From: types.NodeId(m.From)}
	case swim.EventCutOff:
		return SelfEvent{At: wall, Change: SelfCutOff}
	case swim.EventReconnected:
		return SelfEvent{At: wall, Change: SelfReconnected}
	case swim.EventRefused:
		r := RefusedEvent{At: wall, ByUs: !m.Ours, Node: e.ID, Addr: m.Addr, Reason: m.Refusal.Reason}
		if r.Ours, r.Theirs = m.Refusal.Ours, m.Refusal.Theirs; m.Ours {
			r.Ours, r.Theirs = r.Theirs, r.Ours // as the other side sees it
		}
		return r
	case swim.EventConflict:
		if e.ID == n.core.ID() {
			if n.run != nil {
				n.run.replaced = true
			}
			return SelfEvent{At: wall, Change: SelfReplaced, Addr: m.Addr}
		}
	}
	changes := [...]MemberChange{
		swim.EventJoined: MemberJoined, swim.EventUpdated: MemberUpdated, swim.EventSuspected: MemberSuspected,
		swim.EventRefuted: MemberRefuted, swim.EventFailed: MemberFailed, swim.EventLeft: MemberLeft,
		swim.EventForgotten: MemberForgotten, swim.EventConflict: MemberConflict,
	}
	if int(m.Kind) >= len(changes) || changes[m.Kind] == 0 {
		return nil
	}
	return MemberEvent{
		At: wall, Node: e.ID, Change: changes[m.Kind], Addr: m.Addr, From: types.NodeId(m.From),
		Generation: uint64(m.Stamp.Generation), Boot: uint64(m.Stamp.Boot),
		Incarnation: uint32(m.Stamp.Incarnation), Restarted: m.Restarted,
	}
}
