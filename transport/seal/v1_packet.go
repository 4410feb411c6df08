package seal

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/types"
)

// v1 is the layer of memberlist's wire. From the outside in, each part optional:
//
//	label        f4 | length | label
//	encryption   version | nonce (12) | ciphertext | tag (16)
//	checksum     0c | CRC-32 of what follows (4)
//	compression  09 | map of algorithm and bytes
//
// The bytes authenticated beside the ciphertext are those of the label.
type v1 struct {
	base
	compress bool
}

// V1 returns the layer of gossip version v1. The error is that of [Config.Validate].
func V1(cfg Config) (Layer, error) {
	b, err := newBase(cfg, v1Label)
	if err != nil {
		return nil, err
	}
	return &v1{base: b, compress: !cfg.NoCompression}, nil
}

// The message types of memberlist that a layer has to know.
const (
	v1Compress  = 9
	v1Encrypt   = 10
	v1Checksum  = 12
	v1ErrorType = 13
)

const (
	// v1Padded is the version of encryption that fills up to blocks of AES, as
	// PKCS #7 has it, before it encrypts: members of protocol version 1 send it. It
	// is read, not sent.
	v1Padded = 0
	// v1Plain is the version without padding.
	v1Plain = 1

	v1Block       = 16
	v1ChecksumLen = 5
	v1SealedLen   = 1 + nonceLen + tagLen
)

// maxKeptExpanded is how large a buffer for decompressed packets is kept, in bytes: for
// all that would fit a datagram. A larger one is for one packet, mostly of a stranger.
const maxKeptExpanded = 2 * swim.MaxPacketLen

func (l *v1) Overhead() int {
	n := len(l.header) + v1ChecksumLen
	if l.keyring != nil {
		n += v1SealedLen
	}
	return n
}

func (l *v1) Seal(b *Buffers, message []byte, checked bool) []byte {
	if l.compress && len(message) >= wirev1.MinCompressible {
		b.compressed = wirev1.AppendCompressed(b.compressed[:0], message)
		if len(b.compressed) < len(message) {
			message = b.compressed
		}
	}
	if checked {
		b.checked = binary.BigEndian.AppendUint32(append(b.checked[:0], v1Checksum), crc32.ChecksumIEEE(message))
		b.checked = append(b.checked, message...)
		message = b.checked
	}
	ring := l.keyring.load()
	if !ring.encrypts() {
		if len(l.header) == 0 {
			return message
		}
		b.packet = append(append(b.packet[:0], l.header...), message...)
		return b.packet
	}
	b.additional = append(b.additional[:0], l.label...)
	b.packet = append(append(b.packet[:0], l.header...), v1Plain)
	b.packet = ring.seal(b.packet, message, b.additional, l.nonce)
	return b.packet
}

func (l *v1) Open(b *Buffers, packet []byte) ([]byte, swim.Drop) {
	if len(packet) > 0 && VersionOf(packet[0]) == types.GOSSIP_VERSION_2 {
		return nil, swim.DropVersion
	}
	message, ok := l.cutLabel(packet)
	if !ok {
		return nil, swim.DropLabel
	}
	if ring := l.keyring.load(); ring != nil {
		b.additional = append(b.additional[:0], l.label...)
		switch plain, ok := openV1(ring, b.plain[:0], message, b.additional); {
		case ok:
			b.plain, message = plain, plain
		case ring.demands():
			if len(message) > 0 && message[0] <= v1Plain {
				return nil, swim.DropKey
			}
			return nil, swim.DropUnauthenticated
		}
	}
	if len(message) >= v1ChecksumLen && message[0] == v1Checksum {
		if binary.BigEndian.Uint32(message[1:]) != crc32.ChecksumIEEE(message[v1ChecksumLen:]) {
			return nil, swim.DropChecksum
		}
		message = message[v1ChecksumLen:]
	}
	if len(message) == 0 || message[0] != v1Compress {
		return message, swim.DropNone
	}
	// What is compressed again inside is left to the codec, which bounds that.
	expanded, err := wirev1.AppendPacketDecompressed(b.expanded[:0], message, wirev1.MaxExpanded)
	if err != nil {
		return nil, swim.DropCompression
	}
	if cap(expanded) <= maxKeptExpanded {
		b.expanded = expanded
	}
	return expanded, swim.DropNone
}

// openV1 appends to dst what an encrypted packet, or the encrypted part of a stream,
// holds.
func openV1(r *ring, dst, sealed, additional []byte) (plain []byte, ok bool) {
	if len(sealed) == 0 || sealed[0] > v1Plain {
		return nil, false
	}
	start := len(dst)
	if plain, ok = r.open(dst, sealed[1:], additional); !ok || sealed[0] == v1Plain {
		return plain, ok
	}
	// The padding says in each of its bytes how many they are, 1 to 16.
	n := len(plain) - start
	if n == 0 || n%v1Block != 0 {
		return nil, false
	}
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > v1Block || padding > n {
		return nil, false
	}
	return plain[:len(plain)-padding], true
}
