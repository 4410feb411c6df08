package node

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// A KeyValue is one key of a StoreMap with its encoded value, which is read-only
// and never changes.
type KeyValue struct {
	Key   types.StoreKey
	Value []byte
}

// An Entry is what the API shows of one known node. Info is without Value; the
// values are encoded, and are decoded outside the lock.
type Entry struct {
	Info   types.NodeInfo
	Values []KeyValue
}

// SetValue changes one key of our own StoreMap, and spreads the change if the node
// is open. The error is a [*store.LimitError]; nothing has changed then.
func (n *Node) SetValue(now time.Duration, key types.StoreKey, value []byte) error {
	_, base, _ := n.store.Version(n.cfg.ID)
	if err := n.store.Set(n.Wall(now), key, value); err != nil {
		return err
	}
	n.publish(now, base)
	return nil
}

// DeleteValue removes one key of our own StoreMap, and spreads the change. It
// reports whether the key was there.
func (n *Node) DeleteValue(now time.Duration, key types.StoreKey) bool {
	_, base, _ := n.store.Version(n.cfg.ID)
	if !n.store.Delete(now, n.Wall(now), key) {
		return false
	}
	n.publish(now, base)
	return true
}

// publish spreads what is new about ourselves since a version.
func (n *Node) publish(now time.Duration, base store.Version) {
	n.events = append(n.events, Event{Kind: EventStore, ID: n.cfg.ID})
	if n.core != nil {
		n.core.Touch(now, n.nameOf(n.cfg.ID), uint64(base))
	}
	n.settle(now)
}

// A MismatchError means that an entry stands under another key than its own id.
type MismatchError struct{ Key, ID types.NodeId }

// Error names both.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("entry of node %q stands under %q", e.ID, e.Key)
}

// Overlay shows entry instead of what the node key publishes, here only, until its
// owner publishes something newer: the rule of the original's Update. On memberlist's
// wire it is passed on like an entry that was heard, as the original does. Our own
// entry and unknown nodes are skipped. A node whose status is INVALID or
// NEVER_GOSSIPED takes any entry, others one with a strictly later LastUpdateTs.
// Status, QuorumMember, ClusterDomain and Addr stay as they are here. The error is
// a *MismatchError or a [*store.LimitError]; nothing has changed then.
func (n *Node) Overlay(now time.Duration, key types.NodeId, entry Entry) error {
	if entry.Info.Id != key {
		return &MismatchError{Key: key, ID: entry.Info.Id}
	}
	status, known := n.machine.Status(key)
	if !known || key == n.cfg.ID {
		return nil
	}
	force := status == types.NODE_STATUS_INVALID || status == types.NODE_STATUS_NEVER_GOSSIPED
	shown, err := n.store.Overlay(key, entry.Info.LastUpdateTs, valueMap(entry.Values), force)
	if err != nil || !shown {
		return err
	}
	n.take(now, key, entry)
	n.events = append(n.events, Event{Kind: EventStore, ID: key})
	n.settle(now)
	return nil
}

// valueMap is what the store takes.
func valueMap(values []KeyValue) map[types.StoreKey][]byte {
	m := make(map[types.StoreKey][]byte, len(values))
	for _, kv := range values {
		m[kv.Key] = kv.Value
	}
	return m
}

// Self returns our own entry.
func (n *Node) Self() Entry {
	e, _ := n.Entry(n.cfg.ID)
	return e
}

// Entry returns what is known about one node. The error is an *UnknownNodeError.
func (n *Node) Entry(id types.NodeId) (Entry, error) {
	info, ok := n.info(id)
	if !ok {
		return Entry{}, &UnknownNodeError{id}
	}
	e := Entry{Info: info, Values: make([]KeyValue, 0, n.store.Len(id))}
	for key, value := range n.store.Entries(id) {
		e.Values = append(e.Values, KeyValue{key, value})
	}
	return e, nil
}

// Entries returns what is known about all known nodes, ourselves included, in
// order of their ids.
func (n *Node) Entries() []Entry {
	ids := n.machine.Nodes()
	out := make([]Entry, 0, len(ids))
	for _, id := range ids {
		if e, err := n.Entry(id); err == nil {
			out = append(out, e)
		}
	}
	return out
}

// A NodeValue is what one node publishes under one key. Value is nil if the node
// publishes nothing at all.
type NodeValue struct {
	Info  types.NodeInfo
	Value []byte
	Has   bool
}

// ValuesOf returns what each known node publishes under a key. A node that
// publishes other keys but not this one is left out, and so is one whose status is
// INVALID or NEVER_GOSSIPED. A node that publishes nothing at all is in, without a
// value: the original's rule.
func (n *Node) ValuesOf(key types.StoreKey) []NodeValue {
	var out []NodeValue
	for _, id := range n.machine.Nodes() {
		info, ok := n.info(id)
		if !ok || info.Status == types.NODE_STATUS_INVALID || info.Status == types.NODE_STATUS_NEVER_GOSSIPED {
			continue
		}
		value, has := n.store.Get(id, key)
		if has || n.store.Len(id) == 0 {
			out = append(out, NodeValue{Info: info, Value: value, Has: has})
		}
	}
	return out
}

// ValueOf returns what one known node publishes under a key.
func (n *Node) ValueOf(id types.NodeId, key types.StoreKey) (value []byte, ok bool, err error) {
	if !n.knows(id) {
		return nil, false, &UnknownNodeError{id}
	}
	value, ok = n.store.Get(id, key)
	return value, ok, nil
}

// Held yields what is held of a node's StoreMap, known to the API or not, in order of
// the keys. Nothing may change meanwhile.
func (n *Node) Held(id types.NodeId) iter.Seq2[types.StoreKey, []byte] { return n.store.Entries(id) }

// Keys returns the union of the keys of all known nodes, sorted, never nil.
func (n *Node) Keys() []types.StoreKey {
	union := map[types.StoreKey]struct{}{}
	for _, id := range n.machine.Nodes() {
		for key := range n.store.Entries(id) {
			union[key] = struct{}{}
		}
	}
	keys := make([]types.StoreKey, 0, len(union))
	for key := range union {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// info puts together what machine, store and configuration know about a node.
func (n *Node) info(id types.NodeId) (types.NodeInfo, bool) {
	seat, ok := n.machine.Node(id)
	e, configured := n.entries[id]
	if !ok || !configured {
		return types.NodeInfo{}, false
	}
	return types.NodeInfo{
		Id: id, GenNumber: n.generationOf(id), LastUpdateTs: n.store.Updated(id),
		WaitForGenUpdateTs: *e.added, Status: seat.Status, QuorumMember: seat.QuorumMember,
		ClusterDomain: seat.Domain, Addr: e.addr,
	}, true
}

// generationOf is the generation of a node's life, or, until it is heard of, what
// Overlay said.
func (n *Node) generationOf(id types.NodeId) uint64 {
	if id == n.cfg.ID {
		return n.cfg.Generation
	}
	if life, _, ok := n.store.Version(id); ok {
		return life.Generation
	}
	return n.claimed[id]
}
