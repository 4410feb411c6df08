package wirev2

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The messages of a protocol period (SWIM §3.1): ping, ping-req, ack, and
// Lifeguard's nack. The leave-ack looks like a nack.

// appendPing appends a ping, with the sender's prints if they are given:
//
//	93 │ 01 │ seq │ name                           prints absent
//	95 │ 01 │ seq │ name │ members │ state         prints given
//
// and behind either, if it is told, the period, one byte:
//
//	95 │ 01 │ seq │ name │ nil │ period
//	96 │ 01 │ seq │ name │ members │ state │ period
//
// A ping has nothing that its prints could be the same as; PrintsSame counts as
// absent.
func appendPing(b []byte, m *swim.Message) []byte {
	given, told := m.Seen == swim.PrintsGiven, isPeriod(uint64(m.Period))
	n := 3
	switch {
	case given:
		n += 2
	case told:
		n++ // nil holds the place of the prints
	}
	if told {
		n++
	}
	b = append(b, mpack.FixArray|byte(n), byte(swim.KindPing))
	b = mpack.AppendUint(b, uint64(m.Seq))
	b = mpack.AppendStr(b, m.Name)
	switch {
	case given:
		b = appendPrints(b, m.Prints)
	case told:
		b = append(b, mpack.Nil)
	}
	if told {
		b = append(b, m.Period)
	}
	return b
}

// isPeriod reports whether a number is one that a ping can tell: it fits a byte,
// and zero stands for none.
func isPeriod(v uint64) bool { return 1 <= v && v <= swim.NumPeriods }

// parsePing reads a ping. A nil in place of the prints says that they are absent.
// A period that we cannot make sense of counts as none.
func parsePing(r *reader, m *swim.Message) {
	m.Kind = swim.KindPing
	m.Seq = r.seqNo()
	m.Name = r.name("name")
	if r.left > 0 && !r.null() {
		m.Prints, m.Seen = r.prints(), swim.PrintsGiven
	}
	if r.left > 0 && !r.null() {
		if v := r.uint("period", math.MaxUint64); isPeriod(v) {
			m.Period = uint8(v)
		}
	}
}

// appendAck appends an ack. The usual case, tables that are equal, is the
// shortest:
//
//	92 │ 03 │ seq                                  the same prints as the ping's
//	93 │ 03 │ seq │ nil                            prints absent
//	94 │ 03 │ seq │ members │ state                prints given
func appendAck(b []byte, m *swim.Message) []byte {
	switch m.Seen {
	case swim.PrintsSame:
		return mpack.AppendUint(append(b, mpack.FixArray|2, byte(swim.KindAck)), uint64(m.Seq))
	case swim.PrintsGiven:
		b = mpack.AppendUint(append(b, mpack.FixArray|4, byte(swim.KindAck)), uint64(m.Seq))
		return appendPrints(b, m.Prints)
	}
	b = mpack.AppendUint(append(b, mpack.FixArray|3, byte(swim.KindAck)), uint64(m.Seq))
	return append(b, mpack.Nil)
}

// parseAck reads an ack.
func parseAck(r *reader, m *swim.Message) {
	m.Kind = swim.KindAck
	m.Seq = r.seqNo()
	switch {
	case r.left == 0:
		m.Seen = swim.PrintsSame
	case r.null():
		m.Seen = swim.PrintsAbsent
	default:
		m.Prints, m.Seen = r.prints(), swim.PrintsGiven
	}
}

// appendPingReq appends a request for an indirect probe:
//
//	96 │ 02 │ seq │ name │ address │ want nack │ wait, ms
func appendPingReq(b []byte, m *swim.Message) []byte {
	b = append(b, mpack.FixArray|6, byte(swim.KindPingReq))
	b = mpack.AppendUint(b, uint64(m.Seq))
	b = mpack.AppendStr(b, m.Name)
	b = appendAddr(b, m.Addr)
	b = mpack.AppendBool(b, m.WantNack)
	return appendWait(b, m.Wait)
}

// parsePingReq reads a request for an indirect probe.
func parsePingReq(r *reader, m *swim.Message) {
	m.Kind = swim.KindPingReq
	m.Seq = r.seqNo()
	m.Name = r.name("name")
	m.Addr = r.addr()
	m.WantNack = r.bool("want nack")
	m.Wait = r.wait()
}

// appendSeqOnly appends a nack or a leave-ack:
//
//	92 │ 04 or 09 │ seq
func appendSeqOnly(b []byte, m *swim.Message) []byte {
	return mpack.AppendUint(append(b, mpack.FixArray|2, byte(m.Kind)), uint64(m.Seq))
}

// parseSeqOnly reads a nack or a leave-ack.
func parseSeqOnly(r *reader, m *swim.Message, kind swim.Kind) {
	m.Kind = kind
	m.Seq = r.seqNo()
}
