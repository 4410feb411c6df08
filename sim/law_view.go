package sim

import (
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// scan compares what a node holds of everybody with what it held before.
func (k *Checker) scan(w *watched) {
	n, now := w.node, k.cluster.Now()
	w.mark++
	w.buried = 0
	for m := range n.core.Members() {
		i := k.subject(string(n.core.IDOf(m.Name)))
		s := k.subjects[i]
		if m.Self {
			k.noteOwnMap(n, s)
			continue
		}
		v := w.view(i)
		listed := m.State == swim.Alive || m.State == swim.Suspect
		if v.known {
			k.checkStep(n, v, &m, listed)
		} else {
			w.names++
			k.checkReturn(w, s, v, &m)
		}
		if !k.holds(lawOwnStamp, m.Stamp.Compare(s.own) <= 0) {
			k.broken(lawOwnStamp, n, "holds %s at %v; it never had more than %v of itself", m.Name, m.Stamp, s.own)
		}
		switch {
		case !v.known || listed && !v.listed:
			v.news, v.pinged = now, now
		case m.Stamp != v.stamp:
			v.news = now
		}
		if v.listed && !listed {
			v.failed = now
		}
		v.known, v.mark, v.listed, v.stamp = true, w.mark, listed, m.Stamp
		if v.public = !listed && !m.Private; v.public {
			w.buried++
		} else {
			v.floor = swim.Stamp{}
		}
		v.forgot = false
		k.checkStatus(w, s, v)
		k.checkMap(n, s, v, &m)
	}
	for i := range w.views {
		if v := &w.views[i]; v.known && v.mark != w.mark {
			*v = view{forgot: true, stamp: v.stamp, reach: v.reach}
		}
	}
}

// checkStep holds against one another what a node held of a member and what it holds.
func (k *Checker) checkStep(n *Node, v *view, m *swim.Info, listed bool) {
	if !k.holds(lawStamps, m.Stamp.Compare(v.stamp) >= 0) {
		k.broken(lawStamps, n, "held %s at %v, and now at %v", m.Name, v.stamp, m.Stamp)
	}
	floor := v.stamp
	if v.floor.Compare(floor) > 0 {
		floor = v.floor
	}
	if v.public && !k.holds(lawResurrection, !listed || m.Stamp.Compare(floor) > 0) {
		k.broken(lawResurrection, n, "held %s dead or left at %v, heard it accused at %v, and now holds it %v at %v",
			m.Name, v.stamp, floor, m.State, m.Stamp)
	}
}

// checkReturn: a name is listed that was not known a moment ago.
func (k *Checker) checkReturn(w *watched, s *subject, v *view, m *swim.Info) {
	if !v.forgot {
		return
	}
	// An answer may have been on its way, or have waited while we were frozen.
	oldest := k.cluster.Net.StreamTimeout + w.frozen
	if since := k.cluster.Now() - s.ran; !k.holds(lawForgotten, since <= w.stretch(oldest)) {
		k.broken(lawForgotten, w.node, "had forgotten %s at %v, and lists it again as %v at %v; no process of that name has run for %v",
			m.Name, v.stamp, m.State, m.Stamp, since)
	}
}

// noteOwnMap remembers how far a node's own StoreMap has got.
func (k *Checker) noteOwnMap(n *Node, s *subject) {
	life, version, _ := n.core.StoreVersion(s.id)
	for i := range s.maps {
		if s.maps[i].life == life {
			s.maps[i].version = max(s.maps[i].version, version)
			return
		}
	}
	s.maps = append(s.maps, mapLife{life, version})
}

// checkMap holds the version that a node has of a member's StoreMap against what it
// had, against the owner's, and against the life in which its detector holds the member.
func (k *Checker) checkMap(n *Node, s *subject, v *view, m *swim.Info) {
	if !n.versions() {
		return
	}
	life, version, ok := n.core.StoreVersion(s.id)
	if !ok {
		v.stored = false
		return
	}
	if order := life.Compare(v.life); v.stored && !k.holds(lawStore, order > 0 || order == 0 && version >= v.version) {
		k.broken(lawStore, n, "had %s's map at version %d of life %v, and now %d of %v", s.id, v.version, v.life, version, life)
	}
	if version > 0 && (!v.stored || life != v.life || version != v.version) {
		if !k.holds(lawStoreOwner, s.had(life, version)) {
			k.broken(lawStoreOwner, n, "has %s's map at version %d of life %v; the owner never got there", s.id, version, life)
		}
	}
	lives := m.Stamp.Life != swim.Life{}
	if lives && (!v.stored || life != v.life) && !k.holds(lawStoreOwner, life.Compare(m.Stamp.Life) <= 0) {
		k.broken(lawStoreOwner, n, "has %s's map of life %v, and holds it %v at %v", s.id, life, m.State, m.Stamp)
	}
	v.stored, v.life, v.version = true, life, version
}

// had reports whether the owner's map ever was at a version.
func (s *subject) had(life swim.Life, version uint64) bool {
	for _, m := range s.maps {
		if m.life == life {
			return version <= m.version
		}
	}
	return false
}

// checkStatus holds the status of a peer against what the detector says of it.
func (k *Checker) checkStatus(w *watched, s *subject, v *view) {
	if !k.cluster.cfg.Quorum {
		return
	}
	status, known := w.node.core.Status(s.id)
	if !known {
		return
	}
	up := status == types.NODE_STATUS_UP
	ok := up == v.listed
	if up && !v.listed && k.cluster.usesDomains() {
		ok = k.cluster.Now()-max(v.failed, w.unhindered()) <= w.stretch(w.cfg.PingPatience())
	}
	if !k.holds(lawStatus, ok) {
		k.broken(lawStatus, w.node, "shows %s as %v, and its detector lists it: %v", s.id, status, v.listed)
	}
}

// usesDomains reports whether the quorum rule asks the siblings of who is lost.
func (c *Cluster) usesDomains() bool {
	return c.cfg.Provider != types.QUORUM_PROVIDER_DEFAULT && c.cfg.Provider != types.QUORUM_PROVIDER_NOOP
}

// checkMajority counts anew, from the statuses that a node shows, whether it may be UP.
func (k *Checker) checkMajority(n *Node) {
	if !k.cluster.cfg.Quorum || k.cluster.cfg.Provider == types.QUORUM_PROVIDER_NOOP || n.core.SelfStatus() != types.NODE_STATUS_UP {
		return
	}
	alive, members := n.countQuorum()
	if !k.holds(lawMajority, 2*alive > members && n.core.DomainActive(n.cfg.Domain)) {
		k.broken(lawMajority, n, "is UP with %d of %d quorum members alive", alive, members)
	}
}

// countQuorum goes by the node's own list of statuses and the rule of the cluster: how
// many count, and how many of them are alive.
func (n *Node) countQuorum() (alive, members int) {
	for _, e := range n.core.Entries() {
		if !e.Info.QuorumMember || !n.core.DomainActive(e.Info.ClusterDomain) {
			continue
		}
		members++
		switch e.Info.Status {
		case types.NODE_STATUS_UP, types.NODE_STATUS_NOT_IN_QUORUM, types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM:
			alive++
		}
	}
	return alive, members
}
