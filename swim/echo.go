package swim

// Gossip repeats itself: each piece of news is sent λ log n times by every member, and
// heard about as often, nearly always in the same words. A claim that was read once, and
// said what is known, need not be read again: its bytes are enough.

// An echo is what a table remembers of the words of a claim: that they say what one
// record says. As neither ever changes, that stays true; whether it is still all that is
// held of the member, is asked each time.
type echo struct {
	sum    uint64 // of the words, with our own seed; zero: none
	ref    ref    // whom they are about
	record recordID
}

// maxEchoes bounds the memory, 2 KiB. A power of two.
const maxEchoes = 128

// echoes are two neighbours for each sum, the newer first.
type echoes [maxEchoes]echo

func (e *echoes) pair(sum uint64) *[2]echo {
	return (*[2]echo)(e[sum>>32%(maxEchoes/2)*2:])
}

// sumOf stands for the words of a claim. Two claims have one sum with a probability of
// 2⁻⁶³, and nobody who does not know the seed can look for them. It is never zero.
func (t *table) sumOf(words []byte) uint64 { return hashText(t.seed, words) | 1 }

// findEcho reports whether words of this sum say what is known, and of whom: that a member
// is alive, as it says itself, and nothing else is held of it.
func (t *table) findEcho(sum uint64) (ref, bool) {
	if t.echoes == nil {
		return noRef, false
	}
	for i := range t.echoes.pair(sum) {
		if e := &t.echoes.pair(sum)[i]; e.sum == sum {
			t.echoed = true
			m := t.at(e.ref)
			return e.ref, m.record == e.record && m.row.trouble == noRef
		}
	}
	return noRef, false
}

// remember notes that words of this sum say what r says of itself.
func (t *table) remember(sum uint64, r ref) {
	if t.echoes == nil {
		t.echoes = new(echoes)
	}
	t.echoed = true
	pair := t.echoes.pair(sum)
	if pair[0].sum != sum {
		pair[1] = pair[0]
	}
	pair[0] = echo{sum, r, t.at(r).record}
}

// ageEchoes begins a period, and lets go of what the one before had no use for: at rest
// nothing is repeated.
func (t *table) ageEchoes() {
	if !t.echoed {
		t.echoes = nil
	}
	t.echoed = false
}

// forgetEchoes is for when records move.
func (t *table) forgetEchoes() {
	if t.echoes != nil {
		*t.echoes = echoes{}
	}
}
