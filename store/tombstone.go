package store

import "time"

// tombstones is a list of all tombstones, in the order in which this store learnt
// of them. As now never goes back, that is also the order in which they expire.
type tombstones struct {
	first, last *entry
	n           int
}

func (t *tombstones) push(e *entry) {
	e.prevTomb, e.nextTomb = t.last, nil
	if t.last != nil {
		t.last.nextTomb = e
	} else {
		t.first = e
	}
	t.last = e
	t.n++
}

func (t *tombstones) remove(e *entry) {
	if e.prevTomb != nil {
		e.prevTomb.nextTomb = e.nextTomb
	} else {
		t.first = e.nextTomb
	}
	if e.nextTomb != nil {
		e.nextTomb.prevTomb = e.prevTomb
	} else {
		t.last = e.prevTomb
	}
	t.n--
}

// NextDeadline is when [Store.HandleTimeout] has something to do; false if there
// is no tombstone.
func (s *Store) NextDeadline() (time.Duration, bool) {
	if s.tombs.first == nil {
		return 0, false
	}
	return s.tombs.first.since + s.cfg.TombstoneTTL, true
}

// HandleTimeout collects the tombstones that are as old as [Config.TombstoneTTL].
// Neither versions nor hashes change.
func (s *Store) HandleTimeout(now time.Duration) {
	for e := s.tombs.first; e != nil && now-e.since >= s.cfg.TombstoneTTL; e = s.tombs.first {
		s.collect(e)
	}
}

// collect forgets a deletion. What the record no longer knows lies at or below its
// floor, and who is below the floor gets the whole record.
func (s *Store) collect(e *entry) {
	r := e.record
	r.floor = max(r.floor, e.version)
	s.take(e)
	s.counts.collected++
}

// makeRoom collects tombstones before their time, oldest first, until the record
// is within its limit: what was deleted must not keep out what is to be set.
func (s *Store) makeRoom(r *record) {
	for e := r.oldest; e != nil && r.bytes > s.cfg.MaxRecord; {
		next := e.next
		if e.deleted {
			s.collect(e)
		}
		e = next
	}
}
