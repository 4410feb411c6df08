package wirev2

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The records that the frames of a push-pull are lists of. Each is an array of its
// own, so that a later version can add a field to it.

// The fewest bytes that each takes, the head of its array included.
const (
	minClaimLen = 1 + 1 + 2 + 3 + 1 + addrLen4 // a short string serves as an address as well
	minRowLen   = 1 + 2 + 3
	minWantLen  = 1 + 2
	minDeltaLen = 2
)

const (
	faultState  = "not a state"
	faultReason = "not a reason"
)

// appendClaim appends a record of the members table:
//
//	96 │ state │ name │ generation │ boot │ incarnation │ address
//	97 │ state │ name │ generation │ boot │ incarnation │ address │ meta
//	98 │ state │ name │ generation │ boot │ incarnation │ address │ meta or nil │ from
//
// where the state is 0 alive, 1 suspect, 2 dead, 3 left. The last form is that of
// the suspect and the dead, the first two of the alive and the left, without and
// with meta.
func appendClaim(b []byte, c *swim.Claim) []byte {
	n := 6
	switch {
	case isAccusation(c.State):
		n = 8
	case len(c.Meta) > 0:
		n = 7
	}
	b = append(b, mpack.FixArray|byte(n))
	b = mpack.AppendUint(b, uint64(c.State))
	b = mpack.AppendStr(b, c.Name)
	b = appendStamp(b, c.Stamp)
	b = appendAddr(b, c.Addr)
	switch {
	case len(c.Meta) > 0:
		b = mpack.AppendBin(b, c.Meta)
	case n == 8:
		b = append(b, mpack.Nil)
	}
	if n == 8 {
		b = mpack.AppendStr(b, c.From)
	}
	return b
}

// isAccusation reports whether a claim needs somebody who makes it: nobody says of
// itself that it is suspect or dead.
func isAccusation(s swim.State) bool { return s == swim.Suspect || s == swim.Dead }

// claim reads a record of the members table.
func (r *reader) claim() (c swim.Claim) {
	outer := r.enter("claim")
	state := r.uint("state", math.MaxUint8)
	if state > uint64(swim.Left) {
		r.fail("state", faultState)
	}
	c.State = swim.State(state)
	c.Name = r.text(r.name("name"))
	c.Stamp = r.stamp()
	c.Addr = r.addr()
	c.Meta = clone(r.meta())
	if isAccusation(c.State) {
		c.From = r.text(r.name("from"))
	}
	r.leave(outer)
	return c
}

// appendRow appends the digest of one live member:
//
//	94 │ name │ generation │ boot │ incarnation                              nothing rides
//	95 │ name │ generation │ boot │ incarnation │ digest
func appendRow(b []byte, row *swim.Row) []byte {
	n := 4
	if len(row.Digest) > 0 {
		n++
	}
	b = append(b, mpack.FixArray|byte(n))
	b = mpack.AppendStr(b, row.Name)
	b = appendStamp(b, row.Stamp)
	if len(row.Digest) > 0 {
		b = mpack.AppendBin(b, row.Digest)
	}
	return b
}

// row reads the digest of one live member.
func (r *reader) row() (row swim.Row) {
	outer := r.enter("row")
	row.Name = r.text(r.name("name"))
	row.Stamp = r.stamp()
	row.Digest = r.digest()
	r.leave(outer)
	return row
}

// digest reads the digest of the riding state, which ends a record. It may be
// absent, or nil.
func (r *reader) digest() []byte {
	if r.left == 0 || r.null() {
		return nil
	}
	return clone(r.bytes("digest", 0, swim.MaxDigestLen))
}

// appendWant appends the wish for what is known about one member:
//
//	91 │ name                                      everything
//	92 │ name │ digest                             what is newer
func appendWant(b []byte, w *swim.Want) []byte {
	if len(w.Digest) == 0 {
		return mpack.AppendStr(append(b, mpack.FixArray|1), w.Name)
	}
	b = mpack.AppendStr(append(b, mpack.FixArray|2), w.Name)
	return mpack.AppendBin(b, w.Digest)
}

// want reads such a wish.
func (r *reader) want() (w swim.Want) {
	outer := r.enter("want")
	w.Name = r.text(r.name("name"))
	w.Digest = r.digest()
	r.leave(outer)
	return w
}
