package store

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A Store holds the map that a node publishes and the replicas of the maps of its
// peers. It does no I/O, reads no clock and starts no goroutine. Its methods are
// of four kinds:
//
//   - The owner's: Set, Delete, BeginLife. Only they change the own record.
//   - Those about replicas: BeginReplica, Merge, Drop, and HandleTimeout.
//   - Those whose effect only this node sees: Overlay, Touch.
//   - Queries: everything else. They have no side effect.
//
// Where a time is given as now, it is monotonic since an arbitrary origin and must
// not go backwards between calls. Wall time is only ever stored.
//
// A Store is not safe for concurrent use: whoever owns it holds one lock. It keeps
// no slice that it is given, and the values that it returns never change, so they
// may be kept and read after the lock is released; they must not be written to.
type Store struct {
	cfg      Config
	own      *record
	records  map[types.NodeId]*record
	implied  record // see recordOf
	overlays map[types.NodeId]*overlay
	tombs    tombstones

	live   int // keys in all records
	bytes  int // size of all records
	counts counts
}

// New returns a store that holds the empty own record, at boot 0, so that values
// can be set before the boot is known; see [Store.BeginLife]. The error reports
// everything that is wrong with cfg.
func New(cfg Config) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg:      cfg,
		records:  make(map[types.NodeId]*record),
		overlays: make(map[types.NodeId]*overlay),
	}
	s.own = s.newRecord(cfg.Self, Life{Generation: cfg.Generation})
	return s, nil
}

// newRecord adds the empty record of a life.
func (s *Store) newRecord(id types.NodeId, life Life) *record {
	r := &record{id: id, life: life, entries: make(map[types.StoreKey]*entry)}
	r.hash = hashRecord(r)
	s.records[id] = r
	return r
}

// recordOf returns the record of id: the one that is held, or the empty one of the life
// in which a member has been met, which is only to be read, and until the next call;
// else nil.
func (s *Store) recordOf(id types.NodeId) *record {
	if r := s.records[id]; r != nil || s.cfg.LifeOf == nil {
		return r
	}
	life, met := s.cfg.LifeOf(id)
	if !met {
		return nil
	}
	s.implied = record{id: id, life: life}
	return &s.implied
}

// Set changes one key of the own record at the wall time given. The value may be
// empty, and so may the key. Setting a key to what it holds already is a change
// too: the node says that it is still so. The store keeps a copy of value.
//
// A [*LimitError] says that the key is too long, or the value or the record too
// large.
func (s *Store) Set(wall time.Time, key types.StoreKey, value []byte) error {
	if err := s.checkEntry(s.own.id, key, value); err != nil {
		return err
	}
	r := s.own
	size := r.bytes - r.dead + len(key) + len(value) + entryOverhead // tombstones may go, see makeRoom
	if old := r.entries[key]; old != nil && !old.deleted {
		size -= old.size()
	}
	if size > s.cfg.MaxRecord {
		return &LimitError{Err: ErrRecordTooLarge, ID: r.id, Key: key, Size: size, Limit: s.cfg.MaxRecord}
	}
	s.change(wall, &entry{key: key, value: append([]byte{}, value...)})
	s.makeRoom(r)
	return nil
}

// Delete removes one key of the own record and leaves a tombstone, so that others
// forget it as well. It reports whether the key was there; if not, nothing
// changes.
func (s *Store) Delete(now time.Duration, wall time.Time, key types.StoreKey) (existed bool) {
	if e := s.own.entries[key]; e == nil || e.deleted {
		return false
	}
	s.change(wall, &entry{key: key, deleted: true, since: now})
	return true
}

// change makes e the newest entry of the own record.
func (s *Store) change(wall time.Time, e *entry) {
	r := s.own
	r.version++
	r.goal = r.version
	r.updated = unixNano(wall)
	e.version = r.version
	s.put(r, e)
	s.changed(r)
	s.counts.changes++
}

