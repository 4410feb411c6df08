package seal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/transport"
)

// v1Stream is one message in each direction:
//
//	dialler    [ f4 | length | label ] [ encryption ] [ compression ] message
//	acceptor                           [ encryption ] [ compression ] message
//
//	encryption:  0a | length (4) | version | nonce (12) | ciphertext | tag (16)
//
// Each side decides for itself what is around its message. Authenticated beside the
// ciphertext are its five bytes of header and the label, which is no part of what the
// acceptor sends. When it cannot take off what is around a message, the acceptor says
// so in an error message, around which is what its own messages have.
type v1Stream struct {
	layer   *v1
	b       *Buffers
	conn    net.Conn
	r       *bufio.Reader
	limit   int // of a message, encrypted or clear, compressed or expanded
	dialled bool
	wrote   bool
	read    bool
}

// v1ReadAhead is how many bytes are read at a time until it is known how many there are.
const v1ReadAhead = 4 << 10

func (l *v1) Stream(b *Buffers, conn net.Conn, limits transport.Limits, dialled bool) transport.Framing {
	s := &v1Stream{layer: l, b: b.forStream(), conn: conn, r: b.streams.reader(conn, v1ReadAhead), dialled: dialled, limit: wirev1.MaxMessageLen}
	if limits.Stream > 0 {
		s.limit = int(min(limits.Stream, math.MaxInt32))
	}
	return s
}

// Write sends one message: the first and only one.
func (s *v1Stream) Write(message []byte) error {
	if s.dialled && !s.wrote && len(s.layer.header) > 0 {
		if _, err := s.conn.Write(s.layer.header); err != nil {
			return fmt.Errorf("seal: send the label: %w", err)
		}
	}
	s.wrote = true
	if s.layer.compress {
		message = s.b.streams.compressor.Compress(message)
	}
	if ring := s.layer.keyring.load(); ring.encrypts() {
		size := v1SealedLen + len(message)
		head := binary.BigEndian.AppendUint32([]byte{v1Encrypt}, uint32(size))
		s.b.packet = append(slices.Grow(s.b.packet[:0], len(head)+size), head...)
		s.b.packet = ring.seal(append(s.b.packet, v1Plain), message, append(head, s.layer.label...), s.layer.nonce)
		message = s.b.packet
	}
	if _, err := s.conn.Write(message); err != nil {
		return fmt.Errorf("seal: send a message of %d bytes: %w", len(message), err)
	}
	return nil
}

// Next returns the message of the other side. There is no second one.
func (s *v1Stream) Next() ([]byte, error) {
	if s.read {
		return nil, io.EOF
	}
	s.read = true
	if !s.dialled {
		if err := s.cutLabel(); err != nil {
			return nil, err
		}
	}
	first, err := s.r.Peek(1)
	if err != nil {
		return nil, err // io.EOF: nothing came
	}
	ring := s.layer.keyring.load()
	var message []byte
	switch {
	case first[0] == v1Encrypt && ring == nil:
		return nil, s.reject(swim.DropKey, swim.RefusedSealed, "the message is encrypted, and encryption is not configured here")
	case first[0] == v1Encrypt:
		if message, err = s.decrypt(ring); err != nil {
			return nil, err
		}
	case ring.demands():
		return nil, s.reject(swim.DropUnauthenticated, swim.RefusedClear, "encryption is configured, and the message is not encrypted")
	default:
		if message, err = wirev1.ReadMessage(s.b.streams.message, s.r, s.limit); err != nil {
			return nil, err
		}
		s.b.streams.message = message
	}
	if message[0] != v1Compress {
		return message, nil
	}
	message, err = wirev1.AppendDecompressed(s.b.expanded[:0], message, s.limit)
	if err != nil || len(message) == 0 {
		if s.dialled {
			return nil, &RejectedError{Drop: swim.DropCompression}
		}
		return nil, s.reject(swim.DropCompression, 0, "the message cannot be decompressed")
	}
	s.b.expanded = message
	return message, nil
}

// cutLabel checks the label in front of a stream. A wrong one gets no answer.
func (s *v1Stream) cutLabel() error {
	first, err := s.r.Peek(1)
	if err != nil {
		return err
	}
	if first[0] != v1Label {
		if s.layer.label != "" && !s.layer.skipInbound {
			return &RejectedError{Drop: swim.DropLabel}
		}
		return nil
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(s.r, head); err != nil {
		return truncated(err)
	}
	label := make([]byte, head[1])
	if _, err := io.ReadFull(s.r, label); err != nil {
		return truncated(err)
	}
	if len(label) == 0 || string(label) != s.layer.label || s.layer.skipInbound {
		return &RejectedError{Drop: swim.DropLabel}
	}
	return nil
}

// decrypt reads an encrypted message. Its memory grows as its bytes arrive.
func (s *v1Stream) decrypt(ring *ring) ([]byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(s.r, head); err != nil {
		return nil, truncated(err)
	}
	size := int64(binary.BigEndian.Uint32(head[1:]))
	if size > int64(s.limit) {
		return nil, &transport.FrameTooLargeError{Limit: int64(s.limit), Size: size}
	}
	sealed := bytes.NewBuffer(s.b.streams.message[:0])
	if _, err := io.CopyN(sealed, s.r, size); err != nil {
		return nil, truncated(err)
	}
	s.b.streams.message = sealed.Bytes()
	plain, ok := openV1(ring, s.b.plain[:0], s.b.streams.message, append(head, s.layer.label...))
	if !ok || len(plain) == 0 {
		return nil, s.reject(swim.DropKey, swim.RefusedKey, "no key of ours decrypts the message")
	}
	s.b.plain = plain
	return plain, nil
}

// reject tells the dialler why its message cannot be read, and is the error to end
// with.
func (s *v1Stream) reject(drop swim.Drop, reason swim.RefusalReason, why string) error {
	if s.dialled {
		return rejectAnswer(s.conn, drop, reason)
	}
	rejected := &RejectedError{Drop: drop}
	if err := s.Write(appendError(nil, why)); err != nil {
		return errors.Join(rejected, err)
	}
	s.discard()
	return rejected
}

// discard waits for the other side to read the answer and hang up: closing with bytes
// unread may destroy what is still on its way. The time and size of a stream are its
// bound.
func (s *v1Stream) discard() {
	_, _ = io.CopyN(io.Discard, s.r, int64(s.limit))
}

// appendError appends an error message: 0d and a map of one text.
func appendError(dst []byte, why string) []byte {
	dst = append(dst, v1ErrorType, mpack.FixMap|1, mpack.FixStr|5, 'E', 'r', 'r', 'o', 'r')
	if len(why) <= mpack.MaxFixStr {
		return append(append(dst, mpack.FixStr|byte(len(why))), why...)
	}
	dst = binary.BigEndian.AppendUint16(append(dst, mpack.Str16), uint16(len(why)))
	return append(dst, why...)
}
