package explore

import (
	"fmt"

	"github.com/nekton-go/nekton/swim"
)

// An Invariant is something that must hold in every state that can be reached.
type Invariant struct {
	Name     string
	Sentence string
}

// Invariants are all that are checked. Those of the first kind are checked whenever a
// core is called, the others in every state of the cluster; calm is checked where
// [Config.CalmEvery] says.
func Invariants() []Invariant {
	return []Invariant{
		{"no-panic", "No call of a core panics."},
		{"tables", "Everything that package swim states about its tables holds."},
		{"stamps-grow", "The stamp at which a node holds a member never goes back; nor does what it holds of the member's riding state."},
		{"no-resurrection", "Who is held suspect, dead or left at a stamp, and not in secret, is held better only at a higher stamp."},
		{"suspected-first", "Nobody is held dead who was not suspected before, unless Rules.TrustDeaths is set or suspicion is off."},
		{"cut-off-is-secret", "What the timers of a node that is cut off make of others is a secret."},
		{"own-row", "A node holds itself alive; or left, once it has said so, and then for good."},
		{"outgrow", "A node that hears itself accused, or alive at a stamp that it has not reached, and does not leave, is above that stamp afterwards."},
		{"evidence-counts", "Who hears of a known member at a stamp holds it at that stamp or above; and who hears from a member that it left, holds that, or it at a higher stamp."},
		{"heard-is-connected", "A node that has just heard from a member is not cut off."},
		{"refute-raises", "A node that refutes has raised its stamp, and says so, at once or when it next speaks."},
		{"buddy", "A ping to a suspect tells it so, unless that is a secret, or Rules.NoBuddy is set."},
		{"told-is-held", "A node tells no stamp that is above what it holds, and no verdict that is a secret."},
		{"acked-is-left", "Only a departure that is held, or of somebody unknown, is acknowledged."},
		{"answered", "A member counts as having answered only where an answer to that very probe has come."},
		{"replaced-is-silent", "A node that a higher life of its name has replaced sends nothing."},
		{"own-word", "Nobody holds a member at a stamp, or at a state that rides along, above what the member itself has reached."},
		{"left-by-own-word", "Nobody holds a member to have left that has not said so, in that life."},
		{"accuracy", "Where nothing was late, stalled or stopped, and no more lost than a probe can do without, nobody is suspected."},
		{"calm", "Once nothing is lost any more, all nodes that are up agree that these are the members."},
		{"completeness", "If then one of them ends without a word, the others find out."},
	}
}

// A Fault is an invariant that does not hold.
type Fault struct {
	// Invariant is the name of one of [Invariants].
	Invariant string
	// Detail says what is wrong.
	Detail string
}

func (f *Fault) String() string { return f.Invariant + ": " + f.Detail }

func fault(invariant, format string, args ...any) *Fault {
	return &Fault{invariant, fmt.Sprintf(format, args...)}
}

// checkCall checks what can be seen from one call of one core.
func (m *machine) checkCall(before *snapshot, after *view, core *swim.Core, in input, o *outcome) *Fault {
	if err := core.CheckInvariants(); err != nil {
		return fault("tables", "%s: %v", nameOf(after.node), err)
	}
	for _, check := range []func(*snapshot, *view, input, *outcome) *Fault{
		m.checkSelf, m.checkRows, m.checkHeard, m.checkSent,
	} {
		if f := check(before, after, in, o); f != nil {
			return f
		}
	}
	return nil
}

// checkSelf is about a node's own row.
func (m *machine) checkSelf(before *snapshot, after *view, in input, o *outcome) *Fault {
	name := nameOf(after.node)
	switch {
	case before.replaced && len(o.sent) > 0:
		return fault("replaced-is-silent", "%s has been replaced, and sends", name)
	case after.own != swim.Alive && after.own != swim.Left,
		before.own == swim.Left && after.own != swim.Left,
		after.own == swim.Left && before.own != swim.Left && in.kind != inLeave:
		return fault("own-row", "%s held itself %v, and now %v", name, before.own, after.own)
	}
	for _, e := range o.events {
		switch {
		case e.Kind != swim.EventSelfRefuted:
		case after.self.Compare(before.self) <= 0:
			return fault("refute-raises", "%s refutes at %v; it was at %v before", name, after.self, before.self)
		case after.queued == 0 && !m.saysAlive(o.sent, after.node, after.self):
			return fault("refute-raises", "%s refutes at %v, and tells nobody", name, after.self)
		}
	}
	return nil
}

// saysAlive reports whether a node says of itself, in one of the packets that it
// sends, that it is alive at a stamp.
func (m *machine) saysAlive(sent []itemID, node int, stamp swim.Stamp) bool {
	for _, id := range sent {
		for _, f := range m.items[id].facts {
			if f.kind == swim.KindAlive && f.about == node && f.stamp == stamp {
				return true
			}
		}
	}
	return false
}

