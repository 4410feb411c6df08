package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Told is one thing that a story tells.
type Told struct {
	// Line is where the command stands that was being played.
	Line int
	// At is when, since the story began; negative for what has no time, like tables.
	At time.Duration
	// Node is where it happened; empty if that is nowhere in particular.
	Node string
	// Kind is what happened, in one word: the kind of an event, or "packet",
	// "stream", "until", "unmet", "table", "summary", "met". What was expected and is
	// so ("met") is not in the file.
	Kind string
	// About is the node that it happened to.
	About string
	// By is the node that says so, or that a packet goes to.
	By string
	// Text is what is told, in words.
	Text string
}

// String is the line in the story.
func (t Told) String() string {
	switch {
	case t.At < 0:
		return t.Text
	case t.Kind == "packet" || t.Kind == "stream":
		return fmt.Sprintf("%7.3f    %s", t.At.Seconds(), t.Text)
	case t.Node == "":
		return fmt.Sprintf("%7.3f  %s", t.At.Seconds(), t.Text)
	}
	return fmt.Sprintf("%7.3f  %s: %s", t.At.Seconds(), t.Node, t.Text)
}

// say tells something that happens now.
func (s *stage) say(t Told) {
	if s.hush {
		return
	}
	t.At = s.c.Now() - s.start
	s.keep(t)
}

// keep keeps what is told for the end of the block, or hands it on at once.
func (s *stage) keep(t Told) {
	t.Line = s.line.Number
	if s.options.Stream != nil {
		s.options.Stream(s.name, t)
		return
	}
	s.told = append(s.told, t)
}

// table tells lines that have no time.
func (s *stage) table(format string, args ...any) {
	s.keep(Told{At: -1, Kind: "table", Text: fmt.Sprintf(format, args...)})
}

// sayEvent tells what happened to the group, as far as it is asked for.
func (s *stage) sayEvent(t Told) {
	if s.hush {
		return
	}
	if s.options.Trace {
		s.say(t)
		return
	}
	if !s.filter.wants(t.Kind) {
		return
	}
	if s.filter.mode == tellEvents {
		s.say(t)
		return
	}
	s.filter.count(t, s.c.Now()-s.start)
}

// Settled is part of [sim.Observer].
func (s *stage) Settled(*sim.Node) {}

// Observe is part of [sim.Observer].
func (s *stage) Observe(n *sim.Node, e *sim.Event) {
	switch e.Kind {
	case node.EventStatus:
		s.sayStatus(n, e)
	case node.EventStore:
		if e.ID != n.ID() {
			s.sayEvent(Told{Node: string(n.Name), Kind: "state", About: string(e.ID), Text: s.state(n, e.ID)})
		}
	case node.EventPingDone:
	default:
		s.sayMember(n, &e.Member)
	}
}

func (s *stage) sayStatus(n *sim.Node, e *sim.Event) {
	if !s.set.cluster.Quorum {
		return
	}
	text := fmt.Sprintf("%s is %s", e.ID, statusName(e.Change.To))
	if e.Change.Self {
		text = "is " + statusName(e.Change.To)
	}
	s.sayEvent(Told{Node: string(n.Name), Kind: "status", About: string(e.ID), Text: text})
}

// statusName is a status without its prefix.
func statusName(status types.NodeStatus) string {
	return strings.TrimPrefix(status.String(), "NODE_STATUS_")
}

// longest is how much of a value is told. Bytes.
const longest = 24

// state is what a node holds of another one's StoreMap.
func (s *stage) state(n *sim.Node, owner types.NodeId) string {
	var held []string
	for key, value := range n.Core().Held(owner) {
		if len(value) > longest {
			held = append(held, fmt.Sprintf("%s=(%d bytes)", key, len(value)))
		} else {
			held = append(held, fmt.Sprintf("%s=%s", key, value))
		}
	}
	if len(held) == 0 {
		return fmt.Sprintf("%s publishes nothing", owner)
	}
	return fmt.Sprintf("%s publishes %s", owner, strings.Join(held, " "))
}

