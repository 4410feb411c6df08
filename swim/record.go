package swim

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

// A record is what a member has last said of itself: its name, where it lives, when
// that was true, and its meta. It never changes: who says something new gets a new
// record. It takes 17 bytes besides name and meta:
//
//	┌────────┬──────┬──────────────┬──────┬──────┬──────┬────────────┬─────────────┬──────┐
//	│ length │ name │ 0, 4, 16, 17 │ ip   │ port │ boot │ generation │ incarnation │ meta │
//	└────────┴──────┴──────────────┴──────┴──────┴──────┴────────────┴─────────────┴──────┘
//	  1               1              0–16   2      6      varint       varint        varint, bytes
//
// where 17 stands for an IPv6 address with a zone, and the zone follows the port as a
// varint and its bytes. On a wire that carries versions, 32 is added, and the six bytes
// of Versions precede the boot. A boot that does not fit, though milliseconds of the next
// eight thousand years do, is six bytes of ones, and eight bytes of its own. An IPv4
// address that came as a mapped one takes 16 bytes: on that wire it is another address.
//
// Long metas mostly begin alike: gob describes a type before it tells a value. Where that
// is so, 64 is added to the same number, and a varint before the length of the meta says
// how many bytes, which are not there, it shares with the first long one: on memberlist's
// wire, most of what libopenstorage's members have.

// Records holds the records of the members of one core, or of many: cores that are
// given the same Records (Config.Records) hold what is the same only once. That is for
// many cores in one process, as in a simulator: records stay there as long as the
// Records do, where a core of its own forgets what it does not need any more.
//
// Records are not safe for concurrent use: cores that share them share one lock.
type Records struct {
	chunks []string // the last one grows, see open
	open   *strings.Builder
	size   int // bytes in all chunks
	wasted int // of records that nobody needs any more; 0 when shared
	known  map[string]recordID
	common string // what long metas mostly begin with
	buf    []byte
}

// NewRecords returns records for cores to share.
func NewRecords() *Records { return &Records{known: map[string]recordID{}} }

// recordID says where a record begins: in which chunk, and where there.
type recordID uint32

// noRecord is no record: there are never so many.
const noRecord = ^recordID(0)

const (
	offsetBits = 12
	// maxChunk is how large chunks grow. Small ones let memory go that is held by a
	// single name: names of events, for example, alias them. Bytes.
	maxChunk = 1 << offsetBits
	minChunk = 128
)

// encode writes a record into a buffer of rs.
func (rs *Records) encode(name string, claim Claim) []byte {
	if rs.common == "" && len(claim.Meta) >= minCommon {
		rs.common = string(claim.Meta)
	}
	rs.buf = appendRecord(rs.buf[:0], name, claim, rs.common)
	return rs.buf
}

// put keeps a record.
func (rs *Records) put(record []byte) recordID {
	if id, ok := rs.known[string(record)]; ok {
		return id
	}
	last := len(rs.chunks) - 1
	if last < 0 || rs.open == nil || rs.open.Cap()-rs.open.Len() < len(record) {
		rs.open = &strings.Builder{}
		rs.open.Grow(max(len(record), min(maxChunk, max(minChunk, rs.size))))
		rs.chunks = append(rs.chunks, "")
		last++
	}
	id := recordID(last<<offsetBits | rs.open.Len())
	rs.open.Write(record)
	rs.chunks[last] = rs.open.String()
	rs.size += len(record)
	if rs.known != nil {
		rs.known[rs.chunks[last][rs.open.Len()-len(record):]] = id
	}
	return id
}

// from is the record, and whatever follows it in its chunk.
func (rs *Records) from(id recordID) string {
	return rs.chunks[id>>offsetBits][id&(maxChunk-1):]
}

// whole is the record alone.
func (rs *Records) whole(id recordID) string {
	s := rs.from(id)
	_, _, rest := rs.parseMeta(id)
	return s[:len(s)-len(rest)]
}

// waste says that nobody needs a record any more.
func (rs *Records) waste(id recordID) {
	if rs.known == nil {
		rs.wasted += len(rs.whole(id))
	}
}

// clone returns records that grow on their own; the shared stay shared.
func (rs *Records) clone() *Records {
	if rs.known != nil {
		return rs
	}
	return &Records{chunks: append([]string(nil), rs.chunks...), size: rs.size, wasted: rs.wasted, common: rs.common}
}

func (rs *Records) name(id recordID) string {
	s := rs.from(id)
	return s[1 : 1+int(s[0])]
}

