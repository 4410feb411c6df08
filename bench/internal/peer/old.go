package peer

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	// The release of memberlist that libopenstorage/gossip was built with. It is the
	// same module at another time, under a name that go.mod gives it.
	memberlist2016 "hashicorp.example/memberlist2016"
)

// An Old is a running member of the memberlist of May 2016: it speaks version 2 of the
// protocol and understands 1 to 3. It has stream pings, and neither nacks nor checksums
// nor labels. It opens its own sockets, on loopback, and no [Links] see what it sends.
type Old struct {
	*memberlist2016.Memberlist
	Name    string
	Addr    netip.AddrPort
	Journal Journal

	events events
}

// StartOld makes a member of the memberlist of 2016, with o above it.
func StartOld(o *Original, pace Pace) (*Old, error) {
	m := &Old{Name: o.Name()}
	c := memberlist2016.DefaultLANConfig()
	c.Name, c.BindAddr, c.BindPort, c.AdvertisePort = m.Name, "127.0.0.1", 0, 0
	c.ProbeInterval, c.ProbeTimeout, c.GossipInterval = pace.Probe, pace.ProbeTimeout, pace.Gossip
	c.PushPullInterval, c.SuspicionMult = pace.PushPull, pace.SuspicionMult
	hook := oldDelegate{o, &m.events}
	c.Logger, c.Delegate, c.Events, c.Merge, c.Alive = m.Journal.Logger(), o, hook, hook, hook
	var err error
	if m.Memberlist, err = memberlist2016.Create(c); err != nil {
		return nil, fmt.Errorf("peer: %s: %w", m.Name, err)
	}
	self := m.LocalNode()
	ip, _ := netip.AddrFromSlice(self.Addr)
	m.Addr = netip.AddrPortFrom(ip.Unmap(), self.Port)
	return m, nil
}

// Present returns the names of all that the member holds alive or suspect, in order.
func (m *Old) Present() []string {
	var names []string
	for _, n := range m.Members() {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return names
}

// Departures returns how often the member was told that a name has failed or left.
func (m *Old) Departures(name string) int { return m.events.departures(name) }

// Departed returns when the member was first told that a name has failed or left.
func (m *Old) Departed(name string) time.Time { return m.events.departed(name) }

// oldDelegate is an Original as the memberlist of 2016 calls it.
type oldDelegate struct {
	o      *Original
	events *events
}

func (d oldDelegate) NotifyAlive(n *memberlist2016.Node) error { return d.o.alive(n.Name, n.Meta) }

func (d oldDelegate) NotifyMerge(peers []*memberlist2016.Node) error {
	for _, n := range peers {
		if err := d.o.check(n.Name, n.Meta); err != nil {
			return err
		}
	}
	return nil
}

func (d oldDelegate) NotifyJoin(n *memberlist2016.Node)   { d.events.learn(n.Name, n.Meta) }
func (d oldDelegate) NotifyUpdate(n *memberlist2016.Node) { d.events.learn(n.Name, n.Meta) }

func (d oldDelegate) NotifyLeave(n *memberlist2016.Node) {
	d.events.lose(n.Name)
	d.o.left(n.Name)
}
