package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// Merged says what [Store.Merge] did.
type Merged struct {
	// ID is whose record it was about; empty if that could not be read.
	ID types.NodeId
	// Before is the version held before, the base for passing the news on; 0 if
	// a new life began.
	Before Version
	// News is true if the record changed.
	News bool
	// Repeat is true if it reaches the version that was held before, in the same life.
	Repeat bool
}

// Merge takes in a rumour or a delta. All of it takes effect or nothing does.
//
//	the delta is about          and then
//	─────────────────────────   ───────────────────────────────────────────────
//	a lower life                nothing: it is old
//	our life, reached ≤ ours    nothing: it is known [1]
//	our life, base ≤ ours       what is above our version is taken in [2]
//	our life, a whole record    our entries are replaced, as we are below its floor
//	our life, base > ours       ErrGap
//	a higher life, base = 0     our record begins anew, and then as above
//	a higher life, base > 0     ErrGap
//	the own record              nothing; ErrOwnRecord if it claims more than is true
//
// [1] Unless our record is incomplete, and a whole one of our version completes it.
//
// [2] What is at or below our version is ours already: either we hold it, or it
// was deleted and we may have collected the tombstone. That nothing at or below
// the version is ever taken in is why no deleted key comes back.
//
// Errors: [ErrGap], [ErrMalformed], an [*OwnRecordError], a [*LimitError]. The
// store is unchanged after each of them.
func (s *Store) Merge(now time.Duration, delta []byte) (Merged, error) {
	m, err := s.merge(now, delta)
	switch {
	case errors.Is(err, ErrGap):
		s.counts.gaps++
	case err != nil:
		s.counts.refused++
	case m.News:
		s.counts.merges++
	default:
		s.counts.known++
	}
	return m, err
}

func (s *Store) merge(now time.Duration, b []byte) (Merged, error) {
	d, ok := parseDelta(b)
	if !ok {
		return Merged{}, fmt.Errorf("%w delta of %d bytes", ErrMalformed, len(b))
	}
	r := s.records[types.NodeId(d.id)]
	if r == s.own {
		return s.refuseOwn(d)
	}

	held := record{} // of no record: below everything
	order := +1
	known, id := r, types.NodeId("")
	if r != nil {
		id = r.id
	} else {
		id = types.NodeId(d.id)
		known = s.recordOf(id)
	}
	if known != nil {
		if order = d.life.Compare(known.life); order == 0 {
			held = *known
		}
	}
	m := Merged{ID: id, Before: held.version}
	switch {
	case order < 0:
		m.Before = known.version
		return m, nil
	case order == 0 && d.reached < held.version,
		order == 0 && d.reached == held.version && (held.complete() || !d.whole()):
		m.Repeat = d.reached == held.version
		return m, nil
	case r == nil && len(s.records) >= s.cfg.MaxRecords:
		return m, &LimitError{Err: ErrTooManyRecords, ID: id, Size: len(s.records) + 1, Limit: s.cfg.MaxRecords}
	}

	// A whole record replaces ours if we cannot follow it step by step, or if it
	// completes what is incomplete here.
	replace := d.whole() && (held.version < d.floor || !held.complete())
	if held.version < d.base {
		return m, ErrGap
	}
	from := held.version
	if replace || order > 0 {
		from = 0
	}
	news, err := s.stage(id, &d, from)
	if err != nil {
		return m, err
	}
	old := r
	if replace || order > 0 {
		old = nil
	}
	if err := s.checkRoom(id, old, news); err != nil {
		return m, err
	}

	// Nothing fails from here on.
	if r == nil {
		r = s.newRecord(id, d.life)
	}
	if order > 0 {
		s.begin(r, d.life)
	}
	if replace {
		s.clear(r)
		r.floor, r.goal = d.floor, 0
	}
	for _, e := range news {
		e.value = bytes.Clone(e.value) // it aliased the delta until now
		e.since = now
		s.put(r, e)
	}
	if d.goal >= r.goal {
		r.updated = d.updated
	}
	r.version, r.goal = d.reached, max(r.goal, d.goal)
	s.makeRoom(r)
	s.changed(r)
	m.News = true
	return m, nil
}

// refuseOwn leaves our own record alone, whatever is said about it.
func (s *Store) refuseOwn(d delta) (Merged, error) {
	m := Merged{ID: s.own.id, Before: s.own.version}
	order := d.life.Compare(s.own.life)
	if order > 0 || order == 0 && d.goal > s.own.version {
		return m, &OwnRecordError{Life: d.life, Version: d.goal}
	}
	return m, nil
}

// stage reads the entries of a delta that are above a version, and checks all of
// them. What it returns is in no record yet, and its values alias the delta.
func (s *Store) stage(id types.NodeId, d *delta, from Version) ([]*entry, error) {
	malformed := func(what string) error {
		return fmt.Errorf("%w delta about %q: %s", ErrMalformed, id, what)
	}
	r := reader{b: d.entries}
	n := r.array()
	if n%3 != 0 {
		return nil, malformed("entries are no triples")
	}
	var news []*entry
	keys := make(map[types.StoreKey]struct{})
	last := d.base
	size := 0
	for range n / 3 {
		key := r.blob(len(r.b))
		version := Version(r.uint())
		deleted := r.null()
		var value []byte
		if !deleted {
			value = r.blob(len(r.b))
		}
		if r.bad {
			return nil, malformed("entries cannot be read")
		}
		if version <= last || version > d.reached {
			return nil, malformed("versions are out of order")
		}
		last = version
		if version <= from {
			continue
		}
		if len(key) > s.cfg.MaxKey || len(value) > s.cfg.MaxValue {
			return nil, s.checkEntry(id, types.StoreKey(key), value)
		}
		e := &entry{key: types.StoreKey(key), version: version, value: value, deleted: deleted}
		// No sender's record is larger than the limit, its tombstones included.
		if size += e.size(); size > s.cfg.MaxRecord {
			return nil, &LimitError{Err: ErrRecordTooLarge, ID: id, Key: e.key, Size: size, Limit: s.cfg.MaxRecord}
		}
		if _, twice := keys[e.key]; twice {
			return nil, malformed("a key stands twice")
		}
		keys[e.key] = struct{}{}
		news = append(news, e)
	}
	if len(r.b) > 0 {
		return nil, malformed("entries cannot be read")
	}
	return news, nil
}

// checkRoom reports whether a record with the news would be within its limit, if
// all tombstones went.
func (s *Store) checkRoom(id types.NodeId, r *record, news []*entry) error {
	size := 0
	if r != nil {
		size = r.bytes - r.dead
	}
	for _, e := range news {
		if r != nil {
			if old := r.entries[e.key]; old != nil && !old.deleted {
				size -= old.size()
			}
		}
		if !e.deleted {
			size += e.size()
		}
	}
	if size > s.cfg.MaxRecord {
		return &LimitError{Err: ErrRecordTooLarge, ID: id, Size: size, Limit: s.cfg.MaxRecord}
	}
	return nil
}
