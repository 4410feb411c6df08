package peer

import (
	"bufio"
	"bytes"
	"compress/lzw"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

// An Envelope is what a stranger puts around its messages, and takes off the answers.
// It is written apart from nekton's layers, so that one does not vouch for the other.
// The zero value is no envelope.
type Envelope struct {
	Label      string
	Compressed bool
	// Keys are asked for at each use; the first encrypts, all decrypt. Nil, or none:
	// in clear.
	Keys func() [][]byte
}

// Packet is a datagram with a message in it.
func (e Envelope) Packet(message []byte) []byte {
	if e.Compressed {
		message = Compressed(message)
	}
	if keys := e.keys(); len(keys) > 0 {
		message = encrypted(keys[0], nil, message, []byte(e.Label))
	}
	return append(e.label(), message...)
}

// Stream is what is written to a stream for one message.
func (e Envelope) Stream(message []byte) []byte {
	if e.Compressed {
		message = Compressed(message)
	}
	if keys := e.keys(); len(keys) > 0 {
		head := binary.BigEndian.AppendUint32([]byte{TypeEncrypt}, uint32(sealOverhead+len(message)))
		message = encrypted(keys[0], head, message, append(bytes.Clone(head), e.Label...))
	}
	return append(e.label(), message...)
}

// Answer takes what is around the message that a stream brings back, and returns its
// type and what follows.
func (e Envelope) Answer(from io.Reader) (byte, *bufio.Reader, error) {
	r := bufio.NewReader(from)
	kind, err := r.ReadByte()
	if err != nil {
		return 0, nil, fmt.Errorf("peer: no answer: %w", err)
	}
	if keys := e.keys(); len(keys) > 0 {
		if kind != TypeEncrypt {
			return 0, nil, fmt.Errorf("peer: the answer is of type %d, in clear", kind)
		}
		if r, err = e.decrypt(r, keys); err != nil {
			return 0, nil, err
		}
		if kind, err = r.ReadByte(); err != nil {
			return 0, nil, err
		}
	}
	if kind == TypeCompress {
		var p packed
		if err := msgpack.NewDecoder(r).Decode(&p); err != nil {
			return 0, nil, err
		}
		r = bufio.NewReader(lzw.NewReader(bytes.NewReader(p.Buf), lzw.LSB, 8))
		if kind, err = r.ReadByte(); err != nil {
			return 0, nil, err
		}
	}
	return kind, r, nil
}

func (e Envelope) decrypt(r *bufio.Reader, keys [][]byte) (*bufio.Reader, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if len(b) < sealOverhead {
		return nil, errors.New("peer: the answer is too short to be encrypted")
	}
	authenticated := append(append([]byte{TypeEncrypt}, size[:]...), e.Label...)
	for _, key := range keys {
		if clear, err := gcm(key).Open(nil, b[1:1+nonceLen], b[1+nonceLen:], authenticated); err == nil {
			return bufio.NewReader(bytes.NewReader(clear)), nil
		}
	}
	return nil, errors.New("peer: no key opens the answer")
}

func (e Envelope) keys() [][]byte {
	if e.Keys == nil {
		return nil
	}
	return e.Keys()
}

// label is the header of a label, in memory of its own.
func (e Envelope) label() []byte {
	if e.Label == "" {
		return nil
	}
	return append([]byte{TypeLabel, byte(len(e.Label))}, e.Label...)
}

const (
	nonceLen     = 12
	sealOverhead = 1 + nonceLen + 16 // version, nonce, tag
)

// encrypted appends a message to b in version 1 of memberlist's encryption.
func encrypted(key, b, message, authenticated []byte) []byte {
	nonce := make([]byte, nonceLen)
	_, _ = rand.Read(nonce) // never fails
	b = append(append(b, 1), nonce...)
	return gcm(key).Seal(b, nonce, message, authenticated)
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("peer: " + err.Error()) // a key of ours that is none
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("peer: " + err.Error())
	}
	return aead
}
