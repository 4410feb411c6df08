package wirev1

import (
	"encoding/binary"
	"math"

	"github.com/nekton-go/nekton/swim"
)

// The bounds of what one packet unpacks to. memberlist has none for the first and the
// last, and the second for each level: a small packet could keep it busy for minutes,
// or have it send millions of acks to an address that somebody has forged.
const (
	// maxNesting is how many compounds and compressed messages may be inside each
	// other. memberlist sends two: a compressed compound.
	maxNesting = 4
	// maxUnpacked bounds the bytes that are expanded and copied in all.
	maxUnpacked = MaxExpanded
	// maxUnpackedParts bounds the messages: to as many as a packet can hold in clear,
	// the shortest that mean something. memberlist sends 255 at most.
	maxUnpackedParts = swim.MaxPacketLen / (shortestMessage + partOverhead)
	// shortestMessage is a nack: 0b 81 a5 SeqNo 01. Bytes.
	shortestMessage = 9
)

// An unpacker makes one list of the messages of a packet with compounds or compressed
// messages inside each other. What it refuses takes the place of one message, with
// no bytes, which nobody can read: so it is counted as malformed.
type unpacker struct {
	lengths, bytes []byte // of the messages
	budget         int    // bytes that may still be expanded and copied
	parts          int    // messages so far
}

func unpack(b []byte) swim.Messages {
	u := unpacker{budget: maxUnpacked}
	u.add(b, 0)
	return swim.Messages{Bytes: append(u.lengths, u.bytes...), Parts: uint32(len(u.lengths) / partOverhead)}
}

// add adds the messages of b, which is inside depth others.
func (u *unpacker) add(b []byte, depth int) {
	if len(b) == 0 || b[0] != typeCompound && b[0] != typeCompress {
		u.keep(b)
		return
	}
	if depth == maxNesting {
		u.keep(nil)
		return
	}
	if b[0] == typeCompress {
		inner, err := AppendPacketDecompressed(nil, b, u.budget)
		if err != nil {
			u.keep(nil)
			u.budget -= u.budget / 4 // nobody knows how far it got; all together, four budgets at most
			return
		}
		u.budget -= len(inner)
		u.add(inner, depth+1)
		return
	}
	parts, _ := openCompound(b)
	if parts.Len() == 0 {
		u.keep(nil)
	}
	for parts.Len() > 0 {
		part, rest, ok := nextPart(parts)
		if !ok {
			u.keep(nil)
			return
		}
		u.add(part, depth+1)
		parts = rest
	}
}

// keep adds one message.
func (u *unpacker) keep(b []byte) {
	if u.budget < partOverhead || u.parts == maxUnpackedParts {
		return
	}
	if u.parts++; len(b)+partOverhead > u.budget || u.parts == maxUnpackedParts {
		b = nil
	}
	b = b[:min(len(b), math.MaxUint16)] // what follows the map of a message is nobody's
	u.budget -= len(b) + partOverhead
	u.lengths = binary.BigEndian.AppendUint16(u.lengths, uint16(len(b)))
	u.bytes = append(u.bytes, b...)
}
