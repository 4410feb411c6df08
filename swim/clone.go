package swim

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Clone returns a core that knows, waits for and will do exactly what c does, and
// shares nothing with it that changes: the same calls have the same outputs. rand
// and rider take the place of c's; the caller has copied their states. Outputs
// that were not taken yet are cloned too.
func (c *Core) Clone(rand Rand, rider Rider) *Core {
	n := *c
	n.cfg.Rand = rand
	if rider == nil {
		rider = noRider{}
	}
	n.rider, n.cfg.Rider = rider, rider

	n.table = c.table.clone()
	n.schedule.ring = slices.Clone(c.schedule.ring)
	n.tally = slices.Clone(c.tally)
	n.compared.pairs = slices.Clone(c.compared.pairs)

	n.deadlines.slots = slices.Clone(c.deadlines.slots)
	n.deadlines.free = slices.Clone(c.deadlines.free)
	n.deadlines.heap = slices.Clone(c.deadlines.heap)
	n.cutOff.sweep = slices.Clone(c.cutOff.sweep)
	n.leaving.acked = maps.Clone(c.leaving.acked)
	n.leaving.told = maps.Clone(c.leaving.told)
	for k := range n.queues {
		n.queues[k].lists = slices.Clone(c.queues[k].lists)
		n.sent[k] = nil
	}
	n.probes, n.relays = c.probes.clone(), c.relays.clone()
	n.awaited = maps.Clone(c.awaited)
	n.tombstones.fifo = slices.Clone(c.tombstones.fifo)
	n.forgotten.hashes = maps.Clone(c.forgotten.hashes)
	n.strays = slices.Clone(c.strays)
	n.candidates, n.refusedAt = maps.Clone(c.candidates), maps.Clone(c.refusedAt)
	n.exchanges = make(map[ExchangeID]*exchange, len(c.exchanges))
	for id, x := range c.exchanges {
		copied := *x
		n.exchanges[id] = &copied
	}
	n.joins = make([]*join, len(c.joins))
	for i, j := range c.joins {
		copied := *j
		copied.waiting, copied.errs = slices.Clone(j.waiting), slices.Clone(j.errs)
		n.joins[i] = &copied
	}

	n.packets = Batch{arena: bytes.Clone(c.packets.arena), packets: slices.Clone(c.packets.packets)}
	n.dials, n.events = slices.Clone(c.dials), slices.Clone(c.events)
	n.in, n.out, n.parts, n.name, n.from, n.meta, n.rumour, n.chosen, n.swapped = Message{}, Message{}, nil, nil, nil, nil, nil, nil, nil
	return &n
}

// clone returns a table that shares only what never changes.
func (t *table) clone() table {
	n := *t
	n.records = t.records.clone()
	n.chunks = make([]*[chunkRows]row, len(t.chunks))
	for i, chunk := range t.chunks {
		copied := *chunk
		n.chunks[i] = &copied
	}
	n.troubles, n.bulletins = t.troubles.clone(), t.bulletins.clone()
	for i := range n.troubles.items {
		if s := n.troubles.items[i].suspicion; s != nil {
			copied := *s
			copied.accusers = slices.Clone(s.accusers)
			n.troubles.items[i].suspicion = &copied
		}
	}
	n.echoes = nil // they only save time
	n.names.places, n.addrs.places = slices.Clone(t.names.places), slices.Clone(t.addrs.places)
	n.free, n.order = slices.Clone(t.free), slices.Clone(t.order)
	return n
}

func (p *pool[T]) clone() pool[T] {
	return pool[T]{items: slices.Clone(p.items), free: slices.Clone(p.free), used: p.used}
}

