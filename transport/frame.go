package transport

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// A frame is one message on a stream of gossip version v2. It is a msgpack value
// of type bin 32, so that a capture of the stream is valid msgpack:
//
//	 0      1                   5
//	+------+-------------------+----------------------+
//	| 0xc6 | length, big end.  | payload, length bytes|
//	+------+-------------------+----------------------+
//
// The first byte also tells the wires apart: 0xc6 is no message type of
// memberlist, whose streams begin with one.
const (
	// FrameByte is the first byte of every frame.
	FrameByte = 0xc6
	// FrameHeader is the length in bytes of what precedes the payload.
	FrameHeader = 5
)

const (
	// DefaultMaxFrame bounds the payload of one frame, in bytes, in either
	// direction. A push-pull of a whole cluster goes in one frame, hence as much
	// as a stream.
	DefaultMaxFrame = 20 << 20
	// DefaultMaxStream bounds all bytes that one stream may send us, frame
	// headers included.
	DefaultMaxStream = 20 << 20
)

// A FrameTooLargeError is a frame whose length, as announced or as about to be
// sent, exceeds the limit. Nothing was allocated or sent for it.
type FrameTooLargeError struct {
	Limit, Size int64 // bytes of payload
}

func (e *FrameTooLargeError) Error() string {
	return fmt.Sprintf("transport: frame of %d bytes, the limit is %d", e.Size, e.Limit)
}

// A NotAFrameError is a stream that does not speak frames: not gossip version
// v2, or not gossip at all.
type NotAFrameError struct {
	First byte // what stands where [FrameByte] should
}

func (e *NotAFrameError) Error() string {
	return fmt.Sprintf("transport: stream begins with byte %#02x, not with a frame (%#02x): the peer speaks another protocol", e.First, FrameByte)
}

// A StreamTooLargeError is a stream that would send more than its limit in all.
// The frame that goes over it has not been taken in.
type StreamTooLargeError struct {
	Limit int64 // bytes, frame headers included
}

func (e *StreamTooLargeError) Error() string {
	return fmt.Sprintf("transport: stream exceeds its limit of %d bytes", e.Limit)
}

// WriteFrame writes payload as one frame. The header and the beginning of the
// payload go out in one write, so that a small frame is one segment on the
// network. The payload is not kept.
func WriteFrame(w io.Writer, payload []byte) error {
	_, err := WriteFrameAfter(w, nil, payload)
	return err
}

// WriteFrameAfter is [WriteFrame] for a frame that something precedes on the stream,
// in the same write. That is put together behind before, in its memory if there is room,
// and room is what has become of it, for the next frame.
func WriteFrameAfter(w io.Writer, before, payload []byte) (room []byte, err error) {
	if uint64(len(payload)) > math.MaxUint32 {
		return before, &FrameTooLargeError{Limit: math.MaxUint32, Size: int64(len(payload))}
	}
	// A large payload is not copied but for its beginning.
	const together = 4 << 10
	copied := min(len(payload), together)
	start := append(slices.Grow(before, FrameHeader+copied), FrameByte)
	start = binary.BigEndian.AppendUint32(start, uint32(len(payload)))
	start = append(start, payload[:copied]...)
	_, err = w.Write(start)
	if err == nil && copied < len(payload) {
		_, err = w.Write(payload[copied:])
	}
	if err != nil {
		return start, fmt.Errorf("transport: send a frame of %d bytes: %w", len(payload), err)
	}
	return start, nil
}

// A FrameReader reads the frames of one stream. It reads no byte beyond the
// frame it returns. Not for concurrent use.
type FrameReader struct {
	r      io.Reader
	limits Limits
	read   int64             // bytes taken from r
	header [FrameHeader]byte // of the last frame
	buf    []byte            // its payload
}

// NewFrameReader reads frames from r within limits; its Timeout is not used.
func NewFrameReader(r io.Reader, limits Limits) *FrameReader {
	f := new(FrameReader)
	f.Reset(r, limits)
	return f
}

// Reset has f read frames from r within limits, as if it were new, in the memory that it
// has. The zero FrameReader may be reset.
func (f *FrameReader) Reset(r io.Reader, limits Limits) {
	limits = limits.WithDefaults()
	limits.Frame = min(limits.Frame, maxInt32)
	*f = FrameReader{r: r, limits: limits, buf: f.buf}
}

// Next returns the payload of the next frame. It is valid until the next call.
//
// The error is [io.EOF] if the stream ended before the frame began and
// [io.ErrUnexpectedEOF] if it ended within; *[NotAFrameError],
// *[FrameTooLargeError] or *[StreamTooLargeError], upon which nothing more can
// be read; or that of the stream.
func (f *FrameReader) Next() ([]byte, error) {
	_, payload, err := f.NextOf(FrameByte)
	return payload, err
}

// NextOf is [FrameReader.Next] for a stream on which frames may begin with other bytes
// than [FrameByte]; it returns which of kinds this one began with.
func (f *FrameReader) NextOf(kinds ...byte) (kind byte, payload []byte, err error) {
	header := &f.header
	// The first byte is looked at alone: a peer of another protocol may wait for
	// our answer after fewer bytes than a header has.
	if _, err := io.ReadFull(f.r, header[:1]); err != nil {
		return 0, nil, readError("a frame", err)
	}
	if !slices.Contains(kinds, header[0]) {
		return 0, nil, &NotAFrameError{First: header[0]}
	}
	if _, err := io.ReadFull(f.r, header[1:]); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, readError("the header of a frame", err)
	}
	size := int64(binary.BigEndian.Uint32(header[1:]))
	if size > f.limits.Frame {
		return 0, nil, &FrameTooLargeError{Limit: f.limits.Frame, Size: size}
	}
	if size+FrameHeader > f.limits.Stream-f.read {
		return 0, nil, &StreamTooLargeError{Limit: f.limits.Stream}
	}
	f.read += size + FrameHeader
	if f.buf, err = readGrowing(f.r, f.buf, int(size)); err != nil {
		return 0, nil, readError("a frame", err)
	}
	return header[0], f.buf, nil
}

// ReadAhead is how many bytes are worth reading from a stream at a time: one call of the
// system then brings a whole frame, header and all, of a conversation in which there is
// little to say. Longer ones are read to where they belong.
const ReadAhead = 512

// Frames is the framing of clear streams of gossip version v2, within limits: frames,
// sent and received. It reads ahead.
func Frames(conn io.ReadWriter, limits Limits) Framing {
	return &frames{FrameReader: NewFrameReader(bufio.NewReaderSize(conn, ReadAhead), limits), w: conn}
}

type frames struct {
	*FrameReader
	w io.Writer
}

func (f *frames) Write(message []byte) error {
	if size := int64(len(message)); size > f.limits.Frame {
		return &FrameTooLargeError{Limit: f.limits.Frame, Size: size}
	}
	return WriteFrame(f.w, message)
}

// readError says what was being read. An end of the stream between two things is
// no mishap and stays the bare [io.EOF].
func readError(what string, err error) error {
	if err == io.EOF {
		return err
	}
	return fmt.Errorf("transport: receive %s: %w", what, err)
}
