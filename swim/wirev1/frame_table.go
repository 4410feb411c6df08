package wirev1

import (
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
	b = appendInt(append(b, "\xa5Nodes"...), f.Table.Len)
	b = appendInt(append(b, "\xacUserStateLen"...), len(f.State))
	if f.Table.Len > 0 {
		for row := range f.Table.Rows {
			b = appendNode(b, row)
		}
	}
	return append(b, f.State...)
}

// appendNode appends one record of the members table:
//
//	map │ Addr │ Incarnation │ Meta │ Name │ Port │ State │ Vsn
//
// where the state is 0 alive, 1 suspect, 2 dead, 3 left.
func appendNode(b []byte, row *swim.TableRow) []byte {
	b = appendIP(append(b, "\x87\xa4Addr"...), row.Addr.Addr())
	b = mpack.AppendUint(append(b, "\xabIncarnation"...), uint64(row.Stamp.Incarnation))
	b = appendBytes(append(b, "\xa4Meta"...), row.Meta)
	b = appendText(append(b, "\xa4Name"...), row.Name)
	b = mpack.AppendUint(append(b, "\xa4Port"...), uint64(row.Addr.Port()))
	b = appendInt(append(b, "\xa5State"...), int(row.State))
	return appendVersions(append(b, "\xa3Vsn"...), row.Versions)
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

// parseTable reads one side of a push-pull. A record that no member can have does not
// spoil the others: memberlist checks neither names nor addresses nor meta, and one odd
// member would keep all of them from us. It is left out and counted.
//
// All is checked here, so that the rows can be read again where they are: a number of
// records that is not true allocates nothing.
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
	nodes := reader{b: r.b[:len(r.b)-h.stateLen]}
	behind := r.b[len(nodes.b):]
	for range h.nodes {
		size, isMember := measureUsual(nodes.b)
		if nodes.b = nodes.b[size:]; size == 0 {
			var n node
			n.parseAny(&nodes)
			isMember = n.isMember()
		}
		if nodes.fault != "" {
			r.b, r.at = r.b[len(r.b)-len(behind)-nodes.faultAt:], nodes.at
			r.fail(nodes.fault)
			return
		}
		if isMember {
			f.Table.Len++
		} else {
			f.Skipped++
		}
	}
	all := r.b[:len(r.b)-len(behind)-len(nodes.b)]
	f.State = r.b[len(all) : len(all)+h.stateLen : len(all)+h.stateLen]
	f.Table.Rows = func(yield func(*swim.TableRow) bool) { c.rows(all, yield) }
}

// rows yields the records of a table that has been checked.
func (c *Codec) rows(b []byte, yield func(*swim.TableRow) bool) {
	var row swim.TableRow
	var n node // which parse writes anew
	for r := (reader{b: b}); len(r.b) > 0; {
		if n.parse(&r); !n.isMember() {
			continue
		}
		row.State, row.Name, row.Addr, row.Meta, row.Versions = swim.State(n.state), n.name, c.at(n.ip, n.port), n.meta, n.versions
		row.Stamp.Incarnation = n.incarnation
		if !yield(&row) {
			return
		}
	}
}

// A node is a record of the members table as it is on the wire, before anybody asks
// whether a member can have it.
type node struct {
	name, meta  []byte
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

// isMember reports whether a member can have such a record.
func (n *node) isMember() bool {
	return isName(n.name) && len(n.meta) <= swim.MaxMetaLen && n.ip.IsValid() &&
		int64(swim.Alive) <= n.state && n.state <= int64(swim.Left)
}
