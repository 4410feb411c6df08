package wirev1

import (
	"encoding/binary"
	"math/bits"
)

// A codeWriter packs codes into bytes.
type codeWriter struct {
	b     []byte
	bits  uint64
	count uint // of bits that are not in b yet, at most 32 between two codes
	width uint // of the next code
}

func (w *codeWriter) write(code uint32) {
	w.bits |= uint64(code) << w.count
	if w.count += w.width; w.count > 32 {
		w.b = binary.LittleEndian.AppendUint32(w.b, uint32(w.bits))
		w.bits >>= 32
		w.count -= 32
	}
}

// flush writes the bits that are left.
func (w *codeWriter) flush() []byte {
	for ; w.count > 0; w.count -= min(w.count, 8) {
		w.b = append(w.b, byte(w.bits))
		w.bits >>= 8
	}
	return w.b
}

// The strings that a text is made of are a tree: behind each there are longer ones, by
// one byte.
type lzwTree struct {
	// places is a hash table of all strings: 20 bits of the string before the last byte
	// and that byte, 12 of the string's own code, which is never 0. The number of places
	// is a power of two, and at least twice that of the strings that can be in it.
	places []uint32
	// last is the last one that was met behind each string: its last byte plus one, and
	// 12 bits of its code. In a table of members 97 of 100 bytes lead there.
	last []uint32
}

// A text of n bytes has less than n strings of more than one byte. So there are smaller
// trees for the texts of packets: to clear the large one would take longer than to
// compress them.
const (
	lzwShort, lzwShortPlaces   = 256, 512
	lzwMiddle, lzwMiddlePlaces = 2048, 4096
	lzwLongPlaces              = 4 * lzwCodes
)

// appendLZW appends a text, compressed, byte for byte as compress/lzw does.
func appendLZW(b, text []byte) []byte {
	switch n := len(text); {
	case n <= lzwShort:
		var places [lzwShortPlaces]uint32
		var last [lzwEnd + lzwShort]uint32
		return compress(b, text, lzwTree{places[:], last[:]})
	case n <= lzwMiddle:
		return appendMiddleLZW(b, text)
	}
	return appendLongLZW(b, text)
}

// The functions of longer texts are their own so that only these need their stack.
//
//go:noinline
func appendMiddleLZW(b, text []byte) []byte {
	var places [lzwMiddlePlaces]uint32
	var last [lzwEnd + lzwMiddle]uint32
	return compress(b, text, lzwTree{places[:], last[:]})
}

//go:noinline
func appendLongLZW(b, text []byte) []byte {
	var places [lzwLongPlaces]uint32
	var last [lzwCodes]uint32
	return compress(b, text, lzwTree{places[:], last[:]})
}

// compress writes text with an empty tree.
func compress(b, text []byte, tree lzwTree) []byte {
	w := codeWriter{b: b, width: lzwMinWidth}
	w.write(lzwClear)
	if len(text) == 0 {
		w.write(lzwEnd)
		return w.flush()
	}
	places, last := tree.places, tree.last
	mask, shift := uint32(len(places)-1), 32-bits.Len32(uint32(len(places)-1))
	newest := uint32(lzwEnd) // the code that was given last
	code := uint32(text[0])  // of what has been read and not been written
next:
	for _, x := range text[1:] {
		if l := last[code]; l>>lzwMaxWidth == uint32(x)+1 {
			code = l & lzwMaxCode
			continue
		}
		key := code<<8 | uint32(x)
		at := key * 0x9e3779b1 >> shift // the golden ratio scatters what is alike
		for ; places[at] != 0; at = (at + 1) & mask {
			if places[at]>>lzwMaxWidth == key {
				longer := places[at] & lzwMaxCode
				last[code] = (uint32(x)+1)<<lzwMaxWidth | longer
				code = longer
				continue next
			}
		}
		w.write(code)
		if newest++; newest < lzwMaxCode {
			w.width += uint(newest >> w.width)
			places[at] = key<<lzwMaxWidth | newest
			last[code] = (uint32(x)+1)<<lzwMaxWidth | newest
		} else {
			w.write(lzwClear)
			w.width, newest = lzwMinWidth, lzwEnd
			clear(places)
			clear(last)
		}
		code = uint32(x)
	}
	w.write(code)
	switch newest++; {
	case newest == lzwMaxCode:
		w.write(lzwClear)
		w.width = lzwMinWidth
	case newest == 1<<w.width:
		w.width++
	}
	w.write(lzwEnd)
	return w.flush()
}
