package store

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", 2014): every bit of x changes every bit of the
// result with probability one half. Sums of hashes need that.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hashRecord is the hash of (id, generation, boot, version), and of whether the
// record is complete: an incomplete record may lack keys that the complete one of
// the same version has, so the two must not look alike. It is never 0, which is
// the hash of no record.
func hashRecord(r *record) uint64 {
	const gamma = 0x9e3779b97f4a7c15 // SplitMix64's increment: 2⁶⁴ / golden ratio
	h := uint64(0xcbf29ce484222325)  // FNV-1a, 64 bits, over the id
	for i := range len(r.id) {
		h = (h ^ uint64(r.id[i])) * 0x100000001b3
	}
	h = mix(mix(h) + r.life.Generation + gamma)
	h = mix(h + r.life.Boot + gamma)
	h = mix(h + uint64(r.version) + gamma)
	if !r.complete() {
		h = mix(h + gamma)
	}
	if h == 0 {
		return gamma
	}
	return h
}
