package explore

import (
	"fmt"
	"strings"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A Step is one move of a way, in the words of the protocol.
type Step struct {
	// Action is what happened.
	Action string
	// Effects are what came of it: events of nodes, and what they sent.
	Effects []string
}

// A Trace is a way through the states of a cluster.
type Trace struct {
	Steps []Step
	// Fault is the invariant that does not hold at the end; nil: all do.
	Fault *Fault
}

// String is a numbered list, and the fault.
func (t Trace) String() string {
	var b strings.Builder
	for i, s := range t.Steps {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, s.Action)
		for _, e := range s.Effects {
			fmt.Fprintf(&b, "       %s\n", e)
		}
	}
	if t.Fault != nil {
		fmt.Fprintf(&b, "%s\n", t.Fault)
	}
	return b.String()
}

// Replay goes one way, that a [Violation] of the same configuration names, and tells
// what happens. The error says which step cannot be taken. Where cfg.CalmEvery is not
// zero, the end of the way is checked for what becomes of it in calm.
func Replay(cfg Config, path string) (Trace, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return Trace{}, fmt.Errorf("explore: %w", err)
	}
	m, err := newMachine(cfg)
	if err != nil {
		return Trace{}, err
	}
	m.telling = true
	st, err := m.root()
	if err != nil {
		return Trace{}, err
	}
	t := Trace{Fault: m.checkState(st)}
	for i, text := range strings.Split(path, "-") {
		if path == "" || t.Fault != nil {
			break
		}
		a, err := parseAction(text)
		if err != nil {
			return t, fmt.Errorf("explore: step %d: %w", i+1, err)
		}
		after, taken := &state{}, false
		m.moves(st, func(mv *move) {
			if mv.action != a {
				return
			}
			taken = true
			after.copyFrom(&mv.to)
			t.Steps = append(t.Steps, m.tell(st, mv))
			t.Fault = mv.fault
		})
		if !taken {
			return t, fmt.Errorf("explore: step %d: nothing like %s can happen here, with this configuration", i+1, text)
		}
		st = after
		if t.Fault == nil {
			t.Fault = m.checkState(st)
		}
	}
	if t.Fault == nil && cfg.CalmEvery > 0 {
		t.Fault = m.calm(st)
	}
	return t, nil
}

// tell puts a move into words.
func (m *machine) tell(st *state, mv *move) Step {
	s := Step{Action: m.tellAction(st, mv)}
	for _, e := range mv.effects {
		for _, ev := range e.events {
			s.Effects = append(s.Effects, nameOf(e.node)+": "+tellEvent(ev))
		}
		for _, id := range e.sent {
			s.Effects = append(s.Effects, m.tellItem(id))
		}
		if e.frame != "" {
			s.Effects = append(s.Effects, nameOf(e.node)+" ══▶ "+m.tellFrame(e.frame))
		}
		if e.stops {
			s.Effects = append(s.Effects, nameOf(e.node)+" is refused, and stops")
		}
	}
	return s
}

func (m *machine) tellAction(st *state, mv *move) string {
	node := nameOf(mv.arg)
	switch mv.kind {
	case actTimeout:
		due := m.snaps[st.nodes[mv.arg].snap].due
		return fmt.Sprintf("%s: %v later, a timer fires", node, due.Round(time.Millisecond))
	case actStall:
		return fmt.Sprintf("%s is stalled for %v", node, m.cfg.StallFor)
	case actCrash:
		return node + " crashes"
	case actStop:
		return node + " stops"
	case actLeave:
		return node + " leaves"
	case actUpdate:
		return node + " changes its meta"
	case actPublish:
		return node + " changes its state"
	case actRestart:
		life := lowLives(m.ghosts[st.nodes[mv.arg].ghost].top.Life)[mv.chance]
		return fmt.Sprintf("%s restarts with generation %d, boot %d, and joins through %s",
			node, life.Generation, life.Boot, nameOf(m.seedOf(st, mv.arg)))
	}
	id := st.items[mv.arg]
	ending := map[actionKind]string{actDeliver: "delivered", actDrop: "lost", actDuplicate: "delivered, and a copy stays on its way"}[mv.kind]
	if m.items[id].kind == itemDial && mv.kind == actDeliver {
		ending = "opened"
		if st.nodes[m.items[id].to].snap == noSnap {
			ending = "not opened"
		}
	}
	return m.tellItem(id) + "  " + ending
}

