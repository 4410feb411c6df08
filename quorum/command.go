package quorum

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nekton-go/nekton/types"
)

// UpdateCluster makes peers the nodes that are known, and says which of them are
// quorum members. Nodes that are not in it are removed, with their check and
// probation; new ones are DOWN; all take flag and domain from it, and keep their
// status. Then members are counted and UPDATE_CLUSTER_SIZE is raised; before Start
// the count is remembered, without an event.
//
// peers should contain this node. If not, its entry stays, but without a vote: the
// others, who have the same list, do not count it either.
//
// It returns the nodes that became known and those that were removed, sorted.
func (m *Machine) UpdateCluster(now time.Duration, peers map[types.NodeId]types.NodeUpdate) (added, removed []types.NodeId) {
	for _, id := range m.table.ids() {
		if _, listed := peers[id]; !listed && id != m.self {
			m.forget(id)
			removed = append(removed, id)
		}
	}
	for id, p := range peers {
		n, known := m.table.nodes[id]
		if !known {
			n.Status = types.NODE_STATUS_DOWN
			added = append(added, id)
		}
		n.QuorumMember, n.Domain = p.QuorumMember, p.ClusterDomain
		m.table.put(id, n)
	}
	slices.Sort(added)
	if _, listed := peers[m.self]; !listed {
		own := m.table.nodes[m.self]
		own.QuorumMember = false
		m.table.put(m.self, own)
	}
	m.cfg.Domains = nil
	m.countMembers()
	m.raise(now, types.UPDATE_CLUSTER_SIZE)
	return added, removed
}

// UpdateActiveMap replaces the active map, which is copied. If it differs from the
// one before, also by a domain that it no longer names, it returns true and raises
// UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP. Before Start, and by the rules DEFAULT and
// NOOP, it does nothing.
func (m *Machine) UpdateActiveMap(now time.Duration, active types.ClusterDomainsActiveMap) (changed bool) {
	if !m.running || !m.provider.UsesDomains() || maps.Equal(m.cfg.ActiveMap, active) {
		return false
	}
	m.cfg.ActiveMap = maps.Clone(active)
	m.raise(now, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP)
	return true
}

// SetSelfDomain moves this node to another failure domain and returns true, if it
// is not there already. Its vote moves along: it is counted as a member where it
// is counted as alive. Then UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP is raised.
func (m *Machine) SetSelfDomain(now time.Duration, domain string) (changed bool) {
	own := m.table.nodes[m.self]
	if own.Domain == domain {
		return false
	}
	own.Domain = domain
	m.table.put(m.self, own)
	if m.ownVote != nil {
		takeOne(m.members, *m.ownVote)
		m.members[domain]++
		m.ownVote = &domain
	}
	m.raise(now, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP)
	return true
}

// AddNode makes one node known, or changes status, flag and domain of a known one.
// It raises no event, and the count of members stays that of the last
// UpdateCluster. It reports whether the node was unknown.
func (m *Machine) AddNode(id types.NodeId, status types.NodeStatus, quorumMember bool, domain string) (added bool) {
	n, known := m.table.nodes[id]
	if !known {
		n.Status = status
	}
	n.QuorumMember, n.Domain = quorumMember, domain
	m.table.put(id, n)
	m.write(id, status)
	return !known
}

// RemoveNode removes one node, with its check and probation. It raises no event,
// and the count of members stays. The error is ErrUnknownNode, wrapped, or ErrSelf;
// then nothing has changed.
func (m *Machine) RemoveNode(id types.NodeId) error {
	if id == m.self {
		return ErrSelf
	}
	if _, known := m.table.nodes[id]; !known {
		return fmt.Errorf("quorum: remove node %q: %w", id, ErrUnknownNode)
	}
	m.forget(id)
	return nil
}

// SetStatus writes the status of a known node. It raises no event: quorum is
// evaluated again at the next one. For the own id it is SetSelfStatus. The error is
// ErrUnknownNode, wrapped; then nothing has changed.
func (m *Machine) SetStatus(id types.NodeId, status types.NodeStatus) error {
	if _, known := m.table.nodes[id]; !known {
		return fmt.Errorf("quorum: set status of node %q: %w", id, ErrUnknownNode)
	}
	m.write(id, status)
	return nil
}

// SetSelfStatus writes the own status into the table. The status machine does not
// learn of it, and overwrites it at its next event.
func (m *Machine) SetSelfStatus(status types.NodeStatus) {
	m.write(m.self, status)
}

// write sets a status by the application's word, which another Start keeps.
func (m *Machine) write(id types.NodeId, status types.NodeStatus) {
	m.table.judge(id, false)
	m.setStatus(id, status)
}

// forget removes a peer, all that was under way about it, and its mention at
// Start: who was removed is nobody's sibling.
func (m *Machine) forget(id types.NodeId) {
	m.cancelCheck(id)
	m.endProbation(id)
	delete(m.cfg.Domains, id)
	m.table.remove(id)
}

// countMembers takes the votes of the table, as UpdateCluster left it, as those
// of the cluster.
func (m *Machine) countMembers() {
	m.members = m.table.members()
	m.ownVote = nil
	if own := m.table.nodes[m.self]; own.QuorumMember {
		m.ownVote = &own.Domain
	}
}
