package swim

import (
	"iter"
	"math"
	"net/netip"
	"slices"
	"time"
)

// ref addresses a row of the members table. Rows are reused, references to a row
// are dropped when it is.
type ref int32

// selfRef is our own row, which is always there and always alive until we leave.
const selfRef ref = 0

// noRef addresses nothing.
const noRef ref = -1

// A row is what the table holds about one member, and all of it while the member is
// simply alive and no news. It has no pointer, so that a garbage collector need not
// look at it, and a hundred thousand of them are cheap. What is more, is elsewhere and
// only while it lasts: a record, which cores may share, a trouble, and news.
//
//   - It has a suspicion exactly while it is suspect.
//   - It has a place in order at most once, and has one while it is live or needs a
//     probe. Ourselves have none.
//   - Its row hash is in the fingerprints exactly while its state is live.
//   - The life of its record is at most the life of its stamp: an accusation may speak
//     of a life that we have not met, and then the stamp is ahead.
//   - It has a trouble exactly while it is not alive at the stamp of its record.
//   - It has news exactly while it is in a queue, or in the packet that is being built.
//
// Only the becomeX methods assign state, by way of accept and judge.
type row struct {
	record     recordID // of its newest claim to be alive that we have believed; noRecord: the row is free
	since      moment   // when it entered its state; 0: it has never been in any
	lastHeard  moment   // when we last had a packet from it
	rtt        roundTrip
	trouble    ref   // in troubles, or noRef
	news       ref   // in bulletins, or noRef
	orderPos   int32 // place in the probe order; -1: none
	state      State
	unwanted   bool // not a candidate for healing
	conflicted bool // a conflict at this stamp was reported
	swept      bool // a ping of the sweep is out
}

// trouble is what others, or we, hold against a member: it is not alive, or not at the
// stamp of its own claim.
//
//   - private is set only in states suspect and dead, and such a verdict is never
//     told to anyone.
type trouble struct {
	stamp     Stamp // of the newest claim of anybody
	from      string
	since     time.Duration
	suspicion *suspicion
	private   bool // the verdict was formed while cut off
	buried    bool // it is a tombstone
}

// A moment is a time since the core was made, in tenths of a second, plus one. It is
// for what is only shown. Zero is never; it ends after 13 years.
type moment uint32

const momentUnit = 100 * time.Millisecond

// A member is a row in its table: m.state is a field of the row, m.stamp() may be
// found elsewhere.
type member struct {
	*row
	t *table
}

// used reports whether the row is in use.
func (m member) used() bool { return m.record != noRecord }

// fresh reports whether the member has never been alive here.
func (m member) fresh() bool { return m.row.since == 0 }

// private reports whether the verdict on it was formed while cut off.
func (m member) private() bool {
	return m.row.trouble != noRef && m.t.troubles.at(m.row.trouble).private
}

// disclose lets the verdict on it be told: others have come to the same.
func (m member) disclose() { m.troubled().private = false }

// buried reports whether it is a tombstone.
func (m member) buried() bool {
	return m.row.trouble != noRef && m.t.troubles.at(m.row.trouble).buried
}

// name is that of the member. It aliases records.
func (m member) name() string { return m.t.records.name(m.record) }

// addr is where it lives.
func (m member) addr() netip.AddrPort { return m.t.records.addr(m.record) }

// versions is what it understands; zero if it does not tell.
func (m member) versions() Versions { return m.t.records.versions(m.record) }

// met is the life that address, meta and the riding state are of; see becomeAlive.
func (m member) met() Life { return m.t.records.stamp(m.record).Life }

// meta is a copy of its meta; nil if that is empty.
func (m member) meta() []byte { return m.appendMeta(nil) }

// appendMeta appends its meta.
func (m member) appendMeta(b []byte) []byte { return m.t.records.appendMeta(b, m.record) }

// hasMeta reports whether its meta is this one.
func (m member) hasMeta(meta []byte) bool { return m.t.records.hasMeta(m.record, meta) }

