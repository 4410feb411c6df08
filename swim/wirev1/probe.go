package wirev1

import (
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The messages of a protocol period (SWIM §3.1): ping, indirectPing, ackResp, and
// Lifeguard's nackResp. They are written with their fields in the order of the
// alphabet, as memberlist writes them. The names are in the layouts with the length in
// front, e.g. "\xa5SeqNo".

// The order of the fields in memberlist's structs, for those who write arrays.
var (
	pingOrder    = [...]field{fieldSeqNo, fieldNode, fieldSourceAddr, fieldSourcePort, fieldSourceNode}
	pingReqOrder = [...]field{
		fieldSeqNo, fieldTarget, fieldPort, fieldNode, fieldNack, fieldSourceAddr, fieldSourcePort, fieldSourceNode,
	}
	ackOrder  = [...]field{fieldSeqNo, fieldPayload}
	nackOrder = [...]field{fieldSeqNo}
)

// appendSource appends the fields that say whom to answer, each only if there is
// something to say, and how many it has appended.
func appendSource(b []byte, at netip.AddrPort, name string) (_ []byte, fields int) {
	if at.Addr().IsValid() && at.Port() != 0 {
		b = appendIP(append(b, "\xaaSourceAddr"...), at.Addr())
		b = appendText(append(b, "\xaaSourceNode"...), name)
		b = mpack.AppendUint(append(b, "\xaaSourcePort"...), uint64(at.Port()))
		return b, 3
	}
	return appendText(append(b, "\xaaSourceNode"...), name), 1
}

// source are the fields that say whom to answer.
type source struct {
	ip   netip.Addr
	port uint16
	name []byte
}

// parse reads a field if it is one of a source, and skips it otherwise.
func (s *source) parse(r *reader) {
	switch r.at {
	case fieldSourceAddr:
		s.ip = r.ip()
	case fieldSourcePort:
		s.port = r.port()
	case fieldSourceNode:
		s.name = r.bytes()
	default:
		r.skip()
	}
}

// replyTo is where an answer goes: not valid unless both parts are told.
func (s *source) replyTo() netip.AddrPort {
	if !s.ip.IsValid() || s.port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(s.ip, s.port)
}

// appendPing appends a ping:
//
//	00 │ map │ Node │ SeqNo │ SourceAddr │ SourceNode │ SourcePort
func (c *Codec) appendPing(b []byte, m *swim.Message) []byte {
	b = append(b, typePing, mpack.FixMap|byte(2+c.sources))
	b = appendText(append(b, "\xa4Node"...), m.Name)
	b = mpack.AppendUint(append(b, "\xa5SeqNo"...), uint64(m.Seq))
	return append(b, c.source...)
}

// parsePing reads a ping. One for nobody in particular is for us.
func (c *Codec) parsePing(r *reader, m *swim.Message) {
	m.Kind = swim.KindPing
	var from source
	for r.begin(); r.left > 0; {
		switch r.next(pingOrder[:]) {
		case fieldSeqNo:
			m.Seq = r.seqNo()
		case fieldNode:
			m.Name = r.bytes()
		default:
			from.parse(r)
		}
	}
	if len(m.Name) == 0 {
		m.Name = c.name
	} else if !isName(m.Name) {
		r.failAt(fieldNode, faultLength)
	}
	m.ReplyTo = from.replyTo()
	if isName(from.name) {
		m.From = from.name
	}
}

// appendPingReq appends an indirect probe:
//
//	01 │ map │ Nack │ Node │ Port │ SeqNo │ SourceAddr │ SourceNode │ SourcePort │ Target
func (c *Codec) appendPingReq(b []byte, m *swim.Message) []byte {
	b = append(b, typePingReq, mpack.FixMap|byte(5+c.sources))
	b = mpack.AppendBool(append(b, "\xa4Nack"...), m.WantNack)
	b = appendText(append(b, "\xa4Node"...), m.Name)
	b = mpack.AppendUint(append(b, "\xa4Port"...), uint64(m.Addr.Port()))
	b = mpack.AppendUint(append(b, "\xa5SeqNo"...), uint64(m.Seq))
	b = append(b, c.source...)
	return appendIP(append(b, "\xa6Target"...), m.Addr.Addr())
}

// parsePingReq reads an indirect probe.
func (c *Codec) parsePingReq(r *reader, m *swim.Message) {
	m.Kind = swim.KindPingReq
	var from source
	var ip netip.Addr
	var port uint16
	for r.begin(); r.left > 0; {
		switch r.next(pingReqOrder[:]) {
		case fieldSeqNo:
			m.Seq = r.seqNo()
		case fieldTarget:
			ip = r.ip()
		case fieldPort:
			port = r.port()
		case fieldNode:
			m.Name = r.bytes()
		case fieldNack:
			m.WantNack = r.bool()
		default:
			from.parse(r)
		}
	}
	if !isName(m.Name) {
		r.failAt(fieldNode, faultLength)
	}
	if !ip.IsValid() {
		r.failAt(fieldTarget, faultIP)
	}
	m.Addr = c.at(ip, port)
	m.ReplyTo = from.replyTo()
}

// appendAck appends an ack. There is nothing that we have to say in it:
//
//	02 │ map │ Payload, nil │ SeqNo
func appendAck(b []byte, seq swim.SeqNo) []byte {
	b = append(b, typeAck, mpack.FixMap|2)
	b = append(append(b, "\xa7Payload"...), mpack.Nil)
	return mpack.AppendUint(append(b, "\xa5SeqNo"...), uint64(seq))
}

// parseAck reads an ack. Its payload is for applications of memberlist.
func parseAck(r *reader, m *swim.Message) {
	m.Kind = swim.KindAck
	for r.begin(); r.left > 0; {
		switch r.next(ackOrder[:]) {
		case fieldSeqNo:
			m.Seq = r.seqNo()
		case fieldPayload:
			r.bytes()
		default:
			r.skip()
		}
	}
}

// appendNack appends what a relay says when it has had no ack in time:
//
//	0b │ map │ SeqNo
func appendNack(b []byte, seq swim.SeqNo) []byte {
	b = append(b, typeNack, mpack.FixMap|1)
	return mpack.AppendUint(append(b, "\xa5SeqNo"...), uint64(seq))
}

// parseNack reads a nack.
func parseNack(r *reader, m *swim.Message) {
	m.Kind = swim.KindNack
	for r.begin(); r.left > 0; {
		if r.next(nackOrder[:]) == fieldSeqNo {
			m.Seq = r.seqNo()
		} else {
			r.skip()
		}
	}
}
