package wirev2

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The messages that piggyback (SWIM §4.1): claims about members, and news of the
// riding state. All claims begin with the member's name and the stamp at which
// the claim is true.

// appendAlive appends the claim that a member is alive:
//
//	96 │ 05 │ name │ generation │ boot │ incarnation │ address            no meta
//	97 │ 05 │ name │ generation │ boot │ incarnation │ address │ meta
func appendAlive(b []byte, m *swim.Message) []byte {
	n := 6
	if len(m.Meta) > 0 {
		n++
	}
	b = append(b, mpack.FixArray|byte(n), byte(swim.KindAlive))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	b = appendAddr(b, m.Addr)
	if len(m.Meta) > 0 {
		b = mpack.AppendBin(b, m.Meta)
	}
	return b
}

// parseAlive reads a claim that a member is alive.
func parseAlive(r *reader, m *swim.Message) {
	m.Kind = swim.KindAlive
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	m.Addr = r.addr()
	m.Meta = r.meta()
}

// The usual alive, the form that nearly all have: a short name, a small generation and
// incarnation, a boot of eight bytes, an IPv4 address; with meta or without. Most of
// gossip is claims that say what is known, so that reading them is most of its cost.
// What is not of this form may be well-formed all the same.
const (
	usualName        = 3 // where the name is
	usualBoot        = 1 // where the rest is, from the end of the name on
	usualIncarnation = usualBoot + 9
	usualAddr        = usualIncarnation + 1
	usualLen         = usualAddr + 2 + addrLen4
)

// usualAliveLen is how long the message that b begins with is, if it is a usual alive.
// Zero: it is not, or is cut off.
func usualAliveLen(b []byte) int {
	if len(b) < usualName || b[0]>>1 != (mpack.FixArray|6)>>1 || b[1] != byte(swim.KindAlive) || b[2]>>5 != mpack.FixStr>>5 {
		return 0
	}
	end := usualName + int(b[2]&mpack.MaxFixStr) + usualLen
	if b[0] == mpack.FixArray|7 { // with meta
		if len(b) < end+2 || b[end] != mpack.Bin8 {
			return 0
		}
		end += 2 + int(b[end+1])
	}
	if len(b) < end {
		return 0
	}
	return end
}

// parseUsualAlive reads a usual alive without meta, from its first byte to its last.
func parseUsualAlive(b []byte, m *swim.Message) (rest []byte, ok bool) {
	length := usualAliveLen(b)
	if length == 0 || b[0] != mpack.FixArray|6 {
		return nil, false
	}
	end := length - usualLen
	s := (*[usualLen]byte)(b[end:])
	port := binary.BigEndian.Uint16(s[usualLen-2:])
	if end == usualName || s[0] > mpack.MaxFixInt || s[usualBoot] != mpack.Uint64 || s[usualIncarnation] > mpack.MaxFixInt ||
		s[usualAddr] != mpack.Bin8 || s[usualAddr+1] != addrLen4 || port == 0 {
		return nil, false
	}
	m.Kind = swim.KindAlive
	m.Name = b[usualName:end:end]
	m.Stamp.Generation, m.Stamp.Incarnation = swim.Generation(s[0]), swim.Incarnation(s[usualIncarnation])
	m.Stamp.Boot = swim.Boot(binary.BigEndian.Uint64(s[usualBoot+1:]))
	m.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte(s[usualAddr+2:])), port)
	return b[length:], true
}

// meta reads the meta of a claim, which ends it. It may be absent, or nil.
func (r *reader) meta() []byte {
	if r.left == 0 || r.null() {
		return nil
	}
	if p := r.bytes("meta", 0, swim.MaxMetaLen); len(p) > 0 {
		return p
	}
	return nil
}

// appendSuspect appends the claim that From suspects a member:
//
//	96 │ 06 │ name │ generation │ boot │ incarnation │ from
func appendSuspect(b []byte, m *swim.Message) []byte {
	b = append(b, mpack.FixArray|6, byte(swim.KindSuspect))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	return mpack.AppendStr(b, m.From)
}

// parseSuspect reads a suspicion.
func parseSuspect(r *reader, m *swim.Message) {
	m.Kind = swim.KindSuspect
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	m.From = r.name("from")
}

// appendDead appends the claim that From declared a member dead, or that the
// member has left, which it alone can say:
//
//	95 │ 07 │ name │ generation │ boot │ incarnation                      left
//	96 │ 07 │ name │ generation │ boot │ incarnation │ from               dead
func appendDead(b []byte, m *swim.Message) []byte {
	left := bytes.Equal(m.From, m.Name)
	n := 6
	if left {
		n = 5
	}
	b = append(b, mpack.FixArray|byte(n), byte(swim.KindDead))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	if !left {
		b = mpack.AppendStr(b, m.From)
	}
	return b
}

// parseDead reads a death or departure. From may be absent, or nil: the member
// itself says so.
func parseDead(r *reader, m *swim.Message) {
	m.Kind = swim.KindDead
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	if r.left == 0 || r.null() {
		m.From = m.Name
		return
	}
	m.From = r.name("from")
}

// appendRumour appends news of the riding state, which only that understands:
//
//	92 │ 08 │ body
func appendRumour(b []byte, m *swim.Message) []byte {
	return mpack.AppendBin(append(b, mpack.FixArray|2, byte(swim.KindRumour)), m.Body)
}

// parseRumour reads news of the riding state.
func parseRumour(r *reader, m *swim.Message) {
	m.Kind = swim.KindRumour
	m.Body = r.bytes("body", 1, swim.MaxPacketLen)
}
