package store

import (
	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/types"
)

// A delta is news about one record: the entries between two versions. A rumour is
// a delta that travels in packets.
//
//	┌────┬────┬────────────┬──────┬──────┬─────────┬────────┬───────┬─────────┬─────────┐
//	│ 99 │ id │ generation │ boot │ base │ reached │ beyond │ floor │ updated │ entries │
//	└────┴────┴────────────┴──────┴──────┴─────────┴────────┴───────┴─────────┴─────────┘
//	  1   str    1–9 bytes each …                                              array
//
//	entries:   [ key, version, value,   key, version, value, … ]
//	             str  1–9      bin, or nil for a deleted key
//
// It holds every entry with base < version ≤ reached, in the order of versions,
// that its sender had when the record was at version reached + beyond, which is
// the delta's goal. Beyond is 0 unless the delta is cut: then newer entries exist
// that did not fit, and keys that these change may be missing altogether.
//
// A delta with base 0 that is not cut is a whole record: there is nothing but what
// it lists. Floor is the sender's; it is above base only in whole records.
//
// Updated is the owner's wall clock at its last change, in nanoseconds since 1970
// as two's complement.
type delta struct {
	id      []byte // aliases the bytes it was read from
	life    Life
	base    Version
	reached Version
	goal    Version
	floor   Version
	updated int64
	entries []byte // the entries as they came, with their head
}

const deltaFields = 9

func (d *delta) whole() bool { return d.base == 0 && d.reached == d.goal }

// AppendRumour appends the news about id since base, the version that was known
// before: as many entries as budget bytes hold, oldest first, and says which
// version is reached with them. What lies below the record's floor can only be
// told whole. It returns b unchanged if there is nothing to say or nothing fits,
// and allocates nothing if b has budget bytes to spare. See [Store.Merge].
func (s *Store) AppendRumour(b []byte, id types.NodeId, base Version, budget int) []byte {
	r := s.recordOf(id)
	if r == nil || base >= r.version {
		return b
	}
	if base < r.floor {
		return r.appendWhole(b, budget)
	}
	return r.appendSince(b, base, budget)
}

// AppendDelta appends what the holder of a digest lacks about id, within budget
// bytes; b unchanged if that is nothing, if nothing fits, or if the digest cannot
// be read. An empty digest describes nothing. See [Store.Merge].
//
// A holder in another life, below our floor, or left incomplete by news that we
// never had gets the whole record.
func (s *Store) AppendDelta(b []byte, id types.NodeId, digest []byte, budget int) []byte {
	r := s.recordOf(id)
	d, ok, err := parseDigest(digest)
	if r == nil || err != nil || ok && r.compare(d) <= 0 {
		return b
	}
	if !ok || d.life != r.life {
		d.version, d.goal = 0, 0
	}
	if d.version < r.floor {
		return r.appendWhole(b, budget)
	}
	if d.goal > r.goal || d.version == r.version && d.goal > d.version {
		// Entries above the holder's version would not complete what it has.
		if whole := r.appendWhole(b, budget); len(whole) > len(b) {
			return whole
		}
	}
	if d.version == r.version && r.version > 0 {
		return b
	}
	return r.appendSince(b, d.version, budget)
}

// About returns the id that a rumour or delta is about, as it stands in the bytes, and
// the life in which it was published. The rest of the bytes may be anything.
func About(delta []byte) (id []byte, life Life, ok bool) {
	r := reader{b: delta}
	if r.array() < deltaFields {
		return nil, Life{}, false
	}
	id = r.blob(MaxIDLen)
	life.Generation = r.uint()
	life.Boot = r.uint()
	if r.bad || len(id) == 0 {
		return nil, Life{}, false
	}
	return id, life, true
}

