package wirev2

import "encoding/binary"

// The codes of msgpack's specification that begin a value of more than one byte
// or that are one value.
const (
	codeNil      = 0xc0
	codeFalse    = 0xc2
	codeTrue     = 0xc3
	codeBin8     = 0xc4
	codeBin16    = 0xc5
	codeBin32    = 0xc6
	codeExt8     = 0xc7
	codeExt16    = 0xc8
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
)

// The codes that hold a number as well: the code is below or at the mask's end.
const (
	maxFixInt    = 0x7f // 0x00–0x7f: the integer itself
	codeFixMap   = 0x80 // 0x80–0x8f: pairs
	codeFixArray = 0x90 // 0x90–0x9f: elements
	codeFixStr   = 0xa0 // 0xa0–0xbf: bytes
	minNegFixInt = 0xe0 // 0xe0–0xff: -32 to -1

	maxFixArray = 15
	maxFixStr   = 31
)

// Every value is appended in its shortest form, so that equal messages are equal
// bytes.

// appendUint appends an integer: 1, 2, 3, 5 or 9 bytes.
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

// appendBool appends a boolean: 1 byte.
func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, codeTrue)
	}
	return append(b, codeFalse)
}

// appendStr appends a name or id: its bytes and a length of 1, 2, 3 or 5 bytes.
func appendStr[S []byte | string](b []byte, s S) []byte {
	if len(s) <= maxFixStr {
		return append(append(b, codeFixStr|byte(len(s))), s...)
	}
	return append(appendLen(b, codeStr8, len(s)), s...)
}

// appendBin appends bytes that are no text: a length of 2, 3 or 5 bytes.
func appendBin(b, p []byte) []byte {
	return append(appendLen(b, codeBin8, len(p)), p...)
}

// appendLen appends a length in its shortest form, given the code of the form
// with one byte; those with two and four bytes have the codes after it.
func appendLen(b []byte, code8 byte, n int) []byte {
	switch {
	case n <= 0xff:
		return append(b, code8, byte(n))
	case n <= 0xffff:
		return append(b, code8+1, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code8+2), uint32(n))
}

// appendArray appends the head of an array of n elements: 1, 3 or 5 bytes.
func appendArray(b []byte, n int) []byte {
	switch {
	case n <= maxFixArray:
		return append(b, codeFixArray|byte(n))
	case n <= 0xffff:
		return append(b, codeArray16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, codeArray32), uint32(n))
}
