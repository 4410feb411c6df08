package wirev1

import (
	"encoding/binary"
	"slices"
)

// The faults of a compressed text.
const (
	faultLZWCut  = "compressed text ends before its end"
	faultLZWCode = "compressed text has a code that was not given"
	faultLZWLong = "compressed text is longer than it may be"
)

// An lzwString is the string of a code. It is a piece of the text: that of the code
// before it was given, and the byte behind that.
type lzwString struct {
	head uint64 // its first eight bytes, the first one lowest: most are not longer
	at   uint32 // where it begins in the text
	size uint32 // 0: no string
}

// lzwHead is how many bytes of a string are in its head.
const lzwHead = 8

// lzwFew is for how many bytes of codes the small table does: each code gives one more,
// and has at least 9 bits.
const (
	lzwFew     = 864
	lzwFewCode = lzwEnd + 1 + lzwFew*8/lzwMinWidth
)

// appendUnLZW appends the text that b is compressed from, at most limit bytes: of a longer
// one, with that fault, those that it begins with.
func appendUnLZW(dst, b []byte, limit int) (_ []byte, fault string) {
	if len(b) <= lzwFew {
		var table [lzwFewCode]lzwString
		return expand(dst, b, limit, table[:])
	}
	return appendLongUnLZW(dst, b, limit)
}

// appendLongUnLZW is a function of its own so that only long texts need its stack.
//
//go:noinline
func appendLongUnLZW(dst, b []byte, limit int) (_ []byte, fault string) {
	var table [lzwCodes]lzwString
	return expand(dst, b, limit, table[:])
}

// expand reads text with a table that has room for all codes that b can give.
func expand(dst, b []byte, limit int, table []lzwString) (_ []byte, fault string) {
	for x := range lzwClear {
		table[x] = lzwString{head: uint64(x), size: 1}
	}
	start, end, all := len(dst), len(dst), len(b) // of the text; of the codes
	out := dst[:cap(dst)]
	newest, width := uint32(lzwEnd), uint(lzwMinWidth)
	var last lzwString // that of the code before
	var bits uint64
	var count uint
	for {
		if count < width {
			if len(b) >= 8 {
				// What does not fit whole is not counted, and comes again as it is.
				bits |= binary.LittleEndian.Uint64(b) << (count & 63)
				b, count = b[(63-count)/8:], count|56
			} else if b, bits, count = refill(b, bits, count); count < width {
				return dst, faultLZWCut
			}
		}
		code := uint32(bits) & (1<<(width&31) - 1)
		bits >>= width & 63
		count -= width
		if code > newest {
			return dst, faultLZWCode
		}
		if code == lzwClear {
			newest, width, last = lzwEnd, lzwMinWidth, lzwString{}
			continue
		}
		if code == lzwEnd {
			return out[:end], ""
		}
		if last.size > 0 {
			// The newest string may be this one: then it ends as it begins.
			first := last.head
			if code != newest {
				first = table[code].head
			}
			table[newest] = lzwString{
				head: last.head | first&0xff<<(8*last.size), at: last.at, size: last.size + 1,
			}
		}
		s := table[code]
		size := int(s.size)
		if size > limit-(end-start) {
			return out[:end], faultLZWLong
		}
		if size+lzwHead > len(out)-end {
			more := lzwRoom(end-start, all-len(b), len(b))
			out = slices.Grow(out[:end], max(size+lzwHead, min(more, start+limit+lzwHead-end)))
			out = out[:cap(out)]
		}
		binary.LittleEndian.PutUint64(out[end:], s.head)
		if size > lzwHead {
			// The last byte of the newest string may be the first of those just written.
			copy(out[end+lzwHead:end+size], out[s.at+lzwHead:])
		}
		last = lzwString{head: s.head, at: uint32(end), size: s.size}
		end += size
		if newest++; newest == 1<<width {
			if width == lzwMaxWidth {
				// All codes are given. The table stays until it is cleared.
				newest, last = lzwMaxCode, lzwString{}
			} else {
				width++
			}
		}
	}
}

// refill adds the last bytes of a text to the bits that are to be read.
func refill(b []byte, bits uint64, count uint) ([]byte, uint64, uint) {
	for ; len(b) > 0 && count <= 56; count += 8 {
		bits |= uint64(b[0]) << count
		b = b[1:]
	}
	return b, bits, count
}

// lzwFirstRoom is how much room is made for a text of which nothing is known.
const lzwFirstRoom = 64 << 10

// lzwRoom is how much more room to make for a text when so much of it has been read from
// so many bytes of codes, and others are left: as much as they give if they go on alike,
// and an eighth.
func lzwRoom(text, read, left int) int {
	if text == 0 {
		return min(4*left, lzwFirstRoom)
	}
	more := int(min(uint64(text)*uint64(left)/uint64(read), 1<<30))
	return max(more+more/8, text/4)
}
