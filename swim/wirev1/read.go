package wirev1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/nekton-go/nekton/swim"
)

// MaxMessageLen is how long a message of a stream may be when nobody says otherwise:
// as much as memberlist expands a compressed one to. Bytes.
const MaxMessageLen = 40 << 20

// ReadMessage reads one message of a stream in clear, compressed or not, with the byte
// of its type, and leaves what follows it in r. A stream of memberlist has neither
// lengths nor an end: where a message ends is found by reading it. It waits for no byte
// more than the message has.
//
// A message has at most limit bytes; 0 stands for [MaxMessageLen]. No more than twice
// the bytes that have arrived is allocated, whatever they announce. [MaxNodes],
// [MaxStateLen] and [MaxUserLen] hold as well.
//
// The error is [io.EOF] if the stream ends before the message begins, wraps
// [io.ErrUnexpectedEOF] if it ends within, wraps [swim.ErrMalformed] if this is no
// message or breaks a limit, or is that of r. Nothing more can be read then. A label
// and an encrypted message are no messages in clear: who expects them looks at the
// first byte before.
func ReadMessage(r *bufio.Reader, limit int) ([]byte, error) {
	if limit <= 0 {
		limit = MaxMessageLen
	}
	s := scanner{max: limit}
	var b []byte
	for {
		// Peek waits for one byte; the rest of the buffer comes without waiting.
		if _, err := r.Peek(1); err != nil {
			return nil, readError(err, len(b))
		}
		arrived, err := r.Peek(min(r.Buffered(), limit+1-len(b)))
		if err != nil {
			return nil, readError(err, len(b))
		}
		before := len(b)
		if len(arrived) > cap(b)-len(b) {
			b = slices.Grow(b, max(len(arrived), len(b))) // append grows what is large by a quarter
		}
		b = append(b, arrived...)
		done, err := s.scan(b)
		if err != nil {
			return nil, err
		}
		if done {
			b = b[:s.pos:s.pos]
		}
		if _, err := r.Discard(len(b) - before); err != nil {
			return nil, readError(err, len(b))
		}
		if done {
			return b, nil
		}
		if len(b) > limit {
			return nil, fmt.Errorf("%w: stream message of more than %d bytes", swim.ErrMalformed, limit)
		}
	}
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
