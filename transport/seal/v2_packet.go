package seal

import (
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// v2 is the layer of nekton's own wire:
//
//	[ d9 | length | label ]  ( message  |  c1 | nonce (12) | ciphertext | tag (16) )
//
// The bytes authenticated beside an encrypted packet are c1, the length of the label,
// and the label. Without label and keys, a packet is its message, and nothing is
// copied.
type v2 struct{ base }

// V2 returns the layer of gossip version v2. The error is that of [Config.Validate].
func V2(cfg Config) (Layer, error) {
	b, err := newBase(cfg, v2Label)
	if err != nil {
		return nil, err
	}
	return &v2{b}, nil
}

// sealedLen is what encryption adds to a packet: c1, nonce and tag. Bytes.
const sealedLen = 1 + nonceLen + tagLen

func (l *v2) Overhead() int {
	n := len(l.header)
	if l.keyring != nil {
		n += sealedLen
	}
	return n
}

func (l *v2) Seal(b *Buffers, message []byte, _ bool) []byte {
	ring := l.keyring.load()
	if !ring.encrypts() {
		if len(l.header) == 0 {
			return message
		}
		b.packet = append(append(b.packet[:0], l.header...), message...)
		return b.packet
	}
	b.additional = l.additional(b.additional[:0])
	b.packet = append(append(b.packet[:0], l.header...), v2Sealed)
	b.packet = ring.seal(b.packet, message, b.additional, l.nonce)
	return b.packet
}

func (l *v2) additional(dst []byte) []byte {
	return append(append(dst, v2Sealed, byte(len(l.label))), l.label...)
}

func (l *v2) Open(b *Buffers, packet []byte) ([]byte, swim.Drop) {
	if len(packet) == 0 {
		return packet, swim.DropNone // the codec says that it is nothing
	}
	switch VersionOf(packet[0]) {
	case types.DEFAULT_GOSSIP_VERSION:
		return nil, swim.DropVersion
	case "":
		return packet, swim.DropNone // the codec says what it is
	}
	packet, ok := l.cutLabel(packet)
	if !ok {
		return nil, swim.DropLabel
	}
	ring := l.keyring.load()
	if len(packet) == 0 || packet[0] != v2Sealed {
		if ring.demands() {
			return nil, swim.DropUnauthenticated
		}
		return packet, swim.DropNone
	}
	if ring == nil {
		return nil, swim.DropKey
	}
	b.additional = l.additional(b.additional[:0])
	plain, ok := ring.open(b.plain[:0], packet[1:], b.additional)
	if !ok {
		return nil, swim.DropKey
	}
	b.plain = plain
	return plain, swim.DropNone
}
