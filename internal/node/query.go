package node

import (
	"iter"
	"net/netip"

	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// ID is the name of the node.
func (n *Node) ID() types.NodeId { return n.cfg.ID }

// SelfStatus is the own status.
func (n *Node) SelfStatus() types.NodeStatus { return n.machine.SelfStatus() }

// Status is that of a known node.
func (n *Node) Status(id types.NodeId) (types.NodeStatus, bool) { return n.machine.Status(id) }

// SelfDomain is the failure domain of the node.
func (n *Node) SelfDomain() string { return n.machine.SelfDomain() }

// DomainActive reports whether nodes of a failure domain count, as far as this node
// has been told.
func (n *Node) DomainActive(domain string) bool { return n.machine.DomainActive(domain) }

// Members yields everyone whom the failure detector knows, tombstones included,
// known to the API or not; nobody when the node is not open.
func (n *Node) Members() iter.Seq[swim.Info] {
	return func(yield func(swim.Info) bool) {
		if n.core != nil {
			n.core.Members()(yield)
		}
	}
}

// Member returns what the failure detector holds about one node.
func (n *Node) Member(id types.NodeId) (swim.Info, bool) {
	if n.core == nil {
		return swim.Info{}, false
	}
	return n.core.Member(n.nameOf(id))
}

// Alive is how many members the failure detector lists, ourselves included; 0 when
// the node is not open.
func (n *Node) Alive() int {
	if n.core == nil {
		return 0
	}
	return n.core.Alive()
}

// Queued is how much news waits to be sent; 0 when the node is not open.
func (n *Node) Queued() int {
	if n.core == nil {
		return 0
	}
	return n.core.Queued()
}

// Health is the local health score: 0 is healthy, or not open.
func (n *Node) Health() int {
	if n.core == nil {
		return 0
	}
	return n.core.Health()
}

// CutOff reports whether the node hears from nobody.
func (n *Node) CutOff() bool { return n.core != nil && n.core.CutOff() }

// Replaced reports whether a higher life of the node's name exists, and it has
// fallen silent for it.
func (n *Node) Replaced() bool { return n.core != nil && n.core.Replaced() }

// CheckInvariants returns the first inconsistency of the protocol's tables, for
// simulators and tests; see [swim.Core.CheckInvariants].
func (n *Node) CheckInvariants() error {
	if n.core == nil {
		return nil
	}
	return n.core.CheckInvariants()
}

// Fingerprints are those that our pings carry now; zero when the node is not open.
func (n *Node) Fingerprints() swim.Prints {
	if n.core == nil {
		return swim.Prints{}
	}
	return n.core.Fingerprints()
}

// StoreVersion is the life and version of a node's StoreMap as it is held here.
func (n *Node) StoreVersion(id types.NodeId) (life swim.Life, version uint64, ok bool) {
	l, v, ok := n.store.Version(id)
	return swim.Life{Generation: swim.Generation(l.Generation), Boot: swim.Boot(l.Boot)}, uint64(v), ok
}

// Life is that of the latest run.
func (n *Node) Life() swim.Life {
	return swim.Life{Generation: swim.Generation(n.cfg.Generation), Boot: n.boot}
}

// IDOf is the id of the node that is a member under a name.
func (n *Node) IDOf(name string) types.NodeId { return n.idOf(name) }

// Addresses are those of all known nodes, as configured, in order of their ids;
// names that are no addresses are left to the caller to resolve.
func (n *Node) Addresses() []string {
	var out []string
	for _, id := range n.machine.Nodes() {
		if e := n.entries[id]; e.addr != "" {
			out = append(out, e.addr)
		}
	}
	return out
}

// SetSeeds replaces the seeds that healing tries.
func (n *Node) SetSeeds(seeds []netip.AddrPort) {
	if n.core != nil {
		n.core.SetSeeds(seeds)
	}
}

// Stats is one consistent picture of a node.
type Stats struct {
	Status types.NodeStatus
	Open   bool
	CutOff bool
	// Known counts the known nodes by status, ourselves included.
	Known  map[types.NodeStatus]int
	Quorum quorum.Tally
	Swim   swim.Stats
	Store  store.Stats
}

// Stats returns the counters and gauges. Those of the protocol begin anew with
// each Open.
func (n *Node) Stats() Stats {
	s := Stats{
		Status: n.machine.SelfStatus(), Open: n.core != nil, Known: n.machine.Statuses(),
		Quorum: n.machine.Tally(), Store: n.store.Stats(),
	}
	if n.core != nil {
		s.Swim, s.CutOff = n.core.Stats(), n.core.CutOff()
	}
	return s
}
