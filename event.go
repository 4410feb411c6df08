package nekton

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// An Event is something that happened to the cluster or to this node: one of
// [MemberEvent], [SelfEvent], [RefusedEvent], [StatusEvent], [QuorumEvent],
// [StoreEvent] and [ResyncEvent]. Events are values without pointers into the node.
type Event interface {
	// When is the wall clock when it happened.
	When() time.Time
	// String describes it in a few words, without the time.
	String() string

	isEvent()
}

// MemberChange says what happened to a member.
type MemberChange uint8

const (
	// MemberJoined: a member is alive that was unknown, dead or left, or began a
	// new life.
	MemberJoined MemberChange = iota + 1
	// MemberUpdated: a live member changed its address.
	MemberUpdated
	// MemberSuspected: a member is suspected by From.
	MemberSuspected
	// MemberRefuted: a suspect is alive again.
	MemberRefuted
	// MemberFailed: a suspect did not refute in time. From accused it.
	MemberFailed
	// MemberLeft: a member said that it leaves.
	MemberLeft
	// MemberForgotten: a dead or left member is not remembered any more.
	MemberForgotten
	// MemberConflict: two nodes claim the same name and life; Addr is the one
	// that is not believed.
	MemberConflict
)

var memberChanges = [...]string{
	MemberJoined: "joined", MemberUpdated: "updated", MemberSuspected: "suspected", MemberRefuted: "refuted",
	MemberFailed: "failed", MemberLeft: "left", MemberForgotten: "forgotten", MemberConflict: "conflict",
}

// String returns one lower-case word.
func (c MemberChange) String() string {
	if c > 0 && int(c) < len(memberChanges) {
		return memberChanges[c]
	}
	return fmt.Sprintf("MemberChange(%d)", uint8(c))
}

// A MemberEvent says what the failure detector found out about a member, known to
// the API or not.
type MemberEvent struct {
	At          time.Time
	Node        types.NodeId
	Change      MemberChange
	Addr        netip.AddrPort // with MemberJoined, MemberUpdated, MemberConflict
	From        types.NodeId   // with MemberSuspected, MemberFailed
	Generation  uint64
	Boot        uint64
	Incarnation uint32
	// Restarted: a new life of a member that was already there.
	Restarted bool
}

// SelfChange says what happened to this node.
type SelfChange uint8

const (
	// SelfRefuted: we were accused, by From, and have refuted.
	SelfRefuted SelfChange = iota + 1
	// SelfCutOff: a whole probe round brought no packet from anyone.
	SelfCutOff
	// SelfReconnected: the first packet after that.
	SelfReconnected
	// SelfReplaced: a newer node of our name lives, at Addr or known to the member
	// at Addr. This one takes no part any more, and its status is DOWN; it should be
	// stopped.
	SelfReplaced
)

var selfChanges = [...]string{
	SelfRefuted: "refuted", SelfCutOff: "cut off", SelfReconnected: "reconnected", SelfReplaced: "replaced",
}

// String returns a few lower-case words.
func (c SelfChange) String() string {
	if c > 0 && int(c) < len(selfChanges) {
		return selfChanges[c]
	}
	return fmt.Sprintf("SelfChange(%d)", uint8(c))
}

// A SelfEvent is about this node's own part in the protocol.
type SelfEvent struct {
	At     time.Time
	Change SelfChange
	From   types.NodeId   // with SelfRefuted
	Addr   netip.AddrPort // with SelfReplaced
}

// A RefusedEvent says that one side did not let the other join.
type RefusedEvent struct {
	At time.Time
	// ByUs: we refused Node at Addr. Otherwise the member Node at Addr refused us.
	ByUs bool
	Node types.NodeId // may be empty
	// Addr is where a member that refused us lives, or where a stream that we
	// refused came from.
	Addr   netip.AddrPort
	Reason swim.RefusalReason
	// Ours and Theirs are the values on both sides.
	Ours, Theirs string
}

