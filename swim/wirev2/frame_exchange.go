package wirev2

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The frames of a push-pull: open, digest, delta.

// maxBuckets is the most buckets that an open may have. More would cost more than
// the rows they save: 4096 sums are 36 KiB.
const maxBuckets = 4096

const (
	faultBuckets = "the number of buckets is not a power of two up to 4096"
	faultBucket  = "bucket indexes do not ascend"
	faultSelf    = "a sender that is neither alive nor left"
)

// appendOpen appends the frame that begins a push-pull:
//
//	98 │ 01 │ cluster id │ version │ join │ self │ members │ state │ [bucket …]
//
// Self is a claim, see appendClaim.
func appendOpen(b []byte, f *swim.Frame) []byte {
	b = append(mpack.AppendArray(b, 8), byte(swim.FrameOpen))
	b = mpack.AppendStr(b, f.ClusterID)
	b = mpack.AppendStr(b, f.Version)
	b = mpack.AppendBool(b, f.Join)
	b = appendClaim(b, &f.Self)
	b = appendPrints(b, f.Prints)
	b = mpack.AppendArray(b, len(f.Buckets))
	for _, sum := range f.Buckets {
		b = mpack.AppendUint(b, sum)
	}
	return b
}

// parseOpen reads an open. The cluster id and the version are not compared here:
// the core answers a stranger with a refusal that names both.
func parseOpen(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameOpen
	f.ClusterID = r.id("cluster id")
	f.Version = r.id("version")
	f.Join = r.bool("join")
	f.Self = r.self()
	f.Prints = r.prints()
	f.Buckets = r.buckets()
}

// buckets reads the sums of row hashes.
func (r *reader) buckets() []uint64 {
	outer := r.enter("buckets")
	if n := r.left; n > maxBuckets || n&(n-1) != 0 {
		r.fail("buckets", faultBuckets)
	}
	var sums []uint64
	if r.left > 0 {
		sums = make([]uint64, 0, r.left)
	}
	for r.left > 0 {
		sums = append(sums, r.uint("bucket", math.MaxUint64))
	}
	r.leave(outer)
	return sums
}

// self reads the claim of the sender about itself.
func (r *reader) self() swim.Claim {
	c := r.claim()
	if c.State != swim.Alive && c.State != swim.Left {
		r.fail("self", faultSelf)
	}
	return c
}

// appendDigest appends the answer to an open that has buckets:
//
//	97 │ 02 │ self │ members │ state │ [bucket index …] │ [row …] │ [claim …]
//
// A row is the digest of a member, see appendRow.
func appendDigest(b []byte, f *swim.Frame) []byte {
	b = append(mpack.AppendArray(b, 7), byte(swim.FrameDigest))
	b = appendClaim(b, &f.Self)
	b = appendPrints(b, f.Prints)
	b = mpack.AppendArray(b, len(f.Differ))
	for _, i := range f.Differ {
		b = mpack.AppendUint(b, uint64(i))
	}
	b = mpack.AppendArray(b, len(f.Rows))
	for i := range f.Rows {
		b = appendRow(b, &f.Rows[i])
	}
	return appendClaims(b, f.Claims)
}

// parseDigest reads a digest.
func parseDigest(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameDigest
	f.Self = r.self()
	f.Prints = r.prints()
	f.Differ = r.differ()
	f.Rows = r.rows()
	f.Claims = r.claims()
}

// differ reads the indexes of the buckets that differ. As they ascend below
// maxBuckets, there are at most that many.
func (r *reader) differ() []uint32 {
	outer := r.enter("differing buckets")
	var indexes []uint32
	if r.left > 0 {
		indexes = make([]uint32, 0, min(r.left, maxBuckets))
	}
	for next := uint64(0); r.left > 0; {
		i := r.uint("differing bucket", maxBuckets-1)
		if i < next {
			r.fail("differing bucket", faultBucket)
		}
		indexes = append(indexes, uint32(i))
		next = i + 1
	}
	r.leave(outer)
	return indexes
}

// rows reads the digests of members.
func (r *reader) rows() []swim.Row {
	outer := r.enter("rows")
	var rows []swim.Row
	if n := r.room(minRowLen); n > 0 {
		rows = make([]swim.Row, 0, n)
	}
	for r.left > 0 {
		rows = append(rows, r.row())
	}
	r.leave(outer)
	return rows
}

// appendDelta appends what the other side lacks, and what we want in return:
//
//	95 │ 03 │ self │ [claim …] │ [delta …] │ [want …]
//
// A delta is binary, in the terms of the riding state.
func appendDelta(b []byte, f *swim.Frame) []byte {
	b = append(mpack.AppendArray(b, 5), byte(swim.FrameDelta))
	b = appendClaim(b, &f.Self)
	b = appendClaims(b, f.Claims)
	b = mpack.AppendArray(b, len(f.Deltas))
	for _, delta := range f.Deltas {
		b = mpack.AppendBin(b, delta)
	}
	b = mpack.AppendArray(b, len(f.Wants))
	for i := range f.Wants {
		b = appendWant(b, &f.Wants[i])
	}
	return b
}

// parseDelta reads a delta.
func parseDelta(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameDelta
	f.Self = r.self()
	f.Claims = r.claims()
	f.Deltas = r.deltas()
	f.Wants = r.wants()
}

// appendClaims appends the records of members.
func appendClaims(b []byte, claims []swim.Claim) []byte {
	b = mpack.AppendArray(b, len(claims))
	for i := range claims {
		b = appendClaim(b, &claims[i])
	}
	return b
}

// claims reads the records of members.
func (r *reader) claims() []swim.Claim {
	outer := r.enter("claims")
	var claims []swim.Claim
	if n := r.room(minClaimLen); n > 0 {
		claims = make([]swim.Claim, 0, n)
	}
	for r.left > 0 {
		claims = append(claims, r.claim())
	}
	r.leave(outer)
	return claims
}

// deltas reads pieces of the riding state. None is empty.
func (r *reader) deltas() [][]byte {
	outer := r.enter("deltas")
	var deltas [][]byte
	if n := r.room(minDeltaLen); n > 0 {
		deltas = make([][]byte, 0, n)
	}
	for r.left > 0 {
		deltas = append(deltas, clone(r.bytes("delta", 1, math.MaxInt32)))
	}
	r.leave(outer)
	return deltas
}

// wants reads what the sender asks for.
func (r *reader) wants() []swim.Want {
	outer := r.enter("wants")
	var wants []swim.Want
	if n := r.room(minWantLen); n > 0 {
		wants = make([]swim.Want, 0, n)
	}
	for r.left > 0 {
		wants = append(wants, r.want())
	}
	r.leave(outer)
	return wants
}
