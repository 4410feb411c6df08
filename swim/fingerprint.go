package swim

import "time"

// The fingerprint of a table is the wrapping sum of one hash per row, over the
// members held alive or suspect. A sum can be kept up to date in O(1), does not
// depend on order, and can be taken over any part of the table (see
// buckets.go). Suspicion and tombstones do not show in it: two members that
// disagree only about those have nothing to exchange.

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit
// changes every output bit with probability one half, which a sum needs.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hashName is FNV-1a, 64 bits, finalized.
func hashName(name string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return mix(h)
}

// hashMember is the row hash of a live member. Stamp zero does not hash to the
// name alone, so that a name cannot be confused with a row.
func hashMember(name string, s Stamp) uint64 { return hashStamp(hashName(name), s) }

// hashStamp is hashMember for who has the hash of the name.
func hashStamp(name uint64, s Stamp) uint64 {
	h := mix(name + uint64(s.Generation) + 0x9e3779b97f4a7c15)
	h = mix(h + uint64(s.Boot) + 0x9e3779b97f4a7c15)
	return mix(h + uint64(s.Incarnation) + 0x9e3779b97f4a7c15)
}

// stateHash is the row hash of the riding state of m, as it is counted. Only Merge
// changes what is held about others, so theirs need not be remembered.
func (c *Core) stateHash(m member) uint64 {
	if m.row == c.self().row {
		return c.ownState
	}
	return c.rider.Hash(m.name())
}

// addPrint takes a row into the fingerprints; it becomes live.
func (c *Core) addPrint(m member) {
	if m.row == c.self().row {
		c.ownState = c.rider.Hash(m.name())
	}
	name := hashName(m.name())
	c.count(name, hashStamp(name, m.stamp()), c.stateHash(m))
}

// removePrint takes a row out; it is about to change, or no longer live.
func (c *Core) removePrint(m member) {
	name := hashName(m.name())
	c.count(name, -hashStamp(name, m.stamp()), -c.stateHash(m))
}

// restate accounts for a change of the riding state of m, whose hash was another.
func (c *Core) restate(now time.Duration, m member, was uint64) {
	if m.row == c.self().row {
		c.ownState = c.rider.Hash(m.name())
	}
	if m.state.live() {
		c.count(hashName(m.name()), 0, c.stateHash(m)-was)
	}
	c.notePrints(now)
}

// notePrints remembers since when the fingerprints are what they are. A row that
// was taken out and put back unchanged does not count.
func (c *Core) notePrints(now time.Duration) {
	if c.prints != c.printsNoted {
		c.printsNoted, c.printsSince = c.prints, now
	}
}