// stamp is that of the newest claim about it, its own or an accusation.
func (m member) stamp() Stamp {
	if m.row.trouble != noRef {
		return m.t.troubles.at(m.row.trouble).stamp
	}
	return m.t.records.stamp(m.record)
}

// says reports whether the member is simply alive at this address and stamp.
func (m member) says(addr netip.AddrPort, stamp Stamp) bool {
	return m.row.trouble == noRef && m.t.records.says(m.record, addr, stamp)
}

// from is who accused it, when suspect or dead.
func (m member) from() string {
	if m.row.trouble != noRef {
		return m.t.troubles.at(m.row.trouble).from
	}
	return ""
}

// since is when it entered its state: exactly, unless it is simply alive.
func (m member) since() time.Duration {
	if m.row.trouble != noRef {
		return m.t.troubles.at(m.row.trouble).since
	}
	return m.t.timeOf(m.row.since)
}

// heard is when we last had a packet from it; -1: never.
func (m member) heard() time.Duration {
	if m.lastHeard == 0 {
		return -1
	}
	return m.t.timeOf(m.lastHeard)
}

// suspicion is that of a suspect, else nil.
func (m member) suspicion() *suspicion {
	if m.row.trouble != noRef {
		return m.t.troubles.at(m.row.trouble).suspicion
	}
	return nil
}

// judge assigns a state that is not, or not only, what the member says of itself.
func (m member) judge(now time.Duration, state State, stamp Stamp, from string, private bool) {
	m.state, m.row.since = state, m.t.momentOf(now)
	x := m.troubled()
	x.stamp, x.from, x.since, x.private = stamp, from, now, private
	if state == Alive && stamp == m.t.records.stamp(m.record) {
		m.calm()
	}
}

// setStamp raises the stamp of a member that is not simply alive.
func (m member) setStamp(s Stamp) { m.troubled().stamp = s }

// setSuspicion gives a suspect its suspicion, and nil takes it away.
func (m member) setSuspicion(s *suspicion) { m.troubled().suspicion = s }

// troubled returns the trouble of m. It is valid until the next one is taken.
func (m member) troubled() *trouble {
	if m.row.trouble != noRef {
		return m.t.troubles.at(m.row.trouble)
	}
	stamp, since := m.stamp(), m.since()
	r, x := m.t.troubles.take()
	x.stamp, x.since = stamp, since
	m.row.trouble = r
	return x
}

// calm ends the trouble of m.
func (m member) calm() {
	if m.row.trouble != noRef {
		*m.t.troubles.at(m.row.trouble) = trouble{} // it may hold the only name of someone
		m.t.troubles.give(m.row.trouble)
		m.t.troubles.trim()
		m.row.trouble = noRef
	}
}

// A table holds everyone we know, ourselves first.
type table struct {
	records *Records
	chunks  []*[chunkRows]row // rows never move
	rows    int               // in use or free
	free    []ref
	names   index
	addrs   index // of the last member heard of at an address
	seed    hashSeed
	began   time.Duration // what moments count from
	echoes  *echoes       // nil until the first, and when there have been none for a period
	echoed  bool          // there has been one in this period

	troubles  pool[trouble]
	bulletins pool[bulletin]

	alive int // alive and suspect members but ourselves; see live

	// order is the permutation in which members are probed, and cursor the next
	// of them. Each pass probes everyone once; then the order is shuffled anew. A
	// newcomer gets a random place (SWIM §4.3). Members that need no probe any
	// more are skipped, and dropped at the end of a pass. There is no other list of
	// the live.
	order  []ref
	cursor int
	passed int // periods that a pass has taken so far, where members coordinate
}

// chunkRows is how many rows are taken at a time.
const chunkRows = 64

// at returns the row of r.
func (t *table) at(r ref) member {
	i := uint32(r)
	return member{&t.chunks[i/chunkRows][i%chunkRows], t}
}

