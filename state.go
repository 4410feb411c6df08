package nekton

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/types"
)

// On memberlist's wire values travel as one gob of all nodes, with each push-pull.
// What the node says and hears is encoded and decoded here, outside its lock; see
// node.Table.

// ownState is what a push-pull on memberlist's wire tells.
func (n *Node) ownState() []byte {
	n.states.Lock()
	defer n.states.Unlock()
	n.mu.Lock()
	entries := n.core.Table(n.read())
	n.mu.Unlock()

	state := make(types.NodeInfoMap, len(entries))
	for _, e := range entries {
		info := e.Info
		info.Value = make(types.StoreMap, len(e.Values))
		for _, kv := range e.Values {
			if value, err := n.coding.Decode(kv.Value); err == nil {
				info.Value[kv.Key] = value
			} else {
				n.refuse(info.Id, kv.Key, err)
			}
		}
		state[info.Id] = info
	}
	b, err := gobwire.EncodeState(state)
	if err != nil {
		// Every value could be encoded when it was taken, but a type may change
		// its mind. It must not silence the others.
		n.dropUnencodable(state)
		b, err = gobwire.EncodeState(state)
	}
	if limit := n.opts.limits.Stream / 2; err == nil && len(b) > limit {
		n.log.warn("the values of all nodes are too large for a push-pull; sending only ours", "", "bytes", len(b), "limit", limit)
		b, err = gobwire.EncodeState(types.NodeInfoMap{n.id: state[n.id]})
	}
	if err != nil {
		n.log.warn("cannot encode the values for a push-pull", "", "error", err)
		return nil
	}
	return b
}

// dropUnencodable leaves out what cannot be encoded by itself.
func (n *Node) dropUnencodable(state types.NodeInfoMap) {
	for id, info := range state {
		for key, value := range info.Value {
			if _, err := new(gobwire.Values).Encode(value); err != nil {
				n.refuse(id, key, err)
				delete(info.Value, key)
			}
		}
	}
}

// mergeBatch is how many entries are taken in under the lock at a time.
const mergeBatch = 64

// mergeState takes in what a push-pull told. A state that cannot be read is lost, and
// counted; an entry or a value that cannot be taken is left out, and counted.
func (n *Node) mergeState(t node.Table) {
	n.states.Lock()
	defer n.states.Unlock()
	nodes, err := gobwire.DecodeState(t.State, n.opts.limits.Stream)
	if err != nil {
		n.counts.lostStates.Add(1)
		n.log.warn("cannot read the values of a push-pull", t.Peer, "peer", t.Peer, "error", err)
		return
	}
	for batch := range slices.Chunk(n.wanted(nodes), mergeBatch) {
		entries := make([]node.Entry, len(batch))
		for i, id := range batch {
			entries[i] = n.encodeEntry(nodes[id])
		}
		errs := make([]error, len(batch))
		n.input(func(now time.Duration) {
			for i, id := range batch {
				errs[i] = n.core.MergeEntry(now, id, entries[i])
			}
		})
		for i, err := range errs {
			if err != nil {
				n.refuse(batch[i], "", err)
			}
		}
	}
}

// wanted are the ids whose entries have to be looked at, in order: those that bring
// news, and those that stand under another id than their own.
func (n *Node) wanted(nodes types.NodeInfoMap) []types.NodeId {
	var ids []types.NodeId
	n.mu.Lock()
	for id, info := range nodes {
		if info.Id != id || n.core.Wants(id, info.LastUpdateTs) {
			ids = append(ids, id)
		}
	}
	n.mu.Unlock()
	slices.Sort(ids)
	return ids
}
