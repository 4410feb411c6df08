package transport

import (
	"errors"
	"io"
)

// firstChunk is how many bytes are allocated on the word of a length field
// alone. From there on a buffer at most doubles what has really arrived.
const firstChunk = 4 << 10

// readGrowing reads exactly size bytes from r into buf, whose old contents are
// overwritten, and returns it. The buffer grows as bytes arrive: its capacity
// never exceeds twice the bytes received so far, or firstChunk, or what it had,
// so that a length that lies costs nothing. A stream that ends early is
// [io.ErrUnexpectedEOF]. The buffer is returned with an error too, to be reused.
func readGrowing(r io.Reader, buf []byte, size int) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < size {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(size, max(2*len(buf), firstChunk)))
			copy(grown, buf)
			buf = grown
		}
		n, err := io.ReadFull(r, buf[len(buf):min(size, cap(buf))])
		buf = buf[:len(buf)+n]
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return buf, err
		}
	}
	return buf, nil
}
