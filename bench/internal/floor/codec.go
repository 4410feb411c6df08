package floor

import "encoding/binary"

// The types of memberlist's messages.
const (
	typePing     = 0
	typeAck      = 2
	typeAlive    = 4
	typeCompound = 7
)

// field reads a short string or a bin of msgpack, and returns what follows it; nil if
// it is none.
func field(b []byte) (value, rest []byte) {
	n, head := 0, 1
	switch {
	case len(b) == 0:
		return nil, nil
	case b[0]&0xe0 == 0xa0:
		n = int(b[0] & 0x1f)
	case b[0] == 0xd9 && len(b) > 1, b[0] == 0xc4 && len(b) > 1:
		n, head = int(b[1]), 2
	case b[0] == 0xda && len(b) > 2, b[0] == 0xc5 && len(b) > 2:
		n, head = int(binary.BigEndian.Uint16(b[1:])), 3
	case b[0] == 0xc0:
		return b[:0], b[1:]
	default:
		return nil, nil
	}
	if len(b) < head+n {
		return nil, nil
	}
	return b[head : head+n], b[head+n:]
}

// number reads an unsigned integer of msgpack; rest is nil if it is none.
func number(b []byte) (value uint64, rest []byte) {
	switch {
	case len(b) > 0 && b[0] < 0x80:
		return uint64(b[0]), b[1:]
	case len(b) > 1 && b[0] == 0xcc:
		return uint64(b[1]), b[2:]
	case len(b) > 2 && (b[0] == 0xcd || b[0] == 0xd1):
		return uint64(binary.BigEndian.Uint16(b[1:])), b[3:]
	case len(b) > 4 && (b[0] == 0xce || b[0] == 0xd2):
		return uint64(binary.BigEndian.Uint32(b[1:])), b[5:]
	}
	return 0, nil
}

// Answer parses a ping of memberlist's and appends the ack to it; nil if b is no ping.
func Answer(out, b []byte) []byte {
	if len(b) < 2 || b[0] != typePing || b[1]&0xf0 != 0x80 {
		return nil
	}
	seq := uint64(0)
	rest := b[2:]
	for range int(b[1] & 0x0f) {
		var key []byte
		if key, rest = field(rest); rest == nil {
			return nil
		}
		switch string(key) {
		case "SeqNo", "SourcePort":
			var v uint64
			if v, rest = number(rest); rest == nil {
				return nil
			}
			if key[1] == 'e' {
				seq = v
			}
		default:
			if _, rest = field(rest); rest == nil {
				return nil
			}
		}
	}
	out = append(out, typeAck, 0x82)
	out = append(out, "\xa7Payload\xc0\xa5SeqNo\xce"...)
	return binary.BigEndian.AppendUint32(out, uint32(seq))
}

// A Table holds what a floor knows: the incarnation of each name.
type Table map[string]uint32

// Learn reads a compound of alive messages into the table, and returns how many were
// news; -1 if it is malformed.
func (t Table) Learn(b []byte) int {
	if len(b) < 2 || b[0] != typeCompound {
		return -1
	}
	n := int(b[1])
	lengths, parts := b[2:], b[2:]
	if len(b) < 2+2*n {
		return -1
	}
	parts = parts[2*n:]
	news := 0
	for i := range n {
		size := int(binary.BigEndian.Uint16(lengths[2*i:]))
		if len(parts) < size {
			return -1
		}
		name, incarnation, ok := alive(parts[:size])
		if !ok {
			return -1
		}
		if held, known := t[string(name)]; !known || incarnation > held {
			t[string(name)] = incarnation
			news++
		}
		parts = parts[size:]
	}
	return news
}

func alive(b []byte) (name []byte, incarnation uint32, ok bool) {
	if len(b) < 2 || b[0] != typeAlive || b[1]&0xf0 != 0x80 {
		return nil, 0, false
	}
	rest := b[2:]
	for range int(b[1] & 0x0f) {
		var key []byte
		if key, rest = field(rest); rest == nil {
			return nil, 0, false
		}
		switch string(key) {
		case "Incarnation", "Port":
			var v uint64
			if v, rest = number(rest); rest == nil {
				return nil, 0, false
			}
			if key[0] == 'I' {
				incarnation = uint32(v)
			}
		default:
			var v []byte
			if v, rest = field(rest); rest == nil {
				return nil, 0, false
			}
			if len(key) == 4 && string(key) == "Node" {
				name = v
			}
		}
	}
	return name, incarnation, true
}
