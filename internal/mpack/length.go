package mpack

import "encoding/binary"

// Length is the length or count in a head of so many bytes that b begins with: a code,
// and 1, 2 or 4 bytes. It is not ok when the head is cut off.
func Length(b []byte, head int) (n uint32, ok bool) {
	if len(b) < head {
		return 0, false
	}
	switch head {
	case 2:
		return uint32(b[1]), true
	case 3:
		return uint32(binary.BigEndian.Uint16(b[1:])), true
	default:
		return binary.BigEndian.Uint32(b[1:]), true
	}
}
