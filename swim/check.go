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
		c.checkRow, c.checkSides, c.checkLive, c.checkOrder, c.checkSchedule, c.checkPrints, c.checkQueues, c.checkDeadlines, c.checkProbes,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) checkRow() error {
	used, buried := 0, 0
	for r, m := range c.all() {
		used++
		if m.buried() {
			buried++
		}
		found, ok := c.find(m.name())
		self := r == selfRef
		switch {
		case !ok || found != r:
			return fmt.Errorf("%s: its name leads elsewhere", m.name())
		case self && m.state != Alive && m.state != Left:
			return fmt.Errorf("we hold ourselves %v", m.state)
		case (m.suspicion() != nil) != (m.state == Suspect):
			return fmt.Errorf("%s is %v, suspicion %v", m.name(), m.state, m.suspicion())
		case m.buried() != (!m.state.live() && !self):
			return fmt.Errorf("%s is %v, buried %v", m.name(), m.state, m.buried())
		case m.private() && m.state != Suspect && m.state != Dead:
			return fmt.Errorf("%s is %v in secret", m.name(), m.state)
		case m.private() && m.sends(newsClaim) != notQueued:
			return fmt.Errorf("%s: a secret is being told", m.name())
		case m.met().Compare(m.stamp().Life) > 0:
			return fmt.Errorf("%s: met %v, stamp %v", m.name(), m.met(), m.stamp())
		case m.fresh() && !self:
			return fmt.Errorf("%s is listed, but was never alive", m.name())
		}
	}
	if used != c.size() || used+len(c.free) != c.rows {
		return fmt.Errorf("%d rows in use, %d names, %d free of %d", used, c.size(), len(c.free), c.rows)
	}
	if buried != c.tombstones.count || buried > c.cfg.MaxTombstones {
		return fmt.Errorf("%d buried, %d counted, limit %d", buried, c.tombstones.count, c.cfg.MaxTombstones)
	}
	return nil
}

// checkSides checks what is beside the rows: troubles, bulletins, records, addresses.
func (c *Core) checkSides() error {
	troubles, bulletins, housed := 0, 0, 0
	for r, m := range c.all() {
		if m.row.trouble != noRef {
			troubles++
		} else if m.state != Alive {
			return fmt.Errorf("%s is %v without trouble", m.name(), m.state)
		}
		if m.row.trouble != noRef && m.state == Alive && m.stamp() == c.records.stamp(m.record) {
			return fmt.Errorf("%s is simply alive, with trouble", m.name())
		}
		if m.row.news != noRef {
			bulletins++
			if m.sends(newsClaim) == notQueued && m.sends(newsRumour) == notQueued {
				return fmt.Errorf("%s has a bulletin without news", m.name())
			}
		}
		if at, ok := c.resident(m.addr()); !ok {
			continue // its address was another's, who has moved since
		} else if at == r {
			housed++
		} else if found := c.at(at); !found.used() || found.addr() != m.addr() {
			return fmt.Errorf("%v leads to %q at %v", m.addr(), found.name(), found.addr())
		}
	}
	if troubles != c.troubles.used || bulletins != c.bulletins.used || housed != c.addrs.used {
		return fmt.Errorf("%d troubles of %d, %d bulletins of %d, %d addresses of %d",
			troubles, c.troubles.used, bulletins, c.bulletins.used, housed, c.addrs.used)
	}
	if c.records.wasted > max(maxWaste, c.records.size/2) {
		return fmt.Errorf("%d of %d bytes of records are waste", c.records.wasted, c.records.size)
	}
	return nil
}

