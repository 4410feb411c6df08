package store

import (
	"encoding/binary"

	"github.com/nekton-go/nekton/internal/mpack"
)

// A reader takes msgpack values off the front of b. It never reads or allocates
// more than there is: a length or count is compared with the bytes that follow
// first. After a fault bad is set, b is empty and everything read is zero, so that
// the caller may look once, at the end. It aliases b and allocates nothing.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() {
	r.b, r.bad = nil, true
}

// next takes n bytes.
func (r *reader) next(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

// code takes one byte.
func (r *reader) code() byte {
	if p := r.next(1); p != nil {
		return p[0]
	}
	return 0xc1 // which the specification never uses
}

// null takes a nil, if that is what comes next.
func (r *reader) null() bool {
	if len(r.b) == 0 || r.b[0] != mpack.Nil {
		return false
	}
	r.b = r.b[1:]
	return true
}

// fixed takes an unsigned number of 1, 2, 4 or 8 bytes.
func (r *reader) fixed(width int) uint64 {
	p := r.next(uint64(width))
	switch {
	case p == nil:
		return 0
	case width == 1:
		return uint64(p[0])
	case width == 2:
		return uint64(binary.BigEndian.Uint16(p))
	case width == 4:
		return uint64(binary.BigEndian.Uint32(p))
	}
	return binary.BigEndian.Uint64(p)
}

// integer takes an integer of any form: its bits, and whether it is negative.
func (r *reader) integer() (bits uint64, negative bool) {
	switch c := r.code(); {
	case c <= mpack.MaxFixInt:
		return uint64(c), false
	case c >= mpack.MinNegFixInt:
		return uint64(int64(int8(c))), true
	case c >= mpack.Uint8 && c <= mpack.Uint64:
		return r.fixed(1 << (c - mpack.Uint8)), false
	case c >= mpack.Int8 && c <= mpack.Int64:
		width := 1 << (c - mpack.Int8)
		shift := 64 - 8*width
		v := int64(r.fixed(width)<<shift) >> shift // extends the sign
		return uint64(v), v < 0
	}
	r.fail()
	return 0, false
}

// uint takes an integer that is not negative.
func (r *reader) uint() uint64 {
	v, negative := r.integer()
	if negative {
		r.fail()
		return 0
	}
	return v
}

// int takes an integer that fits 64 bits with sign.
func (r *reader) int() int64 {
	v, negative := r.integer()
	if !negative && v > 1<<63-1 {
		r.fail()
		return 0
	}
	return int64(v)
}

// bool takes a boolean.
func (r *reader) bool() bool {
	c := r.code()
	if c != mpack.True && c != mpack.False {
		r.fail()
	}
	return c == mpack.True
}

// blob takes a string or bytes of at most limit bytes. Which of the two it is makes
// no difference.
func (r *reader) blob(limit int) []byte {
	var n uint64
	switch c := r.code(); {
	case c >= mpack.FixStr && c < mpack.Nil:
		n = uint64(c - mpack.FixStr)
	case c >= mpack.Bin8 && c <= mpack.Bin32:
		n = r.fixed(1 << (c - mpack.Bin8))
	case c >= mpack.Str8 && c <= mpack.Str32:
		n = r.fixed(1 << (c - mpack.Str8))
	default:
		r.fail()
		return nil
	}
	if n > uint64(limit) {
		r.fail()
		return nil
	}
	return r.next(n)
}

// count takes the head of an array or a map, given its codes. Every element has at
// least one byte, so no count above the number of bytes left is believed.
func (r *reader) count(fix, code16 byte) int {
	var n uint64
	switch c := r.code(); {
	case c&0xf0 == fix:
		n = uint64(c & 0x0f)
	case c == code16:
		n = r.fixed(2)
	case c == code16+1:
		n = r.fixed(4)
	default:
		r.fail()
		return 0
	}
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) array() int { return r.count(mpack.FixArray, mpack.Array16) }
func (r *reader) pairs() int { return r.count(mpack.FixMap, mpack.Map16) }

// skip takes n values, whatever they are. It counts the values to come instead of
// descending, so that nesting costs no stack; and it counts no more than there are
// bytes, so that it ends.
func (r *reader) skip(n int) {
	for todo := uint64(n); todo > 0 && !r.bad; {
		todo--
		switch c := r.code(); {
		case c <= mpack.MaxFixInt, c >= mpack.MinNegFixInt, c == mpack.Nil, c == mpack.False, c == mpack.True:
		case c < mpack.FixArray:
			todo += 2 * uint64(c&0x0f)
		case c < mpack.FixStr:
			todo += uint64(c & 0x0f)
		case c < mpack.Nil:
			r.next(uint64(c - mpack.FixStr))
		case c >= mpack.Uint8 && c <= mpack.Uint64:
			r.next(1 << (c - mpack.Uint8))
		case c >= mpack.Int8 && c <= mpack.Int64:
			r.next(1 << (c - mpack.Int8))
		case c == mpack.Float32, c == mpack.Float64:
			r.next(4 << (c - mpack.Float32))
		case c >= mpack.FixExt1 && c <= mpack.FixExt16:
			r.next(1 + 1<<(c-mpack.FixExt1))
		case c >= mpack.Ext8 && c <= mpack.Ext32:
			r.next(1 + r.fixed(1<<(c-mpack.Ext8)))
		case c >= mpack.Bin8 && c <= mpack.Bin32:
			r.next(r.fixed(1 << (c - mpack.Bin8)))
		case c >= mpack.Str8 && c <= mpack.Str32:
			r.next(r.fixed(1 << (c - mpack.Str8)))
		case c == mpack.Array16, c == mpack.Array32:
			todo += r.fixed(2 << (c - mpack.Array16))
		case c == mpack.Map16, c == mpack.Map32:
			todo += 2 * r.fixed(2<<(c-mpack.Map16))
		default:
			r.fail()
		}
		if todo > uint64(len(r.b)) {
			r.fail()
		}
	}
}
