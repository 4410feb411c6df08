package explore

import (
	"math/rand/v2"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A world runs a cluster in one way only: nothing is lost, what is sent arrives at
// once, and one clock moves all. It leads a cluster to where an exploration starts,
// and tells what becomes of a state when all is calm.
type world struct {
	m     *machine
	nodes [MaxNodes]*process
	way   []item
	now   time.Duration
}

// A process is a core that is called, and what its clock showed at the start.
type process struct {
	core   *swim.Core
	marks  *marks
	origin time.Duration
}

// maxInstant bounds what may arrive in one instant: with more, nodes answer each other
// without end.
const maxInstant = 10_000

// run lets time pass until done, which is asked whenever nothing is on its way; it
// reports whether it came to that within limit.
func (w *world) run(limit time.Duration, done func() bool) bool {
	for {
		for n := 0; len(w.way) > 0; n++ {
			if n > maxInstant {
				return false
			}
			it := w.way[0]
			w.way = w.way[1:]
			w.arrive(it)
		}
		if done() {
			return true
		}
		next, found := w.now+limit, false
		for _, p := range w.nodes {
			if p == nil {
				continue
			}
			if at, ok := p.core.NextDeadline(); ok && at-p.origin <= next {
				next, found = max(w.now, at-p.origin), true
			}
		}
		if !found {
			return false
		}
		limit -= next - w.now
		w.now = next
		for i, p := range w.nodes {
			if p == nil {
				continue
			}
			if at, ok := p.core.NextDeadline(); ok && at <= w.clock(p) {
				p.core.HandleTimeout(w.clock(p))
				w.take(i)
			}
		}
	}
}

// clock is what a process's own clock shows.
func (w *world) clock(p *process) time.Duration { return p.origin + w.now }

// take puts on its way what a node wants sent, and stops a node that was refused.
func (w *world) take(i int) {
	p := w.nodes[i]
	for at, ok := p.core.NextDeadline(); ok && at <= w.clock(p); at, ok = p.core.NextDeadline() {
		p.core.HandleTimeout(w.clock(p))
	}
	sent, _, stops := w.m.drain(i, p.core)
	w.way = append(w.way, sent...)
	if stops {
		w.nodes[i] = nil
	}
}

func (w *world) arrive(it item) {
	var to, from *process
	if to = w.nodes[it.to]; it.from != nobody {
		from = w.nodes[it.from]
	}
	switch {
	case it.kind == itemDial && from == nil:
	case it.kind == itemDial && to == nil:
		from.core.HandleDialError(w.clock(from), it.dial, errLost)
		w.take(int(it.from))
	case to == nil:
	case it.kind == itemPacket:
		to.core.HandlePacket(w.clock(to), addrOf(int(it.from)), []byte(it.bytes))
		w.take(int(it.to))
	case it.kind == itemReset:
		to.core.Abort(w.clock(to), it.toEnd, errLost)
		w.take(int(it.to))
	case it.kind == itemDial:
		end, frame, err := from.core.Begin(w.clock(from), it.dial)
		if err == nil {
			other := to.core.Accept(w.clock(to), addrOf(int(it.from)))
			w.way = append(w.way, item{kind: itemFrame, from: it.from, fromEnd: end, to: it.to, toEnd: other, bytes: string(frame)})
		}
		w.take(int(it.from))
	case it.kind == itemFrame:
		reply, done, err := to.core.Step(w.clock(to), it.toEnd, []byte(it.bytes))
		switch {
		case reply != nil && it.from != nobody:
			w.way = append(w.way, item{kind: itemFrame, from: it.to, fromEnd: it.toEnd, to: it.from, toEnd: it.fromEnd, bytes: string(reply)})
		case it.from != nobody && (err != nil || !done):
			w.way = append(w.way, item{kind: itemReset, from: nobody, to: it.from, toEnd: it.fromEnd})
		case it.from == nobody && !done:
			w.way = append(w.way, item{kind: itemReset, from: nobody, to: it.to, toEnd: it.toEnd})
		}
		w.take(int(it.to))
	}
}

// member is a process that takes part: neither leaving nor replaced.
func (p *process) member() bool {
	info, ok := p.core.Member(nameOf(p.marks.self))
	return ok && info.State == swim.Alive && !p.core.Replaced()
}

// dispute is what keeps the members from agreeing; nil when nothing does.
func (w *world) dispute(invariant string) *Fault {
	for i, p := range w.nodes {
		if p == nil || !p.member() {
			continue
		}
		for j, q := range w.nodes[:w.m.cfg.Nodes] {
			info, known := p.core.Member(nameOf(j))
			up := q != nil && q.member()
			switch {
			case up && (!known || info.State != swim.Alive):
				return fault(invariant, "%s is up, and %s holds it %s", nameOf(j), nameOf(i), held(info, known))
			case !up && known && (info.State == swim.Alive || info.State == swim.Suspect):
				return fault(invariant, "%s is no member, and %s holds it %s", nameOf(j), nameOf(i), held(info, known))
			case up && w.m.cfg.Swim.PushPullInterval != swim.Off && p.marks.held[j] != q.marks.held[j]:
				return fault(invariant, "%s holds the state of %s at %v, and %s is at %v", nameOf(i), nameOf(j), p.marks.held[j], nameOf(j), q.marks.held[j])
			}
		}
	}
	return nil
}

func held(info swim.Info, known bool) string {
	if !known {
		return "unknown"
	}
	return info.State.String() + " at " + info.Stamp.String()
}

const (
	// calmLimit is how long agreement may take: every node has its turn to heal many
	// times over, at the intervals that are worth exploring with.
	calmLimit = time.Hour
	// findLimit is how long a crash may go unnoticed.
	findLimit = 10 * time.Minute
	// leaveWithin is how long the owner of a leaving node waits.
	leaveWithin = 5 * time.Second
	// calmSeed seeds the choices of nodes in calm. Any will do.
	calmSeed = 1
)

// calm checks that a state ends well when nothing goes wrong from there on.
func (m *machine) calm(st *state) (f *Fault) {
	defer func() {
		if r := recover(); r != nil {
			f = fault("no-panic", "in calm: %v", r)
		}
	}()
	w := &world{m: m}
	for i := range m.cfg.Nodes {
		if id := st.nodes[i].snap; id != noSnap {
			s := &m.snaps[id]
			w.nodes[i] = clone(i, s.core, s.marks, s.now)
		}
	}
	for _, id := range st.items {
		w.way = append(w.way, m.items[id].item)
	}
	for i := range w.nodes {
		if w.nodes[i] != nil {
			w.take(i) // what a stall has made late
		}
	}
	w.run(leaveWithin, func() bool { return false })
	for i, p := range w.nodes {
		if p != nil && !p.member() {
			w.nodes[i] = nil
		}
	}
	w.run(calmLimit, func() bool { return w.dispute("calm") == nil })
	if f := w.dispute("calm"); f != nil {
		return f
	}
	return m.complete(w)
}

// complete checks that a cluster finds out when any one of its nodes ends.
func (m *machine) complete(w *world) *Fault {
	for victim := range m.cfg.Nodes {
		if w.nodes[victim] == nil {
			continue
		}
		after := &world{m: m, now: w.now}
		for i, p := range w.nodes {
			if p != nil && i != victim {
				after.nodes[i] = clone(i, p.core, p.marks, p.origin)
			}
		}
		after.run(findLimit, func() bool { return after.dispute("completeness") == nil })
		if f := after.dispute("completeness"); f != nil {
			return f
		}
	}
	return nil
}

func clone(i int, core *swim.Core, held *marks, origin time.Duration) *process {
	held = held.clone()
	return &process{core: core.Clone(rand.New(rand.NewPCG(calmSeed, uint64(i))), held), marks: held, origin: origin}
}

// root is the state in which an exploration starts.
func (m *machine) root() (*state, error) {
	st := &state{}
	for b, n := range m.cfg.budgets() {
		st.left[b] = uint8(n)
	}
	w := &world{m: m}
	m.internGhost(ghost{})
	for i := range m.cfg.Nodes {
		core, marks, err := m.newCore(i, firstLife(), 0)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			core.Join(0, seeds(0))
		}
		w.nodes[i] = &process{core: core, marks: marks}
	}
	if m.cfg.Start == StartTogether {
		for i := range m.cfg.Nodes {
			w.take(i)
		}
		quiet := func() bool {
			for i := range m.cfg.Nodes {
				if s := w.nodes[i].core.Stats(); s.QueuedClaims+s.QueuedRumours+s.OpenProbes+s.OpenExchanges > 0 {
					return false
				}
			}
			return w.dispute("calm") == nil
		}
		if !w.run(calmLimit, quiet) {
			return nil, errNoStart
		}
	}
	for i := range m.cfg.Nodes {
		p := w.nodes[i]
		var o outcome
		m.take(i, p.core, &o)
		for _, id := range o.sent {
			m.add(st, id)
		}
		st.nodes[i].snap = m.intern(viewOf(i, p.core, p.marks, w.clock(p)), p.core, p.marks, w.clock(p))
	}
	return st, nil
}
