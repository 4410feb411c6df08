package wirev1

import (
	"bytes"
	"net/netip"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The limits of what a stream may bring, all of them memberlist's.
const (
	MaxNodes    = 1 << 20  // members in a push-pull
	MaxStateLen = 20 << 20 // bytes of user state in a push-pull
	MaxUserLen  = 20 << 20 // bytes of a message of an application
)

// The order of the fields in memberlist's structs, for those who write arrays.
var (
	tableOrder = [...]field{fieldNodes, fieldUserStateLen, fieldJoin}
	nodeOrder  = [...]field{
		fieldName, fieldAddr, fieldPort, fieldMeta, fieldIncarnation, fieldState, fieldVsn,
	}
)

// appendTable appends one side of a push-pull:
//
//	06 │ map │ Join │ Nodes │ UserStateLen │ node │ node │ … │ the user state
func appendTable(b []byte, f *swim.Frame) []byte {
	b = append(b, typePushPull, mpack.FixMap|3)
	b = mpack.AppendBool(append(b, "\xa4Join"...), f.Join)
	b = appendInt(append(b, "\xa5Nodes"...), len(f.Claims))
	b = appendInt(append(b, "\xacUserStateLen"...), len(f.State))
	for i := range f.Claims {
		b = appendNode(b, &f.Claims[i])
	}
	return append(b, f.State...)
}

// appendNode appends one record of the members table:
//
//	map │ Addr │ Incarnation │ Meta │ Name │ Port │ State │ Vsn
//
// where the state is 0 alive, 1 suspect, 2 dead, 3 left.
func appendNode(b []byte, cl *swim.Claim) []byte {
	b = append(b, mpack.FixMap|7)
	b = appendIP(append(b, "\xa4Addr"...), cl.Addr.Addr())
	b = mpack.AppendUint(append(b, "\xabIncarnation"...), uint64(cl.Stamp.Incarnation))
	b = appendBytes(append(b, "\xa4Meta"...), cl.Meta)
	b = appendText(append(b, "\xa4Name"...), cl.Name)
	b = mpack.AppendUint(append(b, "\xa4Port"...), uint64(cl.Addr.Port()))
	b = appendInt(append(b, "\xa5State"...), int(cl.State))
	return appendVersions(append(b, "\xa3Vsn"...), cl.Versions)
}

// tableHead is what a push-pull begins with.
type tableHead struct {
	nodes, stateLen int
	join            bool
}

func parseTableHead(r *reader) (h tableHead) {
	for r.begin(); r.left > 0; {
		switch r.next(tableOrder[:]) {
		case fieldNodes:
			h.nodes = r.count(MaxNodes)
		case fieldUserStateLen:
			h.stateLen = r.count(MaxStateLen)
		case fieldJoin:
			h.join = r.bool()
		default:
			r.skip()
		}
	}
	return h
}

// usualNodeLen is less than what most records take. Room is made for as many as the
// bytes can hold by that; a number of records that is not true allocates nothing.
const usualNodeLen = 56

// parseTable reads one side of a push-pull. A record that no member can have does not
// spoil the others: memberlist checks neither names nor addresses nor meta, and one odd
// member would keep all of them from us. It is left out and counted.
//
// Bytes are copied twice and never again: once for all names, once for everything else.
func (c *Codec) parseTable(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameTable
	h := parseTableHead(r)
	if r.fault != "" {
		return
	}
	if h.stateLen > len(r.b) {
		r.failAt(fieldUserStateLen, faultCut)
		return
	}
	f.Join = h.join
	texts := string(r.b[:len(r.b)-h.stateLen])
	own := bytes.Clone(r.b)
	nodes := reader{b: own[:len(texts):len(texts)]}
	f.Claims = make([]swim.Claim, 0, min(h.nodes, len(texts)/usualNodeLen))
	for range h.nodes {
		var n node
		n.parse(&nodes)
		if nodes.fault != "" {
			r.b, r.at = r.b[len(texts)-nodes.faultAt:], nodes.at
			r.fail(nodes.fault)
			return
		}
		if cl, ok := c.claimOf(&n, texts); ok {
			f.Claims = append(f.Claims, cl)
		} else {
			f.Skipped++
		}
	}
	end := len(texts) - len(nodes.b)
	f.State = own[end : end+h.stateLen : end+h.stateLen]
}

// A node is a record of the members table as it is on the wire, before anybody asks
// whether a member can have it.
type node struct {
	name, meta  []byte
	nameEnd     int // how many bytes were unread behind the name
	ip          netip.Addr
	port        uint16
	incarnation swim.Incarnation
	state       int64
	versions    swim.Versions
}

func (n *node) parse(r *reader) {
	if rest, ok := n.parseUsual(r.b, true); ok {
		r.b = rest
		return
	}
	*n = node{}
	n.parseAny(r)
}

// parseAny reads a record in any of its forms.
func (n *node) parseAny(r *reader) {
	for r.begin(); r.left > 0; {
		switch r.next(nodeOrder[:]) {
		case fieldName:
			n.name = r.bytes()
			n.nameEnd = len(r.b)
		case fieldAddr:
			n.ip = r.ip()
		case fieldPort:
			n.port = r.port()
		case fieldMeta:
			n.meta = r.bytes()
		case fieldIncarnation:
			n.incarnation = r.incarnation()
		case fieldState:
			n.state = r.int()
		case fieldVsn:
			n.versions = r.versions()
		default:
			r.skip()
		}
	}
}

// claimOf is what a record claims. texts is what the records are in, as text. It is not
// ok when no member can have such a record.
func (c *Codec) claimOf(n *node, texts string) (cl swim.Claim, ok bool) {
	if !isName(n.name) || len(n.meta) > swim.MaxMetaLen || !n.ip.IsValid() ||
		n.state < int64(swim.Alive) || n.state > int64(swim.Left) {
		return swim.Claim{}, false
	}
	cl.State = swim.State(n.state)
	cl.Name = n.text(texts)
	cl.Addr = c.at(n.ip, n.port)
	cl.Stamp.Incarnation = n.incarnation
	cl.Meta = n.meta
	cl.Versions = n.versions
	return cl, true
}

// text is the name as a part of the text that all records are in.
func (n *node) text(texts string) string {
	end := len(texts) - n.nameEnd
	if begin := end - len(n.name); texts[begin:end] == string(n.name) {
		return texts[begin:end]
	}
	return string(n.name) // it came as an array of integers
}