// all yields the rows in use, ourselves first.
func (t *table) all() iter.Seq2[ref, member] {
	return func(yield func(ref, member) bool) {
		for r := range ref(t.rows) {
			if m := t.at(r); m.used() && !yield(r, m) {
				return
			}
		}
	}
}

// live yields the alive and suspect members but ourselves, in no order. No member may
// get a place in the probe order meanwhile, or lose it.
func (t *table) live() iter.Seq2[ref, member] {
	return func(yield func(ref, member) bool) {
		for _, r := range t.order {
			if m := t.at(r); m.state.live() && !yield(r, m) {
				return
			}
		}
	}
}

// size is how many members there are, tombstones and ourselves included.
func (t *table) size() int { return t.names.used }

// find finds a member by name.
func (t *table) find(name string) (ref, bool) {
	h := hashText(t.seed, name)
	for i := t.names.first(h); i != nowhere; i = t.names.next(h, i) {
		if r := t.names.refAt(i); t.at(r).name() == name {
			return r, true
		}
	}
	return noRef, false
}

// lookup finds a member by a name that came from the network.
func (t *table) lookup(name []byte) (ref, bool) {
	h := hashText(t.seed, name)
	for i := t.names.first(h); i != nowhere; i = t.names.next(h, i) {
		if r := t.names.refAt(i); t.at(r).name() == string(name) {
			return r, true
		}
	}
	return noRef, false
}

// resident is the last member heard of at an address.
func (t *table) resident(addr netip.AddrPort) (ref, bool) {
	if i := t.residence(addr); i != nowhere {
		return t.addrs.refAt(i), true
	}
	return noRef, false
}

// residence is the place of an address.
func (t *table) residence(addr netip.AddrPort) int {
	addr = unmapped(addr)
	h := hashAddr(t.seed, addr)
	for i := t.addrs.first(h); i != nowhere; i = t.addrs.next(h, i) {
		if t.records.livesAt(t.at(t.addrs.refAt(i)).record, addr) {
			return i
		}
	}
	return nowhere
}

func (t *table) hashOfName(r ref) uint64 { return hashText(t.seed, t.at(r).name()) }

func (t *table) hashOfAddr(r ref) uint64 { return hashAddr(t.seed, t.at(r).addr()) }

// momentOf and timeOf are inverse, but for what a moment is too coarse for.
func (t *table) momentOf(now time.Duration) moment {
	return moment(min(max(now-t.began, 0)/momentUnit, math.MaxUint32-1) + 1)
}

func (t *table) timeOf(at moment) time.Duration {
	return t.began + time.Duration(at-1)*momentUnit
}

// sizeAlive is n of the formulas: alive and suspect members, ourselves included.
func (t *table) sizeAlive() int { return t.alive + 1 }

// insert takes a row into use, for a member that makes its first claim.
func (t *table) insert(claim Claim) ref {
	var r ref
	if n := len(t.free); n > 0 {
		r, t.free = t.free[n-1], t.free[:n-1]
	} else {
		r = ref(t.rows)
		if t.rows++; t.rows > len(t.chunks)*chunkRows {
			t.chunks = append(t.chunks, new([chunkRows]row))
		}
	}
	*t.at(r).row = row{trouble: noRef, news: noRef, orderPos: -1}
	t.at(r).record = t.records.put(t.records.encode(claim.Name, claim))
	t.names.add(hashText(t.seed, claim.Name), r, t.hashOfName)
	return r
}

// reserve makes room for so many more members, so that tables need not grow one by one.
func (t *table) reserve(more int) {
	t.names.reserve(more, t.hashOfName)
	t.addrs.reserve(more, t.hashOfAddr)
	t.order = slices.Grow(t.order, more)
}