// afterName is the record without its name.
func (rs *Records) afterName(id recordID) string {
	s := rs.from(id)
	return s[1+int(s[0]):]
}

func (rs *Records) addr(id recordID) netip.AddrPort {
	addr, _ := parseAddr(rs.afterName(id))
	return addr
}

// livesAt reports whether a record has an address, which is unmapped, in any form.
func (rs *Records) livesAt(id recordID, addr netip.AddrPort) bool {
	s := rs.afterName(id)
	if ip := addr.Addr(); s[0] == 4 && ip.Is4() {
		raw := ip.As4()
		return halfWord(s[1:]) == halfWord(raw[:]) && uint16(s[5])|uint16(s[6])<<8 == addr.Port()
	}
	a, _ := parseAddr(s)
	return unmapped(a) == addr
}

// versions is what the member understands; zero if it did not tell.
func (rs *Records) versions(id recordID) (v Versions) {
	s := rs.afterName(id)
	if s[0]&versioned != 0 {
		rest := cutAddr(s)
		copy(v[:], s[len(s)-len(rest)-len(v):])
	}
	return v
}

func (rs *Records) stamp(id recordID) Stamp {
	stamp, _ := parseStamp(cutAddr(rs.afterName(id)))
	return stamp
}

// says reports whether a record has this address and stamp.
func (rs *Records) says(id recordID, addr netip.AddrPort, stamp Stamp) bool {
	a, s := parseAddr(rs.afterName(id))
	if a != addr {
		return false
	}
	at, _ := parseStamp(s)
	return at == stamp
}

// held is how many bytes the records of n members have that somebody needs, and what
// metas have in common, at most; not ok when they are those of many cores.
func (rs *Records) held(n int) (size int, ok bool) {
	return rs.size - rs.wasted + n*len(rs.common), rs.known == nil
}

// read fills in what a record says, but for the meta, which it appends.
func (rs *Records) read(id recordID, row *TableRow, meta []byte) []byte {
	s := rs.from(id)
	name, s := s[1:1+int(s[0])], s[1+int(s[0]):]
	row.Name = append(row.Name[:0], name...)
	addr, rest := parseAddr(s)
	row.Addr, row.Versions = addr, Versions{}
	if s[0]&versioned != 0 {
		copy(row.Versions[:], s[len(s)-len(rest)-len(row.Versions):])
	}
	row.Stamp, rest = parseStamp(rest)
	head, tail, _ := rs.cutMeta(s[0], rest)
	return append(append(meta, head...), tail...)
}

// parseMeta returns both parts of a meta, and what follows the record.
func (rs *Records) parseMeta(id recordID) (head, tail, rest string) {
	s := rs.afterName(id)
	_, stamped := parseStamp(cutAddr(s))
	return rs.cutMeta(s[0], stamped)
}

// cutMeta reads the meta that s begins with, of a record of this kind.
func (rs *Records) cutMeta(kind byte, s string) (head, tail, rest string) {
	if kind&abridged != 0 {
		n, text := cutUint(s)
		head, s = rs.common[:n], text
	}
	tail, rest = cutText(s)
	return head, tail, rest
}

// appendMeta appends a meta.
func (rs *Records) appendMeta(b []byte, id recordID) []byte {
	head, tail, _ := rs.parseMeta(id)
	return append(append(b, head...), tail...)
}

// hasMeta reports whether a record has this meta.
func (rs *Records) hasMeta(id recordID, meta []byte) bool {
	head, tail, _ := rs.parseMeta(id)
	return len(meta) == len(head)+len(tail) && string(meta[:len(head)]) == head && string(meta[len(head):]) == tail
}

// appendRecord writes a record. The name is at most MaxNameLen bytes long. A meta that
// begins like common is abridged.
func appendRecord(b []byte, name string, claim Claim, common string) []byte {
	b = append(b, byte(len(name)))
	b = append(b, name...)
	kind := len(b)
	b = appendAddr(b, claim.Addr)
	if claim.Versions != (Versions{}) {
		b[kind] |= versioned
		b = append(b, claim.Versions[:]...)
	}
	b = appendBoot(b, claim.Stamp.Boot)
	b = binary.AppendUvarint(b, uint64(claim.Stamp.Generation))
	b = binary.AppendUvarint(b, uint64(claim.Stamp.Incarnation))
	meta := claim.Meta
	if n := commonLen(meta, common); n >= minCommon {
		b[kind] |= abridged
		b = binary.AppendUvarint(b, uint64(n))
		meta = meta[n:]
	}
	b = binary.AppendUvarint(b, uint64(len(meta)))
	return append(b, meta...)
}

