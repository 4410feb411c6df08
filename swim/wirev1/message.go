package wirev1

import (
	"github.com/nekton-go/nekton/swim"
)

// AppendMessage appends one message. Rumours and leave-acks, which this wire does not
// have, append nothing. Of a stamp it tells the incarnation; fingerprints, waits and
// periods it does not tell, and ReplyTo is always our own address. Lengths are not
// checked here: the core's configuration and the reader of whoever sent it have done so.
//
// It is cheap enough to be done for a message that may turn out not to fit.
func (c *Codec) AppendMessage(b []byte, m *swim.Message) []byte {
	switch m.Kind {
	case swim.KindPing:
		return c.appendPing(b, m)
	case swim.KindPingReq:
		return c.appendPingReq(b, m)
	case swim.KindAck:
		return appendAck(b, m.Seq)
	case swim.KindNack:
		return appendNack(b, m.Seq)
	case swim.KindAlive:
		return appendAlive(b, m)
	case swim.KindSuspect:
		return appendAccusation(b, typeSuspect, m)
	case swim.KindDead:
		return appendAccusation(b, typeDead, m)
	case swim.KindUser:
		return append(append(b, typeUser), m.Body...)
	}
	return b
}

// CutAlive takes off the first of the messages if it has the type of an alive.
func (c *Codec) CutAlive(messages swim.Messages) (claim []byte, rest swim.Messages, ok bool) {
	claim, rest, ok = nextPart(messages)
	return claim, rest, ok && len(claim) > 0 && claim[0] == typeAlive
}

// NextMessage parses the first of the messages into m. What m holds then aliases
// them. When it is not ok, m is zero and the rest is what follows the message. What
// follows the map inside of a message belongs to a later version.
func (c *Codec) NextMessage(messages swim.Messages, m *swim.Message) (rest swim.Messages, ok bool) {
	*m = swim.Message{}
	part, rest, ok := nextPart(messages)
	if !ok || len(part) == 0 {
		return rest, false
	}
	r := reader{b: part[1:]}
	switch part[0] {
	case typePing:
		c.parsePing(&r, m)
	case typePingReq:
		c.parsePingReq(&r, m)
	case typeAck:
		parseAck(&r, m)
	case typeNack:
		parseNack(&r, m)
	case typeAlive:
		c.parseAlive(&r, m)
	case typeSuspect:
		parseAccusation(&r, m, swim.KindSuspect)
	case typeDead:
		parseAccusation(&r, m, swim.KindDead)
	case typeUser:
		m.Kind, m.Body = swim.KindUser, part[1:]
	}
	if r.fault != "" {
		*m = swim.Message{}
		return rest, false
	}
	return rest, true
}
