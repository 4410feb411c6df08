package wirev1

import (
	"math"
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// A field is a name in the maps that memberlist's messages are.
type field uint8

const (
	fieldUnknown field = iota // of a later version
	fieldAddr
	fieldAlgo
	fieldBuf
	fieldError
	fieldFrom
	fieldIncarnation
	fieldJoin
	fieldMeta
	fieldNack
	fieldName
	fieldNode
	fieldNodes
	fieldPayload
	fieldPort
	fieldSeqNo
	fieldSourceAddr
	fieldSourceNode
	fieldSourcePort
	fieldState
	fieldTarget
	fieldUserMsgLen
	fieldUserStateLen
	fieldVsn

	numFields
)

// String returns the name on the wire.
func (f field) String() string {
	names := [numFields]string{
		"unknown field", "Addr", "Algo", "Buf", "Error", "From", "Incarnation", "Join", "Meta", "Nack",
		"Name", "Node", "Nodes", "Payload", "Port", "SeqNo", "SourceAddr", "SourceNode", "SourcePort",
		"State", "Target", "UserMsgLen", "UserStateLen", "Vsn",
	}
	if f < numFields {
		return names[f]
	}
	return names[fieldUnknown]
}

// fieldOf is the field of a name. Names are case sensitive.
func fieldOf(name []byte) field {
	switch string(name) {
	case "Addr":
		return fieldAddr
	case "Algo":
		return fieldAlgo
	case "Buf":
		return fieldBuf
	case "Error":
		return fieldError
	case "From":
		return fieldFrom
	case "Incarnation":
		return fieldIncarnation
	case "Join":
		return fieldJoin
	case "Meta":
		return fieldMeta
	case "Nack":
		return fieldNack
	case "Name":
		return fieldName
	case "Node":
		return fieldNode
	case "Nodes":
		return fieldNodes
	case "Payload":
		return fieldPayload
	case "Port":
		return fieldPort
	case "SeqNo":
		return fieldSeqNo
	case "SourceAddr":
		return fieldSourceAddr
	case "SourceNode":
		return fieldSourceNode
	case "SourcePort":
		return fieldSourcePort
	case "State":
		return fieldState
	case "Target":
		return fieldTarget
	case "UserMsgLen":
		return fieldUserMsgLen
	case "UserStateLen":
		return fieldUserStateLen
	case "Vsn":
		return fieldVsn
	}
	return fieldUnknown
}

// appendText appends a string or bytes in the family that memberlist writes both in,
// which is that of msgpack before it told them apart: a head of 1, 3 or 5 bytes.
func appendText[S ~[]byte | ~string](b []byte, s S) []byte {
	return append(appendTextHead(b, len(s)), s...)
}

// appendTextHead appends the head of a string or bytes of length n.
func appendTextHead(b []byte, n int) []byte {
	switch {
	case n <= mpack.MaxFixStr:
		return append(b, mpack.FixStr|byte(n))
	case n <= math.MaxUint16:
		return append(b, mpack.Str16, byte(n>>8), byte(n))
	}
	return append(b, mpack.Str32, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// appendBytes appends bytes. No bytes at all are not the same as none in particular:
// memberlist tells a nil slice from an empty one.
func appendBytes(b, p []byte) []byte {
	if p == nil {
		return append(b, mpack.Nil)
	}
	return appendText(b, p)
}

// appendInt appends what is a signed integer at memberlist, which takes the signed
// forms from 128 on. It is not negative.
func appendInt(b []byte, v int) []byte {
	switch {
	case v <= mpack.MaxFixInt:
		return append(b, byte(v))
	case v <= math.MaxInt16:
		return append(b, mpack.Int16, byte(v>>8), byte(v))
	}
	return append(b, mpack.Int32, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// The length of an IP address.
const (
	ipLen4 = 4
	ipLen6 = 16
)

// appendIP appends an address in its own form: an IPv4 address that is mapped takes 16
// bytes, and is another one to memberlist than that of 4.
func appendIP(b []byte, ip netip.Addr) []byte {
	switch {
	case ip.Is4():
		p := ip.As4()
		return append(append(b, mpack.FixStr|ipLen4), p[:]...)
	case ip.Is6():
		p := ip.As16()
		return append(append(b, mpack.FixStr|ipLen6), p[:]...)
	}
	return append(b, mpack.Nil)
}

// ip reads an address. It is not valid if it has neither 4 nor 16 bytes.
func (r *reader) ip() netip.Addr {
	switch p := r.bytes(); len(p) {
	case ipLen4:
		return netip.AddrFrom4([ipLen4]byte(p))
	case ipLen6:
		return netip.AddrFrom16([ipLen6]byte(p))
	}
	return netip.Addr{}
}

// port reads a port.
func (r *reader) port() uint16 { return uint16(r.uint(math.MaxUint16)) }

// at puts an address together. Port 0 stands for the one where we are bound.
func (c *Codec) at(ip netip.Addr, port uint16) netip.AddrPort {
	if port == 0 {
		port = c.bindPort
	}
	return netip.AddrPortFrom(ip, port)
}

// seqNo reads what matches an answer to its question.
func (r *reader) seqNo() swim.SeqNo { return swim.SeqNo(r.uint(math.MaxUint32)) }

// incarnation reads the incarnation of a claim.
func (r *reader) incarnation() swim.Incarnation {
	return swim.Incarnation(r.uint(math.MaxUint32))
}

// appendVersions appends what a member understands. There are always six numbers:
// who has fewer keeps everybody else from trading tables.
func appendVersions(b []byte, v swim.Versions) []byte {
	return append(append(b, mpack.FixStr|byte(len(v))), v[:]...)
}

// versions reads what a member understands. Fewer than six numbers count as none, as
// they do for memberlist; what comes behind the sixth is of a later version.
func (r *reader) versions() (v swim.Versions) {
	if p := r.bytes(); len(p) >= len(v) {
		v = swim.Versions(p)
	}
	return v
}

// isName reports whether a member can have that name.
func isName(name []byte) bool { return 0 < len(name) && len(name) <= swim.MaxNameLen }
