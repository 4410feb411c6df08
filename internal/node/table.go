package node

import (
	"bytes"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/bridge"
	"github.com/nekton-go/nekton/types"
)

// On memberlist's wire, values travel in push-pulls only: each side sends what it knows
// of all nodes, in one piece, the state. The node does not encode and decode it, since
// that runs code of the user, which must not happen under the owner's lock:
//
//	owner, before Begin, and before the Step that may answer
//	    entries := n.Table(now)        under the lock
//	    state := encode(entries)             outside
//	    n.SetTable(state); n.Begin(…)        under the lock, in one go
//	owner, after a Step
//	    n.TakeTables(&tables)                under the lock, in one go with Step
//	    entries := decode(tables)            outside
//	    n.MergeEntry(now, id, entry)   under the lock
//
// What a state says about a node is the owner's word and its time, wherever it came
// from: entries are passed on as they were heard, so that what this node says locally
// about a peer (AddNode, UpdateNodeStatus) never travels, and never hides newer news.

// A Table is a state that has arrived.
type Table struct {
	Peer  string // name of the member that sent it; empty if that is not clear
	State []byte
}

// tableRider is the rider for memberlist's wire: nothing rides on packets, and a state
// goes with each push-pull.
type tableRider struct {
	table   []byte  // for the next push-pull
	arrived []Table // until they are taken
}

var _ swim.TableRider = (*tableRider)(nil)

// AppendTable appends what SetTable was given.
func (r *tableRider) AppendTable(b []byte, _ bool) []byte {
	if b == nil {
		return r.table[:len(r.table):len(r.table)]
	}
	return append(b, r.table...)
}

// MergeTable keeps a state until it is taken. That of a joining push-pull is ignored:
// values flow from the next one on. Source: libopenstorage/gossip.
func (r *tableRider) MergeTable(peer string, state []byte, join bool) {
	if !join {
		r.arrived = append(r.arrived, Table{Peer: peer, State: bytes.Clone(state)})
	}
}

// What the rest of a [swim.Rider] is about does not exist on this wire.

func (r *tableRider) Hash(string) uint64                                      { return 0 }
func (r *tableRider) BeginLife(string, swim.Life)                             {}
func (r *tableRider) Meet(string, swim.Life)                                  {}
func (r *tableRider) AppendRumour(b []byte, _ string, _ uint64, _ int) []byte { return b }
func (r *tableRider) About([]byte) ([]byte, swim.Life, bool)                  { return nil, swim.Life{}, false }
func (r *tableRider) Merge([]byte) swim.Merged                                { return swim.Merged{Drop: swim.DropBadRumour} }
func (r *tableRider) AppendDigest(b []byte, _ string) []byte                  { return b }
func (r *tableRider) Compare(string, []byte) int                              { return 0 }
func (r *tableRider) AppendDelta(b []byte, _ string, _ []byte, _ int) []byte  { return b }

// Trades reports whether a push-pull that we open by a dial, or a frame that may be
// answered with one, tells a table.
func (n *Node) Trades(d swim.Dial) bool {
	return d.Kind != swim.DialPing && (n.cfg.Memberlist || n.cfg.Bridge != nil && d.Wire == bridge.Memberlist)
}

// Answers reports whether the answer to the first frame of a stream tells a table.
func (n *Node) Answers(frame []byte) bool {
	return n.cfg.tableVersion() != "" && len(frame) > 0 && frame[0] == pushPullType
}

// pushPullType is the type of memberlist's message that trades tables.
const pushPullType = 6

// Table moves our own LastUpdateTs and returns what a push-pull tells: our entry and
// those of the known nodes that we have heard of, each with the time of its owner.
//
// Our time grows with every call, whatever the wall clock does, so that peers never
// take an older entry of ours for a newer one.
func (n *Node) Table(now time.Duration) []Entry {
	wall := n.Wall(now)
	if !wall.After(n.told) {
		wall = n.told.Add(1)
	}
	n.told = wall
	n.store.Touch(n.cfg.ID, wall)
	out := make([]Entry, 0, 1+len(n.heard))
	for _, id := range n.machine.Nodes() {
		at, heard := n.heard[id]
		if n.bridged(id) {
			at, heard = n.store.Published(id) // for those who cannot hear it themselves
		}
		if !heard && id != n.cfg.ID {
			continue // nothing that would not be worse than silence
		}
		e, err := n.Entry(id)
		if err != nil {
			continue
		}
		if heard {
			e.Info.LastUpdateTs = at
		}
		out = append(out, e)
	}
	return out
}

// SetTable is the state for the Begin or Step that follows at once; the node keeps it
// no longer than that.
func (n *Node) SetTable(state []byte) { n.tables.table = state }

// TakeTables moves the states that have arrived into out. It reports whether there are
// any.
func (n *Node) TakeTables(out *[]Table) bool {
	*out = append((*out)[:0], n.tables.arrived...)
	clear(n.tables.arrived)
	n.tables.arrived = n.tables.arrived[:0]
	return len(*out) > 0
}

// Wants reports whether [Node.MergeEntry] would take an entry about a node of some time,
// so that its values need not be encoded for nothing.
func (n *Node) Wants(id types.NodeId, at time.Time) bool {
	status, known := n.machine.Status(id)
	if !known || id == n.cfg.ID || n.bridged(id) {
		return false
	}
	heard, ok := n.heard[id]
	return !ok || at.After(heard) ||
		status == types.NODE_STATUS_INVALID || status == types.NODE_STATUS_NEVER_GOSSIPED
}

// MergeEntry takes in the entry of a state that stands under key. Our own entry and
// unknown nodes are skipped; of the rest, an entry is taken whole if its LastUpdateTs is
// strictly later than that of the last one, or if the node is INVALID or
// NEVER_GOSSIPED. Status, QuorumMember, ClusterDomain and Addr stay as they are here.
// The error is a *MismatchError or a [*store.LimitError]; nothing has changed then.
func (n *Node) MergeEntry(now time.Duration, key types.NodeId, entry Entry) error {
	if entry.Info.Id != key {
		return &MismatchError{Key: key, ID: entry.Info.Id}
	}
	if !n.Wants(key, entry.Info.LastUpdateTs) {
		return nil
	}
	generation, known := n.claimed[key]
	same := known && generation == entry.Info.GenNumber && n.shows(key, entry.Values)
	if _, err := n.store.Overlay(key, entry.Info.LastUpdateTs, valueMap(entry.Values), true); err != nil {
		return err
	}
	n.take(now, key, entry)
	if !same {
		n.events = append(n.events, Event{Kind: EventStore, ID: key})
	}
	n.settle(now)
	return nil
}

// take notes what an entry that was taken says beside its values.
func (n *Node) take(now time.Duration, id types.NodeId, entry Entry) {
	wall := n.Wall(now)
	n.entries[id] = n.entryOf(id, &wall)
	if n.claimed == nil {
		n.claimed, n.heard = map[types.NodeId]uint64{}, map[types.NodeId]time.Time{}
	}
	n.claimed[id] = entry.Info.GenNumber
	if n.cfg.tableVersion() != "" {
		n.heard[id] = entry.Info.LastUpdateTs
	}
}

// shows reports whether these are the values that we show of a node.
func (n *Node) shows(id types.NodeId, values []KeyValue) bool {
	if n.store.Len(id) != len(values) {
		return false
	}
	return !slices.ContainsFunc(values, func(kv KeyValue) bool {
		held, ok := n.store.Get(id, kv.Key)
		return !ok || !bytes.Equal(held, kv.Value)
	})
}
