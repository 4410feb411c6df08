package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

// v2Stream is a conversation in frames. Whoever dialled decides by its policy whether
// it is encrypted, and then both sides encrypt all of it:
//
//	dialler    [ d9 | length | label ]  frame  …  frame
//	acceptor                            frame  …  frame
//
//	frame:     c6 | length (4) | message                               in clear
//	           c1 | length (4) | nonce (12) | ciphertext | tag (16)    encrypted
//	           c1 | 00000001   | reason                                a refusal
//
// Authenticated beside an encrypted frame are its five bytes of header, who sends it
// (0 the dialler, 1 the acceptor), its number among the frames of both, the tag of
// the frame before, and the label. A frame is thus good in one place of one
// conversation, and whoever changes, removes, repeats or turns round one breaks it.
//
// A refusal says why the acceptor does not read on. It is in clear and may be forged;
// it ends the conversation, as cutting the connection would, and does nothing else.
type v2Stream struct {
	layer   *v2
	b       *Buffers
	conn    net.Conn
	limits  transport.Limits
	dialled bool
	frames  *transport.FrameReader // nil until the label is off

	begun  bool // whether sealed is settled
	sealed bool

	number     uint32       // of the next frame
	before     [tagLen]byte // tag of the frame before
	additional []byte
}

// refusalLen is the length of a frame that is a refusal.
const refusalLen = 1

func (l *v2) Stream(b *Buffers, conn net.Conn, limits transport.Limits, dialled bool) transport.Framing {
	if l.keyring != nil {
		limits = limits.WithDefaults()
		limits.Frame += nonceLen + tagLen
	}
	return &v2Stream{layer: l, b: b.forStream(), conn: conn, limits: limits, dialled: dialled}
}

// Write sends one message. The first of a stream that we dialled brings the label, and
// settles whether the conversation is encrypted.
func (s *v2Stream) Write(message []byte) error {
	s.b.packet = s.b.packet[:0]
	if !s.begun && s.dialled {
		s.begun, s.sealed = true, s.layer.keyring.load().encrypts()
		s.b.packet = append(s.b.packet, s.layer.header...)
	}
	if !s.sealed {
		s.number++
		var err error
		s.b.packet, err = transport.WriteFrameAfter(s.conn, s.b.packet, message)
		return err
	}
	size := nonceLen + len(message) + tagLen
	s.b.packet = binary.BigEndian.AppendUint32(append(s.b.packet, v2Sealed), uint32(size))
	s.authenticate(uint32(size), s.dialled)
	s.b.packet = s.layer.keyring.load().seal(s.b.packet, message, s.additional, s.layer.nonce)
	s.chain(s.b.packet)
	if _, err := s.conn.Write(s.b.packet); err != nil {
		return fmt.Errorf("seal: send a frame of %d bytes: %w", len(message), err)
	}
	return nil
}

// Next returns the next message of the other side.
func (s *v2Stream) Next() ([]byte, error) {
	if s.frames == nil {
		if err := s.begin(); err != nil {
			return nil, err
		}
	}
	first, frame, err := s.frames.NextOf(v2Frame, v2Sealed)
	if err != nil {
		return nil, err
	}
	sealed := first == v2Sealed
	if sealed && len(frame) == refusalLen {
		return nil, s.refused(frame[0])
	}
	ring := s.layer.keyring.load()
	switch {
	case sealed && ring == nil:
		return nil, s.reject(swim.DropKey, swim.RefusedSealed)
	case !sealed && (ring.demands() || s.begun && s.sealed):
		return nil, s.reject(swim.DropUnauthenticated, swim.RefusedClear)
	}
	s.begun, s.sealed = true, sealed
	if !sealed {
		s.number++
		return frame, nil
	}
	s.authenticate(uint32(len(frame)), !s.dialled)
	plain, ok := ring.open(s.b.plain[:0], frame, s.additional)
	if !ok {
		return nil, s.reject(swim.DropKey, swim.RefusedKey)
	}
	s.b.plain = plain
	s.chain(frame)
	return plain, nil
}

// begin takes the label off, if there has to be one. A wrong label is answered once
// the first frame is there: closing a connection with bytes unread may destroy the
// answer.
func (s *v2Stream) begin() error {
	in := s.b.streams.reader(s.conn, transport.ReadAhead)
	match := true
	if !s.dialled {
		first, err := in.Peek(1)
		if err != nil {
			return err // io.EOF: nothing came
		}
		if first[0] == v2Label {
			head, err := in.Peek(2)
			if err != nil {
				return truncated(err)
			}
			label := make([]byte, len(head)+int(head[1]))
			if _, err := io.ReadFull(in, label); err != nil {
				return truncated(err)
			}
			match = string(label[2:]) == s.layer.label && !s.layer.skipInbound
		} else {
			match = s.layer.label == "" || s.layer.skipInbound
		}
	}
	s.frames = &s.b.streams.frames
	s.frames.Reset(in, s.limits)
	if match {
		return nil
	}
	if first, frame, err := s.frames.NextOf(v2Frame, v2Sealed); err != nil {
		return err
	} else if first == v2Sealed && len(frame) == refusalLen {
		return s.refused(frame[0])
	}
	return s.reject(swim.DropLabel, swim.RefusedLabel)
}

// reject tells a dialler why we do not read on, and is the error to end with.
func (s *v2Stream) reject(drop swim.Drop, reason swim.RefusalReason) error {
	if s.dialled {
		return rejectAnswer(s.conn, drop, reason)
	}
	rejected := &RejectedError{Drop: drop}
	if _, err := s.conn.Write([]byte{v2Sealed, 0, 0, 0, refusalLen, byte(reason)}); err != nil {
		return errors.Join(rejected, err)
	}
	return rejected
}

// refused is the error that a refusal means.
func (s *v2Stream) refused(reason byte) error {
	return &swim.RefusedError{
		Refusal: swim.Refusal{Reason: swim.RefusalReason(reason)}, Peer: s.conn.RemoteAddr().String(),
	}
}

// authenticate makes the additional data of the next frame.
func (s *v2Stream) authenticate(size uint32, byDialler bool) {
	sender := byte(1)
	if byDialler {
		sender = 0
	}
	b := binary.BigEndian.AppendUint32(append(s.additional[:0], v2Sealed), size)
	b = binary.BigEndian.AppendUint32(append(b, sender), s.number)
	b = append(b, s.before[:]...)
	s.additional = append(b, s.layer.label...)
}

// chain notes an encrypted frame, so that the next one vouches for it.
func (s *v2Stream) chain(frame []byte) {
	copy(s.before[:], frame[len(frame)-tagLen:])
	s.number++
}

// truncated is the error of a stream that ended in the middle of something.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("seal: receive: %w", err)
}
