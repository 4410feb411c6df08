package swim

import "math/bits"

// To find what differs without sending whole tables, the live members are divided
// by the hash of their names into buckets, and one side sends the sum of the row
// hashes of each bucket. The other lists its rows in the buckets whose sums differ.
// With n members and d differences this costs about 8 n/16 bytes for the sums, and d
// buckets of 16 rows.
//
// The sums are kept, like the prints that they add up to: half a byte for each member,
// and a comparison of tables that agree looks at no row.

const (
	rowsPerBucket = 16
	maxBuckets    = 4096 // 32 KiB of sums; larger tables have fuller buckets
)

// bucketCount is the power of two that gives about rowsPerBucket rows each.
func bucketCount(n int) int {
	return min(maxBuckets, 1<<bits.Len(uint(max(0, n/rowsPerBucket-1))))
}

// bucketOf is the bucket of a name with this hash among n, a power of two.
func bucketOf(hash uint64, n int) int { return int(hash & uint64(n-1)) }

// A tally is the fingerprint of each bucket, members and riding state in one sum, for
// twice as many buckets as needed at most, or as were needed before many left.
type tally []uint64

// fold returns the sums of n buckets, which are not more than t has: a bucket among
// fewer is the union of those whose numbers have the same low bits.
func (t tally) fold(n int) []uint64 {
	sums := make([]uint64, n)
	copy(sums, t)
	for i := n; i < len(t); i++ {
		sums[bucketOf(uint64(i), n)] += t[i]
	}
	return sums
}

// count moves the prints and the sums of the buckets: the row hash and the state hash of
// a name have changed by so much.
func (c *Core) count(name, row, state uint64) {
	c.prints.Members += row
	c.prints.State += state
	if len(c.tally) > 0 {
		c.tally[bucketOf(name, len(c.tally))] += row + state
	}
}

// retally follows a change of the number of live members. It takes the sums anew when
// there are twice as many as there were, or an eighth.
func (c *Core) retally() {
	if c.carries.Tables {
		return // nothing is compared by buckets
	}
	if want := bucketCount(c.sizeAlive()); want > len(c.tally) || 8*want <= len(c.tally) {
		c.tally = c.tallyAnew(want)
	}
}

// tallyAnew takes the sums of n buckets from the rows.
func (c *Core) tallyAnew(n int) tally {
	t := make(tally, n)
	add := func(m member) {
		if m.state.live() {
			name := hashName(m.name())
			t[bucketOf(name, n)] += hashStamp(name, m.stamp()) + c.stateHash(m)
		}
	}
	add(c.self())
	for _, m := range c.live() {
		add(m)
	}
	return t
}

// sumBuckets is the fingerprint of each of n buckets.
func (c *Core) sumBuckets(n int) []uint64 {
	if n > len(c.tally) {
		return c.tallyAnew(n) // the other side has more members
	}
	return c.tally.fold(n)
}
