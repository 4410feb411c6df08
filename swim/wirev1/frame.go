package wirev1

import (
	"fmt"

	"github.com/nekton-go/nekton/swim"
)

// AppendFrame appends one message of a stream, without the layers around it. A frame
// of a kind that this wire does not have appends nothing.
func (c *Codec) AppendFrame(b []byte, f *swim.Frame) []byte {
	switch f.Kind {
	case swim.FramePing:
		m := swim.Message{Seq: f.Seq, Name: []byte(f.Name)}
		return c.appendPing(b, &m)
	case swim.FrameAck:
		return appendAck(b, f.Seq)
	case swim.FrameTable:
		return appendTable(b, f)
	case swim.FrameError:
		return appendError(b, f)
	case swim.FrameUser:
		return appendUser(b, f)
	}
	return b
}

// ParseFrame parses one message of a stream, whose layers have been undone. The error
// wraps [swim.ErrMalformed] and names the field and the byte at fault; a message of a
// type that streams do not have is one. What follows the message belongs to nobody. The
// frame does not alias b.
func (c *Codec) ParseFrame(b []byte) (*swim.Frame, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: a stream without a message", swim.ErrMalformed)
	}
	r, f := reader{b: b[1:]}, &swim.Frame{}
	switch b[0] {
	case typePing:
		c.parseStreamPing(&r, f)
	case typeAck:
		var m swim.Message
		parseAck(&r, &m)
		f.Kind, f.Seq = swim.FrameAck, m.Seq
	case typePushPull:
		c.parseTable(&r, f)
	case typeError:
		parseError(&r, f)
	case typeUser:
		parseUser(&r, f)
	default:
		return nil, fmt.Errorf("%w: message of type %d on a stream", swim.ErrMalformed, b[0])
	}
	if r.fault != "" {
		return nil, r.err(len(b))
	}
	return f, nil
}

// err says what was wrong with a message of n bytes.
func (r *reader) err(n int) error {
	return fmt.Errorf("%w: %v at byte %d of %d: %s", swim.ErrMalformed, r.at, n-r.faultAt, n, r.fault)
}

// parseStreamPing reads a direct probe.
func (c *Codec) parseStreamPing(r *reader, f *swim.Frame) {
	var m swim.Message
	c.parsePing(r, &m)
	f.Kind, f.Seq, f.Name = swim.FramePing, m.Seq, string(m.Name)
}

// rest takes n bytes without any framing.
func (r *reader) rest(f field, n int) []byte {
	if n > len(r.b) {
		r.failAt(f, faultCut)
		return nil
	}
	p := append(make([]byte, 0, n), r.b[:n]...)
	r.b = r.b[n:]
	return p
}

// count reads a number of things or bytes that follow.
func (r *reader) count(most int) int {
	v := r.int()
	switch {
	case v < 0:
		r.fail(faultNegative)
		return 0
	case v > int64(most):
		r.fail(faultTooLarge)
		return 0
	}
	return int(v)
}
