package quorum

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// HandlePeerAlive is to be called whenever the failure detector begins to hold
// the peer alive, and for every live peer that has just been made known. A known
// peer that is not UP becomes UP, and NODE_ALIVE is raised. Its probation ends and
// its check is cancelled in any case. Unknown peers, and the node itself, are
// ignored.
func (m *Machine) HandlePeerAlive(now time.Duration, id types.NodeId) {
	n, ok := m.peer(id)
	if !ok {
		return
	}
	m.endProbation(id)
	m.cancelCheck(id)
	m.table.judge(id, true)
	if n.Status == types.NODE_STATUS_UP {
		return
	}
	m.setStatus(id, types.NODE_STATUS_UP)
	m.raise(now, types.NODE_ALIVE)
}

// HandlePeerLeft is to be called whenever the failure detector holds the peer
// failed or left. By the rules DEFAULT and NOOP a known peer becomes DOWN, and
// NODE_LEAVE is raised. By FAILURE_DOMAINS the same may have to wait for the
// peer's siblings, see [Check]; meanwhile the peer keeps its status. Unknown
// peers, and the node itself, are ignored.
func (m *Machine) HandlePeerLeft(now time.Duration, id types.NodeId) {
	n, ok := m.peer(id)
	if !ok {
		return
	}
	if !m.provider.UsesDomains() || !m.DomainActive(n.Domain) {
		m.becomeDown(now, id)
		return
	}
	// This node is a sibling too, and answers itself: its own domain is not cut
	// off from it.
	if n.Domain == m.SelfDomain() {
		m.becomeDown(now, id)
		return
	}
	if _, asked := m.checks[id]; asked {
		return // the verdict is on its way
	}
	siblings := m.siblings(id, n.Domain)
	if len(siblings) == 0 {
		m.becomeSuspectDown(now, id)
		return
	}
	m.openCheck(now, id, siblings)
}

// peer returns the table's entry of a peer that inputs may be about.
func (m *Machine) peer(id types.NodeId) (seat, bool) {
	if !m.running || id == m.self {
		return seat{}, false
	}
	n, ok := m.table.nodes[id]
	return n, ok
}

// becomeDown is the verdict on a lost peer whose domain is known to work, or does
// not matter.
func (m *Machine) becomeDown(now time.Duration, id types.NodeId) {
	m.cancelCheck(id)
	m.endProbation(id)
	m.table.judge(id, true)
	m.setStatus(id, types.NODE_STATUS_DOWN)
	m.raise(now, types.NODE_LEAVE)
}

// becomeSuspectDown is the verdict on a lost peer whose domain is silent.
func (m *Machine) becomeSuspectDown(now time.Duration, id types.NodeId) {
	m.cancelCheck(id)
	m.beginProbation(now, id)
	m.table.judge(id, true)
	m.setStatus(id, types.NODE_STATUS_SUSPECT_DOWN)
	m.raise(now, types.NODE_LEAVE)
}

// beginProbation does not prolong a probation that has begun.
func (m *Machine) beginProbation(now time.Duration, id types.NodeId) {
	if _, on := m.probation[id]; !on {
		if m.probation == nil {
			m.probation = make(map[types.NodeId]*deadline)
		}
		m.probation[id] = m.deadlines.arm(after(now, m.cfg.Probation), wakeProbation, id)
	}
}

func (m *Machine) endProbation(id types.NodeId) {
	m.deadlines.cancel(m.probation[id])
	delete(m.probation, id)
}

// judgeAfterProbation makes a peer DOWN if this node is UP, and so on the side of
// the majority. Otherwise it may be this node that is cut off, and the peer stays
// what it is. No event is raised: neither status counts as alive.
func (m *Machine) judgeAfterProbation(now time.Duration, id types.NodeId) {
	delete(m.probation, id) // its deadline has fired
	if m.SelfStatus() != types.NODE_STATUS_UP {
		m.beginProbation(now, id)
		return
	}
	m.setStatus(id, types.NODE_STATUS_DOWN)
}
