package mpack

import "encoding/binary"

// AppendUint appends an unsigned integer: 1, 2, 3, 5 or 9 bytes.
func AppendUint(b []byte, v uint64) []byte {
	switch {
	case v <= MaxFixInt:
		return append(b, byte(v))
	case v <= 0xff:
		return append(b, Uint8, byte(v))
	case v <= 0xffff:
		return append(b, Uint16, byte(v>>8), byte(v))
	case v <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(b, Uint32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, Uint64), v)
}

// AppendInt appends a signed integer. Those that are not negative are written as
// unsigned ones.
func AppendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return AppendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= -1<<7:
		return append(b, Int8, byte(v))
	case v >= -1<<15:
		return append(b, Int16, byte(v>>8), byte(v))
	case v >= -1<<31:
		return binary.BigEndian.AppendUint32(append(b, Int32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, Int64), uint64(v))
}

// AppendBool appends a boolean: 1 byte.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, True)
	}
	return append(b, False)
}

// AppendStr appends text: a head of 1, 2, 3 or 5 bytes, and its bytes.
func AppendStr[S ~[]byte | ~string](b []byte, s S) []byte {
	if len(s) <= MaxFixStr {
		return append(append(b, FixStr|byte(len(s))), s...)
	}
	return append(appendHead(b, Str8, len(s)), s...)
}

// AppendBin appends bytes that are no text: a head of 2, 3 or 5 bytes, and the bytes.
func AppendBin(b, p []byte) []byte { return append(appendHead(b, Bin8, len(p)), p...) }

// appendHead appends the head of text or bytes, given the code of the form with a
// length of one byte; those with two and four have the codes after it.
func appendHead(b []byte, code8 byte, n int) []byte {
	switch {
	case n <= 0xff:
		return append(b, code8, byte(n))
	case n <= 0xffff:
		return append(b, code8+1, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code8+2), uint32(n))
}

// AppendArray appends the head of an array of n elements: 1, 3 or 5 bytes.
func AppendArray(b []byte, n int) []byte { return appendCount(b, FixArray, Array16, n) }

// AppendMap appends the head of a map of n pairs: 1, 3 or 5 bytes.
func AppendMap(b []byte, n int) []byte { return appendCount(b, FixMap, Map16, n) }

// appendCount appends the head of an array or a map, given the codes of the short
// form and of that with a count of two bytes.
func appendCount(b []byte, fix, code16 byte, n int) []byte {
	switch {
	case n <= MaxFixCount:
		return append(b, fix|byte(n))
	case n <= 0xffff:
		return append(b, code16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code16+1), uint32(n))
}
