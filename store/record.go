package store

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// A record is the map of one node: the own one, or a replica of another's.
//
// Its entries form a list in the order of their versions, oldest first. A change
// always has a higher version than everything before it, so it goes to the end,
// and what is new since some version is the tail of the list.
//
// Invariants:
//   - floor ≤ version ≤ goal.
//   - Every entry has a version of its own, and none is above version.
//   - The record is complete exactly if version = goal. Then its live entries are
//     those of the owner at that version. The own record is always complete.
//   - If the owner, at version goal, last changed a key at version v ≤ version,
//     then the entry held for the key is that change, or the change was a deletion
//     that was collected: v ≤ floor.
type record struct {
	id      types.NodeId
	life    Life
	version Version
	goal    Version
	floor   Version // highest version of a collected tombstone
	updated int64   // owner's wall clock at its last change, ns since 1970; 0: never

	entries map[types.StoreKey]*entry
	oldest  *entry
	newest  *entry

	live  int    // entries that are no tombstones
	bytes int    // size of all entries
	dead  int    // size of the tombstones among them
	hash  uint64 // of (id, life, version, complete)
}

// An entry is what is held under one key. It is in the list of its record, and in
// the store's list of tombstones if it is one.
type entry struct {
	record  *record
	key     types.StoreKey
	version Version
	value   []byte // never written to again: readers may keep it
	deleted bool
	since   time.Duration // when we learnt of the deletion

	prev, next *entry // by version, within the record
	prevTomb   *entry // by since, within the store
	nextTomb   *entry
}

func (e *entry) size() int { return len(e.key) + len(e.value) + entryOverhead }

func (r *record) complete() bool { return r.version == r.goal }

// push appends e, which is newer than everything in r and whose key is not in r.
func (r *record) push(e *entry) {
	e.record = r
	e.prev, e.next = r.newest, nil
	if r.newest != nil {
		r.newest.next = e
	} else {
		r.oldest = e
	}
	r.newest = e
	r.entries[e.key] = e
	r.bytes += e.size()
	if e.deleted {
		r.dead += e.size()
	} else {
		r.live++
	}
}

// remove takes e out.
func (r *record) remove(e *entry) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		r.oldest = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		r.newest = e.prev
	}
	delete(r.entries, e.key)
	r.bytes -= e.size()
	if e.deleted {
		r.dead -= e.size()
	} else {
		r.live--
	}
}

// firstAbove returns the oldest entry above version v. It costs the number of such
// entries.
func (r *record) firstAbove(v Version) *entry {
	var first *entry
	for e := r.newest; e != nil && e.version > v; e = e.prev {
		first = e
	}
	return first
}

// put replaces what r holds under the key of e, and keeps the store's counts.
func (s *Store) put(r *record, e *entry) {
	if old := r.entries[e.key]; old != nil {
		s.take(old)
	}
	r.push(e)
	s.bytes += e.size()
	if e.deleted {
		s.tombs.push(e)
	} else {
		s.live++
	}
}

// take removes an entry from its record and from the list of tombstones.
func (s *Store) take(e *entry) {
	e.record.remove(e)
	s.bytes -= e.size()
	if e.deleted {
		s.tombs.remove(e)
	} else {
		s.live--
	}
}

// clear removes all entries of r.
func (s *Store) clear(r *record) {
	for e := r.oldest; e != nil; e = e.next {
		s.take(e)
	}
}

// begin makes r the empty record of a life.
func (s *Store) begin(r *record, life Life) {
	s.clear(r)
	r.life, r.version, r.goal, r.floor, r.updated = life, 0, 0, 0, 0
	s.changed(r)
}

// changed accounts for a new life or version of r: the owner has spoken, so what
// was said locally about the record ends.
func (s *Store) changed(r *record) {
	r.hash = hashRecord(r)
	delete(s.overlays, r.id)
}
