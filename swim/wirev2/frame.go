package wirev2

import (
	"fmt"
	"math"

	"github.com/nekton-go/nekton/swim"
)

// The frames of streams are written with the same few functions as the messages of
// packets. They are cold, but they bring the largest tables, from strangers: a
// reader that checks every count before it allocates is worth more here than one
// that knows about structs.

// AppendFrame appends one frame: its payload, without the length that the
// transport puts in front. A frame of a kind that is not in the table of doc.go
// appends nothing. As with messages, what is out of bounds is refused by the
// receiver.
func (c *Codec) AppendFrame(b []byte, f *swim.Frame) []byte {
	switch f.Kind {
	case swim.FrameOpen:
		return appendOpen(b, f)
	case swim.FrameDigest:
		return appendDigest(b, f)
	case swim.FrameDelta:
		return appendDelta(b, f)
	case swim.FrameRefuse:
		return appendRefuse(b, f)
	case swim.FramePing:
		return appendStreamPing(b, f)
	case swim.FrameAck:
		return appendStreamAck(b, f)
	}
	return b
}

// ParseFrame parses the payload of one frame. The error wraps
// [swim.ErrMalformed] and names the field and the byte at fault; a frame of a kind
// that this version does not know is one, as nobody sends it unasked. The frame
// does not alias b, and takes at most 20 times its memory, see maxAmplification.
func (c *Codec) ParseFrame(b []byte) (*swim.Frame, error) {
	r := reader{b: b, left: 1, whole: string(b)}
	f := &swim.Frame{}
	outer := r.enter("frame")
	switch kind := r.uint("frame kind", math.MaxUint64); kind {
	case uint64(swim.FrameOpen):
		parseOpen(&r, f)
	case uint64(swim.FrameDigest):
		parseDigest(&r, f)
	case uint64(swim.FrameDelta):
		parseDelta(&r, f)
	case uint64(swim.FrameRefuse):
		parseRefuse(&r, f)
	case uint64(swim.FramePing):
		parseStreamPing(&r, f)
	case uint64(swim.FrameAck):
		parseStreamAck(&r, f)
	default:
		if r.fault == "" {
			return nil, fmt.Errorf("%w: frame of unknown kind %d", swim.ErrMalformed, kind)
		}
	}
	r.leave(outer)
	if r.fault != "" {
		return nil, fmt.Errorf("%w: %s at byte %d of %d: %s", swim.ErrMalformed, r.field, len(b)-r.faultAt, len(b), r.fault)
	}
	if len(r.b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes behind the frame", swim.ErrMalformed, len(r.b))
	}
	return f, nil
}

// maxAmplification bounds the memory of a parsed frame, in bytes per byte of the
// frame, for frames of any length worth attacking with. The worst is a list of
// wants with names of one byte: 3 bytes there, a struct of 40 and an allocation of
// 8 here.
const maxAmplification = 20

// room is how much to make room for in a list that has just been entered, of
// elements that take at least size bytes each. A count that the bytes cannot
// hold up allocates nothing.
func (r *reader) room(size int) int { return min(r.left, len(r.b)/size) }

// id reads a cluster id, a version, or a value shown to a person.
func (r *reader) id(field string) string { return string(r.bytes(field, 0, swim.MaxClusterLen)) }

// text is what was just read, as a part of the whole: one allocation for all names.
func (r *reader) text(p []byte) string {
	end := len(r.whole) - len(r.b)
	return r.whole[end-len(p) : end]
}

// clone copies bytes out of the frame. Nothing is nil, however it was said.
func clone(p []byte) []byte {
	if len(p) == 0 {
		return nil
	}
	return append(make([]byte, 0, len(p)), p...)
}