// remove gives a row back. It must be in no list but order, and have no news.
func (t *table) remove(r ref) {
	m := t.at(r)
	t.names.remove(t.names.of(t.hashOfName(r), r), t.hashOfName)
	t.moveOut(r)
	t.delist(r)
	m.calm()
	record := m.record
	*m.row = row{record: noRecord, trouble: noRef, news: noRef, orderPos: -1}
	t.free = append(t.free, r)
	t.waste(record)
}

// moveOut takes a member from its address, if it was the last one heard of there.
func (t *table) moveOut(r ref) {
	if i := t.addrs.of(t.hashOfAddr(r), r); i != nowhere {
		t.addrs.remove(i, t.hashOfAddr)
	}
}

// accept takes a claim to be alive for what is true about a member: its address, its
// meta, its stamp, and that it is alive.
func (t *table) accept(now time.Duration, r ref, claim Claim) {
	m := t.at(r)
	if !m.fresh() {
		t.moveOut(r)
		t.rewrite(r, claim)
	}
	if i := t.residence(claim.Addr); i != nowhere {
		t.addrs.replace(i, r) // another was there before
	} else {
		t.addrs.add(hashAddr(t.seed, claim.Addr), r, t.hashOfAddr)
	}
	m.state, m.row.since = Alive, t.momentOf(now)
	m.calm()
}

// rewrite replaces the record of r, if the claim says something else.
func (t *table) rewrite(r ref, claim Claim) {
	m := t.at(r)
	old, b := m.record, t.records.encode(m.name(), claim)
	if t.records.whole(old) != string(b) {
		m.record = t.records.put(b)
		t.waste(old)
	}
}

// maxWaste is how much of the records may be waste, however few are in use. Bytes.
const maxWaste = 1024

// waste gives up a record. When more than half of all is waste, the rest moves.
func (t *table) waste(id recordID) {
	old := t.records
	old.waste(id)
	if old.wasted <= max(maxWaste, old.size/2) {
		return
	}
	t.records = &Records{common: old.common}
	t.forgetEchoes()
	for _, m := range t.all() {
		old.buf = append(old.buf[:0], old.whole(m.record)...)
		m.record = t.records.put(old.buf)
	}
}

// enlist gives r a random place among those still to be probed in this pass.
func (t *table) enlist(r ref, rand Rand) {
	m := t.at(r)
	if m.orderPos >= 0 {
		return
	}
	last := len(t.order)
	m.orderPos = int32(last)
	t.order = append(t.order, r)
	t.swapOrder(last, t.cursor+rand.IntN(last-t.cursor+1))
}

// delist takes r out of the probe order. The others keep to their sides of the
// cursor.
func (t *table) delist(r ref) {
	i := int(t.at(r).orderPos)
	if i < 0 {
		return
	}
	if i < t.cursor {
		t.cursor--
		t.swapOrder(i, t.cursor)
		i = t.cursor
	}
	last := len(t.order) - 1
	t.swapOrder(i, last)
	t.order = t.order[:last]
	t.at(r).orderPos = -1
}

// strike counts r as probed in this pass, out of its order.
func (t *table) strike(r ref) {
	if i := int(t.at(r).orderPos); i >= t.cursor {
		t.swapOrder(i, t.cursor)
		t.cursor++
	}
}

func (t *table) swapOrder(i, j int) {
	o := t.order
	o[i], o[j] = o[j], o[i]
	t.at(o[i]).orderPos, t.at(o[j]).orderPos = int32(i), int32(j)
}

// reshuffle begins a new pass over the probe order, without those that want does
// not want.
func (t *table) reshuffle(rand Rand, want func(member) bool) {
	kept := t.order[:0]
	for _, r := range t.order {
		m := t.at(r)
		if !want(m) {
			m.orderPos = -1
			continue
		}
		m.orderPos = int32(len(kept))
		kept = append(kept, r)
	}
	t.order, t.cursor, t.passed = kept, 0, 0
	for i := len(kept) - 1; i > 0; i-- {
		t.swapOrder(i, rand.IntN(i+1))
	}
}
