package wirev1

import (
	"encoding/binary"
	"math/bits"
)

// A codeWriter packs codes into bytes.
type codeWriter struct {
	b     []byte
	bits  uint64
	count uint // of bits that are not in b yet, at most 7 between two codes
	width uint // of the next code
}

// write writes a code without asking how many bytes that fills: eight are written, those
// that are full stay, and the others are written again.
func (w *codeWriter) write(code uint32) {
	w.bits |= uint64(code) << (w.count & 63)
	w.count += w.width
	w.b = binary.LittleEndian.AppendUint64(w.b, w.bits)[:len(w.b)+int(w.count/8)]
	w.bits >>= w.count & 56
	w.count &= 7
}

// flush writes the bits that are left.
func (w *codeWriter) flush() []byte {
	if w.count > 0 {
		w.b = append(w.b, byte(w.bits))
	}
	return w.b
}

// The strings that a text is made of are a tree: behind each there are longer ones, by
// one byte. When all codes are given, a new tree begins. A text of n bytes has less than n
// strings of more than one byte, so that there are smaller trees for the texts of packets:
// to clear the large one would take longer than to compress them.
const (
	lzwShort, lzwMiddle = 256, 2048 // bytes of text
)

// lzwPlaces is room for the hash table of a tree: a power of two, and so much that few
// strings are not in their own place, which is what a processor cannot foresee.
type lzwPlaces interface {
	[4 * lzwShort]uint16 | [2 * lzwMiddle]uint16 | [8 * lzwCodes]uint16
}

// lzwCoded is room for something about each code.
type lzwCoded interface {
	[lzwEnd + lzwShort]uint32 | [lzwEnd + lzwMiddle]uint32 | [lzwCodes]uint32
}

// appendLZW appends a text, compressed, byte for byte as compress/lzw does.
func appendLZW(b, text []byte) []byte {
	w := codeWriter{b: b, width: lzwMinWidth}
	w.write(lzwClear)
	for len(text) > 0 {
		text = w.writeTree(text)
	}
	w.write(lzwEnd)
	return w.flush()
}

// writeTree writes as much of a text as one tree takes, and returns what is left of it.
func (w *codeWriter) writeTree(text []byte) (rest []byte) {
	switch n := len(text); {
	case n <= lzwShort:
		return writeTree[[4 * lzwShort]uint16, [lzwEnd + lzwShort]uint32](w, text)
	case n <= lzwMiddle:
		return writeTree[[2 * lzwMiddle]uint16, [lzwEnd + lzwMiddle]uint32](w, text)
	}
	return writeTree[[8 * lzwCodes]uint16, [lzwCodes]uint32](w, text)
}

// writeTree is the method. There is a function of each size, so that the arrays are at
// constant places of its stack.
func writeTree[P lzwPlaces, C lzwCoded](to *codeWriter, text []byte) (rest []byte) {
	var places P // a hash table of the codes of all strings, which are never 0
	var keys C   // of each code: 12 bits of the string before the last byte, and that byte
	// last is the string that was met last behind that of each code: its last byte plus
	// one, and 12 bits of its code. In a table of members 97 of 100 bytes lead there.
	var last C
	mask := uint32(len(places) - 1)
	shift := 32 - bits.Len32(mask)
	w := *to
	newest := uint32(lzwEnd) // the code that was given last
	code := uint32(text[0])  // of what has been read and not been written
next:
	for i, x := range text[1:] {
		if l := last[code]; l>>lzwMaxWidth == uint32(x)+1 {
			code = l & lzwMaxCode
			continue
		}
		key := code<<8 | uint32(x)
		at := key * 0x9e3779b1 >> shift // the golden ratio scatters what is alike
		for ; places[at] != 0; at = (at + 1) & mask {
			if longer := uint32(places[at]); keys[longer] == key {
				last[code] = (uint32(x)+1)<<lzwMaxWidth | longer
				code = longer
				continue next
			}
		}
		w.write(code)
		if newest++; newest == lzwMaxCode {
			w.write(lzwClear)
			w.width = lzwMinWidth
			*to = w
			return text[1+i:]
		}
		w.width += uint(newest >> w.width)
		places[at], keys[newest] = uint16(newest), key
		last[code] = (uint32(x)+1)<<lzwMaxWidth | newest
		code = uint32(x)
	}
	w.write(code)
	if newest++; newest == lzwMaxCode {
		w.write(lzwClear)
		w.width = lzwMinWidth
	} else {
		w.width += uint(newest >> w.width)
	}
	*to = w
	return nil
}
