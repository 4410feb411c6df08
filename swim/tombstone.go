package swim

import "time"

// A dead or left member stays in the table as a tombstone: old news about it then
// loses against what we hold. Tombstones are bounded by time and by number. What
// is forgotten leaves 8 bytes behind, so that a name that comes back from third
// parties only is taken with care (see meet).

// tombstones orders the buried by the time of their burial.
type tombstones struct {
	fifo  []tombstone // may hold members that have come back; see stale
	count int         // members buried
	timer timer
}

type tombstone struct {
	member ref
	since  time.Duration
}

// stale reports whether t speaks of a burial that is no more.
func (c *Core) stale(t tombstone) bool {
	m := c.at(t.member)
	return !m.buried() || m.since() != t.since
}

// addTombstone buries r, and forgets the oldest beyond the limit.
func (c *Core) addTombstone(now time.Duration, r ref) {
	ts := &c.tombstones
	c.at(r).troubled().buried = true
	ts.count++
	ts.fifo = append(ts.fifo, tombstone{r, now})
	if len(ts.fifo) > 2*ts.count+64 {
		kept := ts.fifo[:0]
		for _, t := range ts.fifo {
			if !c.stale(t) {
				kept = append(kept, t)
			}
		}
		ts.fifo = kept
	}
	for ts.count > c.cfg.MaxTombstones {
		c.forgetOldest(now)
	}
	c.armReap()
}

// reap forgets every member that has been dead or left for TombstoneTTL.
func (c *Core) reap(now time.Duration) {
	ts := &c.tombstones
	ts.timer = 0
	for len(ts.fifo) > 0 {
		t := ts.fifo[0]
		if !c.stale(t) && now < t.since+c.cfg.TombstoneTTL {
			break
		}
		c.forgetOldest(now)
	}
	c.armReap()
}

func (c *Core) armReap() {
	if ts := &c.tombstones; ts.timer == 0 && len(ts.fifo) > 0 && c.cfg.TombstoneTTL > 0 {
		ts.timer = c.deadlines.set(ts.fifo[0].since+c.cfg.TombstoneTTL, wakeReap, noRef)
	}
}

// forgetOldest takes the first entry of the fifo, and forgets its member unless
// the entry is stale.
func (c *Core) forgetOldest(now time.Duration) {
	ts := &c.tombstones
	t := ts.fifo[0]
	ts.fifo = ts.fifo[1:]
	if c.stale(t) {
		return
	}
	m := c.at(t.member)
	ts.count--
	c.noteStray(now, m)
	c.silence(t.member, newsClaim)
	c.forgotten.add(m.name())
	c.emit(Event{Kind: EventForgotten, At: now, Name: m.name(), Stamp: m.stamp()})
	c.remove(t.member)
}

// recentlyDead appends to c.chosen the members that died within GossipToTheDead:
// they may be alive, and hear from us that they are not.
func (c *Core) recentlyDead(now time.Duration, most int) {
	fifo := c.tombstones.fifo
	for i := len(fifo) - 1; i >= 0 && most > 0; i-- {
		t := fifo[i]
		if now-t.since >= c.cfg.GossipToTheDead {
			return
		}
		if !c.stale(t) && c.at(t.member).state == Dead {
			c.chosen = append(c.chosen, t.member)
			most--
		}
	}
}

// maxForgotten bounds the names whose hashes are kept.
const maxForgotten = 1 << 16

// forgotten remembers the hashes of names whose tombstones are gone. It never says
// no to a name that was forgotten: when it overflows, it says maybe to all.
type forgotten struct {
	hashes map[uint64]struct{}
	full   bool
}

func (f *forgotten) add(name string) {
	if f.full {
		return
	}
	if len(f.hashes) >= maxForgotten {
		f.hashes, f.full = nil, true
		return
	}
	if f.hashes == nil {
		f.hashes = map[uint64]struct{}{}
	}
	f.hashes[hashName(name)] = struct{}{}
}

func (f *forgotten) mayHave(name string) bool {
	if f.full {
		return true
	}
	if len(f.hashes) == 0 {
		return false
	}
	_, ok := f.hashes[hashName(name)]
	return ok
}

// none reports whether nobody was ever forgotten.
func (f *forgotten) none() bool { return f.hashes == nil && !f.full }

func (f *forgotten) remove(name string) {
	if len(f.hashes) > 0 {
		delete(f.hashes, hashName(name))
	}
}
