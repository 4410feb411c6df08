package quorum

import (
	"slices"
	"time"

	"github.com/nekton-go/nekton/types"
)

// CheckID names a check. It is never used again, also not after another Start.
type CheckID uint64

// A Check asks whether the failure domain of a lost peer can still be reached.
// The owner of the machine pings all siblings at once, each for at most
// 3 × (ProbeTimeout + 100 ms), and tells HandleSiblingAnswer what came of each.
//
// When a whole domain is lost, several checks ask the same siblings. One ping may
// answer them all.
type Check struct {
	ID CheckID
	// Peer is the lost node.
	Peer types.NodeId
	// Siblings are all other nodes of its domain, sorted; there is at least one.
	// Those of StartConfig.Domains may be among them. The slice is the caller's.
	Siblings []types.NodeId
}

// check is what is left of a Check until its verdict.
type check struct {
	id      CheckID
	waiting map[types.NodeId]struct{} // siblings that have not been silent yet
	timeout *deadline                 // nil without CheckTimeout
}

// TakeChecks returns the checks to carry out since the last call, in order of
// their ids. Those that no longer matter are left out. The slice is the caller's;
// it is nil when there are none.
func (m *Machine) TakeChecks() []Check {
	var open []Check
	for _, c := range m.newChecks {
		if _, ok := m.checkPeers[c.ID]; ok {
			open = append(open, c)
		}
	}
	m.newChecks = nil
	return open
}

// HandleSiblingAnswer says whether a sibling answered. The first that did makes
// the lost peer DOWN, the last that did not makes it SUSPECT_DOWN; either raises
// NODE_LEAVE. What is said about a check that is closed, about a node that was not
// asked, or for a second time, is ignored.
func (m *Machine) HandleSiblingAnswer(now time.Duration, id CheckID, sibling types.NodeId, answered bool) {
	peer, open := m.checkPeers[id]
	if !open {
		return
	}
	c := m.checks[peer]
	if _, asked := c.waiting[sibling]; !asked {
		return
	}
	if answered {
		m.becomeDown(now, peer)
		return
	}
	if delete(c.waiting, sibling); len(c.waiting) == 0 {
		m.becomeSuspectDown(now, peer)
	}
}

// siblings returns the nodes of a domain without the peer itself, sorted.
func (m *Machine) siblings(peer types.NodeId, domain string) []types.NodeId {
	var out []types.NodeId
	for id, n := range m.table.nodes {
		if n.Domain == domain && id != peer {
			out = append(out, id)
		}
	}
	for id, d := range m.cfg.Domains {
		// The table, where it has the node, knows its domain better.
		if _, known := m.table.nodes[id]; !known && d == domain {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (m *Machine) openCheck(now time.Duration, peer types.NodeId, siblings []types.NodeId) {
	m.lastCheck++
	c := &check{
		id:      m.lastCheck,
		waiting: make(map[types.NodeId]struct{}, len(siblings)),
	}
	for _, id := range siblings {
		c.waiting[id] = struct{}{}
	}
	if m.cfg.CheckTimeout > 0 {
		c.timeout = m.deadlines.arm(after(now, m.cfg.CheckTimeout), wakeCheck, peer)
	}
	if m.checks == nil {
		m.checks, m.checkPeers = make(map[types.NodeId]*check), make(map[CheckID]types.NodeId)
	}
	m.checks[peer] = c
	m.checkPeers[c.id] = peer
	m.newChecks = append(m.newChecks, Check{ID: c.id, Peer: peer, Siblings: siblings})
}

// cancelCheck closes the check of a peer, if it has one: it was answered, or does
// not matter any more.
func (m *Machine) cancelCheck(peer types.NodeId) {
	c, open := m.checks[peer]
	if !open {
		return
	}
	m.deadlines.cancel(c.timeout)
	delete(m.checkPeers, c.id)
	delete(m.checks, peer)
}
