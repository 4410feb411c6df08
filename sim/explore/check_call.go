package explore

import "github.com/nekton-go/nekton/swim"

// checkCall checks what can be seen from one call of one core.
func (m *machine) checkCall(before *snapshot, after *view, core *swim.Core, in input, o *outcome) *Fault {
	if err := core.CheckInvariants(); err != nil {
		return fault("tables", "%s: %v", nameOf(after.node), err)
	}
	for _, check := range []func(*snapshot, *view, input, *outcome) *Fault{
		m.checkSelf, m.checkRows, m.checkSecret, m.checkHeard, m.checkSent,
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
func (m *machine) checkRows(before *snapshot, after *view, _ input, _ *outcome) *Fault {
	name := nameOf(after.node)
	for i := range m.cfg.Nodes {
		was, is, about := before.rows[i], after.rows[i], nameOf(i)
		if after.held[i].compare(before.held[i]) < 0 {
			return fault("stamps-grow", "%s held the state of %s at %v, and now at %v", name, about, before.held[i], after.held[i])
		}
		if is.known && after.held[i].life.Compare(is.stamp.Life) > 0 {
			return fault("met-first", "%s holds %s at %v, and the state of its life %v", name, about, is.stamp, after.held[i].life)
		}
		if !was.known || !is.known {
			continue // forgotten, and perhaps met anew
		}
		switch {
		case is.stamp.Compare(was.stamp) < 0:
			return fault("stamps-grow", "%s held %s at %v, and now at %v", name, about, was.stamp, is.stamp)
		case is.state < was.state && !was.secret && is.stamp == was.stamp:
			return fault("no-resurrection", "%s held %s %v at %v, and now %v at %v", name, about, was.state, was.stamp, is.state, is.stamp)
		case was.state == swim.Alive && is.state == swim.Dead && !m.cfg.Swim.Rules.TrustDeaths && m.cfg.Swim.SuspicionMult != swim.Off:
			return fault("suspected-first", "%s held %s alive at %v, and at once dead at %v", name, about, was.stamp, is.stamp)
		}
	}
	return nil
}

// checkSecret is about the verdicts of a node that is cut off.
func (m *machine) checkSecret(before *snapshot, after *view, _ input, o *outcome) *Fault {
	cut, name := before.cutOff, nameOf(after.node)
	for _, e := range o.events {
		about, ok := nodeOf(e.Name)
		switch {
		case e.Kind == swim.EventCutOff:
			cut = true
		case e.Kind == swim.EventReconnected:
			cut = false
		case e.Kind != swim.EventSuspected && e.Kind != swim.EventFailed || !cut || !ok || e.From != name:
		case after.cutOff && after.rows[about].state != swim.Alive && !after.rows[about].secret:
			return fault("cut-off-is-secret", "%s is cut off, and holds %s %v, and not in secret", name, e.Name, after.rows[about].state)
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
