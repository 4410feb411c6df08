package demo

import (
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// The failure domains of the demo.
const (
	domainA       = "a"
	domainB       = "b"
	domainWitness = "witness"
)

// A seat is a node as planned: who it is and where it stands.
type seat struct {
	id     types.NodeId
	domain string
}

// seats plans a cluster of n nodes: a1 a2 … in domain a, b1 b2 … in domain b,
// and w, the witness. With an even n, domain a has one node more.
func seats(n int) []seat {
	inB := (n - 1) / 2
	inA := n - 1 - inB
	out := make([]seat, 0, n)
	for i := range inA {
		out = append(out, seat{types.NodeId(fmt.Sprintf("a%d", i+1)), domainA})
	}
	for i := range inB {
		out = append(out, seat{types.NodeId(fmt.Sprintf("b%d", i+1)), domainB})
	}
	return append(out, seat{"w", domainWitness})
}

// cast gives the nodes their parts in the story. Losing victim and then all of
// domain b leaves ⌊n/2⌋ of n nodes, which is the largest number that is no
// majority, for every n.
type cast struct {
	victim types.NodeId   // is killed first: the last of domain a
	others []types.NodeId // are killed next: the whole of domain b
	leaver types.NodeId   // leaves in peace: the last of domain b, or of a if that is the larger one
	writer types.NodeId   // publishes the update whose way is timed: the first of domain a
	// verdict is how victim and leaver are seen afterwards. If their domains have
	// another node, that one answers for the domain, and they are DOWN. Alone in
	// their domain, they are SUSPECT_DOWN, for the domain might be cut off.
	verdict types.NodeStatus
}

func castOf(plan []seat) cast {
	var c cast
	inA := 0
	for _, s := range plan {
		switch s.domain {
		case domainA:
			c.victim = s.id
			inA++
		case domainB:
			c.others = append(c.others, s.id)
		}
	}
	c.writer = plan[0].id
	c.verdict = types.NODE_STATUS_DOWN
	if inA == 1 {
		c.verdict = types.NODE_STATUS_SUSPECT_DOWN
	}
	c.leaver = c.others[len(c.others)-1]
	if len(c.others) < inA {
		c.leaver = c.victim
	}
	return c
}

// majority is how many of n quorum members must be alive.
func majority(n int) int { return n/2 + 1 }
