package wirev1

import (
	"errors"
	"fmt"
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// algoLZW is the only way to compress that memberlist has.
const algoLZW = 0

var compressOrder = [...]field{fieldAlgo, fieldBuf}

// MinCompressible is the length from which on a message can become shorter by being
// compressed, in bytes; an ack is shorter than that. What comes before the text takes 13
// bytes, and n codes, of 9 bits at first, stand for n(n+1)/2 bytes at most, since each
// can be for one byte more than those before it.
const MinCompressible = 25

// AppendCompressed appends a compressed message that holds message, which begins with
// its type; for packets and for streams:
//
//	09 │ map │ Algo, 0 │ Buf
//
// Nothing is allocated when b has room.
func AppendCompressed(b, message []byte) []byte {
	b = append(b, beginCompressed...)
	// The head of the text has room for a length of two bytes, which most need.
	head := len(b)
	b = appendLZW(append(b, mpack.Str16, 0, 0), message)
	n := len(b) - head - 3
	switch {
	case n <= mpack.MaxFixStr:
		b = append(b[:head+1], b[head+3:]...)
	case n > math.MaxUint16:
		b = append(b, 0, 0)
		copy(b[head+5:], b[head+3:])
	}
	appendTextHead(b[:head], n)
	return b
}

// beginCompressed is what a compressed message begins with, up to the head of the text.
const beginCompressed = "\x09\x82\xa4Algo\x00\xa3Buf"

// MaxExpanded is what the messages of one packet may come to when they are decompressed,
// in bytes: as much as at memberlist. Its members compress what would fit a datagram
// anyhow, unless their UDPBufferSize is raised beyond that. Whoever can be reached by
// strangers encrypts: then only members make one decompress.
const MaxExpanded = 40 << 20

// AppendDecompressed appends the message that a compressed one holds. It is at most
// limit bytes long and may be compressed itself, or empty: look before use. The error
// wraps [swim.ErrMalformed]; dst is then as it was. No more than twice the limit is
// allocated, however much the text would expand to.
func AppendDecompressed(dst, compressed []byte, limit int) ([]byte, error) {
	out, err := decompress(dst, compressed, limit)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendPacketDecompressed is [AppendDecompressed] for what came in a packet. The
// message of an application may have any length, since nobody reads it here: of one
// that is longer than limit, only the type is appended.
func AppendPacketDecompressed(dst, compressed []byte, limit int) ([]byte, error) {
	out, err := decompress(dst, compressed, limit)
	if errors.Is(err, errTooLong) && len(out) > len(dst) && out[len(dst)] == typeUser {
		return out[:len(dst)+1], nil
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// errTooLong is a text that is longer than it may be.
var errTooLong = fmt.Errorf("%w: %s", swim.ErrMalformed, faultLZWLong)

// decompress appends the message that a compressed one holds; of one that is too long
// what it begins with.
func decompress(dst, compressed []byte, limit int) ([]byte, error) {
	if len(compressed) == 0 || compressed[0] != typeCompress {
		return dst, fmt.Errorf("%w: not a compressed message", swim.ErrMalformed)
	}
	r := reader{b: compressed[1:]}
	var algo uint64
	var buf []byte
	for r.begin(); r.left > 0; {
		switch r.next(compressOrder[:]) {
		case fieldAlgo:
			algo = r.uint(math.MaxUint8)
		case fieldBuf:
			buf = r.bytes()
		default:
			r.skip()
		}
	}
	if r.fault != "" {
		return dst, r.err(len(compressed))
	}
	if algo != algoLZW {
		return dst, fmt.Errorf("%w: message compressed by an unknown algorithm, %d", swim.ErrMalformed, algo)
	}
	switch out, fault := appendUnLZW(dst, buf, limit); fault {
	case "":
		return out, nil
	case faultLZWLong:
		return out, fmt.Errorf("%w, %d bytes", errTooLong, limit)
	default:
		return dst, fmt.Errorf("%w: %s", swim.ErrMalformed, fault)
	}
}