// BeginLife makes the own record that of a new life. Its keys are kept, with
// versions counted anew from 1. Its tombstones are dropped, because all replicas
// of the new life begin empty: there is nothing to be deleted from them. Without
// effect unless life is higher than the current one.
func (s *Store) BeginLife(life Life) {
	r := s.own
	if life.Compare(r.life) <= 0 {
		return
	}
	r.life, r.version, r.floor = life, 0, 0
	for e := r.oldest; e != nil; e = e.next {
		if e.deleted {
			s.take(e)
			continue
		}
		r.version++
		e.version = r.version
	}
	r.goal = r.version
	s.changed(r)
}

// BeginReplica says that a member has begun a life: our replica of what it
// published in lower ones is void, and it is empty until we hear more. Without
// effect if life is not higher than that of the record we hold, if it is the own
// record, if id is no valid id, or if there is no room for another record; the
// last two are what [Store.Merge] will say about it. If [Config.LifeOf] knows the
// member, what is empty takes no room.
func (s *Store) BeginReplica(id types.NodeId, life Life) {
	r := s.records[id]
	switch {
	case r == s.own, r != nil && life.Compare(r.life) <= 0:
		return
	case r != nil:
		s.begin(r, life)
		delete(s.records, id)
	default:
		s.endOverlay(id, life)
	}
	if implied := s.recordOf(id); implied == nil || implied.life != life {
		s.Keep(id, life)
	}
}

// Keep makes a record of an empty map that [Config.LifeOf] implies, because it will not
// know the member any more. Without effect if there is a record, or cannot be one; see
// [Store.BeginReplica].
func (s *Store) Keep(id types.NodeId, life Life) {
	if s.records[id] == nil && len(id) > 0 && len(id) <= MaxIDLen && len(s.records) < s.cfg.MaxRecords {
		s.newRecord(id, life)
	}
}

// Drop forgets everything about a member. The own record stays.
func (s *Store) Drop(id types.NodeId) {
	delete(s.overlays, id)
	if r := s.records[id]; r != nil && r != s.own {
		s.clear(r)
		delete(s.records, id)
	}
}

// Hash is one hash of (id, generation, boot, version), well mixed, so that sums of
// it are fingerprints of whole tables; 0 if there is no record. Collecting
// tombstones and overlays do not show in it. A replica that knows it is incomplete
// hashes differently from a complete one.
func (s *Store) Hash(id types.NodeId) uint64 {
	if r := s.recordOf(id); r == &s.implied {
		return hashRecord(r)
	} else if r != nil {
		return r.hash
	}
	return 0
}

// Version returns how far the record of id goes; false if there is none.
func (s *Store) Version(id types.NodeId) (Life, Version, bool) {
	if r := s.recordOf(id); r != nil {
		return r.life, r.version, true
	}
	return Life{}, 0, false
}

// Complete reports whether the record of id shows exactly what its owner had at
// that version. It does not while only a part of a long delta has arrived.
func (s *Store) Complete(id types.NodeId) bool {
	r := s.recordOf(id)
	return r != nil && r.complete()
}

// compare orders what we hold and what a digest says: by life, version, and
// whether it is complete.
func (r *record) compare(d digest) int {
	return cmp.Or(
		r.life.Compare(d.life),
		cmp.Compare(r.version, d.version),
		compareBool(r.complete(), d.goal == d.version),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// unixNano is t in nanoseconds since 1970, or as near as 64 bits allow (the years
// 1678 to 2262). The zero time is 0, which stands for never.
func unixNano(t time.Time) int64 {
	switch year := t.UTC().Year(); {
	case t.IsZero():
		return 0
	case year < 1678:
		return math.MinInt64
	case year > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// wallTime is the inverse of unixNano.
func wallTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// String names the own node and counts the records.
func (s *Store) String() string {
	return fmt.Sprintf("store of %q: %d records, %d keys", s.own.id, len(s.records), s.live)
}
