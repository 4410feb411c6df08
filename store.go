package nekton

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/types"
)

// NodeId returns the id that was given to New.
func (n *Node) NodeId() types.NodeId { return n.id }

// GossipInterval returns the interval that was given to New.
func (n *Node) GossipInterval() time.Duration { return n.intervals.GossipInterval }

// MetaInfo identifies this node: what was given to New, and when its own entry last
// changed.
func (n *Node) MetaInfo() types.NodeMetaInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	return types.NodeMetaInfo{
		ClusterId: n.cluster, GossipVersion: n.version, Id: n.id, GenNumber: n.generation,
		LastUpdateTs: n.core.Self().Info.LastUpdateTs,
	}
}

// GetSelfStatus returns the own status.
func (n *Node) GetSelfStatus() types.NodeStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.core.SelfStatus()
}

// UpdateSelfStatus writes the own status. Quorum is not judged; the next event that
// is, decides it.
func (n *Node) UpdateSelfStatus(status types.NodeStatus) {
	n.input(func(now time.Duration) { n.core.SetSelfStatus(now, status) })
}

// UpdateNodeStatus writes the status of a known node, and moves its LastUpdateTs.
// Quorum is not judged until the next event. For a peer that the failure detector
// holds alive, it lasts until the push-pull interval is over. The error is an
// *[UnknownNodeError], and nothing has changed.
func (n *Node) UpdateNodeStatus(id types.NodeId, status types.NodeStatus) error {
	var err error
	n.input(func(now time.Duration) { err = n.core.SetStatus(now, n.inner(id), status) })
	if err != nil {
		return fmt.Errorf("nekton: update node status: %w", err)
	}
	return nil
}

// AddNode makes one node known, or writes over status, flag and domain of a known
// one, as [Node.UpdateNodeStatus] does. It raises no event, and does not change who
// is counted for quorum: that is UpdateCluster's.
func (n *Node) AddNode(id types.NodeId, status types.NodeStatus, quorumMember bool, clusterDomain string) {
	n.input(func(now time.Duration) {
		n.core.AddNode(now, n.inner(id), status, quorumMember, clusterDomain)
	})
}

// RemoveNode makes a node unknown. It raises no event. The error is an
// *[UnknownNodeError], or says that a node cannot remove itself; nothing has changed
// then.
func (n *Node) RemoveNode(id types.NodeId) error {
	var err error
	n.input(func(now time.Duration) { err = n.core.RemoveNode(now, n.inner(id)) })
	if err != nil {
		return fmt.Errorf("nekton: remove node: %w", err)
	}
	return nil
}

// GetStoreKeys returns the keys of all known nodes, whatever their status, each
// once and in order. It is never nil.
func (n *Node) GetStoreKeys() []types.StoreKey {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.core.Keys()
}

// GetStoreKeyValue returns what each known node publishes under a key, this node
// and those that are DOWN included. A node that publishes other keys and not this
// one is left out, as is one whose status is INVALID or NEVER_GOSSIPED; one that
// publishes nothing at all is in, and its Value is nil. It is never nil.
func (n *Node) GetStoreKeyValue(key types.StoreKey) types.NodeValueMap {
	n.mu.Lock()
	found := n.core.ValuesOf(key)
	n.mu.Unlock()
	values := make(types.NodeValueMap, len(found))
	for _, v := range found {
		id := n.outer(v.Info.Id)
		value := types.NodeValue{
			Id: id, GenNumber: v.Info.GenNumber, LastUpdateTs: v.Info.LastUpdateTs, Status: v.Info.Status,
		}
		if v.Has {
			value.Value = n.decode(id, key, v.Value)
		}
		values[id] = value
	}
	return values
}

// GetLocalState returns everything known about all known nodes, this one included.
func (n *Node) GetLocalState() types.NodeInfoMap {
	n.mu.Lock()
	entries := n.core.Entries()
	n.mu.Unlock()
	state := make(types.NodeInfoMap, len(entries))
	for _, e := range entries {
		info := n.show(e)
		state[info.Id] = info
	}
	return state
}

// GetLocalNodeInfo returns everything known about one node. The error is an
// *[UnknownNodeError], with a zero NodeInfo.
func (n *Node) GetLocalNodeInfo(id types.NodeId) (types.NodeInfo, error) {
	n.mu.Lock()
	e, err := n.core.Entry(n.inner(id))
	n.mu.Unlock()
	if err != nil {
		return types.NodeInfo{}, fmt.Errorf("nekton: node info: %w", err)
	}
	return n.show(e), nil
}

// show decodes what is known about a node. It is called without the lock: values
// may have decoders of their own.
func (n *Node) show(e node.Entry) types.NodeInfo {
	info := e.Info
	info.Id = n.outer(info.Id)
	info.Value = make(types.StoreMap, len(e.Values))
	for _, kv := range e.Values {
		info.Value[kv.Key] = n.decode(info.Id, kv.Key, kv.Value)
	}
	return info
}

// Update shows newData instead of what peers publish, on this node only, until they
// publish something newer. It is how programs restored state from elsewhere with
// the original; what nodes publish about themselves needs no help.
//
// For each entry: this node and unknown nodes are skipped. An entry under another
// key than its Id is refused. It is taken whole when its LastUpdateTs is strictly
// later than the one known, or when nothing was known (status INVALID or
// NEVER_GOSSIPED). Status, QuorumMember, ClusterDomain and Addr stay as they are. A
// value that cannot be encoded or is too large is left out. What is refused is
// logged and counted.
func (n *Node) Update(newData types.NodeInfoMap) {
	ids := make([]types.NodeId, 0, len(newData))
	for id := range newData {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if id == n.id {
			continue
		}
		entry := n.encodeEntry(newData[id])
		var err error
		n.input(func(now time.Duration) { err = n.core.Overlay(now, id, entry) })
		if err != nil {
			n.refuse(id, "", err)
		}
	}
}

// encodeEntry leaves out values that cannot be taken. It is called without the
// lock.
func (n *Node) encodeEntry(info types.NodeInfo) node.Entry {
	entry := node.Entry{Info: info}
	for key, value := range info.Value {
		b, err := n.encode(info.Id, key, value)
		if err != nil {
			n.refuse(info.Id, key, err)
			continue
		}
		entry.Values = append(entry.Values, node.KeyValue{Key: key, Value: b})
	}
	return entry
}
