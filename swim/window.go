package swim

// A window is what a rumour tells: all that a member has published above its base. The
// owner that changes something all the time has a rumour that never ends. If its base
// stayed where it was, it would grow until it is the whole record, and fill every packet
// with what all have known for long. So there are two generations:
//
//	base               next                version held
//	 ├── generation ────┼── the next one ────┤
//
// Once it has been sent ⌈log10(n+1)⌉ times since next was set, but for a whole round of
// gossip at least, the second generation takes the place of the first, and what is
// published from then on begins another one. While news keeps coming, each piece is thus
// sent that often by every member at least, and twice that often at most: enough for
// gossip to reach nearly all. A gap is repaired by push-pull (see gap). The last piece is
// sent λ ⌈log10(n+1)⌉ times, as any other news.
type window struct {
	base  uint64 // what everybody knew before
	next  uint64 // the base to come, if begun
	told  int16  // how often it was sent since next was set
	begun bool   // there is a second generation
}

// extend takes in news above a mark. more says that the rumour is still being sent.
func (w *window) extend(base uint64, more bool) {
	switch {
	case !more || base < w.base:
		*w = window{base: base}
	case !w.begun:
		w.next, w.told, w.begun = base, 0, true
	}
}

// advance counts one send; limit is how many a generation has.
func (w *window) advance(limit int) {
	if !w.begun {
		return
	}
	if w.told++; int(w.told) >= limit {
		w.base, w.begun = w.next, false
	}
}
