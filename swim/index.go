package swim

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// An index finds rows by a key that is in the rows: a name, an address. It holds no
// key, only 4 bytes per place: the row, and 8 bits of the key's hash, so that a place
// of another key is nearly always passed over without a look at its row.
//
// It is a hash table with linear probing: a key is at its home, or behind it with no
// empty place between. At least a fifth of the places are empty. Nothing that is done
// with an index shows in which order it holds what.
type index struct {
	places []uint32 // 0: empty; else the tag, and the row plus one
	used   int
}

const (
	rowBits = 24 // of a place; the rest is the tag
	rowMask = 1<<rowBits - 1
	tagMask = ^uint32(rowMask)
	maxRows = rowMask - 1

	minPlaces = 8
)

// place is what stands for r, whose key has hash h.
func place(h uint64, r ref) uint32 { return uint32(h)<<rowBits | uint32(r+1) }

// refAt is the row at an occupied place.
func (x *index) refAt(i int) ref { return ref(x.places[i]&rowMask) - 1 }

// home is where a key of hash h belongs: the high bits decide, the tag has the low.
func (x *index) home(h uint64) int {
	i, _ := bits.Mul64(h, uint64(len(x.places)))
	return int(i)
}

// after is the place that follows i.
func (x *index) after(i int) int {
	if i++; i < len(x.places) {
		return i
	}
	return 0
}

// first returns the first place that may be that of a key of hash h, or none; next the
// one after place i. Which it is, the caller decides:
//
//	for i := x.first(h); i != nowhere; i = x.next(h, i) {
//		… refAt(i) …
//	}
func (x *index) first(h uint64) int {
	if x.used == 0 {
		return nowhere
	}
	return x.seek(h, x.home(h))
}

func (x *index) next(h uint64, i int) int { return x.seek(h, x.after(i)) }

// nowhere is no place.
const nowhere = -1

// seek returns the first place from i on that has the tag of h.
func (x *index) seek(h uint64, i int) int {
	tag := uint32(h) << rowBits
	for {
		switch p := x.places[i]; {
		case p == 0:
			return nowhere
		case p&tagMask == tag:
			return i
		}
		i = x.after(i)
	}
}

// of returns the place of a row that is in the index, given the hash of its key.
func (x *index) of(h uint64, r ref) int {
	i := x.first(h)
	for i != nowhere && x.refAt(i) != r {
		i = x.next(h, i)
	}
	return i
}

// add takes in a row whose key has hash h and is not in the index. hash is that of
// the key of any row in it.
func (x *index) add(h uint64, r ref, hash func(ref) uint64) {
	if 5*(x.used+1) > 4*len(x.places) {
		x.grow(len(x.places)+max(minPlaces, len(x.places)/4), hash)
	}
	x.used++
	x.put(h, r)
}

func (x *index) put(h uint64, r ref) {
	i := x.home(h)
	for x.places[i] != 0 {
		i = x.after(i)
	}
	x.places[i] = place(h, r)
}

// reserve makes room for so many more.
func (x *index) reserve(more int, hash func(ref) uint64) {
	if want := (x.used+more)*5/4 + 1; want > len(x.places) {
		x.grow(max(minPlaces, want), hash)
	}
}

// grow moves everything to so many places.
func (x *index) grow(places int, hash func(ref) uint64) {
	old := x.places
	x.places = make([]uint32, places)
	for _, p := range old {
		if p != 0 {
			r := ref(p&rowMask) - 1
			x.put(hash(r), r)
		}
	}
}

// replace puts another row of the same key in the place of one.
func (x *index) replace(i int, r ref) { x.places[i] = x.places[i]&tagMask | uint32(r+1) }

// remove empties a place, and moves up what would not be found any more.
func (x *index) remove(i int, hash func(ref) uint64) {
	x.used--
	for j := x.after(i); x.places[j] != 0; j = x.after(j) {
		// What is at j may move to i unless its home lies behind i, up to j.
		if h := x.home(hash(x.refAt(j))); (j-h+len(x.places))%len(x.places) >= (j-i+len(x.places))%len(x.places) {
			x.places[i] = x.places[j]
			i = j
		}
	}
	x.places[i] = 0
}

// A hashSeed makes the hashes of one core its own: who does not know it cannot choose
// names that all have the same home.
type hashSeed [2]uint64

func newHashSeed(secret uint64) hashSeed {
	a := mix(secret + 0x9e3779b97f4a7c15)
	return hashSeed{a, mix(a + 0x9e3779b97f4a7c15)}
}

// hashText folds a text, sixteen bytes at a time, through products of twice the width,
// as wyhash does (Wang Yi, 2019). The last one to sixteen are two words, which overlap.
func hashText[T string | []byte](seed hashSeed, s T) uint64 {
	h, n := seed[0], uint64(len(s))
	for len(s) > 16 {
		h = fold(word(s)^seed[1], word(s[8:])^h)
		s = s[16:]
	}
	var a, b uint64
	switch {
	case len(s) >= 8:
		a, b = word(s), word(s[len(s)-8:])
	case len(s) >= 4:
		a, b = halfWord(s), halfWord(s[len(s)-4:])
	case len(s) > 0:
		a = uint64(s[0])<<16 | uint64(s[len(s)/2])<<8 | uint64(s[len(s)-1])
	}
	return fold(fold(a^seed[1], b^h), seed[0]^n)
}

// word is the first eight bytes of a text, halfWord the first four.
func word[T string | []byte](s T) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func halfWord[T string | []byte](s T) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// fold is the sum without carries of both halves of a product.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashAddr is the same for an address. Zones do not count.
func hashAddr(seed hashSeed, a netip.AddrPort) uint64 {
	a = unmapped(a)
	if ip := a.Addr(); ip.Is4() {
		raw := ip.As4()
		return fold(seed[0]^uint64(binary.LittleEndian.Uint32(raw[:]))<<16^uint64(a.Port()), seed[1])
	}
	raw := a.Addr().As16()
	h := fold(seed[0]^binary.LittleEndian.Uint64(raw[:]), seed[1])
	return fold(h^binary.LittleEndian.Uint64(raw[8:]), seed[1]^uint64(a.Port()))
}

// unmapped is an address as the system tells where a packet comes from: an IPv4 address
// never in its IPv6 form. Where two forms of an address mean the same, they are compared
// like this.
func unmapped(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().Is4In6() {
		return a
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
