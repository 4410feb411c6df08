package swim

import (
	"cmp"
	"fmt"
)

// Incarnation orders what a member says about itself within one life. Only the
// member raises it, when it refutes. Source: SWIM §4.2.
type Incarnation uint32

// Generation is raised by whoever starts a node: a higher one is a newer node of
// the same name.
type Generation uint64

// Boot orders the starts of a node within one generation. It is the wall clock
// in milliseconds at the start, or one more than the highest boot of its own
// name that the node found when it joined.
type Boot uint64

// SeqNo matches an ack to its ping. It means something only to who chose it.
type SeqNo uint32

// A Life is one run of a process under a name.
type Life struct {
	Generation Generation
	Boot       Boot
}

// Compare orders lives: by generation, then by boot.
func (l Life) Compare(o Life) int {
	return cmp.Or(cmp.Compare(l.Generation, o.Generation), cmp.Compare(l.Boot, o.Boot))
}

// A Stamp says when in the existence of a name a claim was true: in which life,
// at which incarnation. Stamps of one name are totally ordered, and every rule of
// precedence compares stamps. On a wire that carries the incarnation alone (v1)
// the life is zero everywhere, and stamps compare by incarnation.
type Stamp struct {
	Life
	Incarnation Incarnation
}

// Compare orders stamps: by generation, boot, incarnation.
func (s Stamp) Compare(o Stamp) int {
	return cmp.Or(s.Life.Compare(o.Life), cmp.Compare(s.Incarnation, o.Incarnation))
}

// String prints generation/boot/incarnation.
func (s Stamp) String() string {
	return fmt.Sprintf("%d/%d/%d", s.Generation, s.Boot, s.Incarnation)
}

// State is what a member is held to be. The zero value is Alive.
type State uint8

const (
	// Alive members are probed and gossiped to.
	Alive State = iota
	// Suspect members failed a probe and have a limited time to refute. They are
	// treated as alive in every other way. Source: SWIM §4.2.
	Suspect
	// Dead members did not refute in time. SWIM calls the claim "confirm".
	Dead
	// Left members said so themselves.
	Left
)

// String returns the lower-case name of the state.
func (s State) String() string {
	switch s {
	case Alive:
		return "alive"
	case Suspect:
		return "suspect"
	case Dead:
		return "dead"
	case Left:
		return "left"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// live reports whether a member in state s takes part in the protocol.
func (s State) live() bool { return s <= Suspect }
