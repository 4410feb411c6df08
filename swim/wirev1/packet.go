package wirev1

import (
	"encoding/binary"

	"github.com/nekton-go/nekton/swim"
)

// OpenPacket finds the messages of a packet. Label, encryption and checksum have been
// undone. It drops
//
//   - packets of nekton's own wire: DropVersion;
//   - those longer than [MaxExpanded], which no datagram expands to: DropTooLarge;
//   - anything else that is neither a message of a packet nor a compound with at least
//     one part: DropMalformed.
//
// A compound or compressed message inside a compound is unpacked, and so is a packet
// that is still compressed. That alone allocates; members of memberlist do not send
// the former.
func (c *Codec) OpenPacket(b []byte) (swim.Messages, swim.Drop) {
	if len(b) == 0 {
		return swim.Messages{}, swim.DropMalformed
	}
	if len(b) > MaxExpanded {
		return swim.Messages{}, swim.DropTooLarge
	}
	switch b[0] {
	case typePing, typePingReq, typeAck, typeSuspect, typeAlive, typeDead, typeUser, typeNack:
		return swim.Messages{Bytes: b}, swim.DropNone
	case typeCompound:
		messages, nested := openCompound(b)
		if nested {
			messages = unpack(b)
		}
		if messages.Len() == 0 {
			return swim.Messages{}, swim.DropMalformed
		}
		return messages, swim.DropNone
	case typeCompress:
		return unpack(b), swim.DropNone
	case v2Code:
		return swim.Messages{}, swim.DropVersion
	}
	return swim.Messages{}, swim.DropMalformed
}

// openCompound finds the parts of a compound. When it ends early the complete ones
// count, and the first that is not, so that it is found to be malformed in its turn.
// Bytes behind the last part belong to nobody. nested says that a part has parts of its
// own, or is compressed.
func openCompound(b []byte) (parts swim.Messages, nested bool) {
	if len(b) < compoundOverhead || len(b) < compoundSize(int(b[1])) {
		return swim.Messages{}, false
	}
	n := int(b[1])
	lengths, bytes := b[compoundOverhead:compoundSize(n)], b[compoundSize(n):]
	end := 0
	for i := range n {
		size := int(binary.BigEndian.Uint16(lengths[i*partOverhead:]))
		if size > len(bytes)-end {
			break // and so it is behind the end of the parts
		}
		if size > 0 && (bytes[end] == typeCompound || bytes[end] == typeCompress) {
			nested = true
		}
		end += size
	}
	end += compoundSize(n)
	return swim.Messages{Bytes: b[compoundOverhead:end:end], Parts: uint32(n)}, nested
}

// nextPart takes the first message from the rest of a packet. It is not ok when the
// message has been cut off, and then nothing is left.
func nextPart(messages swim.Messages) (part []byte, rest swim.Messages, ok bool) {
	if messages.Parts == 0 {
		return messages.Bytes, swim.Messages{}, true
	}
	size := int(binary.BigEndian.Uint16(messages.Bytes))
	part = messages.Bytes[int(messages.Parts)*partOverhead+int(messages.Skip):]
	if size > len(part) {
		return nil, swim.Messages{}, false
	}
	if messages.Parts > 1 {
		rest = swim.Messages{Bytes: messages.Bytes[partOverhead:], Parts: messages.Parts - 1, Skip: messages.Skip + uint32(size)}
	}
	return part[:size:size], rest, true
}
