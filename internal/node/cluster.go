package node

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/types"
)

// An UnknownNodeError means that a node was never made known by UpdateCluster or
// AddNode.
type UnknownNodeError struct{ ID types.NodeId }

// Error names the node.
func (e *UnknownNodeError) Error() string { return fmt.Sprintf("node %q is not known", e.ID) }

// UpdateCluster makes peers the nodes that are known, and the node itself, listed
// or not. New ones are DOWN, and UP right after the call's own event if the
// detector holds them alive. Those that are dropped lose their entry, and are not
// looked for any more when they are lost.
func (n *Node) UpdateCluster(now time.Duration, peers map[types.NodeId]types.NodeUpdate) {
	added, removed := n.machine.UpdateCluster(now, peers)
	for _, id := range removed {
		n.removeEntry(id)
		if n.core != nil {
			n.core.Unwant(n.nameOf(id))
		}
	}
	wall := n.Wall(now)
	for id, p := range peers {
		e := n.entryOf(id, &wall)
		e.addr = p.Addr
		n.entries[id] = e
	}
	for _, id := range added {
		n.applyDetector(now, id)
	}
	n.settle(now)
}

// AddNode makes one node known, or writes over status, flag and domain of a known
// one. It raises no event, and does not change who is counted for quorum. What is
// written over the status of a live peer lasts until the next push-pull interval
// is over; a node that was unknown, and that the detector holds alive, is UP at
// once.
func (n *Node) AddNode(now time.Duration, id types.NodeId, status types.NodeStatus, quorumMember bool, domain string) {
	added := n.machine.AddNode(id, status, quorumMember, domain)
	wall := n.Wall(now)
	n.entries[id] = n.entryOf(id, &wall)
	n.store.Touch(id, wall)
	if added {
		n.applyDetector(now, id)
	} else {
		n.armReapply(now)
	}
	n.settle(now)
}

// RemoveNode makes a node unknown. It raises no event. The error is an
// *UnknownNodeError, or quorum.ErrSelf for the node itself, which cannot be removed.
func (n *Node) RemoveNode(now time.Duration, id types.NodeId) error {
	err := n.machine.RemoveNode(id)
	switch {
	case errors.Is(err, quorum.ErrUnknownNode):
		return &UnknownNodeError{id}
	case err != nil:
		return err
	}
	n.removeEntry(id)
	n.settle(now)
	return nil
}

// SetStatus writes the status of a known node, as [Node.AddNode] does. No event:
// quorum is judged anew at the next one. The error is an *UnknownNodeError.
func (n *Node) SetStatus(now time.Duration, id types.NodeId, status types.NodeStatus) error {
	if err := n.machine.SetStatus(id, status); err != nil {
		return &UnknownNodeError{id}
	}
	n.store.Touch(id, n.Wall(now))
	n.armReapply(now)
	n.settle(now)
	return nil
}

// SetSelfStatus writes the own status. The machine does not learn of it, and writes
// its own at its next event.
func (n *Node) SetSelfStatus(now time.Duration, status types.NodeStatus) {
	n.machine.SetSelfStatus(status)
	n.settle(now)
}

// SetSelfDomain moves the node to another failure domain, and judges quorum anew.
func (n *Node) SetSelfDomain(now time.Duration, domain string) {
	if n.machine.SetSelfDomain(now, domain) {
		n.store.Touch(n.cfg.ID, n.Wall(now))
	}
	n.settle(now)
}

// UpdateActiveMap replaces the active map. The error is ErrNotRunning before
// Start. See ShouldOpen for what may follow.
func (n *Node) UpdateActiveMap(now time.Duration, active types.ClusterDomainsActiveMap) error {
	if !n.machine.Running() {
		return ErrNotRunning
	}
	n.machine.UpdateActiveMap(now, active)
	n.settle(now)
	return nil
}

// ExternalNodeLeave advises which node has to go; see
// [quorum.Machine.ExternalNodeLeave].
func (n *Node) ExternalNodeLeave(id types.NodeId) types.NodeId {
	return n.machine.ExternalNodeLeave(id)
}

// entryOf returns the entry of a known node, or that of a new one.
func (n *Node) entryOf(id types.NodeId, added *time.Time) entry {
	if e, ok := n.entries[id]; ok {
		return e
	}
	return entry{added: added}
}

// removeEntry forgets the configuration of a node. What it publishes is kept while
// it is a member, since it may be listed again; on memberlist's wire only known nodes
// have values.
func (n *Node) removeEntry(id types.NodeId) {
	delete(n.entries, id)
	delete(n.claimed, id)
	delete(n.heard, id)
	if n.core != nil && !n.cfg.Memberlist {
		if _, member := n.core.Member(n.nameOf(id)); member {
			return
		}
	}
	n.store.Drop(id)
}
