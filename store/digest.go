package store

import (
	"fmt"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/types"
)

// A digest says how far a record goes, without what is in it:
//
//	┌────┬────────────┬──────┬─────────┐
//	│ 93 │ generation │ boot │ version │          complete
//	├────┼────────────┼──────┼─────────┼──────┐
//	│ 94 │ generation │ boot │ version │ goal │   incomplete: goal > version
//	└────┴────────────┴──────┴─────────┴──────┘
//	  1     1–9 bytes each
//
// No bytes at all are the digest of no record.
type digest struct {
	life    Life
	version Version
	goal    Version
}

// AppendDigest appends what we hold about id: at most [MaxDigestLen] bytes, none
// if there is no record. The layout is
//
//	[generation, boot, version]         a complete record
//	[generation, boot, version, goal]   a record that knows it lacks something
func (s *Store) AppendDigest(b []byte, id types.NodeId) []byte {
	r := s.recordOf(id)
	if r == nil {
		return b
	}
	if r.complete() {
		b = append(b, mpack.FixArray|3)
	} else {
		b = append(b, mpack.FixArray|4)
	}
	b = mpack.AppendUint(b, r.life.Generation)
	b = mpack.AppendUint(b, r.life.Boot)
	b = mpack.AppendUint(b, uint64(r.version))
	if !r.complete() {
		b = mpack.AppendUint(b, uint64(r.goal))
	}
	return b
}

// parseDigest reads a digest. ok is false if the digest is empty. More elements
// than are known are skipped.
func parseDigest(b []byte) (d digest, ok bool, err error) {
	if len(b) == 0 {
		return digest{}, false, nil
	}
	r := reader{b: b}
	n := r.array()
	if n < 3 {
		r.fail()
	}
	d.life.Generation = r.uint()
	d.life.Boot = r.uint()
	d.version = Version(r.uint())
	d.goal = d.version
	if n > 3 {
		d.goal = Version(r.uint())
		r.skip(n - 4)
	}
	if r.bad || len(r.b) > 0 || d.goal < d.version {
		return digest{}, false, fmt.Errorf("%w digest of %d bytes", ErrMalformed, len(b))
	}
	return d, true, nil
}

// Compare orders what we hold about id and what a digest describes: -1 if the
// digest is ahead of us, +1 if we are ahead, 0 if nobody is. Having no record is
// behind everything; at the same version, a complete record is ahead of an
// incomplete one. The error is [ErrMalformed].
func (s *Store) Compare(id types.NodeId, digest []byte) (int, error) {
	d, ok, err := parseDigest(digest)
	r := s.recordOf(id)
	switch {
	case err != nil:
		return 0, err
	case r == nil && !ok:
		return 0, nil
	case r == nil:
		return -1, nil
	case !ok:
		return +1, nil
	}
	return r.compare(d), nil
}