// commonLen is how many bytes two texts begin with that are equal.
func commonLen(a []byte, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// minCommon is how much metas must share for that to be left out. Bytes.
const minCommon = 64

const (
	zoned     = 17 // an IPv6 address with a zone
	versioned = 32 // versions follow
	abridged  = 64 // the meta lacks what it begins with
	flags     = versioned | abridged
)

// appendAddr writes an address. Different addresses are written differently.
func appendAddr(b []byte, a netip.AddrPort) []byte {
	zone := a.Addr().Zone()
	switch ip := a.Addr(); {
	case !ip.IsValid():
		b = append(b, 0)
	case ip.Is4():
		raw := ip.As4()
		b = append(append(b, 4), raw[:]...)
	default:
		raw, kind := ip.As16(), byte(16)
		if zone != "" {
			kind = zoned
		}
		b = append(append(b, kind), raw[:]...)
	}
	b = binary.LittleEndian.AppendUint16(b, a.Port())
	if zone != "" {
		b = append(binary.AppendUvarint(b, uint64(len(zone))), zone...)
	}
	return b
}

// parseAddr reads the address that s begins with, and what belongs to it.
func parseAddr(s string) (addr netip.AddrPort, rest string) {
	if kind := s[0]; kind&^flags == 4 {
		_ = s[6]
		ip := netip.AddrFrom4([4]byte{s[1], s[2], s[3], s[4]})
		addr, rest = netip.AddrPortFrom(ip, uint16(s[5])|uint16(s[6])<<8), s[7:]
		if kind&versioned != 0 {
			rest = rest[len(Versions{}):]
		}
		return addr, rest
	}
	return parseAddr16(s)
}

// parseAddr16 is parseAddr for all but IPv4.
func parseAddr16(s string) (addr netip.AddrPort, rest string) {
	kind, rest := s[0]&^flags, cutAddr(s)
	s = s[1:]
	var ip netip.Addr
	switch kind {
	case 0:
	default:
		ip, s = netip.AddrFrom16([16]byte([]byte(s[:16]))), s[16:]
	}
	port := uint16(s[0]) | uint16(s[1])<<8
	if kind == zoned {
		zone, _ := cutText(s[2:])
		ip = ip.WithZone(zone)
	}
	return netip.AddrPortFrom(ip, port), rest
}

// cutAddr returns what follows the address that s begins with, and what belongs to it.
func cutAddr(s string) string {
	kind := s[0]
	if kind < zoned {
		return s[1+kind+2:]
	}
	if n := kind &^ flags; n != zoned {
		s = s[1+n+2:]
	} else {
		_, s = cutText(s[1+16+2:])
	}
	if kind&versioned != 0 {
		s = s[len(Versions{}):]
	}
	return s
}

// longBoot stands for a boot that is at least as high.
const longBoot = 1<<48 - 1

func appendBoot(b []byte, boot Boot) []byte {
	short := uint64(min(boot, longBoot))
	b = binary.LittleEndian.AppendUint32(b, uint32(short))
	b = binary.LittleEndian.AppendUint16(b, uint16(short>>32))
	if short == longBoot {
		b = binary.LittleEndian.AppendUint64(b, uint64(boot))
	}
	return b
}

// parseStamp reads the stamp that s begins with.
func parseStamp(s string) (stamp Stamp, rest string) {
	boot, s := word(s)&longBoot, s[6:] // two more bytes follow at least
	if boot == longBoot {
		boot, s = word(s), s[8:]
	}
	stamp.Boot = Boot(boot)
	generation, s := cutUint(s)
	incarnation, s := cutUint(s)
	stamp.Generation, stamp.Incarnation = Generation(generation), Incarnation(incarnation)
	return stamp, s
}

// cutText reads a length, and as many bytes.
func cutText(s string) (text, rest string) {
	n, s := cutUint(s)
	return s[:n], s[n:]
}

// cutUint reads a varint, which mostly has one byte.
func cutUint(s string) (v uint64, rest string) {
	if b := s[0]; b < 0x80 {
		return uint64(b), s[1:]
	}
	return cutLongUint(s)
}

func cutLongUint(s string) (v uint64, rest string) {
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		if s[i] < 0x80 {
			return v | uint64(s[i])<<shift, s[i+1:]
		}
		v |= uint64(s[i]&0x7f) << shift
	}
}