// appendWhole appends everything, or nothing if the budget does not allow it. An
// incomplete record has no whole: it may still show keys that were deleted, and
// whoever replaced its own map by that would bring them back.
func (r *record) appendWhole(b []byte, budget int) []byte {
	if !r.complete() {
		return b
	}
	size, n := r.headLen(0), 0
	for e := r.oldest; e != nil; e = e.next {
		size += e.wireLen()
		n++
	}
	if size+mpack.LenArray(3*n) > budget {
		return b
	}
	return r.appendEntries(b, 0, r.version, r.oldest, n)
}

// appendSince appends what is above base, cut where the budget ends. There is
// something above base, or base is 0.
func (r *record) appendSince(b []byte, base Version, budget int) []byte {
	first := r.firstAbove(base)
	size, n := r.headLen(base), 0
	reached := base
	e := first
	for ; e != nil; e = e.next {
		size += e.wireLen()
		if size+mpack.LenArray(3*(n+1)) > budget {
			break
		}
		reached = e.version
		n++
	}
	switch {
	case e == nil && size+mpack.LenArray(3*n) <= budget:
		reached = r.version // the newest entries may be collected tombstones
	case n == 0:
		return b
	}
	return r.appendEntries(b, base, reached, first, n)
}

// appendEntries appends the delta of n entries from first on.
func (r *record) appendEntries(b []byte, base, reached Version, first *entry, n int) []byte {
	b = append(b, mpack.FixArray|deltaFields)
	b = mpack.AppendStr(b, r.id)
	b = mpack.AppendUint(b, r.life.Generation)
	b = mpack.AppendUint(b, r.life.Boot)
	b = mpack.AppendUint(b, uint64(base))
	b = mpack.AppendUint(b, uint64(reached))
	b = mpack.AppendUint(b, uint64(r.goal-reached))
	b = mpack.AppendUint(b, uint64(r.floor))
	b = mpack.AppendUint(b, uint64(r.updated))
	b = mpack.AppendArray(b, 3*n)
	for e := first; n > 0; e, n = e.next, n-1 {
		b = mpack.AppendStr(b, e.key)
		b = mpack.AppendUint(b, uint64(e.version))
		if e.deleted {
			b = append(b, mpack.Nil)
		} else {
			b = mpack.AppendBin(b, e.value)
		}
	}
	return b
}

// headLen bounds what a delta of r needs before its entries.
func (r *record) headLen(base Version) int {
	return 1 + mpack.LenStr(len(r.id)) + mpack.LenUint(r.life.Generation) + mpack.LenUint(r.life.Boot) + mpack.LenUint(uint64(base)) +
		2*mpack.LenUint(uint64(r.goal)) + mpack.LenUint(uint64(r.floor)) + mpack.LenUint(uint64(r.updated))
}

// wireLen is what an entry needs in a delta.
func (e *entry) wireLen() int {
	n := mpack.LenStr(len(e.key)) + mpack.LenUint(uint64(e.version))
	if e.deleted {
		return n + 1
	}
	return n + mpack.LenBin(len(e.value))
}

// parseDelta reads all but the entries. More elements than are known are skipped.
func parseDelta(b []byte) (d delta, ok bool) {
	r := reader{b: b}
	n := r.array()
	if n < deltaFields {
		return delta{}, false
	}
	d.id = r.blob(MaxIDLen)
	d.life.Generation = r.uint()
	d.life.Boot = r.uint()
	d.base = Version(r.uint())
	d.reached = Version(r.uint())
	d.goal = d.reached + Version(r.uint())
	d.floor = Version(r.uint())
	d.updated = int64(r.uint())
	d.entries = r.b
	r.skip(1)
	d.entries = d.entries[:len(d.entries)-len(r.b)]
	r.skip(n - deltaFields)
	switch {
	case r.bad, len(r.b) > 0, len(d.id) == 0:
		return delta{}, false
	case d.reached < d.base, d.goal < d.reached, d.floor > d.reached:
		return delta{}, false
	case d.floor > d.base && !d.whole():
		return delta{}, false
	}
	return d, true
}
