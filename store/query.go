package store

import (
	"iter"
	"slices"

	"github.com/nekton-go/nekton/types"
)

// Get returns the value under one key of the record of id, or of its overlay. The
// value is read-only and never changes; it may be kept.
func (s *Store) Get(id types.NodeId, key types.StoreKey) ([]byte, bool) {
	if m, ok := s.covered(id); ok {
		value, ok := m[key]
		return value, ok
	}
	if r := s.records[id]; r != nil {
		if e := r.entries[key]; e != nil && !e.deleted {
			return e.value, true
		}
	}
	return nil, false
}

// Entries returns the live keys of the record of id, or of its overlay, in sorted
// order, with their values, which are read-only and may be kept. The store must
// not change while the sequence is read.
func (s *Store) Entries(id types.NodeId) iter.Seq2[types.StoreKey, []byte] {
	return func(yield func(types.StoreKey, []byte) bool) {
		for _, key := range s.keysOf(id) {
			if value, ok := s.Get(id, key); ok && !yield(key, value) {
				return
			}
		}
	}
}

// keysOf returns the live keys of id, sorted.
func (s *Store) keysOf(id types.NodeId) []types.StoreKey {
	if m, ok := s.covered(id); ok {
		return sortedKeys(m)
	}
	r := s.records[id]
	if r == nil {
		return nil
	}
	keys := make([]types.StoreKey, 0, r.live)
	for e := r.oldest; e != nil; e = e.next {
		if !e.deleted {
			keys = append(keys, e.key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Len is the number of live keys of the record of id, or of its overlay.
func (s *Store) Len(id types.NodeId) int {
	if m, ok := s.covered(id); ok {
		return len(m)
	}
	if r := s.records[id]; r != nil {
		return r.live
	}
	return 0
}

// Keys returns the live keys of all records and overlays, sorted; never nil.
func (s *Store) Keys() []types.StoreKey {
	union := make(map[types.StoreKey]struct{})
	for id := range s.records {
		for _, key := range s.keysOf(id) {
			union[key] = struct{}{}
		}
	}
	for _, o := range s.overlays {
		for key := range o.entries {
			union[key] = struct{}{}
		}
	}
	return sortedKeys(union)
}

// IDs returns the ids of all records that are held, the own one included, sorted.
func (s *Store) IDs() []types.NodeId {
	ids := make([]types.NodeId, 0, len(s.records))
	for id := range s.records {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// SizeOf is the size of the record of id: keys and values with tombstones, and 16
// bytes for each of them. Bytes. Overlays do not count.
func (s *Store) SizeOf(id types.NodeId) int {
	if r := s.records[id]; r != nil {
		return r.bytes
	}
	return 0
}

// Stats is a picture of a store. The first group says what is held, the second
// counts since [New].
type Stats struct {
	Records    int // records that are held, the own one included
	Incomplete int // replicas that know they lack something, see [Store.Complete]
	Keys       int // live keys in all records
	Tombstones int // deleted keys that are remembered
	Bytes      int // size of all records, see [Store.SizeOf]
	Overlays   int // records that this node sees otherwise, see [Store.Overlay]

	Changes   uint64 // of the own record
	Merges    uint64 // deltas that brought news
	Known     uint64 // deltas that brought none
	Gaps      uint64 // deltas that began above what we hold
	Refused   uint64 // deltas that were malformed, too large, or about ourselves
	Collected uint64 // tombstones
}

type counts struct{ changes, merges, known, gaps, refused, collected uint64 }

// Stats returns a picture of the store. It costs O(records).
func (s *Store) Stats() Stats {
	st := Stats{
		Records: len(s.records), Keys: s.live, Tombstones: s.tombs.n, Bytes: s.bytes, Overlays: len(s.overlays),
		Changes: s.counts.changes, Merges: s.counts.merges, Known: s.counts.known, Gaps: s.counts.gaps,
		Refused: s.counts.refused, Collected: s.counts.collected,
	}
	for _, r := range s.records {
		if !r.complete() {
			st.Incomplete++
		}
	}
	return st
}
