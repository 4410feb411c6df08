package swim

import (
	"cmp"
	"slices"
)

// The ring is the clock face of coordinate.go: who stands where, in order.

// maxRingMoves bounds what keeping the ring in order may cost in one period, in
// entries moved: a fraction of a millisecond. Beyond it the ring is given up
// until a period has been calmer.
const maxRingMoves = 1 << 20

// A point is a place on the ring. Names decide where hashes are equal.
type point struct {
	hash uint64
	name string
}

func pointOf(name string) point { return point{hashName(name), name} }

func (p point) compare(q point) int {
	return cmp.Or(cmp.Compare(p.hash, q.hash), cmp.Compare(p.name, q.name))
}

// findPoint is where on the ring a place is, or would be.
func (c *Core) findPoint(p point) (at int, found bool) {
	ring := c.schedule.ring
	low, high := 0, len(ring)
	for low < high {
		mid := int(uint(low+high) / 2)
		if pointOf(c.at(ring[mid]).name()).compare(p) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(ring) && c.at(ring[low]).name() == p.name
}

// joinRing gives r, which is live, its place on the ring.
func (c *Core) joinRing(r ref) {
	if c.cfg.NoCoordinatedProbing {
		return
	}
	s := &c.schedule
	if at, found := c.findPoint(pointOf(c.at(r).name())); !found && c.affordMoves(at) {
		s.ring = slices.Insert(s.ring, at, r)
		if at <= s.own {
			s.own++
		}
	}
}

// leaveRing takes r, which is no longer live, off the ring.
func (c *Core) leaveRing(r ref) {
	if c.cfg.NoCoordinatedProbing {
		return
	}
	s := &c.schedule
	if at, found := c.findPoint(pointOf(c.at(r).name())); found && c.affordMoves(at) {
		s.ring = slices.Delete(s.ring, at, at+1)
		if at < s.own {
			s.own--
		}
	}
}

// affordMoves charges for a change of the ring, and gives the ring up if changes
// have become too expensive: in a wave of joins they must not cost O(n) each.
func (c *Core) affordMoves(at int) bool {
	s := &c.schedule
	s.silence.moved = true
	c.decideAnew()
	moves := len(s.ring) - at
	if s.torn {
		moves = c.alive
	}
	s.moves = min(s.moves+moves, maxRingMoves+1)
	if s.moves > maxRingMoves {
		s.torn, s.ring = true, nil
	}
	return !s.torn
}

// mendRing puts a torn ring together again when the period that has passed would
// not have torn it.
func (c *Core) mendRing() {
	s := &c.schedule
	calm := s.moves <= maxRingMoves
	s.moves = 0
	if !s.torn || !calm {
		return
	}
	type entry struct {
		point
		ref
	}
	entries := make([]entry, 0, c.sizeAlive())
	entries = append(entries, entry{pointOf(c.self().name()), selfRef})
	for r, m := range c.live() {
		entries = append(entries, entry{pointOf(m.name()), r})
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.compare(b.point) })
	s.torn, s.ring = false, make([]ref, 0, len(entries))
	for i, e := range entries {
		if s.ring = append(s.ring, e.ref); e.ref == selfRef {
			s.own = i
		}
	}
}
