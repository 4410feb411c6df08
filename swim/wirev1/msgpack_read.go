package wirev1

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
)

// A reader walks over the fields of memberlist's structs, which are maps, or arrays of
// the fields in the order of their declaration. It takes what memberlist's own decoder
// takes: strings and bytes in any family, bytes as an array of small integers, integers
// at any width as long as they fit, and nil for the zero value of anything.
//
// The first fault is kept and ends the reading: everything read afterwards is zero
// and left is 0, so that loops end and the caller looks at fault once. A reader
// lives on the stack; what it returns aliases b, but for an array of integers.
type reader struct {
	b    []byte // not read yet
	left int    // fields of the current struct that are not read yet

	byPlace bool // the struct is an array
	place   int  // of the next field, then

	at      field  // that is being read
	fault   string // what was wrong; empty: nothing so far
	faultAt int    // how many bytes were unread then
}

// The faults.
const (
	faultCut      = "cut off"
	faultNotUint  = "not an unsigned integer"
	faultNotInt   = "not an integer"
	faultTooLarge = "too large"
	faultNegative = "negative"
	faultNotBool  = "not a boolean"
	faultNotBytes = "neither a string nor bytes"
	faultNotMap   = "neither a map nor an array"
	faultLength   = "length out of bounds"
	faultIP       = "neither 4 nor 16 bytes long"
	faultInvalid  = "not a msgpack value"
	faultDeep     = "nested too deeply"
)

// maxDepth is how deeply arrays and maps may be nested in a field that we do not know:
// as deeply as memberlist skips them.
const maxDepth = 1024

// fail notes a fault, unless there was one before, and ends the reading.
func (r *reader) fail(fault string) {
	if r.fault == "" {
		r.fault, r.faultAt = fault, len(r.b)
	}
	r.b, r.left = nil, 0
}

// failAt is fail for a field that has been read already.
func (r *reader) failAt(f field, fault string) {
	if r.fault == "" {
		r.at = f
	}
	r.fail(fault)
}

// begin enters a struct: left counts its fields from then on. Nil is a struct of
// zeros.
func (r *reader) begin() {
	r.at, r.byPlace, r.place = fieldUnknown, false, 0
	if len(r.b) == 0 {
		r.fail(faultCut)
		return
	}
	code := r.b[0]
	head, n, least := 1, uint32(code&mpack.MaxFixCount), 2
	switch {
	case code>>4 == mpack.FixMap>>4:
	case code>>4 == mpack.FixArray>>4:
		r.byPlace = true
	case code == mpack.Nil:
		n = 0
	case code >= mpack.Array16 && code <= mpack.Map32:
		r.byPlace = code <= mpack.Array32
		head = 3 + 2*int(code-mpack.Array16)&2
		var ok bool
		if n, ok = mpack.Length(r.b, head); !ok {
			r.fail(faultCut)
			return
		}
	default:
		r.fail(faultNotMap)
		return
	}
	if r.byPlace {
		least = 1
	}
	if uint64(n)*uint64(least) > uint64(len(r.b)-head) {
		r.fail(faultCut)
		return
	}
	r.b, r.left = r.b[head:], int(n)
}

// next begins the next field, and says which one it is. order is that of the
// declaration.
func (r *reader) next(order []field) field {
	r.left--
	r.at = fieldUnknown
	if r.byPlace {
		if r.place < len(order) {
			r.at = order[r.place]
		}
		r.place++
		return r.at
	}
	key := r.bytes()
	if key == nil && r.fault == "" {
		r.fail(faultNotBytes)
	}
	r.at = fieldOf(key)
	return r.at
}