func (m *machine) tellItem(id itemID) string {
	it := &m.items[id]
	to := nameOf(int(it.to))
	from := "(gone)"
	if it.from != nobody {
		from = nameOf(int(it.from))
	}
	switch it.kind {
	case itemDial:
		return fmt.Sprintf("%s ══ %s  stream for %v", from, to, it.dial.Kind)
	case itemFrame:
		return fmt.Sprintf("%s ══▶ %s  %s", from, to, m.tellFrame(it.bytes))
	case itemReset:
		return fmt.Sprintf("══✕ %s  end of its stream", to)
	}
	var words []string
	m.eachMessage(it.bytes, func(msg *swim.Message) { words = append(words, tellMessage(msg)) })
	return fmt.Sprintf("%s → %s  %s", from, to, strings.Join(words, ", "))
}

func tellMessage(msg *swim.Message) string {
	switch msg.Kind {
	case swim.KindPing:
		return fmt.Sprintf("ping seq=%d", msg.Seq)
	case swim.KindPingReq:
		return fmt.Sprintf("ping-req seq=%d target=%s", msg.Seq, msg.Name)
	case swim.KindAlive:
		return fmt.Sprintf("alive %s@%v", msg.Name, msg.Stamp)
	case swim.KindSuspect:
		return fmt.Sprintf("suspect %s@%v from=%s", msg.Name, msg.Stamp, msg.From)
	case swim.KindDead:
		if string(msg.Name) == string(msg.From) {
			return fmt.Sprintf("left %s@%v", msg.Name, msg.Stamp)
		}
		return fmt.Sprintf("dead %s@%v from=%s", msg.Name, msg.Stamp, msg.From)
	case swim.KindRumour:
		return "state"
	}
	return fmt.Sprintf("%v seq=%d", msg.Kind, msg.Seq)
}

func (m *machine) tellFrame(frame string) string {
	f, err := m.codec.ParseFrame([]byte(frame))
	if err != nil {
		return err.Error()
	}
	names := [...]string{
		swim.FrameOpen: "open", swim.FrameDigest: "digest", swim.FrameDelta: "delta", swim.FrameRefuse: "refuse",
		swim.FramePing: "ping", swim.FrameAck: "ack",
	}
	words := []string{names[f.Kind]}
	switch f.Kind {
	case swim.FrameRefuse:
		words = append(words, f.Refusal.Reason.String())
	case swim.FramePing, swim.FrameAck:
		words = append(words, fmt.Sprintf("seq=%d", f.Seq))
	default:
		for _, c := range append([]swim.Claim{f.Self}, f.Claims...) {
			words = append(words, fmt.Sprintf("%v %s@%v", c.State, c.Name, c.Stamp))
		}
		for _, w := range f.Wants {
			words = append(words, "want "+w.Name)
		}
	}
	return words[0] + " " + strings.Join(words[1:], ", ")
}

func tellEvent(e swim.Event) string {
	words := []string{e.Kind.String()}
	if e.Name != "" {
		words = append(words, e.Name)
	}
	if e.Stamp != (swim.Stamp{}) {
		words = append(words, "@"+e.Stamp.String())
	}
	if e.From != "" {
		words = append(words, "from="+e.From)
	}
	if e.Err != nil {
		words = append(words, "err="+strings.ReplaceAll(e.Err.Error(), "\n", "; "))
	}
	return strings.Join(words, " ")
}
