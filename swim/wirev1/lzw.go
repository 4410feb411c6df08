package wirev1

import "fmt"

// LZW as memberlist has it, which is that of GIF: codes of 9 to 12 bits, least
// significant bit first, with one that clears the table and one that ends the text. It
// is written here because the library's takes 64 KiB from the heap for every text.
// Source: Welch, A Technique for High-Performance Data Compression (1984).
const (
	lzwClear    = 256  // forget all strings
	lzwEnd      = 257  // of the text
	lzwMinWidth = 9    // of a code, in bits
	lzwMaxWidth = 12   //
	lzwCodes    = 4096 // that 12 bits can tell apart
)

// A codeWriter packs codes into bytes.
type codeWriter struct {
	b     []byte
	bits  uint32
	count uint // of bits that are not in b yet
	width uint // of the next code
}

func (w *codeWriter) write(code uint32) {
	w.bits |= code << w.count
	w.count += w.width
	for ; w.count >= 8; w.count -= 8 {
		w.b = append(w.b, byte(w.bits))
		w.bits >>= 8
	}
}

// flush writes the bits that are left.
func (w *codeWriter) flush() []byte {
	if w.count > 0 {
		w.b = append(w.b, byte(w.bits))
	}
	return w.b
}

// The tables of strings: a hash table of strings by their code and next byte. It has at
// least twice as many places as strings can be in it; the small one is for texts that
// cannot fill the large one.
const (
	lzwPlaces      = 1 << 14
	lzwSmallPlaces = 1 << 12
	lzwSmallText   = lzwSmallPlaces / 2
)

// appendLZW appends a text, compressed, byte for byte as compress/lzw does.
func appendLZW(b, text []byte) []byte {
	if len(text) <= lzwSmallText {
		var table [lzwSmallPlaces]uint32
		return compress(b, text, table[:])
	}
	return appendLongLZW(b, text)
}

// appendLongLZW is a function of its own so that only long texts need its stack.
//
//go:noinline
func appendLongLZW(b, text []byte) []byte {
	var table [lzwPlaces]uint32
	return compress(b, text, table[:])
}

// compress writes text. A place of the table holds 20 bits of code and next byte and 12
// of the string's own code, which is never 0. The number of places is a power of two.
func compress(b, text []byte, table []uint32) []byte {
	w := codeWriter{b: b, width: lzwMinWidth}
	w.write(lzwClear)
	if len(text) == 0 {
		w.write(lzwEnd)
		return w.flush()
	}
	mask := uint32(len(table) - 1)
	newest := uint32(lzwEnd) // the code that was given last
	code := uint32(text[0])  // of what has been read and not been written
	// give hands out the next code, if there is one; else it clears the table.
	give := func() bool {
		newest++
		if newest == 1<<w.width {
			w.width++
		}
		if newest < lzwCodes-1 {
			return true
		}
		w.write(lzwClear)
		w.width, newest = lzwMinWidth, lzwEnd
		clear(table)
		return false
	}
next:
	for _, x := range text[1:] {
		key := code<<8 | uint32(x)
		at := (key>>12 ^ key) & mask
		for ; table[at] != 0; at = (at + 1) & mask {
			if table[at]>>12 == key {
				code = table[at] & (lzwCodes - 1)
				continue next
			}
		}
		w.write(code)
		code = uint32(x)
		if give() {
			table[at] = key<<12 | newest
		}
	}
	w.write(code)
	give()
	w.write(lzwEnd)
	return w.flush()
}

// The faults of a compressed text.
const (
	faultLZWCut  = "compressed text ends before its end"
	faultLZWCode = "compressed text has a code that was not given"
)

// appendUnLZW appends the text that b is compressed from, at most limit bytes.
func appendUnLZW(dst, b []byte, limit int) (_ []byte, fault string) {
	// The string of a code is a piece of the text: that of the code before it and the
	// byte behind that. So the table holds where, and how long.
	var begins [lzwCodes]uint32
	var sizes [lzwCodes]uint16
	const none = -1
	start := len(dst)
	newest, width := uint32(lzwEnd), uint(lzwMinWidth)
	last, lastSize := none, 0 // where the last string is in the text
	var bits uint32
	var count uint
	for {
		for ; count < width; count += 8 {
			if len(b) == 0 {
				return dst, faultLZWCut
			}
			bits |= uint32(b[0]) << count
			b = b[1:]
		}
		code := bits & (1<<width - 1)
		bits >>= width
		count -= width
		switch code {
		case lzwClear:
			newest, width, last = lzwEnd, lzwMinWidth, none
			continue
		case lzwEnd:
			return dst, ""
		}
		if code > newest {
			return dst, faultLZWCode
		}
		if last != none {
			begins[newest], sizes[newest] = uint32(last), uint16(lastSize+1)
		}
		at, size := len(dst)-start, 1
		if code >= lzwClear {
			size = int(sizes[code])
		}
		if size > limit-at {
			return dst, fmt.Sprintf("compressed text has more than %d bytes", limit)
		}
		if code < lzwClear {
			dst = append(dst, byte(code))
		} else {
			from := start + int(begins[code])
			// The newest string may end with the byte that is about to be written.
			known := min(size, len(dst)-from)
			dst = append(dst, dst[from:from+known]...)
			if known < size {
				dst = append(dst, dst[from])
			}
		}
		last, lastSize = at, size
		newest++
		if newest == 1<<width {
			if width == lzwMaxWidth {
				// All codes are given. The table stays until it is cleared.
				newest, last = lzwCodes-1, none
			} else {
				width++
			}
		}
	}
}
