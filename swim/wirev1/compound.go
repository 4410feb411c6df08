package wirev1

import (
	"encoding/binary"
	"slices"
)

// FinishPacket makes a compound of several messages, and leaves one as it is:
//
//	07 │ n │ n × length, 2 bytes │ message │ message │ …
//
// More than 255 messages become a compound of compounds of up to 255, which
// memberlist reads as well. The messages are moved, not copied elsewhere: nothing is
// allocated when b has room.
func (c *Codec) FinishPacket(b []byte, start int, parts []int) []byte {
	switch n := len(parts); {
	case n <= 1:
		return b
	case n <= maxParts:
		end := len(b)
		b = slices.Grow(b, compoundSize(n))[:end+compoundSize(n)]
		putCompound(b, start, parts, end)
		return b
	}
	return nest(b, start, parts)
}

// compoundSize is what a compound of n parts takes beside them.
func compoundSize(n int) int { return compoundOverhead + n*partOverhead }

// putCompound writes, at offset at, the compound of the messages that begin at parts
// and end at end. They may lie in the way, as long as that is not behind at.
func putCompound(b []byte, at int, parts []int, end int) {
	copy(b[at+compoundSize(len(parts)):], b[parts[0]:end])
	b[at], b[at+1] = typeCompound, byte(len(parts))
	for i, begin := range parts {
		next := end
		if i+1 < len(parts) {
			next = parts[i+1]
		}
		binary.BigEndian.PutUint16(b[at+compoundOverhead+i*partOverhead:], uint16(next-begin))
	}
}

// nest makes a compound of compounds. It works from the last group to the first, as
// every one moves towards the end, and writes the lengths when nothing is in their
// way any more.
func nest(b []byte, start int, parts []int) []byte {
	groups := (len(parts) + maxParts - 1) / maxParts
	group := func(g int) []int { return parts[g*maxParts : min((g+1)*maxParts, len(parts))] }
	end := len(b)
	room := compoundSize(groups) + groups*compoundOverhead + len(parts)*partOverhead
	b = slices.Grow(b, room)[:end+room]
	after := len(b) // where the group that was moved last begins
	for g := groups - 1; g >= 0; g-- {
		p := group(g)
		after -= compoundSize(len(p)) + end - p[0]
		putCompound(b, after, p, end)
		end = p[0]
	}
	b[start], b[start+1] = typeCompound, byte(groups)
	for g, at := 0, after; g < groups; g++ {
		size := compoundSize(len(group(g)))
		for i := range group(g) {
			size += int(binary.BigEndian.Uint16(b[at+compoundSize(i):]))
		}
		binary.BigEndian.PutUint16(b[start+compoundSize(g):], uint16(size))
		at += size
	}
	return b
}
