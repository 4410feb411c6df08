package wirev2

import (
	"encoding/binary"
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// Short cuts for the messages of which nearly all packets consist, in the form in which
// they are written: the ping and ack of a probe, and the alive of gossip. What is not of
// that form may be well-formed all the same, and is left to the long way, faults included.

// The usual alive: a short name, a small generation and incarnation, a boot of eight
// bytes, an IPv4 address; with meta or without. Most of gossip is claims that say what is
// known, so that reading them is most of its cost.
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

// parseUsualPing reads a ping whose name is short: alone, with prints, or with prints and
// period.
func parseUsualPing(b []byte, m *swim.Message) (rest []byte, ok bool) {
	const alone, prints, period = mpack.FixArray | 3, mpack.FixArray | 5, mpack.FixArray | 6
	seq, at := usualSeq(b)
	if at == 0 || at >= len(b) || b[at]>>5 != mpack.FixStr>>5 {
		return nil, false
	}
	from, end := at+1, at+1+int(b[at]&mpack.MaxFixStr)
	if from == end || end > len(b) {
		return nil, false
	}
	m.Kind, m.Seq, m.Name = swim.KindPing, seq, b[from:end:end]
	rest = b[end:]
	if b[0] == alone {
		return rest, true
	}
	const state, behind = 9, 9 + 9
	if len(rest) < behind || rest[0] != mpack.Uint64 || rest[state] != mpack.Uint64 {
		return nil, false
	}
	m.Prints.Members, m.Prints.State = binary.BigEndian.Uint64(rest[1:]), binary.BigEndian.Uint64(rest[state+1:])
	m.Seen, rest = swim.PrintsGiven, rest[behind:]
	switch {
	case b[0] == prints:
		return rest, true
	case b[0] == period && len(rest) > 0 && isPeriod(uint64(rest[0])):
		m.Period = rest[0]
		return rest[1:], true
	}
	return nil, false
}

// parseUsualAck reads an ack of equal tables.
func parseUsualAck(b []byte, m *swim.Message) (rest []byte, ok bool) {
	seq, end := usualSeq(b)
	if end == 0 || b[0] != mpack.FixArray|2 {
		return nil, false
	}
	m.Kind, m.Seq, m.Seen = swim.KindAck, seq, swim.PrintsSame
	return b[end:], true
}

// usualSeq reads the number of a ping or ack, and returns where it ends. Zero: it is none,
// or one of the few that take two bytes.
func usualSeq(b []byte) (seq swim.SeqNo, end int) {
	const at = 2
	switch {
	case len(b) <= at:
	case b[at] <= mpack.MaxFixInt:
		return swim.SeqNo(b[at]), at + 1
	case b[at] == mpack.Uint16 && len(b) >= at+3:
		return swim.SeqNo(binary.BigEndian.Uint16(b[at+1:])), at + 3
	case b[at] == mpack.Uint32 && len(b) >= at+5:
		return swim.SeqNo(binary.BigEndian.Uint32(b[at+1:])), at + 5
	}
	return 0, 0
}
