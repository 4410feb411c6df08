package quorum

import "github.com/nekton-go/nekton/types"

// SelfStatus returns the own status, as the table has it.
func (m *Machine) SelfStatus() types.NodeStatus { return m.table.nodes[m.self].Status }

// SelfDomain returns the failure domain of this node.
func (m *Machine) SelfDomain() string { return m.table.nodes[m.self].Domain }

// Status returns the status of a known node.
func (m *Machine) Status(id types.NodeId) (types.NodeStatus, bool) {
	n, ok := m.table.nodes[id]
	return n.Status, ok
}

// Node returns what is known about a node.
func (m *Machine) Node(id types.NodeId) (Node, bool) {
	n, ok := m.table.nodes[id]
	return n.node(), ok
}

// Nodes returns all known nodes, this one included, sorted. The slice is the
// caller's.
func (m *Machine) Nodes() []types.NodeId { return m.table.ids() }

// Statuses is how many nodes have each status, the own one included.
func (m *Machine) Statuses() map[types.NodeStatus]int {
	count := map[types.NodeStatus]int{}
	for _, n := range m.table.nodes {
		count[n.Status]++
	}
	return count
}

// Running reports whether the machine was started and not stopped since.
func (m *Machine) Running() bool { return m.running }

// InQuorum reports what the provider decides now. The own status follows at the
// next event.
func (m *Machine) InQuorum() bool { return m.provider.InQuorum(m.view()) }

// Tally returns the count behind InQuorum.
func (m *Machine) Tally() Tally { return m.provider.Tally(m.view()) }

// DomainActive reports whether nodes of the domain count.
func (m *Machine) DomainActive(domain string) bool {
	return m.provider.DomainActive(m.cfg.ActiveMap, domain)
}

// ExternalNodeLeave says which node has to go when this one cannot reach the node
// id on some path of the application's own: id, if this node is UP and its domain
// is active, else this node. It is advice, and changes nothing.
func (m *Machine) ExternalNodeLeave(id types.NodeId) types.NodeId {
	if m.SelfStatus() == types.NODE_STATUS_UP && m.DomainActive(m.SelfDomain()) {
		return id
	}
	return m.self
}

// OnProbation reports whether the peer waits for its verdict.
func (m *Machine) OnProbation(id types.NodeId) bool {
	_, on := m.probation[id]
	return on
}

// Handled counts the events handled since New. Each wrote the own status, if only
// with what it was: the timestamp of the own entry moves when this number does.
func (m *Machine) Handled() uint64 { return m.handled }

func (m *Machine) view() View {
	return View{
		OwnDomain: m.SelfDomain(),
		Members:   m.members,
		Alive:     m.table.alive,
		Active:    m.cfg.ActiveMap,
	}
}
