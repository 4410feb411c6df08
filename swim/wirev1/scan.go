package wirev1

import (
	"fmt"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// A scanner finds where a message of a stream ends, while its bytes arrive. It looks at
// every byte once, and counts the values to come instead of descending, so that
// nesting costs nothing.
type scanner struct {
	max int // bytes of a message

	pos    int    // how far it is
	part   part   // of the message, that pos is in
	values uint64 // msgpack values that the part still has
	nodes  uint64 // of these, whole records of a push-pull that have not begun
	all    uint64 // records of a push-pull
	head   int    // bytes before them
	bytes  uint64 // bytes without any framing that come before them
	tail   int    // bytes without any framing behind the last value of the message
}

// part is a part of a message.
type part uint8

const (
	partType   part = iota // one byte
	partHead               // one value: all, but for the following
	partNodes              // of a push-pull: one value each
	partTail               // user state or message, as is
	partBehind             // of the message: this is its end
)

// scan goes on with b, which is what it was given before and more. It reports whether
// b has all of the message, which is the first pos bytes.
func (s *scanner) scan(b []byte) (done bool, err error) {
	for s.part != partBehind {
		if s.part == partType {
			if len(b) == 0 {
				return false, nil
			}
			switch b[0] {
			case typePing, typeAck, typePushPull, typeUser, typeCompress, typeError:
			default:
				return false, fmt.Errorf("%w: message of type %d on a stream", swim.ErrMalformed, b[0])
			}
			s.pos, s.part, s.values = 1, partHead, 1
		}
		if all, err := s.skip(b); err != nil || !all {
			return false, err
		}
		if err := s.enter(b); err != nil {
			return false, err
		}
	}
	return true, nil
}

// enter begins the part behind the one that has been read.
func (s *scanner) enter(b []byte) error {
	switch {
	case s.part == partHead && b[0] == typePushPull:
		r := reader{b: b[1:s.pos]}
		h := parseTableHead(&r)
		if r.fault != "" {
			return r.err(s.pos)
		}
		s.part, s.values, s.tail = partNodes, uint64(h.nodes), h.stateLen
		s.nodes, s.all, s.head = s.values, s.values, s.pos
	case s.part == partHead && b[0] == typeUser:
		r := reader{b: b[1:s.pos]}
		s.tail = parseUserLen(&r)
		if r.fault != "" {
			return r.err(s.pos)
		}
		s.part, s.bytes = partTail, uint64(s.tail)
	case s.part == partNodes:
		s.part, s.bytes = partTail, uint64(s.tail)
	default:
		s.part = partBehind
	}
	return s.check()
}

// check compares what is still to come with the limit. A value has a byte at least.
func (s *scanner) check() error {
	if left := uint64(max(s.max-s.pos, 0)); s.pos > s.max || s.values > left || s.bytes > left {
		return fmt.Errorf("%w: stream message of more than %d bytes", swim.ErrMalformed, s.max)
	}
	return nil
}

// skip goes to the end of the part, as far as there are bytes.
func (s *scanner) skip(b []byte) (all bool, err error) {
	for {
		n := min(s.bytes, uint64(len(b)-s.pos))
		s.pos += int(n)
		s.bytes -= n
		if s.bytes > 0 {
			return false, nil
		}
		if s.values == 0 {
			return true, nil
		}
		if s.values == s.nodes {
			s.nodes--
			if n, _ := measureUsual(b[s.pos:]); n > 0 {
				s.pos += n
				s.values--
				if err := s.check(); err != nil {
					return false, err
				}
				continue
			}
		}
		head, body, inner, ok := mpack.Measure(b[s.pos:])
		if !ok {
			if s.pos < len(b) && b[s.pos] == mpack.Never {
				return false, fmt.Errorf("%w: byte %d of a stream message is %s", swim.ErrMalformed, s.pos, faultInvalid)
			}
			return false, nil
		}
		s.pos += head
		s.bytes = body
		s.values += inner - 1
		if err := s.check(); err != nil {
			return false, err
		}
	}
}

// expect is about how long the message is, or more, as far as can be told: a text says
// how long it is, and one record of a push-pull is like another.
func (s *scanner) expect() uint64 {
	n := uint64(s.pos) + s.bytes + s.values + uint64(s.tail)
	if done := s.all - s.nodes; done > 0 {
		rows := s.nodes * uint64(s.pos-s.head) / done
		n += rows + rows/16
	}
	return n
}
