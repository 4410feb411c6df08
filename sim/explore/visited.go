package explore

// visited is the set of states that have been found, by hash: a table with open
// addressing, 16 bytes per place, between three eighths and three quarters full. The
// hash zero is taken to mean an empty place; no state has it.
type visited struct {
	places [][2]uint64
	count  int
}

func newVisited() *visited { return &visited{places: make([][2]uint64, 1<<12)} }

// add reports whether a hash is new, and keeps it.
func (v *visited) add(hash [2]uint64) bool {
	if 4*v.count >= 3*len(v.places) {
		old := v.places
		v.places = make([][2]uint64, 2*len(old))
		for _, h := range old {
			if h != [2]uint64{} {
				v.places[v.find(h)] = h
			}
		}
	}
	i := v.find(hash)
	if v.places[i] == hash {
		return false
	}
	v.places[i] = hash
	v.count++
	return true
}

// find is the place of a hash, or the empty one where it belongs.
func (v *visited) find(hash [2]uint64) int {
	mask := len(v.places) - 1
	i := int(hash[0]) & mask
	for v.places[i] != [2]uint64{} && v.places[i] != hash {
		i = (i + 1) & mask
	}
	return i
}