// A StatusEvent says that the status of a known peer changed.
type StatusEvent struct {
	At       time.Time
	Node     types.NodeId
	From, To types.NodeStatus
}

// A QuorumEvent says that the own status changed, with the count behind it as of
// when the event was noted.
type QuorumEvent struct {
	At       time.Time
	From, To types.NodeStatus
	Quorum   Quorum
}

// A StoreEvent says that what a known node publishes, the node itself included,
// has changed. Several changes may share one event.
type StoreEvent struct {
	At   time.Time
	Node types.NodeId
}

// A ResyncEvent stands where events were lost because the subscriber did not keep
// up. State that is read after it was received is as new as what was lost.
type ResyncEvent struct {
	At time.Time
	// Lost is the number of events that this subscriber had lost when this one was
	// put in its place; more may have followed.
	Lost uint64
}

func (MemberEvent) isEvent()  {}
func (SelfEvent) isEvent()    {}
func (RefusedEvent) isEvent() {}
func (StatusEvent) isEvent()  {}
func (QuorumEvent) isEvent()  {}
func (StoreEvent) isEvent()   {}
func (ResyncEvent) isEvent()  {}

// When is the wall clock when it happened.
func (e MemberEvent) When() time.Time { return e.At }

// When is the wall clock when it happened.
func (e SelfEvent) When() time.Time { return e.At }

// When is the wall clock when it happened.
func (e RefusedEvent) When() time.Time { return e.At }

// When is the wall clock when it happened.
func (e StatusEvent) When() time.Time { return e.At }

// When is the wall clock when it happened.
func (e QuorumEvent) When() time.Time { return e.At }

// When is the wall clock when it happened.
func (e StoreEvent) When() time.Time { return e.At }

// When is the wall clock when the first of the lost events happened.
func (e ResyncEvent) When() time.Time { return e.At }

// String names the member, the change, and what belongs to it.
func (e MemberEvent) String() string {
	switch e.Change {
	case MemberJoined:
		if e.Restarted {
			return fmt.Sprintf("member %s restarted at %v", e.Node, e.Addr)
		}
		return fmt.Sprintf("member %s joined at %v", e.Node, e.Addr)
	case MemberUpdated:
		return fmt.Sprintf("member %s updated, at %v", e.Node, e.Addr)
	case MemberSuspected, MemberFailed:
		return fmt.Sprintf("member %s %s, says %s", e.Node, e.Change, e.From)
	case MemberConflict:
		return fmt.Sprintf("member %s is also claimed by %v", e.Node, e.Addr)
	}
	return fmt.Sprintf("member %s %s", e.Node, e.Change)
}

// String names the change.
func (e SelfEvent) String() string {
	switch e.Change {
	case SelfRefuted:
		return fmt.Sprintf("self refuted what %s said", e.From)
	case SelfReplaced:
		return fmt.Sprintf("self replaced by a newer node, says %v", e.Addr)
	}
	return "self " + e.Change.String()
}

// String names who refused whom, and why.
func (e RefusedEvent) String() string {
	if e.ByUs {
		return fmt.Sprintf("refused %s at %v: %s (ours %q, theirs %q)", e.Node, e.Addr, e.Reason, e.Ours, e.Theirs)
	}
	return fmt.Sprintf("refused by %s at %v: %s (ours %q, theirs %q)", e.Node, e.Addr, e.Reason, e.Ours, e.Theirs)
}

// String names the peer and both statuses.
func (e StatusEvent) String() string { return fmt.Sprintf("node %s %s -> %s", e.Node, e.From, e.To) }

// String names both statuses and the count.
func (e QuorumEvent) String() string {
	return fmt.Sprintf("self %s -> %s (%d of %d alive, %d needed)", e.From, e.To, e.Quorum.Alive, e.Quorum.Members, e.Quorum.Needed)
}

// String names the node.
func (e StoreEvent) String() string { return fmt.Sprintf("store of node %s changed", e.Node) }

// String says how many were lost.
func (e ResyncEvent) String() string {
	return fmt.Sprintf("%d events lost; read the state anew", e.Lost)
}
