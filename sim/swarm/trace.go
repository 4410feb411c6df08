package swarm

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// A Trace is where a run is told, line by line.
type Trace struct {
	Out io.Writer
	// Packets tells every datagram too, and every stream.
	Packets bool
}

// tracer writes what happens to nodes.
type tracer struct{ r *runner }

// watch begins to trace.
func (r *runner) watch() {
	r.c.Watch(tracer{r})
	if !r.trace.Packets {
		return
	}
	name := func(h *virtual.Host) string { return string(h.Data.(*sim.Node).Name) }
	at := func(addr netip.AddrPort) string {
		if h := r.c.HostAt(addr); h != nil {
			return name(h)
		}
		return addr.String()
	}
	check := r.c.OnPacket
	r.c.OnPacket = func(from *virtual.Host, to netip.AddrPort, packet []byte, fate virtual.Fate) {
		check(from, to, packet, fate)
		fmt.Fprintf(r.trace.Out, "%10.3f     %s ▶ %s: %s (%v)\n", r.c.Now().Seconds(), name(from), at(to), r.read(from, packet), fate)
	}
	r.c.OnStream = func(from *virtual.Host, to netip.AddrPort, d virtual.Dial, fate virtual.Fate) {
		fmt.Fprintf(r.trace.Out, "%10.3f     %s ═ %s: %v (%v)\n", r.c.Now().Seconds(), name(from), at(to), d.Kind, fate)
	}
}

// read says what is in a packet.
func (r *runner) read(from *virtual.Host, packet []byte) string {
	sender, ok := from.Data.(*sim.Node)
	if !ok {
		return fmt.Sprintf("%d bytes", len(packet))
	}
	codec := sender.Codec()
	var words []string
	rest, _ := codec.OpenPacket(packet)
	for ok = true; ok && rest.Len() > 0; {
		var m swim.Message
		if rest, ok = codec.NextMessage(rest, &m); !ok {
			break
		}
		word := m.Kind.String()
		switch m.Kind {
		case swim.KindPing, swim.KindPingReq, swim.KindAck, swim.KindNack, swim.KindLeaveAck:
			word += fmt.Sprintf(" %d", m.Seq)
		case swim.KindAlive, swim.KindSuspect, swim.KindDead:
			word += fmt.Sprintf(" %s at %v", m.Name, m.Stamp)
			if len(m.From) > 0 {
				word += " by " + string(m.From)
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// Observe is part of [sim.Observer].
func (t tracer) Observe(n *sim.Node, e *sim.Event) {
	var what string
	switch e.Kind {
	case node.EventMember:
		what = describe(&e.Member)
	case node.EventStatus:
		if !e.Change.Self {
			return // follows from what was told
		}
		what = fmt.Sprintf("is %v", e.Change.To)
	case node.EventStore:
		life, version, _ := n.Version(e.ID)
		what = fmt.Sprintf("map of %s is at version %d of %d/%d", e.ID, version, life.Generation, life.Boot)
	case node.EventJoinDone:
		what = "has joined"
		if err := e.Member.Err; err != nil {
			what = "could not join: " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
	case node.EventLeaveAcked:
		what = "has left"
	case node.EventTraffic:
		if e.Member.Kind != swim.EventExchanged || e.Member.Err == nil && e.Member.Moved == 0 {
			return
		}
		what = fmt.Sprintf("exchange with %v: %d moved", e.Member.Addr, e.Member.Moved)
		if err := e.Member.Err; err != nil {
			what = fmt.Sprintf("exchange with %v: %v", e.Member.Addr, err)
		}
	default:
		return
	}
	fmt.Fprintf(t.r.trace.Out, "%10.3f  %-5s %s\n", t.r.c.Now().Seconds(), n.Name, what)
}

// Settled is part of [sim.Observer].
func (t tracer) Settled(*sim.Node) {}

// describe says in a few words what happened to a member.
func describe(e *swim.Event) string {
	words := []string{e.Kind.String()}
	if e.Name != "" {
		words = append(words, e.Name, "at", e.Stamp.String())
	}
	if e.From != "" {
		words = append(words, "by", e.From)
	}
	if e.Restarted {
		words = append(words, "in a new life")
	}
	if e.Refusal != nil {
		words = append(words, fmt.Sprint(e.Refusal.Reason), e.Refusal.Ours, e.Refusal.Theirs)
	}
	return strings.Join(words, " ")
}
