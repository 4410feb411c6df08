package wirev2

import (
	"encoding/binary"
	"math"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// Fields that messages and frames have in common.

// name reads the name of a member.
func (r *reader) name(field string) []byte { return r.bytes(field, 1, swim.MaxNameLen) }

// seqNo reads what matches an answer to its question.
func (r *reader) seqNo() swim.SeqNo { return swim.SeqNo(r.uint("seq", math.MaxUint32)) }

// appendStamp appends three elements: generation, boot, incarnation.
func appendStamp(b []byte, s swim.Stamp) []byte {
	b = mpack.AppendUint(b, uint64(s.Generation))
	b = mpack.AppendUint(b, uint64(s.Boot))
	return mpack.AppendUint(b, uint64(s.Incarnation))
}

// stamp reads three elements. Most are a small generation, a boot in milliseconds, and a
// small incarnation, in their shortest form.
func (r *reader) stamp() (s swim.Stamp) {
	const boot, incarnation, end = 1, 1 + 9, 1 + 9 + 1
	if b := r.b; r.left >= 3 && len(b) >= end &&
		b[0] <= mpack.MaxFixInt && b[boot] == mpack.Uint64 && b[incarnation] <= mpack.MaxFixInt {
		r.b, r.left = b[end:], r.left-3
		s.Generation, s.Incarnation = swim.Generation(b[0]), swim.Incarnation(b[incarnation])
		s.Boot = swim.Boot(binary.BigEndian.Uint64(b[boot+1:]))
		return s
	}
	s.Generation = swim.Generation(r.uint("generation", math.MaxUint64))
	s.Boot = swim.Boot(r.uint("boot", math.MaxUint64))
	s.Incarnation = swim.Incarnation(r.uint("incarnation", math.MaxUint32))
	return s
}

// appendPrints appends two elements.
func appendPrints(b []byte, p swim.Prints) []byte {
	return mpack.AppendUint(mpack.AppendUint(b, p.Members), p.State)
}

// prints reads two elements, each of which takes nine bytes, but for one in 2³².
func (r *reader) prints() (p swim.Prints) {
	const state, end = 9, 9 + 9
	if b := r.b; r.left >= 2 && len(b) >= end && b[0] == mpack.Uint64 && b[state] == mpack.Uint64 {
		r.b, r.left = b[end:], r.left-2
		p.Members, p.State = binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[state+1:])
		return p
	}
	p.Members = r.uint("members print", math.MaxUint64)
	p.State = r.uint("state print", math.MaxUint64)
	return p
}

// The length of an address: the bytes of the IP and two of the port.
const (
	addrLen4 = 4 + 2
	addrLen6 = 16 + 2
)

const (
	faultAddrLen  = "neither 6 nor 18 bytes long"
	faultMapped   = "an IPv4 address in IPv6 form"
	faultPortZero = "port 0"
)

// appendAddr appends an address in network order, so that each has one form:
//
//	c4 06 │ IPv4, 4 bytes  │ port, 2 bytes
//	c4 12 │ IPv6, 16 bytes │ port, 2 bytes
//
// A zone is left out, as it means something to its own host only.
func appendAddr(b []byte, a netip.AddrPort) []byte {
	ip := a.Addr().Unmap()
	switch {
	case ip.Is4():
		p := ip.As4()
		b = append(append(b, mpack.Bin8, addrLen4), p[:]...)
	case ip.Is6():
		p := ip.As16()
		b = append(append(b, mpack.Bin8, addrLen6), p[:]...)
	default:
		return append(b, mpack.Nil)
	}
	return binary.BigEndian.AppendUint16(b, a.Port())
}

// addr reads an address that is valid and unmapped, with a port other than 0.
func (r *reader) addr() netip.AddrPort {
	p := r.bytes("address", 0, math.MaxUint16)
	if r.fault != "" {
		return netip.AddrPort{}
	}
	if len(p) != addrLen4 && len(p) != addrLen6 {
		r.fail("address", faultAddrLen)
		return netip.AddrPort{}
	}
	ip, _ := netip.AddrFromSlice(p[:len(p)-2])
	port := binary.BigEndian.Uint16(p[len(p)-2:])
	switch {
	case ip.Is4In6():
		r.fail("address", faultMapped)
	case port == 0:
		r.fail("address", faultPortZero)
	default:
		return netip.AddrPortFrom(ip, port)
	}
	return netip.AddrPort{}
}

// maxWait is the longest wait of a ping-req that is told. More is written and read
// as this: no relay keeps a probe in mind for longer, and it fits three bytes.
const maxWait = math.MaxUint16 * time.Millisecond

// appendWait appends a duration in milliseconds, rounded up, so that only an
// unknown wait is 0.
func appendWait(b []byte, d time.Duration) []byte {
	d = min(max(d, 0), maxWait)
	return mpack.AppendUint(b, uint64((d+time.Millisecond-1)/time.Millisecond))
}

// wait reads a duration.
func (r *reader) wait() time.Duration {
	ms := r.uint("wait", math.MaxUint64)
	return time.Duration(min(ms, uint64(maxWait/time.Millisecond))) * time.Millisecond
}
