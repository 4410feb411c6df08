package gobwire

import (
	"encoding/binary"
	"errors"
)

var (
	errFraming   = errors.New("not a sequence of messages")
	errStructure = errors.New("not one value whose parts are all there, or nested too deep")
)

// splitGob splits a gob stream before its last message. A stream is a sequence of
// messages, each after its length; all but the last describe types, the last is the
// value:
//
//	length  description   …   length  value
//
// A length below 128 is one byte. Another is the number of its bytes, negated, in one
// byte, and then those bytes, the most significant first. Source: documentation of
// encoding/gob, "Encoding Details".
func splitGob(b []byte) (descriptions, value []byte, ok bool) {
	for at := 0; at < len(b); {
		start := at
		length, size := uint64(b[at]), 1
		if b[at] >= 0x80 {
			size += -int(int8(b[at]))
			if size > 1+8 || len(b)-at < size {
				return nil, nil, false
			}
			var full [8]byte
			copy(full[8-(size-1):], b[at+1:at+size])
			length = binary.BigEndian.Uint64(full[:])
		}
		at += size
		if length == 0 || length > uint64(len(b)-at) {
			return nil, nil, false
		}
		at += int(length)
		if at == len(b) {
			return b[:start], b[start:], true
		}
	}
	return nil, nil, false
}