// sayMember tells an event of the failure detector.
func (s *stage) sayMember(n *sim.Node, e *swim.Event) {
	t := Told{Node: string(n.Name), Kind: e.Kind.String(), About: e.Name, By: e.From}
	switch e.Kind {
	case swim.EventProbed, swim.EventPingDone:
		return
	case swim.EventExchanged:
		if !e.Ours {
			return
		}
		t.Kind, t.About = "push-pull", s.nameOf(e.Addr)
		t.Text = fmt.Sprintf("push-pull with %s brought %d", t.About, e.Moved)
		if e.Err != nil {
			t.Text = fmt.Sprintf("push-pull with %s failed: %s", t.About, s.words(e.Err))
		}
	case swim.EventSuspected, swim.EventFailed:
		t.Text = fmt.Sprintf("%s %v, says %s", e.Name, e.Kind, e.From)
	case swim.EventSelfRefuted:
		t.Kind, t.About = "refutes", string(n.ID())
		t.Text = fmt.Sprintf("refutes %s, incarnation %d", e.From, e.Stamp.Incarnation)
	case swim.EventConflict:
		t.Text = fmt.Sprintf("conflict about %s with the one at %s", e.Name, s.nameOf(e.Addr))
		if n.Core().Replaced() {
			t.Text = "has been replaced: there is a later " + string(n.ID())
		}
	case swim.EventRefused:
		who := "refuses"
		if e.Ours {
			who = "is refused by"
		}
		t.Text = fmt.Sprintf("%s %s: %v, %q and %q", who, e.Name, e.Refusal.Reason, e.Refusal.Ours, e.Refusal.Theirs)
	case swim.EventJoinDone:
		t.Text = "join done"
		if e.Err != nil {
			t.Text = "join failed: " + s.words(e.Err)
		}
	case swim.EventJoined:
		t.Text = fmt.Sprintf("%s joined%s", e.Name, s.where(e.Name, e.Addr))
		if e.Restarted {
			t.Text += ", restarted"
		}
	case swim.EventUpdated:
		t.Text = fmt.Sprintf("updated %s%s", e.Name, s.where(e.Name, e.Addr))
	default:
		t.Text = strings.TrimSpace(fmt.Sprintf("%v %s", e.Kind, e.Name))
	}
	s.sayEvent(t)
}

// where tells the address of a node that is not where it first was.
func (s *stage) where(name string, addr netip.AddrPort) string {
	if n := s.c.Node(types.NodeId(name)); n != nil && s.homes[n] == addr {
		return ""
	}
	return fmt.Sprintf(" at %v", addr.Addr())
}

// nameOf is who lives at an address, or lived there last.
func (s *stage) nameOf(a netip.AddrPort) string {
	if n := s.places[a]; n != nil {
		return string(n.Name)
	}
	return a.Addr().String()
}

// words is an error on one line, names in place of addresses.
func (s *stage) words(err error) string {
	text := strings.NewReplacer("\n", "; ", "virtual: ", "").Replace(err.Error())
	for _, n := range s.c.Nodes() {
		text = strings.ReplaceAll(text, n.Addr().String(), string(n.Name))
	}
	return text
}

// packet tells a datagram.
func (s *stage) packet(from *virtual.Host, to netip.AddrPort, b []byte, fate virtual.Fate) {
	if s.hush || !s.packets && !s.filter.packets && !s.options.Trace {
		return
	}
	n := from.Data.(*sim.Node)
	arrow := "->"
	if fate != virtual.Carried {
		arrow = "-x"
	}
	who := s.nameOf(to)
	s.say(Told{
		Node: string(n.Name), Kind: "packet", By: who,
		Text: fmt.Sprintf("%s %s %s  %s", n.Name, arrow, who, s.says(b)),
	})
}

// says is what a packet contains.
func (s *stage) says(b []byte) string {
	rest, drop := s.codec.OpenPacket(b)
	if drop != swim.DropNone {
		return "of another cluster"
	}
	var says []string
	for ok := true; ok && rest.Len() > 0; {
		var m swim.Message
		rest, ok = s.codec.NextMessage(rest, &m)
		switch m.Kind {
		case swim.KindPingReq:
			says = append(says, "ping-req "+string(m.Name))
		case swim.KindSuspect, swim.KindDead:
			says = append(says, fmt.Sprintf("%v %s@%d by %s", m.Kind, m.Name, m.Stamp.Incarnation, m.From))
		case swim.KindAlive:
			says = append(says, fmt.Sprintf("alive %s@%d", m.Name, m.Stamp.Incarnation))
		default:
			says = append(says, m.Kind.String())
		}
	}
	return strings.Join(says, ", ")
}

// stream tells, when everything is told, what became of a stream.
func (s *stage) stream(from *virtual.Host, to netip.AddrPort, d virtual.Dial, fate virtual.Fate) {
	if s.hush || !s.options.Trace {
		return
	}
	n := from.Data.(*sim.Node)
	who := s.nameOf(to)
	s.say(Told{
		Node: string(n.Name), Kind: "stream", By: who,
		Text: fmt.Sprintf("%s => %s  %v, %v", n.Name, who, d.Kind, fate),
	})
}

