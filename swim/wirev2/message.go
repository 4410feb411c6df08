package wirev2

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The kinds on the wire are the numbers of [swim.Kind]. A number that was given
// once is never given again. Each fits one byte.

// AppendMessage appends one message. A message of a kind that is not in the table
// of doc.go appends nothing. Lengths are not checked here: the core's configuration
// and the reader of whoever sent it have done so. A name that is too long all the
// same is refused by every receiver, as is an address that is not valid.
//
// It is cheap enough to be done for a message that may turn out not to fit.
func (c *Codec) AppendMessage(b []byte, m *swim.Message) []byte {
	switch m.Kind {
	case swim.KindPing:
		return appendPing(b, m)
	case swim.KindPingReq:
		return appendPingReq(b, m)
	case swim.KindAck:
		return appendAck(b, m)
	case swim.KindNack, swim.KindLeaveAck:
		return appendSeqOnly(b, m)
	case swim.KindAlive:
		return appendAlive(b, m)
	case swim.KindSuspect:
		return appendSuspect(b, m)
	case swim.KindDead:
		return appendDead(b, m)
	case swim.KindRumour:
		return appendRumour(b, m)
	}
	return b
}

// CutAlive takes off the first of the messages if it looks like an alive in the form
// that nearly all have; see parseUsualAlive.
func (c *Codec) CutAlive(messages swim.Messages) (claim []byte, rest swim.Messages, ok bool) {
	b := messages.Bytes
	end := usualAliveLen(b)
	if end == 0 {
		return nil, messages, false
	}
	return b[:end], swim.Messages{Bytes: b[end:]}, true
}

// NextMessage parses the first of the messages into m. What m holds then aliases
// them. When it is not ok, m is zero and nothing can be said about the rest.
func (c *Codec) NextMessage(messages swim.Messages, m *swim.Message) (rest swim.Messages, ok bool) {
	rest.Bytes, ok = parseMessage(messages.Bytes, m)
	return rest, ok
}

// parseMessage parses the message that b begins with, and returns what follows it.
func parseMessage(b []byte, m *swim.Message) (rest []byte, ok bool) {
	*m = swim.Message{}
	if len(b) < 2 || b[0]>>4 != mpack.FixArray>>4 {
		return nil, false
	}
	switch swim.Kind(b[1]) {
	case swim.KindPing:
		if rest, ok = parseUsualPing(b, m); !ok {
			*m = swim.Message{} // it is another ping, or ends too early
		}
	case swim.KindAck:
		rest, ok = parseUsualAck(b, m)
	case swim.KindAlive:
		rest, ok = parseUsualAlive(b, m)
	}
	if ok {
		return rest, true
	}
	r := reader{b: b, left: 1}
	outer := r.enter("message")
	switch kind := r.uint("kind", math.MaxUint64); kind {
	case uint64(swim.KindPing):
		parsePing(&r, m)
	case uint64(swim.KindPingReq):
		parsePingReq(&r, m)
	case uint64(swim.KindAck):
		parseAck(&r, m)
	case uint64(swim.KindNack), uint64(swim.KindLeaveAck):
		parseSeqOnly(&r, m, swim.Kind(kind))
	case uint64(swim.KindAlive):
		parseAlive(&r, m)
	case uint64(swim.KindSuspect):
		parseSuspect(&r, m)
	case uint64(swim.KindDead):
		parseDead(&r, m)
	case uint64(swim.KindRumour):
		parseRumour(&r, m)
	}
	r.leave(outer)
	if r.fault != "" {
		*m = swim.Message{}
		return nil, false
	}
	return r.b, true
}
