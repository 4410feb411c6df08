package store

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/types"
)

// An overlay is what the program, and not the owner, says about a record. Only
// this node sees it: it is never sent, never part of a hash, and ends when the
// owner speaks, that is, when the record's life or version changes.
type overlay struct {
	updated int64
	of      Life // of the record when the overlay was made
	record  bool // there was one
	covers  bool // entries hide those of the record
	entries map[types.StoreKey][]byte
}

// Overlay shows entries instead of those of the record of id, as of the wall time
// given, and reports whether it does: only if wall is strictly later than
// [Store.Updated], or if force is set. The owner's next version ends it. The own
// record cannot be covered; a node that has no record can. The store keeps copies.
//
// A [*LimitError] says that a key, a value or all of them are too large.
func (s *Store) Overlay(id types.NodeId, wall time.Time, entries map[types.StoreKey][]byte, force bool) (bool, error) {
	if id == s.own.id {
		return false, nil
	}
	size := 0
	keep := make(map[types.StoreKey][]byte, len(entries))
	for _, key := range sortedKeys(entries) { // the same error every time
		value := entries[key]
		if err := s.checkEntry(id, key, value); err != nil {
			return false, err
		}
		if size += len(key) + len(value) + entryOverhead; size > s.cfg.MaxRecord {
			return false, &LimitError{Err: ErrRecordTooLarge, ID: id, Key: key, Size: size, Limit: s.cfg.MaxRecord}
		}
		keep[key] = append([]byte{}, value...)
	}
	if !force && unixNano(wall) <= s.updatedNano(id) {
		return false, nil
	}
	o := s.newOverlay(id, wall)
	o.covers, o.entries = true, keep
	return true, nil
}

// Touch moves what [Store.Updated] says about id, here only, until the owner's
// next version. Entries stay as they are.
func (s *Store) Touch(id types.NodeId, wall time.Time) {
	if o := s.overlays[id]; o != nil {
		o.updated = unixNano(wall)
		return
	}
	s.newOverlay(id, wall)
}

func (s *Store) newOverlay(id types.NodeId, wall time.Time) *overlay {
	o := &overlay{updated: unixNano(wall)}
	o.of, _, o.record = s.Version(id)
	s.overlays[id] = o
	return o
}

// endOverlay ends what is said about id, if it was said before the owner began a life.
func (s *Store) endOverlay(id types.NodeId, life Life) {
	if o := s.overlays[id]; o != nil && (!o.record || life.Compare(o.of) > 0) {
		delete(s.overlays, id)
	}
}

// Updated is the owner's wall clock at its last change, or what an overlay says;
// the zero time if neither is known. It is in UTC.
func (s *Store) Updated(id types.NodeId) time.Time { return wallTime(s.updatedNano(id)) }

func (s *Store) updatedNano(id types.NodeId) int64 {
	if o := s.overlays[id]; o != nil {
		return o.updated
	}
	if r := s.records[id]; r != nil {
		return r.updated
	}
	return 0
}

// Published is the owner's wall clock at its last change, whatever this node says about
// it. It is false if what is shown is not exactly what the owner has published by then:
// nothing, a part of it, or an overlay.
func (s *Store) Published(id types.NodeId) (at time.Time, ok bool) {
	r := s.records[id]
	if r == nil || r.updated == 0 || !r.complete() {
		return time.Time{}, false
	}
	if _, covered := s.covered(id); covered {
		return time.Time{}, false
	}
	return wallTime(r.updated), true
}

// covered returns the entries that hide those of the record, if some do.
func (s *Store) covered(id types.NodeId) (map[types.StoreKey][]byte, bool) {
	if o := s.overlays[id]; o != nil && o.covers {
		return o.entries, true
	}
	return nil, false
}

func sortedKeys[V any](m map[types.StoreKey]V) []types.StoreKey {
	keys := make([]types.StoreKey, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
