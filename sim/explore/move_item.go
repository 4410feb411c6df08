package explore

import "github.com/nekton-go/nekton/swim"

// spend takes an item off its way, as one of the deliveries.
func (m *machine) spend(st *state, i int) {
	st.items = append(st.items[:i], st.items[i+1:]...)
	if m.cfg.Deliveries > 0 {
		st.left[ofDeliveries]--
	}
}

// deliver lets an item arrive.
func (m *machine) deliver(st *state, i int, visit func(*move)) {
	id := st.items[i]
	it := m.items[id] // a copy: what follows may intern more
	a := action{kind: actDeliver, arg: i}
	up := st.nodes[it.to].snap != noSnap
	arrive := func(mv *move) { m.spend(&mv.to, i) }
	switch {
	case it.kind == itemDial && !up:
		m.each(st, a, int(it.from), input{inDialError, uint32(id)}, visit, arrive)
	case !up:
		m.emit(st, a, visit, func(mv *move) { mv.to.items = append(mv.to.items[:i], mv.to.items[i+1:]...) })
	case it.kind == itemPacket:
		in := input{inPacket, uint32(id)}
		m.each(st, a, int(it.to), in, visit, arrive)
		if st.left[ofDuplicates] > 0 {
			a.kind = actDuplicate
			m.each(st, a, int(it.to), in, visit, func(mv *move) { mv.to.left[ofDuplicates]-- })
		}
	case it.kind == itemDial:
		m.open(st, a, id, visit)
	case it.kind == itemFrame:
		m.stepFrame(st, a, id, visit)
	case it.kind == itemReset:
		m.each(st, a, int(it.to), input{inAbort, uint32(id)}, visit, arrive)
	}
}

// open connects a stream: its opener begins, the other side accepts.
func (m *machine) open(st *state, a action, id itemID, visit func(*move)) {
	it := m.items[id]
	begin := input{inBegin, uint32(id)}
	for k := range m.do(st.nodes[it.from].snap, begin) {
		a.chance = k
		m.emit(st, a, visit, func(mv *move) {
			m.spend(&mv.to, a.arg)
			o := *m.apply(mv, int(it.from), begin, k)
			if o.failed {
				return
			}
			accepted := m.apply(mv, int(it.to), input{inAccept, uint32(it.from)}, 0)
			m.add(&mv.to, m.internItem(item{
				kind: itemFrame, from: it.from, fromEnd: o.end, to: it.to, toEnd: accepted.end, bytes: o.frame,
			}))
		})
	}
}

// stepFrame lets a frame arrive, and sends the answer back.
func (m *machine) stepFrame(st *state, a action, id itemID, visit func(*move)) {
	it := m.items[id]
	in := input{inStep, uint32(id)}
	for k := range m.do(st.nodes[it.to].snap, in) {
		a.chance = k
		m.emit(st, a, visit, func(mv *move) {
			m.spend(&mv.to, a.arg)
			o := m.apply(mv, int(it.to), in, k)
			switch {
			case o.frame != "" && it.from != nobody && !o.stops:
				m.add(&mv.to, m.internItem(item{
					kind: itemFrame, from: it.to, fromEnd: it.toEnd, to: it.from, toEnd: it.fromEnd, bytes: o.frame,
				}))
			case it.from != nobody && (o.failed || !o.finished):
				m.reset(&mv.to, it.from, it.fromEnd)
			case it.from == nobody && !o.finished && !o.stops:
				m.reset(&mv.to, it.to, it.toEnd)
			}
		})
	}
}

// reset sends a node the news that a stream of it is torn.
func (m *machine) reset(st *state, to int8, end swim.ExchangeID) {
	m.add(st, m.internItem(item{kind: itemReset, from: nobody, to: to, toEnd: end}))
}

// drop loses an item: a packet is gone, a dial fails, a stream is torn.
func (m *machine) drop(st *state, i int, visit func(*move)) {
	id := st.items[i]
	it := m.items[id]
	if st.left[ofDrops] == 0 || it.kind == itemReset || st.nodes[it.to].snap == noSnap {
		return
	}
	a := action{kind: actDrop, arg: i}
	lose := func(mv *move) {
		mv.to.items = append(mv.to.items[:i], mv.to.items[i+1:]...)
		mv.to.left[ofDrops]--
	}
	if it.kind == itemDial {
		m.each(st, a, int(it.from), input{inDialError, uint32(id)}, visit, lose)
		return
	}
	m.emit(st, a, visit, func(mv *move) {
		lose(mv)
		if it.kind == itemFrame {
			m.reset(&mv.to, it.to, it.toEnd)
			if it.from != nobody {
				m.reset(&mv.to, it.from, it.fromEnd)
			}
		}
	})
}
