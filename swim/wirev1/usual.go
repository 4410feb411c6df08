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

// measureUsual is parseUsual for who only wants to know how long a record of a push-pull
// is, and whether a member can have it: in a third of the time. n is 0 when the record is
// not usual, or not all there.
func measureUsual(b []byte) (n int, isMember bool) {
	const (
		least = 60 // of IPv4, with the shortest of everything
		tail  = 24 // behind the name
	)
	if len(b) < least {
		return 0, false
	}
	r := b
	switch string(r[:7]) {
	case "\x87\xa4Addr\xa4":
		r = r[7+ipLen4:]
	case "\x87\xa4Addr\xb0":
		r = r[7+ipLen6:]
	default:
		return 0, false
	}
	size := uintSize(r[12])
	if size == 0 || string(r[:12]) != "\xabIncarnation" {
		return 0, false
	}
	r = r[12+size:]
	head, meta := textSize(r[5:])
	if head == 0 || string(r[:5]) != "\xa4Meta" || len(r) < 5+head+meta+tail {
		return 0, false
	}
	r = r[5+head+meta:]
	head, name := textSize(r[5:])
	if head == 0 || string(r[:5]) != "\xa4Name" || len(r) < 5+head+name+tail {
		return 0, false
	}
	r = r[5+head+name:]
	size = uintSize(r[5])
	if size == 0 || size > 3 || string(r[:5]) != "\xa4Port" || len(r) < tail-1+size {
		return 0, false
	}
	r = r[5+size:]
	state := r[6]
	if string(r[:6]) != "\xa5State" || state > mpack.MaxFixInt || string(r[7:12]) != "\xa3Vsn\xa6" {
		return 0, false
	}
	return len(b) - len(r) + 18, 0 < name && name <= swim.MaxNameLen && meta <= swim.MaxMetaLen && state <= byte(swim.Left)
}

// uintSize is how long an integer is that begins with a code, if it has 32 bits at most.
func uintSize(code byte) int {
	switch {
	case code <= mpack.MaxFixInt:
		return 1
	case code == mpack.Uint8:
		return 2
	case code == mpack.Uint16:
		return 3
	case code == mpack.Uint32:
		return 5
	}
	return 0
}

// textSize is how long the head of a string or bytes is, and the rest.
func textSize(b []byte) (head, n int) {
	switch {
	case len(b) < 3:
	case b[0]>>5 == mpack.FixStr>>5:
		return 1, int(b[0] & mpack.MaxFixStr)
	case b[0] == mpack.Nil:
		return 1, 0
	case b[0] == mpack.Str16:
		return 3, int(binary.BigEndian.Uint16(b[1:]))
	}
	return 0, 0
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