// AppendCanonical appends an encoding of everything that decides what c does
// next, its source of chance and its rider excepted. Times are relative to now, so
// that two cores in the same state at different times are encoded equally. What
// does not matter leaves no trace: numbers that rows, timers and exchanges happen
// to have, the order of a map, counters, scratch, the outputs that were not taken,
// sequence numbers and identifiers that nobody waits for any more.
//
// It is for tests and for exploring state spaces; it allocates, and its layout may
// change with every release.
func (c *Core) AppendCanonical(b []byte, now time.Duration) []byte {
	e := canon{b: b, c: c, now: now}
	e.flag(c.replaced)
	e.prints(c.prints)
	e.time(max(c.printsSince, now-2*c.cfg.GossipInterval))
	e.int(int64(c.health.score))
	e.flag(c.cutOff.since >= 0)
	e.flag(c.leaving.on)
	e.flag(c.leaving.over)
	e.int(int64(c.leaving.want))
	e.time(max(c.failedAt, now-c.cfg.ProbeInterval))
	e.gap()
	if c.cfg.GossipInterval > 0 {
		e.time(c.nextTick(now))
		e.time(max(now, c.nextTick(c.lastRound)))
	}
	if c.cfg.ProbeRetries > 0 {
		e.int(int64(c.rtt.smoothed))
		e.int(int64(c.rtt.variation))
	}
	e.flag(c.periodDue)
	e.flag(c.turn)
	e.flag(c.healing)
	e.int(int64(c.outgoing))
	if !c.cfg.NoCoordinatedProbing {
		e.schedule()
	}
	if c.catchesUp() {
		e.int(int64(c.catchUp.known))
		e.int(int64(c.catchUp.wait))
		e.flag(c.catchUp.keen)
	}
	e.members()
	e.lists()
	e.probes()
	e.relays()
	e.wakes()
	e.exchanges()
	e.leftovers()
	return e.b
}

// AppendNumbers appends the numbers that AppendCanonical leaves out, because they mean
// something to the owner only: those that the next ping, exchange and command will
// take, and those of the exchanges and joins that are under way. Two cores that are
// equal in both encodings answer the same calls with the same bytes.
func (c *Core) AppendNumbers(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.seq))
	b = binary.AppendUvarint(b, uint64(c.exchangeID))
	b = binary.AppendUvarint(b, c.nextID)
	b = binary.AppendUvarint(b, uint64(len(c.exchanges)))
	for _, id := range slices.Sorted(maps.Keys(c.exchanges)) {
		b = binary.AppendUvarint(b, uint64(id))
	}
	for _, j := range c.joins {
		b = binary.AppendUvarint(b, j.id)
	}
	return b
}

// canon writes a canonical encoding. Every piece has a fixed length or is preceded
// by its length, so that no two states share one.
type canon struct {
	b   []byte
	c   *Core
	now time.Duration
}

func (e *canon) int(v int64)          { e.b = binary.AppendVarint(e.b, v) }
func (e *canon) uint(v uint64)        { e.b = binary.AppendUvarint(e.b, v) }
func (e *canon) time(t time.Duration) { e.int(int64(t - e.now)) }
func (e *canon) prints(p Prints)      { e.uint(p.Members); e.uint(p.State) }
func (e *canon) addr(a netip.AddrPort) {
	e.str(a.Addr().String())
	e.uint(uint64(a.Port()))
}

