package swim

import "time"

// Gossip to members drawn at random leaves e^-s of them out, when each of us sends a
// piece of news s times: four sends miss one member of 64, eight are needed to miss none,
// and most of these tell what is known. Members that share a ring (see coordinate.go)
// can do better without exchanging a byte.
//
// They gossip along a graph. Of the sends of a piece of news, the first GossipNodes, k,
// are those of a riffle: cut the ring into k piles, riffle them, and send to the k
// members from the place on where that has put us.
//
//	ring          a b c d e f g h i      k = 3, piles abc def ghi
//	riffled       a d g b e h c f i
//	a ▶ b c (and itself)   d ▶ b c (d)   g ▶ c d e   b ▶ d e f   …
//
// That is nearly the graph of de Bruijn: everyone has k successors and k predecessors,
// and is at most ⌈log_k n⌉ + 1 hops from everybody, so if nothing is lost, one round of
// each is enough for all. (With k fixed distances on the ring, news travels by sums of
// those, and some n^(1/k) hops would be needed.) The sends after these go to members at
// fixed distances, which again leaves nobody out. In each protocol period everybody moves
// on by a number of places that all read off the wall clock, as in coordinate.go, so that
// what a link cannot carry takes other ways.
//
// And they count copies, as the counter variant of rumour mongering does (Demers et al.
// 1987, §1.4), and Trickle (RFC 6206): a copy that is heard says, as much as one that is
// sent, that the news is around. Who has sent a piece of news k times, so that it cannot
// die by mistake, stops when it knows of as many copies as it would else have sent, the
// one that brought it included. Where packets are lost, fewer are heard, and more sent.
//
// None of that needs agreement. Among views that differ, the successors are as good as
// drawn at random, and what all have missed the fingerprints show. Where there is no
// ring, targets are random, and each piece of news is sent its full count.

// goesAlong reports whether we gossip along the graph. Among so few that everybody is
// told in a round there is nothing to choose.
func (c *Core) goesAlong() bool {
	k := c.cfg.GossipNodes
	return c.cfg.GossipInterval > 0 && k > 0 && len(c.schedule.ring) > k+1 && !c.cfg.Rules.BlindGossip
}

// leastSent is how often that piece of news was sent that was sent least.
func (c *Core) leastSent() int {
	claims, rumours := &c.queues[newsClaim], &c.queues[newsRumour]
	for sends := range c.sendLimit {
		if claims.has(sends) || rumours.has(sends) {
			return sends
		}
	}
	return 0
}

// has reports whether there is news that was sent so often.
func (q *queue) has(sends int) bool { return sends < len(q.lists) && q.lists[sends].head != noRef }

// chooseSuccessors chooses whom to send what was sent so often before.
func (c *Core) chooseSuccessors(now time.Duration, send int) {
	ring, own, k := c.schedule.ring, c.schedule.own, c.cfg.GossipNodes
	n := len(ring)
	period := floorDiv(c.wallOffset+now, c.cfg.ProbeInterval)
	turn := int(scatter(uint64(mod(period, time.Duration(n))), uint64(n)))
	c.chosen = c.chosen[:0]
	for ; len(c.chosen) < k; send++ {
		at := own
		if send < k {
			at = riffle(own, n, k)
		}
		if r := ring[(at+turn+send)%n]; r != selfRef {
			c.chosen = append(c.chosen, r)
		}
	}
}

// riffle is where place i of n is when k piles are riffled, of which the first are one
// larger if n is no multiple. It is a permutation.
func riffle(i, n, k int) int {
	size, larger := n/k, n%k
	if first := larger * (size + 1); i >= first {
		return (i-first)%size*k + larger + (i-first)/size
	}
	return i%(size+1)*k + i/(size+1)
}

// uncounted is what was heard of news whose copies do not count: it is sent its full
// count, whatever others do. What we claim of ourselves is such news, and so are
// suspicions and what refutes them, of which each member has to hear in time.
const uncounted = -1

// firstCopy is what was heard of news about r that begins: the copy that brought it, or
// that the owner has.
func (c *Core) firstCopy(r ref, kind news) int16 {
	if kind == newsClaim && (r == selfRef || c.at(r).state == Suspect) {
		return uncounted
	}
	return 1
}

// noteCopy counts a copy of what we hold of r and are still telling, from another member.
func (c *Core) noteCopy(r ref, kind news) {
	m := c.at(r)
	if m.sends(kind) == notQueued || !c.goesAlong() {
		return
	}
	s := m.slot(kind)
	if s.heard == uncounted {
		return
	}
	s.heard = min(s.heard+1, int16(c.sendLimit))
	if c.isSpread(s) {
		c.silence(r, kind)
	}
}

// isSpread reports whether a piece of news need not be sent any more.
func (c *Core) isSpread(s *slot) bool {
	copies := int(s.sends)
	if copies >= c.cfg.GossipNodes && s.heard != uncounted && c.goesAlong() {
		copies += int(s.heard)
	}
	return copies >= c.sendLimit
}
