package seal

import (
	"encoding/binary"

	"github.com/nekton-go/nekton/internal/mpack"
)

// packedIn returns the LZW in a compressed message. As in all of memberlist's maps,
// keys come in any order, bytes in any of msgpack's forms for bytes and texts, and
// unknown keys are skipped; an algorithm other than LZW is refused. What follows the
// map is ignored.
func packedIn(message []byte) (packed []byte, ok bool) {
	p := reader{b: message[1:]}
	var algorithm uint64
	for range p.pairs() {
		switch key := p.bytes(); string(key) {
		case "Algo":
			algorithm = p.uint()
		case "Buf":
			packed = p.bytes()
		default:
			p.skip()
		}
		if p.broken {
			return nil, false
		}
	}
	return packed, !p.broken && algorithm == 0
}

// A reader reads values of msgpack one after the other. What is not what it was asked
// for breaks it, and then it reads nothing but zeros.
type reader struct {
	b      []byte
	broken bool
}

// take returns the next n bytes.
func (p *reader) take(n int) []byte {
	if p.broken || n > len(p.b) {
		p.b, p.broken = nil, true
		return nil
	}
	head := p.b[:n]
	p.b = p.b[n:]
	return head
}

// number returns the next n bytes as an integer, big end first.
func (p *reader) number(n int) uint64 {
	var wide [8]byte
	copy(wide[8-n:], p.take(n))
	return binary.BigEndian.Uint64(wide[:])
}

func (p *reader) code() byte { return byte(p.number(1)) }

// pairs reads the head of a map.
func (p *reader) pairs() int {
	switch c := p.code(); {
	case c&0xf0 == mpack.FixMap:
		return int(c & 0x0f)
	case c == mpack.Map16:
		return p.count(2, 2)
	case c == mpack.Map32:
		return p.count(4, 2)
	}
	p.broken = true
	return 0
}

// count reads a number of values of width bytes, each of which takes at least size
// bytes: a number that cannot be true breaks the reader before anybody counts to it.
func (p *reader) count(width, size int) int {
	n := p.number(width)
	if n > uint64(len(p.b)/size) {
		p.broken = true
		return 0
	}
	return int(n)
}

// bytes reads bytes or a text, or nil.
func (p *reader) bytes() []byte {
	switch c := p.code(); {
	case c&0xe0 == mpack.FixStr:
		return p.take(int(c & 0x1f))
	case c == mpack.Str8 || c == mpack.Bin8:
		return p.take(p.count(1, 1))
	case c == mpack.Str16 || c == mpack.Bin16:
		return p.take(p.count(2, 1))
	case c == mpack.Str32 || c == mpack.Bin32:
		return p.take(p.count(4, 1))
	case c == mpack.Nil:
		return nil
	}
	p.broken = true
	return nil
}

// uint reads an integer that is not negative, or nil.
func (p *reader) uint() uint64 {
	c := p.code()
	switch {
	case c <= mpack.MaxFixInt:
		return uint64(c)
	case c >= mpack.Uint8 && c <= mpack.Uint64:
		return p.number(1 << (c - mpack.Uint8))
	case c >= mpack.Int8 && c <= mpack.Int64:
		width := 1 << (c - mpack.Int8)
		v := p.number(width)
		if v>>(8*width-1) != 0 {
			p.broken = true
		}
		return v
	case c == mpack.Nil:
		return 0
	}
	p.broken = true
	return 0
}

// skip passes over a value of any kind. Values in it are counted, not descended into,
// so that no nesting costs a stack.
func (p *reader) skip() {
	for left := 1; left > 0 && !p.broken; left-- {
		c := p.code()
		switch {
		case c <= mpack.MaxFixInt, c >= mpack.MinNegFixInt, c == mpack.Nil, c == mpack.False, c == mpack.True:
		case c&0xf0 == mpack.FixMap:
			left += 2 * int(c&0x0f)
		case c&0xf0 == mpack.FixArray:
			left += int(c & 0x0f)
		case c&0xe0 == mpack.FixStr:
			p.take(int(c & 0x1f))
		case c >= mpack.Bin8 && c <= mpack.Bin32:
			p.take(p.count(1<<(c-mpack.Bin8), 1))
		case c >= mpack.Str8 && c <= mpack.Str32:
			p.take(p.count(1<<(c-mpack.Str8), 1))
		case c >= mpack.Ext8 && c <= mpack.Ext32:
			p.take(p.count(1<<(c-mpack.Ext8), 1))
			p.take(1)
		case c == mpack.Float32:
			p.take(4)
		case c == mpack.Float64:
			p.take(8)
		case c >= mpack.Uint8 && c <= mpack.Uint64:
			p.take(1 << (c - mpack.Uint8))
		case c >= mpack.Int8 && c <= mpack.Int64:
			p.take(1 << (c - mpack.Int8))
		case c >= mpack.FixExt1 && c <= mpack.FixExt16:
			p.take(1 + 1<<(c-mpack.FixExt1))
		case c == mpack.Array16 || c == mpack.Array32:
			left += p.count(2<<(c-mpack.Array16), 1)
		case c == mpack.Map16 || c == mpack.Map32:
			left += 2 * p.count(2<<(c-mpack.Map16), 2)
		default:
			p.broken = true
		}
	}
}
