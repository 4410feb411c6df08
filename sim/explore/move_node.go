package explore

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
