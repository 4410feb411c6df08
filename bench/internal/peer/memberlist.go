package peer

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// A Pace sets the intervals of a member, for both libraries.
type Pace struct {
	Probe, ProbeTimeout time.Duration
	Gossip, PushPull    time.Duration
	SuspicionMult       int
}

// LAN is memberlist's default for local networks.
func LAN() Pace {
	return Pace{
		Probe: time.Second, ProbeTimeout: 500 * time.Millisecond, Gossip: 200 * time.Millisecond,
		PushPull: 30 * time.Second, SuspicionMult: 4,
	}
}

// Quick is ten times faster than LAN, with more patience for a busy machine in
// proportion, for tests that wait for failures.
func Quick() Pace {
	return Pace{
		Probe: 200 * time.Millisecond, ProbeTimeout: 100 * time.Millisecond, Gossip: 20 * time.Millisecond,
		PushPull: time.Second, SuspicionMult: 4,
	}
}

// A Member is a running member of hashicorp/memberlist.
type Member struct {
	*memberlist.Memberlist
	Name    string // on the wire
	Addr    netip.AddrPort
	Config  *memberlist.Config
	Journal Journal

	events events
}

// Start makes a member of memberlist v0.7.0. It is alone until it joins. change, which
// may be nil, sets what the pace does not; it is called before anything is opened. A
// zero address means any.
func (s *Site) Start(name string, at netip.AddrPort, pace Pace, change func(*memberlist.Config)) (*Member, error) {
	if !at.IsValid() {
		at = s.Addr()
	}
	m := &Member{Name: name}
	c := memberlist.DefaultLANConfig()
	m.Config = c
	c.Name, c.BindAddr = name, at.Addr().String()
	c.ProbeInterval, c.ProbeTimeout, c.GossipInterval = pace.Probe, pace.ProbeTimeout, pace.Gossip
	c.PushPullInterval, c.SuspicionMult = pace.PushPull, pace.SuspicionMult
	c.Logger, c.Events = m.Journal.Logger(), &m.events
	if change != nil {
		change(c)
	}
	t, err := s.memberlistTransport(at, &m.Journal)
	if err != nil {
		return nil, fmt.Errorf("peer: %s: %w", name, err)
	}
	c.Transport = t
	if m.Memberlist, err = memberlist.Create(c); err != nil {
		_ = t.Shutdown()
		return nil, fmt.Errorf("peer: %s: %w", name, err)
	}
	self := m.LocalNode()
	ip, _ := netip.AddrFromSlice(self.Addr)
	m.Addr = netip.AddrPortFrom(ip.Unmap(), self.Port)
	return m, nil
}

// Present returns the names of all that the member holds alive or suspect, in order.
func (m *Member) Present() []string {
	var names []string
	for _, n := range m.Members() {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return names
}

// Meta returns what the member was last told to be the metadata of another.
func (m *Member) Meta(name string) []byte { return m.events.metaOf(name) }

// Departures returns how often the member was told that a name has failed or left.
func (m *Member) Departures(name string) int { return m.events.departures(name) }

// Departed returns when the member was first told that a name has failed or left,
// the zero time if never.
func (m *Member) Departed(name string) time.Time { return m.events.departed(name) }

// events notes what memberlist tells its application, within its lock.
type events struct {
	mu    sync.Mutex
	meta  map[string][]byte
	gone  map[string]int
	since map[string]time.Time
}

func (e *events) NotifyJoin(n *memberlist.Node)   { e.learn(n.Name, n.Meta) }
func (e *events) NotifyUpdate(n *memberlist.Node) { e.learn(n.Name, n.Meta) }
func (e *events) NotifyLeave(n *memberlist.Node)  { e.lose(n.Name) }

func (e *events) learn(name string, meta []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.meta == nil {
		e.meta = map[string][]byte{}
	}
	e.meta[name] = slices.Clone(meta)
}

func (e *events) lose(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gone == nil {
		e.gone, e.since = map[string]int{}, map[string]time.Time{}
	}
	if e.gone[name]++; e.gone[name] == 1 {
		e.since[name] = time.Now()
	}
}

func (e *events) metaOf(name string) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.meta[name]
}

func (e *events) departures(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gone[name]
}

func (e *events) departed(name string) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.since[name]
}
