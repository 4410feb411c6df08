package quorum

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// A Machine is one node's table of statuses and the rules that move them. It does
// no I/O and reads no clock. Its methods are of four kinds:
//
//   - HandleX(now, …): something happened. Ignored unless the machine runs.
//   - Commands (Start, Stop, UpdateCluster, AddNode, SetStatus …): the
//     application wants something.
//   - Outputs (TakeChanges, TakeChecks, NextDeadline): what came of it. Drain
//     them after every call of the first two kinds.
//   - Queries (SelfStatus, Node, Tally …): no side effect at all.
//
// now is monotonic time since an arbitrary origin, and must not go backwards
// between calls. A Machine is not safe for concurrent use: whoever owns it holds
// one lock. It keeps no map that it is given, and gives none of its own away.
//
// A command that raises an event has handled it when it returns: events have no
// queue, so they are handled in the order of the calls, each with the table as it
// is at that moment.
//
// Invariants:
//
//   - The own entry exists, always.
//   - status, the state of the machine, is one of the four own statuses. The own
//     entry may differ from it after SetSelfStatus, until the next event.
//   - A peer on probation has been judged SUSPECT_DOWN and was not alive since; it
//     has exactly one wakeProbation deadline. Nobody else has one.
//   - A peer has at most one open check, and it is known.
//   - A machine that does not run has no deadline and no open check.
type Machine struct {
	self     types.NodeId
	running  bool
	cfg      StartConfig // of the last Start
	provider Provider
	status   types.NodeStatus
	handled  uint64

	table   table
	members types.ClusterDomainsQuorumMembersMap // as of the last UpdateCluster
	// ownVote is the domain in which members counts this node, if it does.
	ownVote *string

	deadlines   deadlines
	quorumTimer *deadline
	probation   map[types.NodeId]*deadline // nil until there is one, like the next two
	checks      map[types.NodeId]*check
	checkPeers  map[CheckID]types.NodeId
	lastCheck   CheckID

	changes   []Change
	newChecks []Check // not taken yet; those that were closed since are skipped
}

// New returns a machine that knows one node, itself, in the given failure domain:
// NOT_IN_QUORUM, and no quorum member until UpdateCluster says so. It does not
// run. Until the first Start its queries answer by the rule DEFAULT.
func New(self types.NodeId, domain string) *Machine {
	m := &Machine{
		self:     self,
		provider: ProviderFor(types.QUORUM_PROVIDER_DEFAULT),
		status:   types.NODE_STATUS_NOT_IN_QUORUM,
		table:    newTable(),
	}
	m.table.put(self, seat{Status: m.status, Domain: domain})
	return m
}

// Start begins a run. The own status becomes NOT_IN_QUORUM, whatever it was;
// members and peers are those that UpdateCluster and AddNode gave so far.
//
// A peer whose status came from the failure detector of an earlier run becomes
// DOWN: the new detector holds nobody alive yet. What AddNode and SetStatus wrote
// stays.
//
// The error is ErrRunning, or a *NegativeError for each field of cfg below zero.
// Then nothing has changed.
func (m *Machine) Start(cfg StartConfig) error {
	if m.running {
		return ErrRunning
	}
	if err := cfg.validate(); err != nil {
		return err
	}
	m.cfg = cfg.withDefaults()
	m.provider = ProviderFor(cfg.Provider)
	m.running = true
	for _, id := range m.table.ids() {
		if m.table.nodes[id].judged {
			m.setStatus(id, types.NODE_STATUS_DOWN)
			m.table.judge(id, false)
		}
	}
	m.status = types.NODE_STATUS_NOT_IN_QUORUM
	m.setStatus(m.self, m.status)
	return nil
}

// Stop ends the run: no deadline and no check survives. All statuses stay what
// they are, the own one included, and can be read; a node that leaves handles
// SELF_LEAVE first. Stop on a machine that does not run does nothing.
func (m *Machine) Stop() {
	m.running = false
	m.deadlines.clear()
	m.quorumTimer = nil
	clear(m.probation)
	clear(m.checks)
	clear(m.checkPeers)
	m.newChecks = nil
}

// A Change says that the status of a known node has changed. A node that became
// known, or was removed, is no change.
type Change struct {
	ID       types.NodeId
	From, To types.NodeStatus
	// Self is set when the node is this one.
	Self bool
}

// TakeChanges returns the changes since the last call, in order. The slice is the
// caller's; it is nil when there are none.
func (m *Machine) TakeChanges() []Change {
	changes := m.changes
	m.changes = nil
	return changes
}

// NextDeadline returns when HandleTimeout has to be called, if time matters to
// the machine at all.
func (m *Machine) NextDeadline() (at time.Duration, ok bool) {
	return m.deadlines.next()
}

// setStatus is the only place where the status of a known node changes. It does
// nothing about an unknown one.
func (m *Machine) setStatus(id types.NodeId, status types.NodeStatus) {
	n, ok := m.table.nodes[id]
	if !ok || n.Status == status {
		return
	}
	m.changes = append(m.changes, Change{ID: id, From: n.Status, To: status, Self: id == m.self})
	n.Status = status
	m.table.put(id, n)
}
