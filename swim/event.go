package swim

import (
	"net/netip"
	"time"
)

// EventKind tells the events of a core apart.
type EventKind uint8

const (
	// EventJoined: a member is alive that was unknown, dead or left, or that
	// began a new life (Restarted says so). Name, Addr, Meta, Stamp.
	EventJoined EventKind = iota + 1
	// EventUpdated: a live member changed its address or meta. Name, Addr, Meta,
	// Stamp.
	EventUpdated
	// EventSuspected: a member is suspected. Name, Stamp, From.
	EventSuspected
	// EventRefuted: a suspect member is alive again. Name, Stamp.
	EventRefuted
	// EventFailed: a suspect member did not refute in time, here or elsewhere.
	// Name, Stamp, From.
	EventFailed
	// EventLeft: a member said that it leaves. Name, Stamp.
	EventLeft
	// EventForgotten: the tombstone of a dead or left member is gone. Name.
	EventForgotten
	// EventConflict: two nodes claim one name and life, or a higher life of our own
	// name exists and we have been replaced; then [Core.Replaced] says so, and no
	// event follows. Name, Addr (the other's), Stamp (the other's).
	EventConflict
	// EventSelfRefuted: we were suspected or declared dead and have raised our
	// incarnation. Stamp, From (the accuser).
	EventSelfRefuted
	// EventRefused: somebody did not let us join. Addr, Refusal.
	EventRefused
	// EventCutOff: a whole probe round brought no packet from anyone.
	EventCutOff
	// EventReconnected: the first packet after EventCutOff.
	EventReconnected
	// EventStateChanged: the riding state of a member changed by a merge. Name.
	EventStateChanged
	// EventJoinDone: a Join has succeeded (Err is nil) or failed. ID, Err.
	EventJoinDone
	// EventPingDone: a Ping has been answered (OK, RTT) or not. ID, OK, RTT.
	EventPingDone
	// EventLeaveAcked: enough peers have acknowledged our Leave, or there is none
	// left to ask.
	EventLeaveAcked
	// EventProbed: a probe of ours was answered. Name, RTT (direct answers only;
	// zero through a relay or a stream).
	EventProbed
	// EventExchanged: a push-pull ended. Addr, Err, Moved (records taken in), RTT
	// (its duration), Ours (we opened it).
	EventExchanged

	numEventKinds
)

// NumEventKinds is one more than the highest kind of event.
const NumEventKinds = int(numEventKinds)

var eventNames = [...]string{
	EventJoined: "joined", EventUpdated: "updated", EventSuspected: "suspected", EventRefuted: "refuted",
	EventFailed: "failed", EventLeft: "left", EventForgotten: "forgotten", EventConflict: "conflict",
	EventSelfRefuted: "self-refuted", EventRefused: "refused", EventCutOff: "cut-off", EventReconnected: "reconnected",
	EventStateChanged: "state-changed", EventJoinDone: "join-done", EventPingDone: "ping-done",
	EventLeaveAcked: "leave-acked", EventProbed: "probed", EventExchanged: "exchanged",
}

// String returns the lower-case name of the event.
func (k EventKind) String() string {
	if int(k) < len(eventNames) && k > 0 {
		return eventNames[k]
	}
	return "unknown"
}

// An Event is something that happened to the group, or the outcome of a command.
// For one member, events come in the order of its states; EventJoined precedes
// all others of a member.
type Event struct {
	Kind      EventKind
	Restarted bool
	OK        bool
	Ours      bool
	At        time.Duration
	Name      string
	From      string
	Addr      netip.AddrPort
	Meta      []byte // immutable
	Stamp     Stamp
	ID        uint64
	Moved     int
	RTT       time.Duration
	Refusal   *Refusal // nil but for EventRefused
	Err       error
}
