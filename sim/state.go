package sim

import (
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Set changes one key of the node's StoreMap. The value is kept as it is.
func (n *Node) Set(key types.StoreKey, value []byte) error {
	if !n.Running() {
		return &StateError{n.Name, "write on", "does not run"}
	}
	var failed error
	n.host.Do(func(now time.Duration) { failed = n.core.SetValue(now, key, value) })
	return failed
}

// Delete removes one key of the node's StoreMap.
func (n *Node) Delete(key types.StoreKey) error {
	if !n.Running() {
		return &StateError{n.Name, "delete on", "does not run"}
	}
	n.host.Do(func(now time.Duration) { n.core.DeleteValue(now, key) })
	return nil
}

// updateCluster tells the node about all.
func (n *Node) updateCluster(peers map[types.NodeId]types.NodeUpdate) {
	if n.Running() {
		n.host.Do(func(now time.Duration) { n.core.UpdateCluster(now, peers) })
	}
}

// Sees is the state in which the node's failure detector holds another; ok is false if
// it does not know it, or does not run.
func (n *Node) Sees(name types.NodeId) (state swim.State, ok bool) {
	if !n.Running() {
		return 0, false
	}
	m, ok := n.core.Member(name)
	return m.State, ok
}

// Lists reports whether the node holds another one alive or suspect.
func (n *Node) Lists(name types.NodeId) bool {
	state, ok := n.Sees(name)
	return ok && (state == swim.Alive || state == swim.Suspect)
}

// Status is the status that the node shows of another one, or of itself.
func (n *Node) Status(name types.NodeId) types.NodeStatus {
	if name == n.ID() {
		return n.core.SelfStatus()
	}
	status, ok := n.core.Status(name)
	if !ok {
		return types.NODE_STATUS_INVALID
	}
	return status
}

// Version is the version of a node's StoreMap as the node holds it.
func (n *Node) Version(name types.NodeId) (life swim.Life, version uint64, ok bool) {
	return n.core.StoreVersion(name)
}

// Agreed reports whether every node that is up lists exactly the nodes that are up,
// none of them suspect. Nodes of other clusters or versions do not count.
func (c *Cluster) Agreed() bool {
	up := c.Up()
	count := c.alike(up)
	for _, n := range up {
		if n.codec == c.codec && n.core.Alive() != count {
			return false // the cheap look first
		}
	}
	return c.Disagreement() == nil
}

// alike is how many of those that are up are of the cluster and no strangers.
func (c *Cluster) alike(up []*Node) int {
	n := 0
	for _, u := range up {
		if u.codec == c.codec {
			n++
		}
	}
	return n
}

// A Disagreement is one reason why views differ.
type Disagreement struct {
	Observer, Subject types.NodeId
	State             swim.State
	Known             bool
	Up                bool // what the subject really is
}

// Disagreement returns the first reason why Agreed does not hold, or nil.
func (c *Cluster) Disagreement() *Disagreement {
	up := c.Up()
	for _, n := range up {
		if c.Holder(n.ID()) != n {
			// Two processes of one name: one has still to find out.
			return &Disagreement{Observer: n.Name, Subject: n.ID(), Known: true}
		}
		if d := n.disagrees(up); d != nil {
			return d
		}
	}
	return nil
}

// InSync reports whether all nodes that are up list as many members as are up, with
// equal fingerprints of members and StoreMaps: views agree, though a member may be
// suspect. It costs O(n) where Agreed costs O(n²). Under rules without fingerprints
// nothing makes them equal, and only the numbers are compared.
func (c *Cluster) InSync() bool {
	up := c.Up()
	for _, n := range up {
		differ := n.core.Fingerprints() != up[0].core.Fingerprints() && !n.params().Rules.NoPrints
		if n.core.Alive() != len(up) || differ {
			return false
		}
	}
	return true
}

// disagrees compares one view with the truth.
func (n *Node) disagrees(up []*Node) *Disagreement {
	listed := 0
	for m := range n.core.Members() {
		id := n.core.IDOf(m.Name)
		if m.State != swim.Alive && m.State != swim.Suspect {
			continue
		}
		subject := n.cluster.Holder(id)
		if subject == nil || !subject.Up() || m.State == swim.Suspect {
			return &Disagreement{n.Name, id, m.State, true, subject != nil && subject.Up()}
		}
		listed++
	}
	want := 0
	for _, s := range up {
		if s.codec == n.codec {
			want++
		}
	}
	if listed == want {
		return nil
	}
	for _, s := range up {
		if state, ok := n.Sees(s.ID()); s.codec == n.codec && (!ok || state != swim.Alive) {
			return &Disagreement{n.Name, s.ID(), state, ok, true}
		}
	}
	return nil
}

// Converged reports whether views agree, and every node that is up holds every other
// one's StoreMap in its latest version.
func (c *Cluster) Converged() bool {
	if !c.Agreed() {
		return false
	}
	up := c.Up()
	for _, owner := range up {
		life, version, _ := owner.Version(owner.ID())
		for _, n := range up {
			if l, v, _ := n.Version(owner.ID()); n.codec == owner.codec && (l != life || v != version) {
				return false
			}
		}
	}
	return true
}

// Views counts how many different numbers of live members the nodes that are up
// report: 1 when they agree on the number. Source: Rapid (ATC 2018), table 1.
func (c *Cluster) Views() map[int]int {
	views := map[int]int{}
	for _, n := range c.Up() {
		views[n.core.Alive()]++
	}
	return views
}
