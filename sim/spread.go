package sim

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A Spread is how one update of a StoreMap reaches the nodes that were up when it was
// made.
type Spread struct {
	// Owner made the update, At a time.
	Owner *Node
	At    time.Duration
	// Learnt is when each node held it first, counted from At, by the number of the
	// node; negative: not yet, or not asked.
	Learnt []time.Duration
	// Asked is how many nodes were up beside the owner, Reached how many have it.
	Asked, Reached int

	version uint64
	asked   []bool
}

// Publish changes a key of a node, and follows how the change spreads.
func (m *Meter) Publish(owner *Node, key types.StoreKey, value []byte) (*Spread, error) {
	_, before, _ := owner.Version(owner.Name)
	s := &Spread{Owner: owner, At: m.cluster.Now(), version: before + 1}
	s.Learnt = slices.Repeat([]time.Duration{-1}, len(m.cluster.nodes))
	s.asked = make([]bool, len(m.cluster.nodes))
	for _, n := range m.cluster.nodes {
		if n != owner && n.Up() && n.codec == owner.codec {
			s.asked[n.number] = true
			s.Asked++
		}
	}
	m.spreads[owner.Name] = append(m.spreads[owner.Name], s)
	if err := owner.Set(key, value); err != nil {
		m.Forget(s)
		return nil, err
	}
	return s, nil
}

// Forget stops following a spread. One that has reached everybody is forgotten by
// itself.
func (m *Meter) Forget(s *Spread) {
	name := s.Owner.Name
	m.spreads[name] = slices.DeleteFunc(m.spreads[name], func(o *Spread) bool { return o == s })
	if len(m.spreads[name]) == 0 {
		delete(m.spreads, name)
	}
}

// noteStore: what a node holds of an owner has changed.
func (m *Meter) noteStore(n *Node, owner types.NodeId) {
	_, held, ok := n.Version(owner)
	if !ok || m.spreads[owner] == nil {
		return
	}
	for _, s := range m.spreads[owner] {
		if n.number < len(s.asked) && s.asked[n.number] && s.Learnt[n.number] < 0 && held >= s.version {
			s.Learnt[n.number] = m.cluster.Now() - s.At
			s.Reached++
		}
	}
	m.spreads[owner] = slices.DeleteFunc(m.spreads[owner], (*Spread).Done)
	if len(m.spreads[owner]) == 0 {
		delete(m.spreads, owner)
	}
}

// Done reports whether everybody who was asked has it.
func (s *Spread) Done() bool { return s.Reached == s.Asked }

// Times are when nodes learnt of it, ascending.
func (s *Spread) Times() []time.Duration {
	var times []time.Duration
	for _, t := range s.Learnt {
		if t >= 0 {
			times = append(times, t)
		}
	}
	slices.Sort(times)
	return times
}

// Last is when the last node learnt of it; negative unless Done.
func (s *Spread) Last() time.Duration {
	if !s.Done() || s.Asked == 0 {
		return -1
	}
	return slices.Max(s.Learnt)
}
