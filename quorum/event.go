package quorum

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// HandleEvent handles an event that no other method raises: SELF_ALIVE once the
// node has joined, SELF_LEAVE when it leaves or was replaced. Any other event is
// handled as well; one that does not exist is ignored.
func (m *Machine) HandleEvent(now time.Duration, event types.StateEvent) {
	if event > types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP {
		return
	}
	m.raise(now, event)
}

// HandleTimeout does everything that was due at or before now.
func (m *Machine) HandleTimeout(now time.Duration) {
	for d, ok := m.deadlines.pop(now); ok; d, ok = m.deadlines.pop(now) {
		switch d.wake {
		case wakeQuorum:
			m.quorumTimer = nil
			m.raise(now, types.TIMEOUT)
		case wakeProbation:
			m.judgeAfterProbation(now, d.peer)
		case wakeCheck:
			m.checks[d.peer].timeout = nil
			m.becomeSuspectDown(now, d.peer)
		}
	}
}

// raise lets the machine handle one event, unless it does not run. The own status
// is written after every event, also when it is unchanged: what SetSelfStatus put
// there ends here.
func (m *Machine) raise(now time.Duration, event types.StateEvent) {
	if !m.running {
		return
	}
	from := m.status
	m.status = Next(from, event, m.InQuorum())
	m.setStatus(m.self, m.status)
	m.handled++
	if from == types.NODE_STATUS_UP && m.status == types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
		m.armQuorumTimer(now)
	}
}

// armQuorumTimer replaces a timer that an earlier loss has left behind, so that
// this one gets its full time.
//
// Without a timeout TIMEOUT is raised at once. It does not come back here: it
// leads from SUSPECT_NOT_IN_QUORUM, and only the step from UP arms the timer.
func (m *Machine) armQuorumTimer(now time.Duration) {
	m.deadlines.cancel(m.quorumTimer)
	m.quorumTimer = nil
	if m.cfg.QuorumTimeout == 0 {
		m.raise(now, types.TIMEOUT)
		return
	}
	m.quorumTimer = m.deadlines.arm(after(now, m.cfg.QuorumTimeout), wakeQuorum, "")
}
