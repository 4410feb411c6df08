package store

import "encoding/binary"

// The codes of msgpack's specification. Deltas and digests are written and read by
// hand, and so are values: it costs no allocation, and the reading is strict.
const (
	maxFixInt    = 0x7f // 0x00–0x7f: the integer itself
	codeFixMap   = 0x80 // 0x80–0x8f: pairs
	codeFixArray = 0x90 // 0x90–0x9f: elements
	codeFixStr   = 0xa0 // 0xa0–0xbf: bytes
	codeNil      = 0xc0
	codeFalse    = 0xc2
	codeTrue     = 0xc3
	codeBin8     = 0xc4
	codeBin16    = 0xc5
	codeBin32    = 0xc6
	codeExt8     = 0xc7
	codeExt32    = 0xc9
	codeFloat32  = 0xca
	codeFloat64  = 0xcb
	codeUint8    = 0xcc
	codeUint16   = 0xcd
	codeUint32   = 0xce
	codeUint64   = 0xcf
	codeInt8     = 0xd0
	codeInt16    = 0xd1
	codeInt32    = 0xd2
	codeInt64    = 0xd3
	codeFixExt1  = 0xd4
	codeFixExt16 = 0xd8
	codeStr8     = 0xd9
	codeStr16    = 0xda
	codeStr32    = 0xdb
	codeArray16  = 0xdc
	codeArray32  = 0xdd
	codeMap16    = 0xde
	codeMap32    = 0xdf
	minNegFixInt = 0xe0 // 0xe0–0xff: -32 to -1
)

// Everything is appended in its shortest form: equal things are equal bytes.

// appendUint appends an unsigned integer: 1, 2, 3, 5 or 9 bytes, see uintLen.
func appendUint(b []byte, v uint64) []byte {
	switch {
	case v <= maxFixInt:
		return append(b, byte(v))
	case v <= 0xff:
		return append(b, codeUint8, byte(v))
	case v <= 0xffff:
		return append(b, codeUint16, byte(v>>8), byte(v))
	case v <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(b, codeUint32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, codeUint64), v)
}

func uintLen(v uint64) int {
	switch {
	case v <= maxFixInt:
		return 1
	case v <= 0xff:
		return 2
	case v <= 0xffff:
		return 3
	case v <= 0xffffffff:
		return 5
	}
	return 9
}

// appendInt appends a signed integer. Those that are not negative are written as
// unsigned ones.
func appendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= -1<<7:
		return append(b, codeInt8, byte(v))
	case v >= -1<<15:
		return append(b, codeInt16, byte(v>>8), byte(v))
	case v >= -1<<31:
		return binary.BigEndian.AppendUint32(append(b, codeInt32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, codeInt64), uint64(v))
}

// appendStr appends a string: a head of 1, 2, 3 or 5 bytes and its bytes.
func appendStr[S ~[]byte | ~string](b []byte, s S) []byte {
	if len(s) <= 31 {
		return append(append(b, codeFixStr|byte(len(s))), s...)
	}
	return append(appendLen(b, codeStr8, len(s)), s...)
}

// appendBin appends bytes: a head of 2, 3 or 5 bytes and the bytes.
func appendBin(b, p []byte) []byte { return append(appendLen(b, codeBin8, len(p)), p...) }

// appendLen appends the head of a string or of bytes, given the code of the form
// with a length of one byte; those with two and four have the codes after it.
func appendLen(b []byte, code8 byte, n int) []byte {
	switch {
	case n <= 0xff:
		return append(b, code8, byte(n))
	case n <= 0xffff:
		return append(b, code8+1, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code8+2), uint32(n))
}

// appendCount appends the head of an array or a map of n elements or pairs, given
// the codes of the short form and of that with a count of two bytes.
func appendCount(b []byte, fix, code16 byte, n int) []byte {
	switch {
	case n <= 15:
		return append(b, fix|byte(n))
	case n <= 0xffff:
		return append(b, code16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code16+1), uint32(n))
}

func appendArray(b []byte, n int) []byte { return appendCount(b, codeFixArray, codeArray16, n) }
func appendMap(b []byte, n int) []byte   { return appendCount(b, codeFixMap, codeMap16, n) }

// binLen is the length of n bytes as bytes.
func binLen(n int) int {
	switch {
	case n <= 0xff:
		return 2 + n
	case n <= 0xffff:
		return 3 + n
	}
	return 5 + n
}

// strLen is the length of n bytes as a string.
func strLen(n int) int {
	if n <= 31 {
		return 1 + n
	}
	return binLen(n)
}

// countLen is the length of the head of an array of n elements.
func countLen(n int) int {
	switch {
	case n <= 15:
		return 1
	case n <= 0xffff:
		return 3
	}
	return 5
}
