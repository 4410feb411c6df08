package wirev2

import (
	"encoding/binary"

	"github.com/nekton-go/nekton/internal/mpack"
)

// A reader walks over the elements of msgpack arrays. It is strict where the usual
// decoders are not: nil and negative numbers are no unsigned integers, a length is
// compared with the bytes that are there before it is used, and an element that an
// array does not have cannot be read from what follows it.
//
// The first fault is kept and ends the reading: everything read afterwards is zero
// and left is 0, so that loops end and the caller looks at fault once. A reader
// lives on the stack and allocates nothing; what it returns aliases b.
type reader struct {
	b     []byte // not read yet
	whole string // all of it, if texts are to be parts of one; see text
	left  int    // elements of the current array that are not read yet

	fault   string // what was wrong; empty: nothing so far
	field   string // with what
	faultAt int    // how many bytes were unread then
}

// The faults.
const (
	faultMissing  = "missing"
	faultCut      = "cut off"
	faultNotUint  = "not an unsigned integer"
	faultTooLarge = "too large"
	faultNotBool  = "not a boolean"
	faultNotBytes = "neither a string nor binary"
	faultLength   = "length out of bounds"
	faultNotArray = "not an array"
	faultInvalid  = "not a msgpack value"
)

// fail notes a fault, unless there was one before, and ends the reading.
func (r *reader) fail(field, fault string) {
	if r.fault == "" {
		r.fault, r.field, r.faultAt = fault, field, len(r.b)
	}
	r.b, r.left = nil, 0
}

// ready reports whether there is an element to read, and its code.
func (r *reader) ready(field string) (code byte, ok bool) {
	switch {
	case r.left == 0:
		r.fail(field, faultMissing)
		return 0, false
	case len(r.b) == 0:
		r.fail(field, faultCut)
		return 0, false
	}
	return r.b[0], true
}

// uint reads an integer of any width and signedness that is neither negative nor
// above most.
func (r *reader) uint(field string, most uint64) uint64 {
	if r.left > 0 && len(r.b) > 0 && uint64(r.b[0]) <= min(mpack.MaxFixInt, most) { // as most are
		v := uint64(r.b[0])
		r.b, r.left = r.b[1:], r.left-1
		return v
	}
	code, ok := r.ready(field)
	if !ok {
		return 0
	}
	v, n := uint64(code), 1
	if code > mpack.MaxFixInt {
		if v, n = wideUint(r.b); n <= 0 {
			fault := faultNotUint
			if n < 0 {
				fault = faultCut
			}
			r.fail(field, fault)
			return 0
		}
	}
	if v > most {
		r.fail(field, faultTooLarge)
		return 0
	}
	r.b = r.b[n:]
	r.left--
	return v
}

// wideUint reads an integer that has a code of its own, and returns its length: 0
// if it is no unsigned integer, -1 if it is cut off.
func wideUint(b []byte) (v uint64, n int) {
	code := b[0]
	if code < mpack.Uint8 || code > mpack.Int64 {
		return 0, 0
	}
	// The codes of both families end in 00 to 11 for 1 to 8 bytes.
	width := 1 << (code & 3)
	if len(b) <= width {
		return 0, -1
	}
	switch width {
	case 1:
		v = uint64(b[1])
	case 2:
		v = uint64(binary.BigEndian.Uint16(b[1:]))
	case 4:
		v = uint64(binary.BigEndian.Uint32(b[1:]))
	case 8:
		v = binary.BigEndian.Uint64(b[1:])
	}
	if code >= mpack.Int8 && v>>(8*width-1) != 0 {
		return 0, 0 // negative
	}
	return v, 1 + width
}

// bool reads a boolean.
func (r *reader) bool(field string) bool {
	code, ok := r.ready(field)
	if !ok {
		return false
	}
	if code != mpack.True && code != mpack.False {
		r.fail(field, faultNotBool)
		return false
	}
	r.b = r.b[1:]
	r.left--
	return code == mpack.True
}

// bytes reads a string or binary of least to most bytes. Which of the two it is
// makes no difference, nor does the width of its length. The result has no spare
// capacity: who appends to it copies it.
func (r *reader) bytes(field string, least, most int) []byte {
	if r.left > 0 && len(r.b) > 0 && r.b[0]>>5 == mpack.FixStr>>5 { // as most are
		end := 1 + int(r.b[0]&mpack.MaxFixStr)
		if end > least && end <= len(r.b) && end <= most {
			p := r.b[1:end:end]
			r.b, r.left = r.b[end:], r.left-1
			return p
		}
	}
	code, ok := r.ready(field)
	if !ok {
		return nil
	}
	head, n := 1, uint32(code&mpack.MaxFixStr)
	if code>>5 != mpack.FixStr>>5 {
		switch code {
		case mpack.Str8, mpack.Bin8:
			head = 2
		case mpack.Str16, mpack.Bin16:
			head = 3
		case mpack.Str32, mpack.Bin32:
			head = 5
		default:
			r.fail(field, faultNotBytes)
			return nil
		}
		if n, ok = mpack.Length(r.b, head); !ok {
			r.fail(field, faultCut)
			return nil
		}
	}
	if uint64(n) < uint64(least) || uint64(n) > uint64(most) {
		r.fail(field, faultLength)
		return nil
	}
	if uint64(n) > uint64(len(r.b)-head) {
		r.fail(field, faultCut)
		return nil
	}
	end := head + int(n)
	p := r.b[head:end:end]
	r.b = r.b[end:]
	r.left--
	return p
}

// null reads a nil, if the next element is one.
func (r *reader) null() bool {
	if r.left == 0 || len(r.b) == 0 || r.b[0] != mpack.Nil {
		return false
	}
	r.b = r.b[1:]
	r.left--
	return true
}

// enter begins an array: left counts its elements until leave. No count is larger
// than the number of bytes that follow, as every element has one at least.
func (r *reader) enter(field string) (outer int) {
	code, ok := r.ready(field)
	if !ok {
		return 0
	}
	head, n := 1, uint32(code&mpack.MaxFixCount)
	if code>>4 != mpack.FixArray>>4 {
		switch code {
		case mpack.Array16:
			head = 3
		case mpack.Array32:
			head = 5
		default:
			r.fail(field, faultNotArray)
			return 0
		}
		if n, ok = mpack.Length(r.b, head); !ok {
			r.fail(field, faultCut)
			return 0
		}
	}
	if uint64(n) > uint64(len(r.b)-head) {
		r.fail(field, faultCut)
		return 0
	}
	outer = r.left - 1
	r.b, r.left = r.b[head:], int(n)
	return outer
}

// leave ends an array and skips the elements that were not read: fields of a later
// version.
func (r *reader) leave(outer int) {
	if r.left > 0 {
		r.skip("unknown field")
	}
	if r.fault == "" {
		r.left = outer
	}
}

// skip reads what is left of the current array, whatever it is. It counts the
// values to come instead of descending, so that nesting costs no stack, and never
// has more to come than there are bytes.
func (r *reader) skip(field string) {
	b := r.b
	for todo := uint64(r.left); todo > 0; {
		todo--
		head, body, inner, ok := mpack.Measure(b)
		if !ok {
			r.b = b
			r.fail(field, faultInvalid)
			return
		}
		b = b[head:]
		todo += inner
		if body > uint64(len(b)) || todo > uint64(len(b))-body {
			r.b = b
			r.fail(field, faultCut)
			return
		}
		b = b[body:]
	}
	r.b, r.left = b, 0
}
