package interop

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// ours is a node of nekton.
type ours struct {
	*peer.Node
	world *world
	keys  *seal.Keyring // nil: none

	mu     sync.Mutex
	events []nekton.Event
}

// follow notes all events.
func (o *ours) follow(events <-chan nekton.Event) {
	for e := range events {
		o.mu.Lock()
		o.events = append(o.events, e)
		o.mu.Unlock()
	}
}

func (o *ours) Name() string { return string(o.NodeId()) + version }

func (o *ours) Join(seeds ...netip.AddrPort) error {
	c := types.GossipStartConfiguration{Nodes: map[types.NodeId]types.GossipNodeConfiguration{}}
	for i, s := range seeds {
		c.Nodes[types.NodeId(fmt.Sprint("seed", i))] = types.GossipNodeConfiguration{KnownUrl: s.String()}
	}
	return o.Start(c)
}

// nameOf is the name on the wire of a node. Foreign members are called as they are.
func (o *ours) nameOf(id types.NodeId) string {
	if o.world.foreign && !slices.ContainsFunc(o.world.ours, func(n *ours) bool { return n.NodeId() == id }) {
		return string(id)
	}
	return string(id) + version
}

func (o *ours) Present() []string {
	var names []string
	for _, m := range o.Members() {
		if m.State == nekton.MemberAlive || m.State == nekton.MemberSuspect {
			names = append(names, o.nameOf(m.Node))
		}
	}
	slices.Sort(names)
	return names
}

// matching are the events so far that match.
func (o *ours) matching(match func(nekton.Event) bool) []nekton.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []nekton.Event
	for _, e := range o.events {
		if match(e) {
			found = append(found, e)
		}
	}
	return found
}

// changes are the events of one kind about a name.
func (o *ours) changes(name string, want ...nekton.MemberChange) []nekton.Event {
	return o.matching(func(e nekton.Event) bool {
		m, ok := e.(nekton.MemberEvent)
		return ok && o.nameOf(m.Node) == name && slices.Contains(want, m.Change)
	})
}

func (o *ours) Gone(name string) time.Time {
	if found := o.changes(name, nekton.MemberFailed, nekton.MemberLeft); len(found) > 0 {
		return found[0].When()
	}
	return time.Time{}
}

func (o *ours) Accusations() []string {
	var said []string
	for _, e := range o.matching(func(e nekton.Event) bool {
		switch e := e.(type) {
		case nekton.MemberEvent:
			return e.Change == nekton.MemberSuspected || e.Change == nekton.MemberFailed
		case nekton.SelfEvent:
			return e.Change != nekton.SelfReconnected
		}
		return false
	}) {
		said = append(said, fmt.Sprintf("%v %v", e.When().Format("15:04:05.000"), e))
	}
	return said
}

func (o *ours) Log() string {
	var b strings.Builder
	for _, e := range o.matching(func(nekton.Event) bool { return true }) {
		fmt.Fprintf(&b, "%v %v\n", e.When().Format("15:04:05.000000"), e)
	}
	fmt.Fprintf(&b, "%+v", o.Stats().Protocol)
	return b.String()
}
