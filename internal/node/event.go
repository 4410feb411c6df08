package node

import (
	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// EventKind tells the events of a node apart.
type EventKind uint8

const (
	// EventMember: something happened to a member. ID, Member.
	EventMember EventKind = iota + 1
	// EventStatus: the status of a known node changed, our own included. ID,
	// Change.
	EventStatus
	// EventStore: what a member publishes changed. ID.
	EventStore
	// EventJoinDone, EventPingDone and EventLeaveAcked: a command is done. Member
	// has the details.
	EventJoinDone
	EventPingDone
	EventLeaveAcked
	// EventTraffic: a probe was answered or an exchange ended; for measurement.
	// Member has the details.
	EventTraffic
)

// An Event is something that happened to the node or the group. Events come in
// the order in which things happened: a member's change, then the statuses that
// followed from it.
type Event struct {
	Kind   EventKind
	ID     types.NodeId
	Member swim.Event
	Change quorum.Change
}

// TakeEvents moves the events since the last call into out, and recycles what out
// held: the slices are swapped. It reports whether there are any.
func (n *Node) TakeEvents(out *[]Event) bool {
	if cap(*out) > maxRecycled {
		*out = nil // grown in a burst, which is over
	}
	clear(*out)
	*out = (*out)[:0]
	if len(n.events) == 0 {
		return false // and buffers of several owners need not grow in turn
	}
	n.events, *out = *out, n.events
	return true
}

// maxRecycled is how many events a buffer may have room for to be used again: what an
// input brings at rest.
const maxRecycled = 1
