package floor

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// A Box is what is around a floor's packets: nothing, or AES-GCM with a counter for a
// nonce. It belongs to one goroutine.
type Box struct {
	aead    cipher.AEAD // nil: nothing
	counter uint64
	nonce   [12]byte
	in, out []byte
}

// NewBox makes one; without a key it does nothing.
func NewBox(key []byte) (*Box, error) {
	b := &Box{in: make([]byte, 0, 2048), out: make([]byte, 0, 2048)}
	if key == nil {
		return b, nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	b.aead, err = cipher.NewGCM(block)
	return b, err
}

// Seal appends the packet of a message.
func (b *Box) Seal(to, message []byte) []byte {
	if b.aead == nil {
		return append(to, message...)
	}
	b.counter++
	binary.BigEndian.PutUint64(b.nonce[4:], b.counter)
	return b.aead.Seal(append(to, b.nonce[:]...), b.nonce[:], message, nil)
}

// Open returns the message of a packet, which is the box's until the next call; nil if it
// is none.
func (b *Box) Open(packet []byte) []byte {
	if b.aead == nil {
		return packet
	}
	if len(packet) < len(b.nonce) {
		return nil
	}
	message, err := b.aead.Open(b.in[:0], packet[:len(b.nonce)], packet[len(b.nonce):], nil)
	if err != nil {
		return nil
	}
	return message
}

// Answer appends the packet that answers a message that is a ping; nil if it is none.
func (b *Box) Answer(to, message []byte) []byte {
	ack := Answer(b.out[:0], message)
	if ack == nil {
		return nil
	}
	return b.Seal(to, ack)
}
