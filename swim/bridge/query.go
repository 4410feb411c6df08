package bridge

import (
	"fmt"
	"iter"

	"github.com/nekton-go/nekton/swim"
)

// Members yields every node of either side once, ourselves first.
func (b *Bridge) Members() iter.Seq[swim.Info] {
	return func(yield func(swim.Info) bool) {
		for m := range b.sides[Nekton].Members() {
			if !yield(b.merge(m)) {
				return
			}
		}
		for m := range b.sides[Memberlist].Members() {
			m.Name = b.cfg.ID(m.Name)
			if _, known := b.sides[Nekton].Member(m.Name); known || m.Self {
				continue
			}
			if !yield(m) {
				return
			}
		}
	}
}

// merge is what nekton's side holds of a node, in its better state.
func (b *Bridge) merge(m swim.Info) swim.Info {
	o, known := b.sides[Memberlist].Member(b.cfg.Name(m.Name))
	if known && standingOf(o.State) < standingOf(m.State) {
		m.State, m.Since, m.Private = o.State, o.Since, o.Private
		if o.State == swim.Alive || o.State == swim.Suspect {
			m.Addr = o.Addr
		}
	}
	if known {
		m.Heard = max(m.Heard, o.Heard)
		if m.RTT == 0 {
			m.RTT = o.RTT
		}
	}
	return m
}

// standingOf orders states by what they say about a node.
func standingOf(s swim.State) standing {
	return [...]standing{swim.Alive: alive, swim.Suspect: suspect, swim.Dead: dead, swim.Left: left}[s]
}

// Member returns what is held about one node.
func (b *Bridge) Member(id string) (swim.Info, bool) {
	if m, ok := b.sides[Nekton].Member(id); ok {
		return b.merge(m), true
	}
	m, ok := b.sides[Memberlist].Member(b.cfg.Name(id))
	m.Name = id
	return m, ok
}

// LifeOf is the life in which nekton's side has met a node; the other has no lives.
func (b *Bridge) LifeOf(id string) (swim.Life, bool) { return b.sides[Nekton].LifeOf(id) }

// Alive is how many nodes are listed, ourselves included.
func (b *Bridge) Alive() int {
	n := 1
	for _, h := range b.nodes {
		if h.both().live() {
			n++
		}
	}
	return n
}

// Queued is how much news waits on both sides.
func (b *Bridge) Queued() int { return b.sides[Nekton].Queued() + b.sides[Memberlist].Queued() }

// Health is the worse of both scores.
func (b *Bridge) Health() int { return max(b.sides[Nekton].Health(), b.sides[Memberlist].Health()) }

// Replaced reports whether a higher life of our name exists. Only nekton's side has
// lives.
func (b *Bridge) Replaced() bool { return b.sides[Nekton].Replaced() }

// Fingerprints are those of nekton's side.
func (b *Bridge) Fingerprints() swim.Prints { return b.sides[Nekton].Fingerprints() }

// Stats are those of both sides together; the gauges of members count nodes.
func (b *Bridge) Stats() swim.Stats {
	s := b.sides[Nekton].Stats()
	s.Add(b.sides[Memberlist].Stats())
	s.Alive, s.Suspect, s.Dead, s.Left = 1, 0, 0, 0
	for _, h := range b.nodes {
		switch h.both() {
		case alive:
			s.Alive++
		case suspect:
			s.Suspect++
		case dead:
			s.Dead++
		case left:
			s.Left++
		}
	}
	return s
}

// CheckInvariants returns the first inconsistency of either side.
func (b *Bridge) CheckInvariants() error {
	for side, c := range b.sides {
		if err := c.CheckInvariants(); err != nil {
			return fmt.Errorf("side %d of the bridge: %w", side, err)
		}
	}
	return nil
}

// On reports whether a side holds a node alive.
func (b *Bridge) On(side int, id string) bool {
	h := b.nodes[id]
	return h != nil && h.sides[side].live()
}
