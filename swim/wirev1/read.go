package wirev1

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/nekton-go/nekton/swim"
)

// MaxMessageLen is how long a message of a stream may be when nobody says otherwise:
// as much as memberlist expands a compressed one to. Bytes.
const MaxMessageLen = 40 << 20

// ReadMessage reads one message of a stream in clear, compressed or not, with the byte
// of its type. A stream of memberlist has neither lengths nor an end: where a message
// ends is found by reading it. It waits for no byte more than the message has, but may
// read what has arrived behind it, which is nobody's: a stream has one message in each
// direction.
//
// The message is read into room, whatever that holds, if there is enough of it: what is
// returned is there until it is used again. A message has at most limit bytes; 0 stands for [MaxMessageLen]. No more than maxGrowth
// times the bytes that have arrived is allocated, whatever they announce. [MaxNodes],
// [MaxStateLen] and [MaxUserLen] hold as well.
//
// The error is [io.EOF] if the stream ends before the message begins, wraps
// [io.ErrUnexpectedEOF] if it ends within, wraps [swim.ErrMalformed] if this is no
// message or breaks a limit, or is that of r. Nothing more can be read then. A label
// and an encrypted message are no messages in clear: who expects them looks at the
// first byte before.
func ReadMessage(room []byte, r *bufio.Reader, limit int) ([]byte, error) {
	if limit <= 0 {
		limit = MaxMessageLen
	}
	if _, err := r.Peek(1); err != nil {
		return nil, readError(err, 0)
	}
	s := scanner{max: limit}
	b := room[:0:min(cap(room), limit+1)]
	if cap(b) == 0 {
		b = make([]byte, 0, min(r.Buffered(), limit+1)) // all of most messages
	}
	for {
		n, err := r.Read(b[len(b):cap(b)]) // into more room than r has itself, straight
		b = b[:len(b)+n]
		done, fault := s.scan(b)
		switch {
		case fault != nil:
			return nil, fault
		case done:
			return b[:s.pos:s.pos], nil
		case len(b) > limit:
			return nil, fmt.Errorf("%w: stream message of more than %d bytes", swim.ErrMalformed, limit)
		case err != nil:
			return nil, readError(err, len(b))
		}
		if len(b) == cap(b) {
			b = append(make([]byte, 0, s.room(len(b))), b...)
		}
	}
}

// maxGrowth is how many times the bytes that have arrived the room for a message may be,
// if that is what it promises to need.
const maxGrowth = 8

// leastGrowth is by how many bytes the room grows at least: no less than a bufio.Reader
// has, which then stands aside.
const leastGrowth = 4096

// room is how much room to make for a message of which n bytes have arrived. When it is
// more than it promised, or promises nothing, room grows by a quarter, so that no byte is
// moved more than a few times.
func (s *scanner) room(n int) int {
	want := int(min(s.expect(), uint64(maxGrowth*n)))
	return min(max(want, n+n/4, n+leastGrowth), s.max+1)
}

// readError says how far a message had come.
func readError(err error, read int) error {
	if errors.Is(err, io.EOF) {
		if read == 0 {
			return io.EOF
		}
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("receive a stream message, %d bytes so far: %w", read, err)
}
