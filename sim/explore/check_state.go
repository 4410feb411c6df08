package explore

import "github.com/nekton-go/nekton/swim"

// checkState is about what nodes hold of each other.
func (m *machine) checkState(st *state) *Fault {
	var past [MaxNodes]ghost
	for i := range m.cfg.Nodes {
		past[i] = m.past(st.nodes[i])
	}
	calm := m.undisturbed(st)
	for i := range m.cfg.Nodes {
		if st.nodes[i].snap == noSnap {
			continue
		}
		v, name := &m.snaps[st.nodes[i].snap].view, nameOf(i)
		for j := range m.cfg.Nodes {
			r, about := v.rows[j], nameOf(j)
			switch {
			case r.known && r.stamp.Compare(past[j].top) > 0:
				return fault("own-word", "%s holds %s at %v; it has never been above %v", name, about, r.stamp, past[j].top)
			case v.held[j].version > 0 && v.held[j].compare(past[j].last) > 0:
				return fault("own-word", "%s holds the state of %s at %v; it has never been above %v", name, about, v.held[j], past[j].last)
			case r.known && r.state == swim.Left && r.stamp.Life.Compare(past[j].gone) > 0:
				return fault("left-by-own-word", "%s holds that %s has left at %v; it has not", name, about, r.stamp)
			case calm && r.known && r.state != swim.Alive:
				return fault("accuracy", "%s holds %s %v, and nothing has gone wrong", name, about, r.state)
			}
		}
	}
	return nil
}

// undisturbed reports whether too little has gone wrong so far to make one node
// suspect another. On a prompt network, what is not lost is answered before a timer
// fires; an indirect probe makes up for one loss, and so does a stream.
func (m *machine) undisturbed(st *state) bool {
	if m.cfg.Late != 0 || m.cfg.Deliveries != 0 {
		return false
	}
	all := m.cfg.budgets()
	for _, b := range []budget{ofCrashes, ofLeaves, ofStalls} {
		if int(st.left[b]) != all[b] {
			return false
		}
	}
	spare := 0
	if rules := &m.cfg.Swim; m.cfg.Start == StartTogether {
		if m.cfg.Nodes > 2 && rules.IndirectProbes != swim.Off {
			spare++
		}
		if !rules.NoStreamProbe {
			spare++
		}
	}
	return all[ofDrops]-int(st.left[ofDrops]) <= spare
}
