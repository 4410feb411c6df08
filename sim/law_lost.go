package sim

import (
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// tick looks at the laws about time and about several nodes.
func (k *Checker) tick() {
	now := k.cluster.Now()
	if !k.cluster.quiet() {
		k.quiet = -1
	} else if k.quiet < 0 {
		k.quiet = now
	}
	for _, n := range k.cluster.nodes {
		if !n.Running() {
			continue
		}
		w := k.of(n)
		s := k.subjects[k.subject(string(n.ID()))]
		s.ran = now
		if k.cluster.Cuts() == 0 {
			s.whole = now
		}
		if n.Frozen() || n.host.Slow != nil {
			w.blocked, w.hindered = now, now
		}
		if !n.Up() {
			w.hindered = now
		}
	}
	sides := k.cluster.Cuts() > 0 && k.group()
	for _, n := range k.cluster.nodes {
		if !n.Up() {
			if n.Leaving() {
				k.checkDeparture(n)
			}
			continue
		}
		w := k.of(n)
		k.checkListed(w, sides)
		k.checkVerdict(w)
		k.checkWindow(w)
	}
	if sides {
		k.checkQuorum()
	}
}

// quiet reports whether nothing is wrong with the network now.
func (c *Cluster) quiet() bool {
	if c.Cuts() > 0 || c.Links() > 0 || !c.Net.Link.Clean() {
		return false
	}
	for _, n := range c.nodes {
		if n.Running() && (!n.host.Out.Clean() || !n.host.In.Clean() || n.host.Uplink > 0) {
			return false
		}
	}
	return true
}

// group divides the running nodes into those that can reach each other, through others
// too, in whatever direction. It reports whether there are several such sides.
func (k *Checker) group() bool {
	nodes := k.cluster.nodes
	k.groups = k.groups[:0]
	for i := range nodes {
		k.groups = append(k.groups, i)
	}
	sides := 0
	for i, a := range nodes {
		if !a.Running() {
			continue
		}
		sides++
		for j, b := range nodes[:i] {
			if !b.Running() || k.groups[i] == k.groups[j] ||
				!k.cluster.Reaches(a.host, b.host) && !k.cluster.Reaches(b.host, a.host) {
				continue
			}
			sides--
			from, to := k.groups[i], k.groups[j]
			for g := range k.groups {
				if k.groups[g] == from {
					k.groups[g] = to
				}
			}
		}
	}
	return sides > 1
}

// checkListed holds time against the members that a node lists: those that are lost
// must go, all others must be pinged.
func (k *Checker) checkListed(w *watched, sides bool) {
	now := k.cluster.Now()
	if k.cluster.Cuts() > 0 {
		for _, b := range k.cluster.nodes {
			if b.Running() && b != w.node && (!sides || k.groups[b.number] == k.groups[w.node.number]) {
				w.view(k.subject(string(b.ID()))).reach = now
			}
		}
	}
	unhindered := w.unhindered()
	gap := w.stretch(ProbeGap(w.cfg, w.names))
	bound := w.stretch(DetectionBound(w.cfg, w.names))
	for i := range w.views {
		v := &w.views[i]
		if !v.listed {
			continue
		}
		s := k.subjects[i]
		if since := now - max(s.whole, v.reach, v.news, unhindered); since > 0 {
			if !k.holds(lawDetection, since <= bound) {
				k.broken(lawDetection, w.node, "lists %s, which was lost %v ago; the bound is %v", s.id, since, bound)
			}
		}
		if since := now - max(v.pinged, unhindered); !k.holds(lawProbing, since <= gap) {
			k.broken(lawProbing, w.node, "lists %s, and has not pinged it for %v; the bound is %v", s.id, since, gap)
		}
	}
}

// checkQuorum looks for two sides that are UP. Every node has its own clock: since
// when has it been in a position to know that the others are lost?
func (k *Checker) checkQuorum() {
	if !k.cluster.cfg.Quorum || k.cluster.cfg.Provider == types.QUORUM_PROVIDER_NOOP {
		return
	}
	var first *Node
	now := k.cluster.Now()
	for _, a := range k.cluster.nodes {
		if !a.Up() || a.core.SelfStatus() != types.NODE_STATUS_UP {
			continue
		}
		w := k.of(a)
		since := now - max(w.unhindered(), k.lostSince(w))
		bound := w.stretch(QuorumBound(k.cluster.cfg, w.names))
		if w.node.cfg.Swim != nil || w.node.cfg.Intervals != nil {
			continue // a pace of its own
		}
		if k.counts[lawQuorum]++; since <= bound {
			continue
		}
		if first == nil {
			first = a
		} else if k.groups[first.number] != k.groups[a.number] {
			k.broken(lawQuorum, a, "is UP, and so is %s on another side of a partition that both have had %v to find out; the bound is %v",
				first.Name, since, bound)
			return
		}
	}
}

// lostSince is when a node was last in contact with somebody that is not on its side
// now, or heard of it.
func (k *Checker) lostSince(w *watched) time.Duration {
	last := time.Duration(0)
	for i, s := range k.subjects {
		if v := w.view(i); v.reach < k.cluster.Now() && string(s.id) != string(w.node.ID()) {
			last = max(last, s.whole, v.reach, v.news)
		}
	}
	return last
}

// checkVerdict: the suspicion of having no quorum ends.
func (k *Checker) checkVerdict(w *watched) {
	if w.suspectedAt < 0 || w.node.core.SelfStatus() != types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM {
		return
	}
	since := k.cluster.Now() - max(w.suspectedAt, w.unhindered())
	bound := w.stretch(w.node.intervals().QuorumTimeout)
	if !k.holds(lawVerdict, since <= bound) {
		k.broken(lawVerdict, w.node, "has been SUSPECT_NOT_IN_QUORUM for %v; the bound is %v", since, bound)
	}
}

// calmFor reports whether the network has been without faults, and a node unhindered,
// for as long as it takes to find out about anybody.
func (k *Checker) calmFor(w *watched) bool {
	now := k.cluster.Now()
	long := w.stretch(DetectionBound(w.cfg, w.names))
	return k.quiet >= 0 && k.cluster.quiet() && now-k.quiet > long && now-max(w.hindered, w.started) > long && !w.node.Frozen()
}

// checkFalseDeath: a node has declared another one failed.
func (k *Checker) checkFalseDeath(w *watched, e *Event) {
	subject := k.cluster.Holder(e.ID)
	k.counts[lawFalseDeath]++
	if subject == nil || !subject.Up() || subject.stamp().Life != e.Member.Stamp.Life || w.cfg.SuspicionMult == 0 || !k.calmFor(w) || !k.calmFor(k.of(subject)) {
		return
	}
	if !w.node.versions() && e.Member.Addr != subject.Addr() {
		return // of the process that was there before: without lives, it is the address that tells
	}
	k.broken(lawFalseDeath, w.node, "declares %s failed at %v, accused by %s", e.ID, e.Member.Stamp, e.Member.From)
}

// checkDeparture: somebody leaves, and nothing stands in its way.
func (k *Checker) checkDeparture(n *Node) {
	w := k.of(n)
	if k.quiet < 0 || k.quiet > n.leftAt || !n.versions() {
		return
	}
	for _, p := range k.cluster.nodes {
		if p != n && p.Running() && (!p.Up() || k.of(p).unhindered() > n.leftAt || p.codec != n.codec) {
			return
		}
	}
	if n.core.Alive() < 2 || k.listsGone(n) {
		w.misled = k.cluster.Now() // it asks nobody, or somebody who is no more
		return
	}
	took := k.cluster.Now() - max(n.leftAt, w.blocked, w.misled)
	if bound := w.stretch(3 * w.cfg.ProbeTimeout); !k.holds(lawDeparture, took <= bound) {
		k.broken(lawDeparture, n, "left %v ago, and nobody has acknowledged it; the bound is %v", took, bound)
	}
}

// listsGone reports whether a node lists somebody who is not there.
func (k *Checker) listsGone(n *Node) bool {
	for m := range n.core.Members() {
		if m.Self || m.State != swim.Alive && m.State != swim.Suspect {
			continue
		}
		if holder := k.cluster.Holder(n.core.IDOf(m.Name)); holder == nil || !holder.Up() || holder.Addr() != m.Addr {
			return true
		}
	}
	return false
}
