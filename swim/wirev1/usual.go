package wirev1

import (
	"encoding/binary"
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The short cut for the records that most bytes of this wire are: those of alives and of
// push-pulls, with their fields in the order and the forms in which memberlist writes
// them. It takes half the time of looking up the names. Whatever is not quite
// like that is left to the long way, faults included.

// parseUsual reads a record: that of an alive, or one of a push-pull with its state.
// When it is not ok, n is not meaningful.
func (n *node) parseUsual(b []byte, inTable bool) (rest []byte, ok bool) {
	head, name := byte(mpack.FixMap|6), "\xa4Node"
	if inTable {
		head, name = mpack.FixMap|7, "\xa4Name"
	}
	if len(b) == 0 || b[0] != head {
		return nil, false
	}
	if b, ok = cut(b[1:], "\xa4Addr"); !ok {
		return nil, false
	}
	ip, b, ok := cutText(b)
	switch {
	case ok && len(ip) == ipLen4:
		n.ip = netip.AddrFrom4([ipLen4]byte(ip))
	case ok && len(ip) == ipLen6:
		n.ip = netip.AddrFrom16([ipLen6]byte(ip))
	default:
		return nil, false
	}
	if b, ok = cut(b, "\xabIncarnation"); !ok {
		return nil, false
	}
	incarnation, b, ok := cutUint(b)
	if !ok {
		return nil, false
	}
	if b, ok = cut(b, "\xa4Meta"); !ok {
		return nil, false
	}
	if n.meta, b, ok = cutText(b); !ok || len(b) < len(name) || string(b[:len(name)]) != name {
		return nil, false
	}
	if n.name, b, ok = cutText(b[len(name):]); !ok {
		return nil, false
	}
	if b, ok = cut(b, "\xa4Port"); !ok {
		return nil, false
	}
	port, b, ok := cutUint(b)
	if !ok || port > 0xffff {
		return nil, false
	}
	if inTable {
		if b, ok = cut(b, "\xa5State"); !ok || len(b) == 0 || b[0] > mpack.MaxFixInt {
			return nil, false
		}
		n.state, b = int64(b[0]), b[1:]
	}
	b, ok = cut(b, "\xa3Vsn\xa6") // six bytes
	if !ok || len(b) < len(n.versions) {
		return nil, false
	}
	n.versions = swim.Versions(b)
	n.incarnation, n.port = swim.Incarnation(incarnation), uint16(port)
	return b[len(n.versions):], true
}

// cut takes a constant off the beginning of b.
func cut(b []byte, constant string) (rest []byte, ok bool) {
	if len(b) < len(constant) || string(b[:len(constant)]) != constant {
		return nil, false
	}
	return b[len(constant):], true
}

// cutUint takes an integer of 32 bits off the beginning of b.
func cutUint(b []byte) (v uint32, rest []byte, ok bool) {
	switch {
	case len(b) == 0:
	case b[0] <= mpack.MaxFixInt:
		return uint32(b[0]), b[1:], true
	case b[0] == mpack.Uint8 && len(b) >= 2:
		return uint32(b[1]), b[2:], true
	case b[0] == mpack.Uint16 && len(b) >= 3:
		return uint32(binary.BigEndian.Uint16(b[1:])), b[3:], true
	case b[0] == mpack.Uint32 && len(b) >= 5:
		return binary.BigEndian.Uint32(b[1:]), b[5:], true
	}
	return 0, nil, false
}

// cutText takes a string or bytes off the beginning of b.
func cutText(b []byte) (p, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	head, n := 1, int(b[0]&mpack.MaxFixStr)
	switch {
	case b[0]>>5 == mpack.FixStr>>5:
	case b[0] == mpack.Nil:
		return nil, b[1:], true
	case b[0] == mpack.Str16 && len(b) >= 3:
		head, n = 3, int(binary.BigEndian.Uint16(b[1:]))
	default:
		return nil, nil, false
	}
	if n > len(b)-head {
		return nil, nil, false
	}
	end := head + n
	return b[head:end:end], b[end:], true
}