func (e *canon) flag(v bool) {
	if v {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

func (e *canon) str(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *canon) life(l Life) { e.uint(uint64(l.Generation)); e.uint(uint64(l.Boot)) }

func (e *canon) stamp(s Stamp) { e.life(s.Life); e.uint(uint64(s.Incarnation)) }

// name stands for a row; noRef has none.
func (e *canon) name(r ref) {
	if r == noRef {
		e.str("")
		return
	}
	e.str(e.c.at(r).name())
}

// sorted are the rows in use, by name.
func (e *canon) sorted() []ref {
	rows := make([]ref, 0, e.c.size())
	for r := range e.c.all() {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b ref) int { return cmp.Compare(e.c.at(a).name(), e.c.at(b).name()) })
	return rows
}

func (e *canon) members() {
	rows := e.sorted()
	e.uint(uint64(len(rows)))
	for _, r := range rows {
		m := e.c.at(r)
		e.str(m.name())
		e.addr(m.addr())
		e.str(string(m.meta()))
		e.stamp(m.stamp())
		e.life(m.met())
		e.uint(e.c.stateHash(m))
		e.str(m.from())
		e.uint(uint64(m.state))
		if e.c.cfg.ProbeRetries > 0 {
			e.int(int64(m.rtt.smoothed))
			e.int(int64(m.rtt.variation))
		}
		for _, f := range []bool{
			m.private(), m.unwanted, m.conflicted, m.buried(), m.swept, e.c.livesAt(r, m.addr()),
		} {
			e.flag(f)
		}
		switch coordinates := !e.c.cfg.NoCoordinatedProbing; {
		case m.buried():
			e.time(m.since())
		case coordinates && m.state.live():
			e.time(max(m.since(), e.now-steadyPeriods*e.c.cfg.ProbeInterval))
		}
		for k := range numNews {
			e.int(int64(m.sends(k)))
			if m.sends(k) != notQueued {
				e.int(int64(m.slot(k).heard))
			}
		}
		if m.sends(newsRumour) != notQueued {
			news := m.announced().news
			e.uint(news.base)
			if e.flag(news.begun); news.begun {
				e.uint(news.next)
				e.int(int64(news.told))
			}
		}
		if s := m.suspicion(); s != nil {
			e.time(s.start)
			e.int(int64(s.need))
			e.str(s.declared)
			e.uint(uint64(len(s.accusers)))
			for _, a := range s.accusers {
				e.str(a)
			}
		}
		_, acked := e.c.leaving.acked[r]
		e.flag(acked)
		e.int(int64(e.c.leaving.told[r]))
	}
}

// gap is what is remembered of one, as long as it is open.
func (e *canon) gap() {
	g := &e.c.gap
	if e.flag(e.c.isGapOpen()); g.open {
		e.name(g.member)
		e.time(max(g.since, e.now-e.c.gapPatience()))
	}
}

// livesAt reports whether r is whom packets from an address are taken to be from.
func (c *Core) livesAt(r ref, a netip.AddrPort) bool {
	at, ok := c.resident(a)
	return ok && at == r
}

// lists are those whose order decides what is done.
func (e *canon) lists() {
	c := e.c
	for _, list := range [][]ref{c.order, c.cutOff.sweep} {
		e.uint(uint64(len(list)))
		for _, r := range list {
			e.name(r)
		}
	}
	e.uint(uint64(c.cursor))
	e.int(int64(c.cutOff.pace))
	for k := range c.queues {
		for _, l := range c.queues[k].lists {
			for r := l.head; r != noRef; r = c.at(r).slot(news(k)).next {
				e.name(r)
			}
		}
	}
	for _, t := range c.tombstones.fifo {
		if !c.stale(t) {
			e.name(t.member)
		}
	}
}

// schedule is what decides the next turns. The ring says nothing that the live
// members do not say; the wall clock does, whatever the time.
func (e *canon) schedule() {
	c, s := e.c, &e.c.schedule
	e.flag(s.torn)
	e.int(int64(s.moves))
	e.uint(uint64(s.dissent))
	e.int(int64(s.pause))
	e.time(s.begin)
	if e.flag(s.decided); s.decided {
		e.time(s.next.at)
		e.name(s.next.target)
	}
	e.time(s.wakeAt)
	e.name(s.target)
	e.uint(uint64(c.passed))
	e.silence()
	e.flag(c.wallKnown)
	if c.wallKnown {
		e.int(int64(c.wallOffset + e.now))
	}
}

// silence is what those who ping us have led us to expect.
func (e *canon) silence() {
	s := &e.c.schedule.silence
	for number := s.last; number <= s.last+1; number++ {
		e.name(s.dueIn(number))
	}
	e.time(max(s.last*e.c.cfg.ProbeInterval-e.c.wallOffset, e.now-9*e.c.cfg.ProbeInterval))
	e.uint(uint64(s.missed))
	e.flag(s.moved)
	e.int(int64(s.late))
	if e.flag(s.timer != 0); s.timer != 0 {
		e.time(s.until)
	}
}

// numbered are the numbers that somebody waits for, in their order.
func (e *canon) numbered(relay bool) []SeqNo {
	var seqs []SeqNo
	for seq, a := range e.c.awaited {
		if a.relay == relay {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return seqs
}

func (e *canon) probes() {
	seqs := e.numbered(false)
	e.uint(uint64(len(seqs)))
	for _, seq := range seqs {
		p := e.c.probes.at(e.c.awaited[seq].ref)
		e.uint(uint64(seq))
		e.uint(uint64(p.kind))
		e.int(int64(p.asked))
		e.int(int64(p.relays))
		e.int(int64(p.nacks))
		e.flag(p.indirect)
		e.flag(p.mute)
		e.flag(p.sendFailed)
		e.flag(p.heard == e.c.heard)
		e.stamp(p.stamp)
		e.str(p.name)
		e.addr(p.addr)
		e.time(p.start)
		e.time(p.last)
		e.time(p.timeout)
		e.time(p.end)
		e.prints(p.prints)
		e.uint(p.id)
		e.stamp(p.alive.Stamp)
		e.str(string(p.alive.Meta))
	}
}

func (e *canon) relays() {
	seqs := e.numbered(true)
	e.uint(uint64(len(seqs)))
	for _, seq := range seqs {
		r := e.c.relays.at(e.c.awaited[seq].ref)
		e.uint(uint64(seq))
		e.addr(r.asker)
		e.uint(uint64(r.askerSeq))
		e.name(r.member)
		e.flag(r.wantNack)
		e.flag(r.nacked)
		e.flag(r.known)
		e.flag(r.suspect)
		e.time(r.end)
	}
}

// wakes are the deadlines, in the order in which they fire.
func (e *canon) wakes() {
	d := &e.c.deadlines
	heap := slices.Clone(d.heap)
	slices.SortFunc(heap, func(a, b timer) int {
		x, y := &d.slots[a-1], &d.slots[b-1]
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.order, y.order))
	})
	e.uint(uint64(len(heap)))
	for _, t := range heap {
		s := &d.slots[t-1]
		e.uint(uint64(s.wake))
		e.time(s.at)
		switch s.wake {
		case wakeProbe:
			e.uint(uint64(e.c.probes.at(s.ref).seq))
		case wakeRelay:
			e.uint(uint64(e.c.relays.at(s.ref).seq))
		case wakeSuspicion:
			e.name(s.ref)
		}
	}
}

// exchanges in the order in which they began.
func (e *canon) exchanges() {
	ids := slices.Sorted(maps.Keys(e.c.exchanges))
	e.uint(uint64(len(ids)))
	for _, id := range ids {
		x := e.c.exchanges[id]
		e.uint(uint64(x.dial.Kind))
		e.uint(uint64(x.dial.seq))
		e.flag(x.dial.differ)
		e.flag(x.ours)
		e.uint(uint64(x.stage))
		e.addr(x.addr)
		e.str(x.peer)
		e.flag(x.fresh)
		e.prints(x.prints)
		e.prints(x.theirs)
		e.int(int64(x.moved))
		e.int(int64(x.buckets))
	}
	e.uint(uint64(len(e.c.joins)))
	for _, j := range e.c.joins {
		e.flag(j.done)
		e.int(int64(j.dialing))
		e.uint(uint64(len(j.waiting)))
		for _, a := range j.waiting {
			e.addr(a)
		}
	}
}

// leftovers are what is remembered of the past.
func (e *canon) leftovers() {
	c := e.c
	e.flag(c.forgotten.full)
	for _, h := range slices.Sorted(maps.Keys(c.forgotten.hashes)) {
		e.uint(h)
	}
	e.uint(uint64(len(c.compared.pairs)))
	for _, p := range slices.Sorted(slices.Values(c.compared.pairs)) {
		e.uint(p)
	}
	e.uint(uint64(len(c.refusedAt)))
	for _, a := range slices.SortedFunc(maps.Keys(c.refusedAt), netip.AddrPort.Compare) {
		e.addr(a)
		e.time(c.refusedAt[a])
	}
	for _, st := range c.strays { // the end: their number needs no telling
		e.str(st.name)
		e.addr(st.addr)
		e.time(st.until)
	}
}
