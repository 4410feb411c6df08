package swim

import (
	"net/netip"
	"time"
)

// ref addresses a row of the members table. Rows are reused, references to a row
// are dropped when it is.
type ref int32

// selfRef is our own row, which is always there and always alive until we leave.
const selfRef ref = 0

// noRef addresses nothing.
const noRef ref = -1

// A member is one row of the table.
//
//   - It is in live exactly while its state is live and it is not ourselves.
//   - It has a suspicion exactly while it is suspect.
//   - It has a place in order at most once.
//   - Its row hash is in the fingerprints exactly while its state is live.
//   - met is at most the life of stamp: an accusation may speak of a life that we
//     have not met, and then the stamp is ahead.
//   - private is set only in states suspect and dead, and such a verdict is never
//     told to anyone.
//
// Only the becomeX methods assign state.
type member struct {
	name       string
	addr       netip.AddrPort
	meta       []byte
	stamp      Stamp
	met        Life   // that addr, meta and the riding state are of; see becomeAlive
	stateHash  uint64 // of the riding state, as counted in the fingerprint
	from       string // who accused it, when suspect or dead
	since      time.Duration
	heard      time.Duration // when we last had a packet from it; -1: never
	rtt        roundTrip
	news       [numNews]slot
	suspicion  *suspicion
	livePos    int32 // place among the live; -1: none
	orderPos   int32 // place in the probe order; -1: none
	state      State
	private    bool // the verdict was formed while cut off
	unwanted   bool // not a candidate for healing
	conflicted bool // a conflict at this stamp was reported
	buried     bool // it is a tombstone
	fresh      bool // it has never been alive here
	swept      bool // a ping of the sweep is out
	used       bool // the row is in use
}

// A table holds everyone we know, ourselves first.
type table struct {
	rows   []member
	free   []ref
	byName map[string]ref
	byAddr map[netip.AddrPort]ref // the last member heard of at an address
	live   []ref                  // alive and suspect members but ourselves, in no order

	// order is the permutation in which members are probed, and cursor the next
	// of them. Each pass probes everyone once; then the order is shuffled anew. A
	// newcomer gets a random place (SWIM §4.3). Members that need no probe any
	// more are skipped, and dropped at the end of a pass.
	order  []ref
	cursor int
}

// at returns the row of r.
func (t *table) at(r ref) *member { return &t.rows[r] }

// lookup finds a member by a name that came from the network.
func (t *table) lookup(name []byte) (ref, bool) {
	r, ok := t.byName[string(name)]
	return r, ok
}

// sizeAlive is n of the formulas: alive and suspect members, ourselves included.
func (t *table) sizeAlive() int { return len(t.live) + 1 }

// insert takes a row into use.
func (t *table) insert(name string) ref {
	var r ref
	if n := len(t.free); n > 0 {
		r, t.free = t.free[n-1], t.free[:n-1]
	} else {
		r = ref(len(t.rows))
		t.rows = append(t.rows, member{})
	}
	t.rows[r] = member{name: name, heard: -1, livePos: -1, orderPos: -1, fresh: true, used: true}
	for k := range t.rows[r].news {
		t.rows[r].news[k].sends = notQueued
	}
	t.byName[name] = r
	return r
}

// remove gives a row back. It must be in no list but order.
func (t *table) remove(r ref) {
	m := t.at(r)
	delete(t.byName, m.name)
	if t.byAddr[m.addr] == r {
		delete(t.byAddr, m.addr)
	}
	t.delist(r)
	t.rows[r] = member{}
	t.free = append(t.free, r)
}

// setAddr moves a member to an address.
func (t *table) setAddr(r ref, addr netip.AddrPort) {
	m := t.at(r)
	if t.byAddr[m.addr] == r {
		delete(t.byAddr, m.addr)
	}
	m.addr = addr
	t.byAddr[addr] = r
}

// addLive makes r one of the live members.
func (t *table) addLive(r ref) {
	t.at(r).livePos = int32(len(t.live))
	t.live = append(t.live, r)
}

// removeLive undoes addLive.
func (t *table) removeLive(r ref) {
	pos, last := t.at(r).livePos, len(t.live)-1
	moved := t.live[last]
	t.live[pos] = moved
	t.at(moved).livePos = pos
	t.live = t.live[:last]
	t.at(r).livePos = -1
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

func (t *table) swapOrder(i, j int) {
	o := t.order
	o[i], o[j] = o[j], o[i]
	t.at(o[i]).orderPos, t.at(o[j]).orderPos = int32(i), int32(j)
}

// reshuffle begins a new pass over the probe order, without those that want does
// not want.
func (t *table) reshuffle(rand Rand, want func(*member) bool) {
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
	t.order, t.cursor = kept, 0
	for i := len(kept) - 1; i > 0; i-- {
		t.swapOrder(i, rand.IntN(i+1))
	}
}
