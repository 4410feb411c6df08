package quorum

import (
	"maps"
	"slices"

	"github.com/nekton-go/nekton/types"
)

// A Node is what the table holds about one node.
type Node struct {
	// Status is the own status for this node itself, and the verdict of the
	// local failure detector, or what AddNode or SetStatus wrote, for a peer.
	Status types.NodeStatus
	// QuorumMember says whether the node has a vote.
	QuorumMember bool
	// Domain is its failure domain.
	Domain string
}

// Alive reports whether the status of n lets its vote count. A node out of quorum
// is alive: nobody could ever regain a quorum otherwise.
func (n Node) Alive() bool {
	switch n.Status {
	case types.NODE_STATUS_UP,
		types.NODE_STATUS_NOT_IN_QUORUM,
		types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM:
		return true
	}
	return false
}

// A seat is a Node in the table, in as little room.
type seat struct {
	Status       types.NodeStatus
	QuorumMember bool
	judged       bool // the failure detector of this run gave the status
	Domain       string
}

func (s seat) node() Node { return Node{s.Status, s.QuorumMember, s.Domain} }

// votes reports whether it is a quorum member that is alive.
func (s seat) votes() bool { return s.QuorumMember && s.node().Alive() }

// A table holds all known nodes.
//
// Invariant: alive[d] is the number of nodes in d that are quorum members and
// alive, and no entry of alive is 0. It is kept rather than counted, because a
// decision is asked for at every event, and a cluster that forms has as many
// events as nodes.
type table struct {
	nodes map[types.NodeId]seat
	alive types.ClusterDomainsQuorumMembersMap
}

func newTable() table {
	return table{
		nodes: make(map[types.NodeId]seat),
		alive: make(types.ClusterDomainsQuorumMembersMap),
	}
}

// put adds or replaces the node. Nothing else writes t.nodes, but judge and remove.
func (t *table) put(id types.NodeId, n seat) {
	t.remove(id)
	t.nodes[id] = n
	if n.votes() {
		t.alive[n.Domain]++
	}
}

// judge notes whether the status of a node, if it is known, is the detector's.
func (t *table) judge(id types.NodeId, judged bool) {
	if n, ok := t.nodes[id]; ok && n.judged != judged {
		n.judged = judged
		t.nodes[id] = n
	}
}

// remove drops the node, if it is known.
func (t *table) remove(id types.NodeId) {
	n, ok := t.nodes[id]
	if !ok {
		return
	}
	delete(t.nodes, id)
	if n.votes() {
		takeOne(t.alive, n.Domain)
	}
}

// members counts the quorum members of each domain.
func (t *table) members() types.ClusterDomainsQuorumMembersMap {
	members := make(types.ClusterDomainsQuorumMembersMap)
	for _, n := range t.nodes {
		if n.QuorumMember {
			members[n.Domain]++
		}
	}
	return members
}

// ids returns all known nodes, sorted.
func (t *table) ids() []types.NodeId {
	return slices.Sorted(maps.Keys(t.nodes))
}

// takeOne lowers a count and keeps the map free of zeros.
func takeOne(counts types.ClusterDomainsQuorumMembersMap, domain string) {
	if counts[domain]--; counts[domain] == 0 {
		delete(counts, domain)
	}
}