func (c *Core) checkLive() error {
	alive, listed := 0, 0
	for r, m := range c.all() {
		if r != selfRef && m.state.live() {
			alive++
		}
	}
	for r, m := range c.live() {
		if listed++; !m.used() || r == selfRef {
			return fmt.Errorf("%q is listed as live", m.name())
		}
	}
	if alive != c.alive || listed != alive {
		return fmt.Errorf("%d members are live, %d are counted and %d listed", alive, c.alive, listed)
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
	listed := 0
	for r, m := range c.all() {
		want := 0
		if m.orderPos >= 0 {
			want = 1
			if c.order[m.orderPos] != r {
				return fmt.Errorf("%q has place %d in the probe order, where another is", m.name(), m.orderPos)
			}
		}
		if listed += want; places[r] != want {
			return fmt.Errorf("%q has %d places in the probe order, want %d", m.name(), places[r], want)
		}
		if r != selfRef && m.needsProbe() && m.orderPos < 0 {
			return fmt.Errorf("%s needs a probe and has no place in the order", m.name())
		}
	}
	if listed != len(c.order) {
		return fmt.Errorf("%d places in the probe order for %d members", len(c.order), listed)
	}
	return nil
}

func (c *Core) checkSchedule() error {
	s := &c.schedule
	periods, turns, silences := 0, 0, 0
	for _, t := range c.deadlines.heap {
		switch c.deadlines.slots[t-1].wake {
		case wakePeriod:
			periods++
		case wakeTurn:
			turns++
		case wakeSilence:
			silences++
		}
	}
	if armed := s.silence.timer != 0; silences > 1 || armed != (silences > 0) {
		return fmt.Errorf("%d deadlines for a ping in turn, armed %v", silences, armed)
	}
	if periods > 1 || turns > 1 || (turns > 0) != (s.due != 0) {
		return fmt.Errorf("%d periods begin, with %d turns, awaited %v", periods, turns, s.due != 0)
	}
	if !c.cfg.NoCoordinatedProbing && (periods > 0) != (s.timer != 0) {
		return fmt.Errorf("%d periods begin, awaited %v", periods, s.timer != 0)
	}
	if s.timer != 0 && !s.decided && s.wakeAt > s.begin && !c.periodDue {
		return fmt.Errorf("nothing is decided, and we sleep for %v after the period has begun", s.wakeAt-s.begin)
	}
	switch {
	case c.cfg.NoCoordinatedProbing:
		if len(s.ring) > 0 || turns > 0 || c.passed != 0 {
			return fmt.Errorf("not coordinated, but %d on the ring and %d turns", len(s.ring), turns)
		}
		return nil
	case s.torn:
		if len(s.ring) != 0 {
			return fmt.Errorf("%d on a torn ring", len(s.ring))
		}
		return nil
	case len(s.ring) != c.sizeAlive():
		return fmt.Errorf("%d on the ring, %d alive", len(s.ring), c.sizeAlive())
	case s.ring[s.own] != selfRef:
		return fmt.Errorf("we are not at our place on the ring, %d", s.own)
	}
	for i, r := range s.ring {
		m := c.at(r)
		if !m.used() || r != selfRef && !m.state.live() {
			return fmt.Errorf("%q is on the ring, and %v", m.name(), m.state)
		}
		if i > 0 && pointOf(c.at(s.ring[i-1]).name()).compare(pointOf(m.name())) >= 0 {
			return fmt.Errorf("%q is out of place on the ring", m.name())
		}
	}
	return nil
}

func (c *Core) checkPrints() error {
	var want Prints
	for _, m := range c.all() {
		if m.state.live() {
			want.Members += hashMember(m.name(), m.stamp())
			want.State += c.stateHash(m)
		}
	}
	if want != c.prints {
		return fmt.Errorf("prints %x, taken anew %x", c.prints, want)
	}
	if c.carries.Tables {
		return nil
	}
	if n := bucketCount(c.sizeAlive()); n > len(c.tally) || 8*n <= len(c.tally) {
		return fmt.Errorf("%d buckets are counted, where %d are needed", len(c.tally), n)
	}
	for i, sum := range c.tallyAnew(len(c.tally)) {
		if c.tally[i] != sum {
			return fmt.Errorf("bucket %d is %x, taken anew %x", i, c.tally[i], sum)
		}
	}
	return nil
}

func (c *Core) checkQueues() error {
	for k := range c.queues {
		q, depth, listed := &c.queues[k], 0, 0
		for _, m := range c.all() {
			if m.sends(news(k)) != notQueued {
				depth++
			}
		}
		for sends, l := range q.lists {
			prev := noRef
			for r := l.head; r != noRef; r = c.at(r).slot(news(k)).next {
				s := c.at(r).slot(news(k))
				if int(s.sends) != sends || s.prev != prev {
					return fmt.Errorf("queue %d, list %d: %q was sent %d times", k, sends, c.at(r).name(), s.sends)
				}
				prev = r
				listed++
			}
			if l.tail != prev {
				return fmt.Errorf("queue %d, list %d: wrong tail", k, sends)
			}
		}
		if depth != q.depth || listed != depth || depth > c.size() {
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
	suspicions, periods := 0, 0
	for i, t := range d.heap {
		s := d.slots[t-1]
		if int(s.pos) != i || i > 0 && d.less(i, (i-1)/2) {
			return fmt.Errorf("deadline %d is out of place", i)
		}
		if s.wake == wakePeriod {
			periods++
		}
		if s.wake == wakeSuspicion {
			suspicions++
			m := c.at(s.ref)
			if !m.used() || m.state != Suspect || m.suspicion().timer != t {
				return fmt.Errorf("a suspicion deadline for %q, who is %v", m.name(), m.state)
			}
		}
	}
	suspects := 0
	for _, m := range c.all() {
		if m.state == Suspect {
			suspects++
		}
	}
	if suspects != suspicions {
		return fmt.Errorf("%d suspects, %d suspicion deadlines", suspects, suspicions)
	}
	if len(d.heap)+len(d.free) != len(d.slots) {
		return fmt.Errorf("%d deadlines and %d free of %d", len(d.heap), len(d.free), len(d.slots))
	}
	if c.periodDue && (periods > 0 || !c.probing()) {
		return fmt.Errorf("a period waits for a probe; probing %v, %d periods pending", c.probing(), periods)
	}
	if c.cfg.ProbeInterval > 0 && periods != 1 && !c.periodDue {
		return fmt.Errorf("%d periods pending", periods)
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

// Awaited returns the name of the member, or of whoever else, whose answer an ack with
// a number would be taken to be. It is for simulators, which can tell from it whether
// an answer was one.
func (c *Core) Awaited(seq SeqNo) (name string, ok bool) {
	a, ok := c.awaited[seq]
	switch {
	case !ok:
		return "", false
	case a.relay:
		return c.at(c.relays.at(a.ref).member).name(), true
	}
	return c.probes.at(a.ref).name, true
}
