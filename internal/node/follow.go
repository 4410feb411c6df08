package node

import (
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// settle lets quorum and store follow what the core has found out, until nothing
// follows any more. Every input and command ends here.
func (n *Node) settle(now time.Duration) {
	for {
		n.takeChecks(now)
		n.takeChanges()
		if handled := n.machine.Handled(); handled != n.handled {
			// Every event writes the own status, if only with what it was.
			n.handled = handled
			n.store.Touch(n.cfg.ID, n.Wall(now))
		}
		if n.core == nil {
			return
		}
		n.core.TakeEvents(&n.fromCore)
		if len(n.fromCore) == 0 {
			return
		}
		n.events = slices.Grow(n.events, len(n.fromCore))
		for i := range n.fromCore {
			n.follow(now, &n.fromCore[i])
		}
	}
}

// takeChanges turns changes of status into events.
func (n *Node) takeChanges() {
	for _, ch := range n.machine.TakeChanges() {
		n.events = append(n.events, Event{Kind: EventStatus, ID: ch.ID, Change: ch})
	}
}

// follow applies one event of the core. A peer's status follows the state in which
// the detector holds it, not the messages that were heard about it.
func (n *Node) follow(now time.Duration, e *swim.Event) {
	id := n.idOf(e.Name)
	out := Event{Kind: EventMember, ID: id, Member: *e}
	switch e.Kind {
	case swim.EventStateChanged:
		out.Kind = EventStore
	case swim.EventJoinDone:
		out.Kind = EventJoinDone
	case swim.EventLeaveAcked:
		out.Kind = EventLeaveAcked
	case swim.EventProbed, swim.EventExchanged:
		out.Kind = EventTraffic
	case swim.EventPingDone:
		if sibling, ours := n.pings[e.ID]; ours {
			delete(n.pings, e.ID)
			n.answerChecks(now, sibling, e.OK)
			return
		}
		out.Kind = EventPingDone
	}
	n.events = append(n.events, out)

	switch e.Kind {
	case swim.EventJoined:
		n.machine.HandlePeerAlive(now, id)
	case swim.EventFailed, swim.EventLeft:
		n.machine.HandlePeerLeft(now, id)
	case swim.EventConflict:
		if n.core.Replaced() {
			n.machine.HandleEvent(now, types.SELF_LEAVE)
		}
	case swim.EventForgotten:
		switch {
		case !n.knows(id):
			n.store.Drop(id)
		case !n.cfg.Memberlist:
			n.store.Keep(id, store.Life{Generation: uint64(e.Stamp.Generation), Boot: uint64(e.Stamp.Boot)})
		}
	}
	n.takeChanges()
}

// takeChecks pings the siblings of lost peers. One ping answers all checks that
// ask for the same sibling.
func (n *Node) takeChecks(now time.Duration) {
	for _, check := range n.machine.TakeChecks() {
		if n.checks == nil {
			n.checks, n.pings = map[types.NodeId][]quorum.CheckID{}, map[uint64]types.NodeId{}
		}
		for _, sibling := range check.Siblings {
			waiting := n.checks[sibling]
			n.checks[sibling] = append(waiting, check.ID)
			if len(waiting) > 0 {
				continue
			}
			if addr, ok := n.addressOf(sibling); ok && n.core != nil {
				n.pings[n.core.Ping(now, n.nameOf(sibling), addr)] = sibling
			} else {
				n.answerChecks(now, sibling, false)
			}
		}
	}
}

// answerChecks tells every check that waits for a sibling what became of it.
func (n *Node) answerChecks(now time.Duration, sibling types.NodeId, answered bool) {
	waiting := n.checks[sibling]
	delete(n.checks, sibling)
	for _, check := range waiting {
		n.machine.HandleSiblingAnswer(now, check, sibling, answered)
	}
}

// addressOf is where a node lives: as the detector knows it, else as configured.
func (n *Node) addressOf(id types.NodeId) (netip.AddrPort, bool) {
	if n.core != nil {
		if m, ok := n.core.Member(n.nameOf(id)); ok {
			return m.Addr, true
		}
	}
	if e, ok := n.entries[id]; ok {
		if addr, err := netip.ParseAddrPort(e.addr); err == nil {
			return addr, true
		}
	}
	addr, ok := n.start.Addrs[id]
	return addr, ok
}

// applyDetector tells the machine that a peer is alive, if the detector says so.
func (n *Node) applyDetector(now time.Duration, id types.NodeId) {
	if n.core == nil {
		return
	}
	if m, ok := n.core.Member(n.nameOf(id)); ok && (m.State == swim.Alive || m.State == swim.Suspect) {
		n.machine.HandlePeerAlive(now, id)
	}
}

// reapplyDetector ends the statuses that the application has written over those of
// live peers.
func (n *Node) reapplyDetector(now time.Duration) {
	for _, id := range n.machine.Nodes() {
		n.applyDetector(now, id)
	}
}

// armReapply lets a status that the application wrote last until the next
// push-pull interval is over.
func (n *Node) armReapply(now time.Duration) {
	if interval := n.cfg.Intervals.PushPullInterval; n.core != nil && interval > 0 && !n.reapply.set {
		n.reapply = timer{at: now + interval, set: true}
	}
}
