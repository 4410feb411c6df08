package seal

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

const (
	v1PushPull = 6
	v1User     = 8
)

// readMessage reads one clear message from a stream and nothing beyond it. There is no
// length in front of it, so its parts have to be walked:
//
//	06 | map { Nodes, UserStateLen … } | a map for each node | user state
//	08 | map { UserMsgLen } | bytes
//	any other type | map
//
// A message of more than limit bytes is an error. Memory grows as bytes arrive.
func readMessage(r *bufio.Reader, limit int) ([]byte, error) {
	w := walk{r: r, limit: limit}
	kind := w.byte()
	header := len(w.b)
	w.value()
	if w.err == nil {
		switch kind {
		case v1PushPull:
			nodes, raw := lengthIn(w.b[header:], "Nodes"), lengthIn(w.b[header:], "UserStateLen")
			for ; nodes > 0 && w.err == nil; nodes-- {
				w.value()
			}
			w.take(raw)
		case v1User:
			w.take(lengthIn(w.b[header:], "UserMsgLen"))
		}
	}
	return w.b, w.err
}

// lengthIn is a number in a map, 0 if it is not there.
func lengthIn(header []byte, name string) uint64 {
	p := reader{b: header}
	for range p.pairs() {
		if string(p.bytes()) == name {
			if n := p.uint(); !p.broken {
				return n
			}
			return 0
		}
		p.skip()
	}
	return 0
}

// A walk reads values of msgpack from a stream and keeps them.
type walk struct {
	r     *bufio.Reader
	b     []byte
	limit int
	err   error
}

// take reads n bytes more. A number that lies costs no more than what arrives.
func (w *walk) take(n uint64) {
	for w.err == nil && n > 0 {
		if n > uint64(w.limit-len(w.b)) {
			w.err = fmt.Errorf("seal: a message of more than %d bytes: %w", w.limit, swim.ErrMalformed)
			return
		}
		const step = 4 << 10
		start := len(w.b)
		w.b = append(w.b, make([]byte, min(n, step))...)
		if _, err := io.ReadFull(w.r, w.b[start:]); err != nil {
			w.err = truncated(err)
			return
		}
		n -= uint64(len(w.b) - start)
	}
}

// byte reads one byte.
func (w *walk) byte() byte {
	if w.take(1); w.err != nil {
		return 0
	}
	return w.b[len(w.b)-1]
}

// number reads an integer of n bytes.
func (w *walk) number(n int) uint64 {
	if w.take(uint64(n)); w.err != nil {
		return 0
	}
	var wide [8]byte
	copy(wide[8-n:], w.b[len(w.b)-n:])
	return binary.BigEndian.Uint64(wide[:])
}

// value reads a value of any kind. Values in it are counted, not descended into.
func (w *walk) value() {
	for left := uint64(1); left > 0 && w.err == nil; left-- {
		c := w.byte()
		switch {
		case c <= mpack.MaxFixInt, c >= mpack.MinNegFixInt, c == mpack.Nil, c == mpack.False, c == mpack.True:
		case c&0xf0 == mpack.FixMap:
			left += 2 * uint64(c&0x0f)
		case c&0xf0 == mpack.FixArray:
			left += uint64(c & 0x0f)
		case c&0xe0 == mpack.FixStr:
			w.take(uint64(c & 0x1f))
		case c >= mpack.Bin8 && c <= mpack.Bin32:
			w.take(w.number(1 << (c - mpack.Bin8)))
		case c >= mpack.Str8 && c <= mpack.Str32:
			w.take(w.number(1 << (c - mpack.Str8)))
		case c >= mpack.Ext8 && c <= mpack.Ext32:
			w.take(1 + w.number(1<<(c-mpack.Ext8)))
		case c == mpack.Float32:
			w.take(4)
		case c == mpack.Float64:
			w.take(8)
		case c >= mpack.Uint8 && c <= mpack.Uint64:
			w.take(1 << (c - mpack.Uint8))
		case c >= mpack.Int8 && c <= mpack.Int64:
			w.take(1 << (c - mpack.Int8))
		case c >= mpack.FixExt1 && c <= mpack.FixExt16:
			w.take(1 + 1<<(c-mpack.FixExt1))
		case c == mpack.Array16 || c == mpack.Array32:
			left += w.number(2 << (c - mpack.Array16))
		case c == mpack.Map16 || c == mpack.Map32:
			left += 2 * w.number(2<<(c-mpack.Map16))
		default:
			w.err = fmt.Errorf("seal: a byte %#02x where a value should begin: %w", c, swim.ErrMalformed)
		}
	}
}
