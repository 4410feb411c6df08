package virtual

import "slices"

// A Cut stops everything from some hosts to others, from one call of [World.Cut]
// until [Cut.Heal].
type Cut struct {
	world    *World
	from, to []uint64 // bit sets of hosts, by number
	all      bool     // to everybody who is not in from
}

// Cut stops datagrams and streams from one side to the other; the way back stays
// open. What is already on its way arrives. No host is cut off from itself.
func (w *World) Cut(from, to []*Host) *Cut {
	return w.addCut(&Cut{world: w, from: set(from), to: set(to)})
}

// Isolate stops everything that leaves a group of hosts, also to those that come
// later; the way back stays open.
func (w *World) Isolate(hosts []*Host) *Cut {
	return w.addCut(&Cut{world: w, from: set(hosts), all: true})
}

// Split stops everything between groups, in both directions. Hosts that are in no
// group reach all.
func (w *World) Split(groups ...[]*Host) []*Cut {
	var cuts []*Cut
	for i, from := range groups {
		var to []*Host
		for j, other := range groups {
			if i != j {
				to = append(to, other...)
			}
		}
		cuts = append(cuts, w.Cut(from, to))
	}
	return cuts
}

func (w *World) addCut(c *Cut) *Cut {
	w.cuts = append(w.cuts, c)
	return c
}

// Heal ends the cut. Healing twice does nothing.
func (c *Cut) Heal() {
	c.world.cuts = slices.DeleteFunc(c.world.cuts, func(o *Cut) bool { return o == c })
}

// HealAll ends all cuts.
func (w *World) HealAll() { w.cuts = nil }

// Cuts is how many cuts there are now.
func (w *World) Cuts() int { return len(w.cuts) }

// Reaches reports whether no cut stops what one host sends to another.
func (w *World) Reaches(from, to *Host) bool {
	for _, c := range w.cuts {
		if from != to && has(c.from, from.number) && (has(c.to, to.number) || c.all && !has(c.from, to.number)) {
			return false
		}
	}
	return true
}

func set(hosts []*Host) []uint64 {
	var bits []uint64
	for _, h := range hosts {
		for int(h.number/64) >= len(bits) {
			bits = append(bits, 0)
		}
		bits[h.number/64] |= 1 << (h.number % 64)
	}
	return bits
}

func has(bits []uint64, number int32) bool {
	i := int(number / 64)
	return i < len(bits) && bits[i]&(1<<(number%64)) != 0
}
