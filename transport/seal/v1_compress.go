package seal

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"io"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// A compressed message of memberlist is
//
//	09 | map { "Algo": 0, "Buf": bytes }
//
// where the bytes are LZW, least significant bit first, literals of 8 bits, of a whole
// message with its type. It is the same in packets and on streams.

// maxExpandedPacket bounds what one packet may expand to, in bytes: as much as a
// packet can hold, which is what the core takes. Memberlist would take 40 MiB,
// but compresses what it has packed into a packet of at most 64 KiB before; only
// messages of applications can be larger, and those are not ours. A packet of zeros
// that expands to 40 MiB takes 0.4 s and 250 MB; with this bound 0.3 ms and nothing
// (BenchmarkBomb).
const maxExpandedPacket = swim.MaxPacketLen

// lzwState is what the compressor and the decompressor need, made when first used:
// about 80 KiB.
type lzwState struct {
	writer *lzw.Writer
	reader *lzw.Reader
	out    appender
	in     bytes.Reader
	chunk  []byte
}

// An appender collects what is written to it. It writes bytes and flushes, so that the
// compressor puts no buffer of its own before it.
type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) { a.b = append(a.b, p...); return len(p), nil }
func (a *appender) WriteByte(c byte) error      { a.b = append(a.b, c); return nil }
func (a *appender) Flush() error                { return nil }

// appendCompressed appends a message, compressed, as a message. The map has memberlist's
// order and forms: keys sorted, and bytes as the old raw family has them.
func (s *lzwState) appendCompressed(dst, message []byte) []byte {
	s.out.b = append(dst, v1Compress, mpack.FixMap|2,
		mpack.FixStr|4, 'A', 'l', 'g', 'o', 0,
		mpack.FixStr|3, 'B', 'u', 'f', mpack.Str32, 0, 0, 0, 0)
	start := len(s.out.b)
	if s.writer == nil {
		s.writer = lzw.NewWriter(&s.out, lzw.LSB, 8).(*lzw.Writer)
	} else {
		s.writer.Reset(&s.out, lzw.LSB, 8)
	}
	_, _ = s.writer.Write(message) // an appender never fails
	_ = s.writer.Close()
	b := s.out.b
	s.out.b = nil
	return shortenHead(b, start)
}

// shortenHead turns the head of 5 bytes before offset start of b into the shortest one
// for what follows.
func shortenHead(b []byte, start int) []byte {
	const longest = 5
	size, at := len(b)-start, start-longest
	switch {
	case size <= mpack.MaxFixStr:
		b[at] = mpack.FixStr | byte(size)
		at++
	case size <= 0xffff:
		b[at] = mpack.Str16
		binary.BigEndian.PutUint16(b[at+1:], uint16(size))
		at += 3
	default:
		binary.BigEndian.PutUint32(b[at+1:], uint32(size))
		return b
	}
	return b[:at+copy(b[at:], b[start:])]
}

// appendExpanded appends what LZW holds, if that is no more than limit bytes and
// complete. Memory grows with what comes out.
func (s *lzwState) appendExpanded(dst, packed []byte, limit int) ([]byte, bool) {
	s.in.Reset(packed)
	if s.reader == nil {
		s.reader = lzw.NewReader(&s.in, lzw.LSB, 8).(*lzw.Reader)
	} else {
		s.reader.Reset(&s.in, lzw.LSB, 8)
	}
	defer s.in.Reset(nil)
	if s.chunk == nil {
		s.chunk = make([]byte, 4<<10)
	}
	start := len(dst)
	for {
		n, err := s.reader.Read(s.chunk)
		if dst = append(dst, s.chunk[:n]...); len(dst)-start > limit {
			return dst[:start], false
		}
		if err == io.EOF {
			return dst, true
		}
		if err != nil {
			return dst[:start], false
		}
	}
}

// expand takes the compression off a packet, if there is any. What is compressed again
// inside is left to the codec, which bounds that.
func (b *Buffers) expand(message []byte) ([]byte, bool) {
	if len(message) == 0 || message[0] != v1Compress {
		return message, true
	}
	packed, ok := packedIn(message)
	if !ok {
		return nil, false
	}
	b.expanded, ok = b.lzw.appendExpanded(b.expanded[:0], packed, maxExpandedPacket)
	return b.expanded, ok
}
