package swim

import "fmt"

// CheckInvariants takes every invariant that this package states in prose, and every
// sum that it keeps incrementally, anew from the tables, and returns the first that
// does not hold; nil when all do. Between two calls of a Core they always hold.
//
// It is for simulators and tests: it costs time and memory in proportion to the
// tables, changes nothing, and is in no program that does not call it.
func (c *Core) CheckInvariants() error {
	for _, check := range []func() error{
		c.checkRow, c.checkLive, c.checkOrder, c.checkPrints, c.checkQueues, c.checkDeadlines, c.checkProbes,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) checkRow() error {
	used, buried := 0, 0
	for i := range c.rows {
		m, r := &c.rows[i], ref(i)
		if !m.used {
			continue
		}
		used++
		if m.buried {
			buried++
		}
		self := r == selfRef
		switch {
		case c.byName[m.name] != r:
			return fmt.Errorf("%s: byName leads elsewhere", m.name)
		case self && m.state != Alive && m.state != Left:
			return fmt.Errorf("we hold ourselves %v", m.state)
		case (m.livePos >= 0) != (m.state.live() && !self):
			return fmt.Errorf("%s is %v, place among the live %d", m.name, m.state, m.livePos)
		case (m.suspicion != nil) != (m.state == Suspect):
			return fmt.Errorf("%s is %v, suspicion %v", m.name, m.state, m.suspicion)
		case m.buried != (!m.state.live() && !self):
			return fmt.Errorf("%s is %v, buried %v", m.name, m.state, m.buried)
		case m.private && m.state != Suspect && m.state != Dead:
			return fmt.Errorf("%s is %v in secret", m.name, m.state)
		case m.private && m.news[newsClaim].sends != notQueued:
			return fmt.Errorf("%s: a secret is being told", m.name)
		case m.met.Compare(m.stamp.Life) > 0:
			return fmt.Errorf("%s: met %v, stamp %v", m.name, m.met, m.stamp)
		case m.fresh && !self:
			return fmt.Errorf("%s is listed, but was never alive", m.name)
		}
	}
	if used != len(c.byName) || used+len(c.free) != len(c.rows) {
		return fmt.Errorf("%d rows in use, %d names, %d free of %d", used, len(c.byName), len(c.free), len(c.rows))
	}
	if buried != c.tombstones.count || buried > c.cfg.MaxTombstones {
		return fmt.Errorf("%d buried, %d counted, limit %d", buried, c.tombstones.count, c.cfg.MaxTombstones)
	}
	for addr, r := range c.byAddr {
		if m := c.at(r); !m.used || m.addr != addr {
			return fmt.Errorf("byAddr[%v] leads to %q at %v", addr, m.name, m.addr)
		}
	}
	return nil
}

func (c *Core) checkLive() error {
	for pos, r := range c.live {
		if m := c.at(r); !m.used || int(m.livePos) != pos {
			return fmt.Errorf("live[%d] is %q, whose place is %d", pos, m.name, m.livePos)
		}
	}
	return nil
}

func (c *Core) checkOrder() error {
	if c.cursor > len(c.order) {
		return fmt.Errorf("cursor %d of %d", c.cursor, len(c.order))
	}
	places := map[ref]int{}
	for _, r := range c.order {
		places[r]++
	}
	for i := range c.rows {
		m, want := &c.rows[i], 0
		if m.used && m.orderPos >= 0 {
			want = 1
			if c.order[m.orderPos] != ref(i) {
				return fmt.Errorf("%q has place %d in the probe order, where another is", m.name, m.orderPos)
			}
		}
		if places[ref(i)] != want {
			return fmt.Errorf("%q has %d places in the probe order, want %d", m.name, places[ref(i)], want)
		}
		if m.used && ref(i) != selfRef && m.needsProbe() && m.orderPos < 0 {
			return fmt.Errorf("%s needs a probe and has no place in the order", m.name)
		}
	}
	return nil
}

func (c *Core) checkPrints() error {
	var want Prints
	for i := range c.rows {
		m := &c.rows[i]
		if !m.used || !m.state.live() {
			continue
		}
		if h := c.rider.Hash(m.name); ref(i) != selfRef && h != m.stateHash {
			return fmt.Errorf("%s: state hash %x, counted %x", m.name, h, m.stateHash)
		}
		want.Members += hashMember(m.name, m.stamp)
		want.State += m.stateHash
	}
	if want != c.prints {
		return fmt.Errorf("prints %x, taken anew %x", c.prints, want)
	}
	if c.leaving.active() {
		return nil
	}
	sum := uint64(0)
	for _, s := range c.sumBuckets(8) {
		sum += s
	}
	if sum != want.Members+want.State {
		return fmt.Errorf("buckets sum up to %x, want %x", sum, want.Members+want.State)
	}
	return nil
}

func (c *Core) checkQueues() error {
	for k := range c.queues {
		q, depth, listed := &c.queues[k], 0, 0
		for i := range c.rows {
			if m := &c.rows[i]; m.used && m.news[k].sends != notQueued {
				depth++
			}
		}
		for sends, l := range q.lists {
			prev := noRef
			for r := l.head; r != noRef; r = c.at(r).news[k].next {
				s := c.at(r).news[k]
				if int(s.sends) != sends || s.prev != prev {
					return fmt.Errorf("queue %d, list %d: %q was sent %d times", k, sends, c.at(r).name, s.sends)
				}
				prev = r
				listed++
			}
			if l.tail != prev {
				return fmt.Errorf("queue %d, list %d: wrong tail", k, sends)
			}
		}
		if depth != q.depth || listed != depth || depth > len(c.byName) {
			return fmt.Errorf("queue %d: depth %d, %d queued, %d listed", k, q.depth, depth, listed)
		}
		if len(c.sent[k]) != 0 {
			return fmt.Errorf("queue %d: %d pieces were sent and not put back", k, len(c.sent[k]))
		}
	}
	return nil
}

func (c *Core) checkDeadlines() error {
	d := &c.deadlines
	suspicions := 0
	for i, t := range d.heap {
		s := d.slots[t-1]
		if int(s.pos) != i || i > 0 && d.less(i, (i-1)/2) {
			return fmt.Errorf("deadline %d is out of place", i)
		}
		if s.wake == wakeSuspicion {
			suspicions++
			m := c.at(s.ref)
			if !m.used || m.state != Suspect || m.suspicion.timer != t {
				return fmt.Errorf("a suspicion deadline for %q, who is %v", m.name, m.state)
			}
		}
	}
	suspects := 0
	for i := range c.rows {
		if c.rows[i].used && c.rows[i].state == Suspect {
			suspects++
		}
	}
	if suspects != suspicions {
		return fmt.Errorf("%d suspects, %d suspicion deadlines", suspects, suspicions)
	}
	if len(d.heap)+len(d.free) != len(d.slots) {
		return fmt.Errorf("%d deadlines and %d free of %d", len(d.heap), len(d.free), len(d.slots))
	}
	return nil
}

func (c *Core) checkProbes() error {
	if len(c.awaited) != c.probes.used+c.relays.used {
		return fmt.Errorf("%d numbers awaited by %d probes and %d relays", len(c.awaited), c.probes.used, c.relays.used)
	}
	for seq, a := range c.awaited {
		t, held := timer(0), seq
		if a.relay {
			t, held = c.relays.at(a.ref).timer, c.relays.at(a.ref).seq
		} else {
			t, held = c.probes.at(a.ref).timer, c.probes.at(a.ref).seq
		}
		if t == 0 || held != seq {
			return fmt.Errorf("number %d is awaited by number %d, timer %d", seq, held, t)
		}
	}
	if c.outgoing < 0 {
		return fmt.Errorf("%d push-pulls under way", c.outgoing)
	}
	return nil
}
