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
