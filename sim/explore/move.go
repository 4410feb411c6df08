package explore

import "github.com/nekton-go/nekton/swim"

// A move is an action, what it led to, and which cores it went through.
type move struct {
	action
	to      state
	effects []effect
	fault   *Fault
}

// An effect is an outcome that a node went through. in is what was done to the node,
// and chance which of the outcomes came of it.
type effect struct {
	node   int
	in     input
	chance int
	*outcome
}

// moves visits every move that can be made in a state, in an order that depends on
// nothing but the state. The move is valid only during the visit.
func (m *machine) moves(st *state, visit func(*move)) {
	if m.cfg.Deliveries > 0 && st.left[ofDeliveries] == 0 {
		return
	}
	for i, id := range st.items {
		if i > 0 && st.items[i-1] == id {
			continue // the same as the one before
		}
		m.deliver(st, i, visit)
		m.drop(st, i, visit)
	}
	for i := range m.cfg.Nodes {
		if st.nodes[i].snap == noSnap {
			m.restart(st, i, visit)
			continue
		}
		m.pass(st, i, visit)
		v := &m.snaps[st.nodes[i].snap].view
		alive := v.own == swim.Alive && !v.replaced
		if st.left[ofCrashes] > 0 {
			m.emit(st, action{kind: actCrash, arg: i}, visit, func(mv *move) {
				mv.to.left[ofCrashes]--
				m.down(&mv.to, i)
			})
		}
		if v.own == swim.Left {
			m.emit(st, action{kind: actStop, arg: i}, visit, func(mv *move) { m.down(&mv.to, i) })
		}
		if alive && st.left[ofLeaves] > 0 {
			m.each(st, action{kind: actLeave, arg: i}, i, input{kind: inLeave}, visit, func(mv *move) { mv.to.left[ofLeaves]-- })
		}
		if alive && st.left[ofUpdates] > 0 {
			m.each(st, action{kind: actUpdate, arg: i}, i, input{kind: inUpdate}, visit, func(mv *move) { mv.to.left[ofUpdates]-- })
		}
		if alive && st.left[ofPublishes] > 0 {
			m.each(st, action{kind: actPublish, arg: i}, i, input{kind: inPublish}, visit, func(mv *move) { mv.to.left[ofPublishes]-- })
		}
	}
}

// emit makes a move in which no core is called, except as change does it.
func (m *machine) emit(st *state, a action, visit func(*move), change func(*move)) {
	mv := &m.move
	mv.action, mv.fault, mv.effects = a, nil, mv.effects[:0]
	mv.to.copyFrom(st)
	change(mv)
	m.tidy(&mv.to)
	visit(mv)
}

// each makes a move for each outcome of an input to a node. before changes the state
// first; what comes of the input follows.
func (m *machine) each(st *state, a action, node int, in input, visit func(*move), before func(*move)) {
	for i := range m.do(st.nodes[node].snap, in) {
		a.chance = i
		m.emit(st, a, visit, func(mv *move) {
			before(mv)
			m.apply(mv, node, in, i)
		})
	}
}

// apply lets a node take an outcome of an input.
func (m *machine) apply(mv *move, node int, in input, i int) *outcome {
	o := &m.do(mv.to.nodes[node].snap, in)[i]
	mv.effects = append(mv.effects, effect{node, in, i, o})
	if mv.fault == nil {
		mv.fault = o.fault
	}
	mv.to.nodes[node].snap = o.next
	for _, id := range o.sent {
		m.add(&mv.to, id)
	}
	if o.stops {
		m.down(&mv.to, node)
	}
	return o
}

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

// pass lets time pass for a node.
func (m *machine) pass(st *state, i int, visit func(*move)) {
	v := &m.snaps[st.nodes[i].snap].view
	if st.left[ofStalls] > 0 && v.due >= 0 {
		m.each(st, action{kind: actStall, arg: i}, i, input{kind: inStall}, visit, func(mv *move) { mv.to.left[ofStalls]-- })
	}
	late := m.cfg.Late < 0 || len(st.items) <= m.cfg.Late
	if st.left[ofTimeouts] == 0 || v.due < 0 || !late {
		return
	}
	due := v.due
	if m.cfg.OneClock {
		for j := range m.cfg.Nodes {
			if s := st.nodes[j].snap; s != noSnap && m.snaps[s].due >= 0 && m.snaps[s].due < due {
				return // another's turn
			}
		}
	}
	m.each(st, action{kind: actTimeout, arg: i}, i, input{kind: inTimeout}, visit, func(mv *move) {
		mv.to.left[ofTimeouts]--
		if !m.cfg.OneClock || due == 0 {
			return
		}
		jump := m.jump(due)
		for j := range m.cfg.Nodes {
			if s := mv.to.nodes[j].snap; j != i && s != noSnap {
				m.apply(mv, j, jump, 0)
			}
		}
	})
}

// restart starts a node that is down.
func (m *machine) restart(st *state, i int, visit func(*move)) {
	if st.left[ofRestarts] == 0 {
		return
	}
	g := m.ghosts[st.nodes[i].ghost]
	lives := lowLives(g.top.Life)
	n := 1
	if m.cfg.LowLives {
		n = len(lives)
	}
	for k, life := range lives[:n] {
		m.emit(st, action{kind: actRestart, arg: i, chance: k}, visit, func(mv *move) {
			mv.to.left[ofRestarts]--
			again := g
			again.runs++
			mv.to.nodes[i].ghost = m.internGhost(again)
			o := m.boot(i, life, again.runs, m.seedOf(st, i))
			mv.effects = append(mv.effects, effect{i, input{kind: inBoot}, 0, o})
			mv.to.nodes[i].snap = o.next
			for _, id := range o.sent {
				m.add(&mv.to, id)
			}
		})
	}
}

// seedOf is the next node that is up, or the next if none is.
func (m *machine) seedOf(st *state, i int) int {
	for k := 1; k < m.cfg.Nodes; k++ {
		if j := (i + k) % m.cfg.Nodes; st.nodes[j].snap != noSnap {
			return j
		}
	}
	return (i + 1) % m.cfg.Nodes
}

// down ends a node. Its streams are torn, and what it was about to open is not.
func (m *machine) down(st *state, i int) {
	st.nodes[i] = slot{noSnap, m.internGhost(m.past(st.nodes[i]))}
	var add []item
	kept := st.items[:0]
	for _, id := range st.items {
		it := m.items[id].item
		switch {
		case it.kind == itemDial && int(it.from) == i, it.kind == itemReset && int(it.to) == i:
			continue
		case it.kind == itemFrame && int(it.to) == i:
			if it.from != nobody {
				add = append(add, item{kind: itemReset, from: nobody, to: it.from, toEnd: it.fromEnd})
			}
			continue
		case it.kind == itemFrame && int(it.from) == i:
			it.from, it.fromEnd = nobody, 0
			add = append(add, it)
			continue
		}
		kept = append(kept, id)
	}
	st.items = kept
	for _, it := range add {
		m.add(st, m.internItem(it))
	}
}

// tidy takes away what cannot matter any more, so that states which differ in nothing
// else are one.
func (m *machine) tidy(st *state) {
	if m.cfg.Deliveries > 0 && st.left[ofDeliveries] == 0 {
		st.items = st.items[:0]
	}
	if st.left[ofRestarts] > 0 {
		return
	}
	kept := st.items[:0]
	for _, id := range st.items {
		if it := &m.items[id]; it.kind != itemPacket || st.nodes[it.to].snap != noSnap {
			kept = append(kept, id)
		}
	}
	st.items = kept
}
