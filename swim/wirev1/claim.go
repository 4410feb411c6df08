package wirev1

import (
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The claims about members: alive, suspect, dead. Of a stamp there is the incarnation
// only.

// The order of the fields in memberlist's structs, for those who write arrays.
var (
	aliveOrder = [...]field{fieldIncarnation, fieldNode, fieldAddr, fieldPort, fieldMeta, fieldVsn}
	// accusationOrder is that of suspect and dead, which look the same.
	accusationOrder = [...]field{fieldIncarnation, fieldNode, fieldFrom}
)

// appendAlive appends the claim that a member is alive:
//
//	04 │ map │ Addr │ Incarnation │ Meta │ Node │ Port │ Vsn
func appendAlive(b []byte, m *swim.Message) []byte {
	b = append(b, typeAlive, mpack.FixMap|6)
	b = appendIP(append(b, "\xa4Addr"...), m.Addr.Addr())
	b = mpack.AppendUint(append(b, "\xabIncarnation"...), uint64(m.Stamp.Incarnation))
	b = appendBytes(append(b, "\xa4Meta"...), m.Meta)
	b = appendText(append(b, "\xa4Node"...), m.Name)
	b = mpack.AppendUint(append(b, "\xa4Port"...), uint64(m.Addr.Port()))
	return appendVersions(append(b, "\xa3Vsn"...), m.Versions)
}

// parseAlive reads the claim that a member is alive.
func (c *Codec) parseAlive(r *reader, m *swim.Message) {
	m.Kind = swim.KindAlive
	var n node
	if _, ok := n.parseUsual(r.b, false); ok && isName(n.name) && len(n.meta) <= swim.MaxMetaLen {
		m.Name, m.Meta, m.Addr, m.Versions = n.name, n.meta, c.at(n.ip, n.port), n.versions
		m.Stamp.Incarnation = n.incarnation
		return
	}
	var ip netip.Addr
	var port uint16
	for r.begin(); r.left > 0; {
		switch r.next(aliveOrder[:]) {
		case fieldIncarnation:
			m.Stamp.Incarnation = r.incarnation()
		case fieldNode:
			m.Name = r.bytes()
		case fieldAddr:
			ip = r.ip()
		case fieldPort:
			port = r.port()
		case fieldMeta:
			m.Meta = r.bytes()
		case fieldVsn:
			m.Versions = r.versions()
		default:
			r.skip()
		}
	}
	if !isName(m.Name) {
		r.failAt(fieldNode, faultLength)
	}
	if len(m.Meta) > swim.MaxMetaLen {
		r.failAt(fieldMeta, faultLength)
	}
	if !ip.IsValid() {
		r.failAt(fieldAddr, faultIP)
	}
	m.Addr = c.at(ip, port)
}

// appendAccusation appends the claim that From suspects a member, or declared it dead;
// when it is dead and the member itself says so, it has left:
//
//	03 │ map │ From │ Incarnation │ Node        suspect
//	05 │ map │ From │ Incarnation │ Node        dead
func appendAccusation(b []byte, code byte, m *swim.Message) []byte {
	b = append(b, code, mpack.FixMap|3)
	b = appendText(append(b, "\xa4From"...), m.From)
	b = mpack.AppendUint(append(b, "\xabIncarnation"...), uint64(m.Stamp.Incarnation))
	return appendText(append(b, "\xa4Node"...), m.Name)
}

// parseAccusation reads a suspicion, death or departure.
func parseAccusation(r *reader, m *swim.Message, kind swim.Kind) {
	m.Kind = kind
	for r.begin(); r.left > 0; {
		switch r.next(accusationOrder[:]) {
		case fieldIncarnation:
			m.Stamp.Incarnation = r.incarnation()
		case fieldNode:
			m.Name = r.bytes()
		case fieldFrom:
			m.From = r.bytes()
		default:
			r.skip()
		}
	}
	if !isName(m.Name) {
		r.failAt(fieldNode, faultLength)
	}
	if !isName(m.From) {
		r.failAt(fieldFrom, faultLength)
	}
}
