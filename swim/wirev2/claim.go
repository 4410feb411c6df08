package wirev2

import (
	"bytes"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The messages that piggyback (SWIM §4.1): claims about members, and news of the
// riding state. All claims begin with the member's name and the stamp at which
// the claim is true.

// appendAlive appends the claim that a member is alive:
//
//	96 │ 05 │ name │ generation │ boot │ incarnation │ address            no meta
//	97 │ 05 │ name │ generation │ boot │ incarnation │ address │ meta
func appendAlive(b []byte, m *swim.Message) []byte {
	n := 6
	if len(m.Meta) > 0 {
		n++
	}
	b = append(b, mpack.FixArray|byte(n), byte(swim.KindAlive))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	b = appendAddr(b, m.Addr)
	if len(m.Meta) > 0 {
		b = mpack.AppendBin(b, m.Meta)
	}
	return b
}

// parseAlive reads a claim that a member is alive.
func parseAlive(r *reader, m *swim.Message) {
	m.Kind = swim.KindAlive
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	m.Addr = r.addr()
	m.Meta = r.meta()
}

// meta reads the meta of a claim, which ends it. It may be absent, or nil.
func (r *reader) meta() []byte {
	if r.left == 0 || r.null() {
		return nil
	}
	if p := r.bytes("meta", 0, swim.MaxMetaLen); len(p) > 0 {
		return p
	}
	return nil
}

// appendSuspect appends the claim that From suspects a member:
//
//	96 │ 06 │ name │ generation │ boot │ incarnation │ from
func appendSuspect(b []byte, m *swim.Message) []byte {
	b = append(b, mpack.FixArray|6, byte(swim.KindSuspect))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	return mpack.AppendStr(b, m.From)
}

// parseSuspect reads a suspicion.
func parseSuspect(r *reader, m *swim.Message) {
	m.Kind = swim.KindSuspect
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	m.From = r.name("from")
}

// appendDead appends the claim that From declared a member dead, or that the
// member has left, which it alone can say:
//
//	95 │ 07 │ name │ generation │ boot │ incarnation                      left
//	96 │ 07 │ name │ generation │ boot │ incarnation │ from               dead
func appendDead(b []byte, m *swim.Message) []byte {
	left := bytes.Equal(m.From, m.Name)
	n := 6
	if left {
		n = 5
	}
	b = append(b, mpack.FixArray|byte(n), byte(swim.KindDead))
	b = mpack.AppendStr(b, m.Name)
	b = appendStamp(b, m.Stamp)
	if !left {
		b = mpack.AppendStr(b, m.From)
	}
	return b
}

// parseDead reads a death or departure. From may be absent, or nil: the member
// itself says so.
func parseDead(r *reader, m *swim.Message) {
	m.Kind = swim.KindDead
	m.Name = r.name("name")
	m.Stamp = r.stamp()
	if r.left == 0 || r.null() {
		m.From = m.Name
		return
	}
	m.From = r.name("from")
}

// appendRumour appends news of the riding state, which only that understands:
//
//	92 │ 08 │ body
func appendRumour(b []byte, m *swim.Message) []byte {
	return mpack.AppendBin(append(b, mpack.FixArray|2, byte(swim.KindRumour)), m.Body)
}

// parseRumour reads news of the riding state.
func parseRumour(r *reader, m *swim.Message) {
	m.Kind = swim.KindRumour
	m.Body = r.bytes("body", 1, swim.MaxPacketLen)
}