// checkRows is about how rows change.
func (m *machine) checkRows(before *snapshot, after *view, in input, _ *outcome) *Fault {
	name := nameOf(after.node)
	for i := range m.cfg.Nodes {
		was, is, about := before.rows[i], after.rows[i], nameOf(i)
		if after.held[i].compare(before.held[i]) < 0 {
			return fault("stamps-grow", "%s held the state of %s at %v, and now at %v", name, about, before.held[i], after.held[i])
		}
		if !was.known || !is.known {
			continue // forgotten, and perhaps met anew
		}
		switch {
		case is.stamp.Compare(was.stamp) < 0:
			return fault("stamps-grow", "%s held %s at %v, and now at %v", name, about, was.stamp, is.stamp)
		case is.state < was.state && !was.secret && is.stamp == was.stamp:
			return fault("no-resurrection", "%s held %s %v at %v, and now %v at %v", name, about, was.state, was.stamp, is.state, is.stamp)
		case in.kind == inTimeout && after.cutOff && was.state == swim.Alive && is.state != swim.Alive && !is.secret:
			return fault("cut-off-is-secret", "%s is cut off, and holds %s %v at %v, and not in secret", name, about, is.state, is.stamp)
		case was.state == swim.Alive && is.state == swim.Dead && !m.cfg.Swim.Rules.TrustDeaths && m.cfg.Swim.SuspicionMult != swim.Off:
			return fault("suspected-first", "%s held %s alive at %v, and at once dead at %v", name, about, was.stamp, is.stamp)
		}
	}
	return nil
}

// checkHeard is about what a node makes of what it hears.
func (m *machine) checkHeard(before *snapshot, after *view, in input, o *outcome) *Fault {
	if in.kind != inPacket && in.kind != inStep {
		return nil
	}
	name, facts := nameOf(after.node), m.items[in.arg].facts
	for _, f := range facts {
		higher := f.kind == swim.KindAlive && f.stamp.Compare(before.self) > 0
		if (higher || f.kind == swim.KindSuspect || f.kind == swim.KindDead) && f.about == after.node && before.own == swim.Alive && !before.replaced && !after.replaced &&
			!o.failed && after.self.Compare(f.stamp) <= 0 {
			return fault("outgrow", "%s hears %v of itself at %v, and is at %v afterwards", name, f.kind, f.stamp, after.self)
		}
		if fl := checkEvidence(before, after, f, o); fl != nil {
			return fl
		}
	}
	if in.kind == inPacket && before.rows[m.items[in.arg].from].known && after.cutOff {
		return fault("heard-is-connected", "%s has heard from %s, and is cut off", name, nameOf(int(m.items[in.arg].from)))
	}
	for _, e := range o.events {
		if e.Kind != swim.EventProbed {
			continue
		}
		answered := false
		for _, f := range facts {
			if f.kind == swim.KindAck {
				asked, ok := before.core.Awaited(f.seq)
				answered = answered || ok && asked == e.Name
			}
		}
		if !answered {
			return fault("answered", "%s takes it that %s has answered; no number that has come belongs to a probe of it", name, e.Name)
		}
	}
	return nil
}

// checkEvidence is about what a node holds after one claim about another.
func checkEvidence(before *snapshot, after *view, f fact, o *outcome) *Fault {
	claim := f.kind == swim.KindAlive || f.kind == swim.KindSuspect || f.kind == swim.KindDead
	if !claim || f.about < 0 || f.about == after.node || before.replaced || after.replaced || o.failed {
		return nil
	}
	name, about, is := nameOf(after.node), nameOf(f.about), after.rows[f.about]
	switch order := is.stamp.Compare(f.stamp); {
	case !before.rows[f.about].known || !is.known:
		return nil
	case order < 0:
		return fault("evidence-counts", "%s hears %v %s at %v, and holds it at %v", name, f.kind, about, f.stamp, is.stamp)
	case order == 0 && f.left && is.state != swim.Left:
		return fault("evidence-counts", "%s hears that %s left at %v, and holds it %v", name, about, f.stamp, is.state)
	}
	return nil
}

// checkSent is about what a node says, in packets and in frames.
func (m *machine) checkSent(before *snapshot, after *view, _ input, o *outcome) *Fault {
	if o.frame != "" {
		for _, f := range m.facts(item{kind: itemFrame, bytes: o.frame}) {
			if fl := checkTold(before, after, f); fl != nil {
				return fl
			}
		}
	}
	for _, id := range o.sent {
		it := &m.items[id]
		warned := false
		for _, f := range it.facts {
			if f.kind == swim.KindLeaveAck {
				if r := after.rows[it.to]; r.known && r.state != swim.Left {
					return fault("acked-is-left", "%s acknowledges the departure of %s, and holds it %v", nameOf(after.node), nameOf(int(it.to)), r.state)
				}
			}
			warned = warned || f.kind == swim.KindSuspect && f.about == int(it.to)
			was, is := before.rows[it.to], after.rows[it.to]
			if f.kind == swim.KindPing && !m.cfg.Swim.Rules.NoBuddy && is.state == swim.Suspect && !is.secret && is == was && !warned {
				return fault("buddy", "%s pings %s, holds it suspect, and does not say so", nameOf(after.node), nameOf(int(it.to)))
			}
			if fl := checkTold(before, after, f); fl != nil {
				return fl
			}
		}
	}
	return nil
}

// checkTold is about one claim that a node makes.
func checkTold(before *snapshot, after *view, f fact) *Fault {
	claim := f.kind == swim.KindAlive || f.kind == swim.KindSuspect || f.kind == swim.KindDead
	if !claim || f.about < 0 {
		return nil
	}
	was, is, name, about := before.rows[f.about], after.rows[f.about], nameOf(after.node), nameOf(f.about)
	switch {
	case !is.known || f.stamp.Compare(is.stamp) > 0:
		return fault("told-is-held", "%s tells %s at %v, and holds it at %v", name, about, f.stamp, is.stamp)
	case f.kind != swim.KindAlive && was.secret && is.secret:
		return fault("told-is-held", "%s tells its secret about %s", name, about)
	}
	return nil
}

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
