package node

import (
	"errors"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// rider lets the store ride along with membership: it is the store, in the words
// of [swim.Rider]. The core calls it synchronously, from within the inputs that
// have set now.
type rider struct {
	node *Node
	now  time.Duration
}

var _ swim.Rider = (*rider)(nil)

func (r *rider) id(name string) types.NodeId { return r.node.idOf(name) }

// Hash is the row hash of a record.
func (r *rider) Hash(name string) uint64 { return r.node.store.Hash(r.id(name)) }

// lifeOf is the life in which the failure detector has met a member.
func (n *Node) lifeOf(id types.NodeId) (store.Life, bool) {
	if n.core == nil {
		return store.Life{}, false
	}
	life, ok := n.core.LifeOf(n.nameOf(id))
	return store.Life{Generation: uint64(life.Generation), Boot: uint64(life.Boot)}, ok
}

// keep makes records of known nodes that publish nothing, before the failure detector
// forgets in which life they are. On memberlist's wire there are no lives to keep.
func (n *Node) keep() {
	if n.cfg.Memberlist {
		return
	}
	for id := range n.entries {
		if life, ok := n.lifeOf(id); ok {
			n.store.Keep(id, life)
		}
	}
}

// BeginLife keeps our own values, and voids those of a peer.
func (r *rider) BeginLife(name string, life swim.Life) {
	l := store.Life{Generation: uint64(life.Generation), Boot: uint64(life.Boot)}
	if id := r.id(name); id == r.node.cfg.ID {
		r.node.store.BeginLife(l)
	} else {
		r.node.store.BeginReplica(id, l)
	}
}

// Meet voids what is left of lives that nobody remembers any more. A record outlives
// the tombstone of its member if the application knows the node; without this, a
// member that comes back in a lower life would never be shown again.
func (r *rider) Meet(name string, life swim.Life) {
	l := store.Life{Generation: uint64(life.Generation), Boot: uint64(life.Boot)}
	if held, _, ok := r.node.store.Version(r.id(name)); ok && held.Compare(l) > 0 {
		r.node.store.Drop(r.id(name))
	}
	r.BeginLife(name, life)
}

// AppendRumour appends what is new above a version.
func (r *rider) AppendRumour(b []byte, name string, base uint64, budget int) []byte {
	return r.node.store.AppendRumour(b, r.id(name), store.Version(base), budget)
}

// About reads whose record a rumour is about, and of which life. Names are ids.
func (r *rider) About(rumour []byte) ([]byte, swim.Life, bool) {
	id, life, ok := store.About(rumour)
	return id, swim.Life{Generation: swim.Generation(life.Generation), Boot: swim.Boot(life.Boot)}, ok
}

// Merge takes in a rumour or delta.
func (r *rider) Merge(rumour []byte) swim.Merged {
	merged, err := r.node.store.Merge(r.now, rumour)
	switch {
	case err == nil:
		return swim.Merged{News: merged.News, Repeat: merged.Repeat, Base: uint64(merged.Before)}
	case errors.Is(err, store.ErrGap):
		return swim.Merged{Drop: swim.DropRumourGap}
	}
	return swim.Merged{Drop: swim.DropBadRumour}
}

// AppendDigest appends how far a record goes.
func (r *rider) AppendDigest(b []byte, name string) []byte {
	return r.node.store.AppendDigest(b, r.id(name))
}

// Compare orders our record and a digest. A digest that cannot be read describes
// nothing that we could want.
func (r *rider) Compare(name string, digest []byte) int {
	order, err := r.node.store.Compare(r.id(name), digest)
	if err != nil {
		return 0
	}
	return order
}

// AppendDelta appends what the holder of a digest lacks. Of a life without values there
// is nothing to tell: whoever has met the member knows as much.
func (r *rider) AppendDelta(b []byte, name string, digest []byte, budget int) []byte {
	if _, version, ok := r.node.store.Version(r.id(name)); ok && version == 0 && len(digest) == 0 {
		return b
	}
	return r.node.store.AppendDelta(b, r.id(name), digest, budget)
}
