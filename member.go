package nekton

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// MemberState is what the failure detector holds a member to be.
type MemberState = swim.State

// The states of a member.
const (
	MemberAlive   = swim.Alive
	MemberSuspect = swim.Suspect
	MemberDead    = swim.Dead
	MemberGone    = swim.Left // it said so itself
)

// A Member is what the failure detector holds about one member, known to the API
// or not.
type Member struct {
	Node  types.NodeId
	Addr  netip.AddrPort // where it says that it is reached
	State MemberState
	// Generation, Boot and Incarnation order what is said about it: the first was
	// given to it, the second grows with each of its starts, the third with each
	// refutation.
	Generation  uint64
	Boot        uint64
	Incarnation uint32
	// Since is when it entered its state, by our wall clock.
	Since time.Time
	// LastHeard is when we last heard from it directly, by our wall clock; zero
	// if never, and for ourselves.
	LastHeard time.Time
	// RTT is the smoothed round trip of direct probes; 0 until one was measured.
	RTT time.Duration
	// Self marks ourselves.
	Self bool
	// Known: UpdateCluster or AddNode named it. Only known nodes have a Status
	// and count for quorum.
	Known  bool
	Status types.NodeStatus
}

// Members returns everyone whom the failure detector knows, ourselves and those
// remembered as dead or left included, in order of their ids. It is empty, and not
// nil, unless the node is running.
func (n *Node) Members() []Member {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.read()
	members := []Member{}
	for m := range n.core.Members() {
		members = append(members, n.member(m))
	}
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Node, b.Node) })
	return members
}

// member is called with mu held.
func (n *Node) member(m swim.Info) Member {
	id := n.core.IDOf(m.Name)
	out := Member{
		Node: id, Addr: m.Addr, State: m.State, Generation: uint64(m.Stamp.Generation), Boot: uint64(m.Stamp.Boot),
		Incarnation: uint32(m.Stamp.Incarnation), Since: n.core.Wall(m.Since), RTT: m.RTT, Self: m.Self,
	}
	if m.Heard >= 0 {
		out.LastHeard = n.core.Wall(m.Heard)
	}
	out.Status, out.Known = n.core.Status(id)
	return out
}

// GetNodes returns the IP addresses, without ports, of all members that are not
// held dead or left, ourselves and suspects included; one for each member, in no
// particular order. It does not depend on who is known. It is empty, and not nil,
// unless the node is running.
func (n *Node) GetNodes() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	nodes := []string{}
	for m := range n.core.Members() {
		if m.State == swim.Alive || m.State == swim.Suspect {
			nodes = append(nodes, m.Addr.Addr().String())
		}
	}
	return nodes
}