// A tellMode is how events are told.
type tellMode uint8

const (
	tellEvents  tellMode = iota // each
	tellBriefly                 // one line for all that happens to one node in a command
	tellCounts                  // how many there were of each kind
	tellNothing
)

// A filter is what is told of events.
type filter struct {
	mode    tellMode
	packets bool
	only    []string // kinds; empty: all
	without []string

	tallies []*tally // in the order in which they were begun
}

// A tally is how often something happened in one command.
type tally struct {
	kind, about string
	what        string // the kind, or what it is about in more words
	first, last time.Duration
	times       int
	at          []string // nodes
}

func (f *filter) wants(kind string) bool {
	return (len(f.only) == 0 || slices.Contains(f.only, kind)) && !slices.Contains(f.without, kind)
}

// count keeps an event for the line that tells of all like it.
func (f *filter) count(t Told, at time.Duration) {
	about, what := t.About, t.Kind
	switch {
	case f.mode != tellBriefly:
		about = ""
	case t.Kind == "status", t.Kind == "state":
		what = strings.TrimPrefix(t.Text, t.About+" ")
	}
	i := slices.IndexFunc(f.tallies, func(o *tally) bool { return o.what == what && o.about == about })
	if i < 0 {
		i = len(f.tallies)
		f.tallies = append(f.tallies, &tally{kind: t.Kind, what: what, about: about, first: at})
	}
	o := f.tallies[i]
	o.last = at
	o.times++
	if f.mode == tellBriefly && !slices.Contains(o.at, t.Node) {
		o.at = append(o.at, t.Node)
	}
}

// kinds are all events that can be told, in the order of a summary.
func kinds() []string {
	return []string{
		"suspected", "refutes", "refuted", "failed", "left", "joined", "updated", "forgotten", "conflict", "refused",
		"cut-off", "reconnected", "status", "state", "join-done", "leave-acked", "push-pull",
	}
}

// tellWhat chooses what is told from now on.
func (s *stage) tellWhat(c *command) error {
	modes := map[string]tellMode{"events": tellEvents, "briefly": tellBriefly, "counts": tellCounts, "nothing": tellNothing}
	f := filter{}
	for i, word := range c.args {
		mode, ok := modes[word]
		switch {
		case ok && i == 0:
			f.mode = mode
		case word == "packets":
			f.packets = true
		default:
			return fmt.Errorf("%q: want events, briefly, counts or nothing", word)
		}
	}
	f.only, _ = c.take("only")
	f.without, _ = c.take("without")
	for _, kind := range slices.Concat(f.only, f.without) {
		if !slices.Contains(kinds(), kind) {
			return fmt.Errorf("no kind of event %q; there are %s", kind, strings.Join(kinds(), ", "))
		}
	}
	s.filter = f
	return nil
}

// summarise tells what was counted during a command.
func (s *stage) summarise() {
	tallies := s.filter.tallies
	s.filter.tallies = nil
	switch {
	case len(tallies) == 0 || s.filter.mode == tellNothing:
	case s.filter.mode == tellBriefly:
		for _, t := range tallies {
			s.keep(Told{At: t.first, Kind: "summary", About: t.about, Text: t.brief(len(s.c.Nodes()))})
		}
	default:
		slices.SortStableFunc(tallies, func(a, b *tally) int {
			return slices.Index(kinds(), a.kind) - slices.Index(kinds(), b.kind)
		})
		var parts []string
		for _, t := range tallies {
			parts = append(parts, fmt.Sprintf("%s %d", t.kind, t.times))
		}
		s.say(Told{Kind: "summary", Text: strings.Join(parts, ", ")})
	}
}

// brief is a line for all that happened to one node.
func (t *tally) brief(nodes int) string {
	who := strings.Join(t.at, " ")
	if len(t.at) > 6 || nodes > 12 && len(t.at) > 3 {
		who = fmt.Sprintf("%d nodes", len(t.at))
	}
	until := ""
	if t.last-t.first >= 10*time.Millisecond {
		until = fmt.Sprintf(" to %.3f", t.last.Seconds())
	}
	times := ""
	if t.times > len(t.at) {
		times = fmt.Sprintf(", %d times", t.times)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", t.about, t.what)) + fmt.Sprintf(" at %s%s%s", who, until, times)
}