// uint reads an integer that is neither negative nor above most.
func (r *reader) uint(most uint64) uint64 {
	if len(r.b) > 0 && r.b[0] <= mpack.MaxFixInt { // as most are; no limit is below
		v := uint64(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, negative := r.wide(faultNotUint)
	switch {
	case negative:
		r.fail(faultNegative)
		return 0
	case v > most:
		r.fail(faultTooLarge)
		return 0
	}
	return v
}

// int reads an integer that is a signed one at memberlist.
func (r *reader) int() int64 {
	v, negative := r.wide(faultNotInt)
	if !negative && v > math.MaxInt64 {
		r.fail(faultTooLarge)
		return 0
	}
	return int64(v)
}

// wide reads an integer in any form, sign-extended when it is negative.
func (r *reader) wide(fault string) (v uint64, negative bool) {
	if len(r.b) == 0 {
		r.fail(faultCut)
		return 0, false
	}
	code := r.b[0]
	switch {
	case code <= mpack.MaxFixInt:
		r.b = r.b[1:]
		return uint64(code), false
	case code >= mpack.MinNegFixInt:
		r.b = r.b[1:]
		return uint64(int8(code)), true
	case code == mpack.Nil:
		r.b = r.b[1:]
		return 0, false
	case code < mpack.Uint8 || code > mpack.Int64:
		r.fail(fault)
		return 0, false
	}
	// The codes of both families end in 00 to 11 for 1 to 8 bytes.
	width := 1 << (code & 3)
	if len(r.b) <= width {
		r.fail(faultCut)
		return 0, false
	}
	for _, digit := range r.b[1 : 1+width] {
		v = v<<8 | uint64(digit)
	}
	r.b = r.b[1+width:]
	if shift := 64 - 8*width; code >= mpack.Int8 {
		v = uint64(int64(v<<shift) >> shift)
		negative = int64(v) < 0
	}
	return v, negative
}

// bool reads a boolean, for which 0 and 1 serve as well.
func (r *reader) bool() bool {
	if len(r.b) == 0 {
		r.fail(faultCut)
		return false
	}
	code := r.b[0]
	switch code {
	case mpack.True, mpack.False, mpack.Nil, 0, 1:
		r.b = r.b[1:]
		return code == mpack.True || code == 1
	}
	r.fail(faultNotBool)
	return false
}

// bytes reads a string or bytes: nil for nil, and nothing else. The result has no
// spare capacity: who appends to it copies it.
func (r *reader) bytes() []byte {
	b := r.b
	if len(b) == 0 {
		r.fail(faultCut)
		return nil
	}
	code := b[0]
	head, n := 1, uint32(code&mpack.MaxFixStr)
	if code>>5 != mpack.FixStr>>5 {
		switch code {
		case mpack.Nil:
			r.b = b[1:]
			return nil
		case mpack.Str8, mpack.Bin8:
			head = 2
		case mpack.Str16, mpack.Bin16:
			head = 3
		case mpack.Str32, mpack.Bin32:
			head = 5
		default:
			return r.smallInts()
		}
		var ok bool
		if n, ok = mpack.Length(b, head); !ok {
			r.fail(faultCut)
			return nil
		}
	}
	if uint64(n) > uint64(len(b)-head) {
		r.fail(faultCut)
		return nil
	}
	end := head + int(n)
	r.b = b[end:]
	return b[head:end:end]
}

// smallInts reads bytes that come as an array of integers. It is the one thing that is
// allocated.
func (r *reader) smallInts() []byte {
	code := r.b[0]
	head, n := 1, uint32(code&mpack.MaxFixCount)
	if code>>4 != mpack.FixArray>>4 {
		switch code {
		case mpack.Array16:
			head = 3
		case mpack.Array32:
			head = 5
		default:
			r.fail(faultNotBytes)
			return nil
		}
		var ok bool
		if n, ok = mpack.Length(r.b, head); !ok {
			r.fail(faultCut)
			return nil
		}
	}
	if uint64(n) > uint64(len(r.b)-head) {
		r.fail(faultCut)
		return nil
	}
	r.b = r.b[head:]
	p := make([]byte, 0, n)
	for range n {
		p = append(p, byte(r.uint(math.MaxUint8)))
	}
	if r.fault != "" {
		return nil
	}
	return p
}

// skip reads a value whatever it is: that of a field that we do not know.
func (r *reader) skip() {
	rest, fault := skipValue(r.b, 0)
	if fault != "" {
		r.fail(fault)
		return
	}
	r.b = rest
}

// skipValue returns what follows the value that b begins with.
func skipValue(b []byte, depth int) (rest []byte, fault string) {
	head, body, inner, ok := mpack.Measure(b)
	switch {
	case !ok && len(b) > 0 && b[0] == mpack.Never:
		return nil, faultInvalid
	case !ok || body > uint64(len(b)-head) || inner > uint64(len(b)-head):
		return nil, faultCut
	case inner > 0 && depth == maxDepth:
		return nil, faultDeep
	}
	b = b[head+int(body):]
	for ; inner > 0; inner-- {
		if b, fault = skipValue(b, depth+1); fault != "" {
			return nil, fault
		}
	}
	return b, ""
}
