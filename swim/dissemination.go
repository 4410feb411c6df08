package swim

import (
	"math"
	"time"
)

// Dissemination: what is new about a member is sent to others, piggybacked on
// probes and in gossip rounds, until each of us has sent it λ log n times (SWIM
// §4.1), or knows of as many copies (see spread.go). The queue holds only (member,
// kind) and two counters. The content is written when it is sent, so it is always the
// newest, and the depth of the queue is bounded by the number of members, never by
// traffic.

// news is a kind of thing to disseminate about a member.
type news uint8

const (
	newsClaim  news = iota // that it is alive, suspect, dead or left
	newsRumour             // its riding state
	numNews
)

// notQueued marks a slot that is in no list.
const notQueued = -1

// A bulletin is what there is to tell about a member. It exists while that is so.
type bulletin struct {
	news  window // of a rumour
	slots [numNews]slot
}

// A slot is a member's place in the queue of one kind of news.
type slot struct {
	prev, next ref
	sends      int16 // how often it was sent; notQueued
	heard      int16 // copies from others, with the one that brought it; or uncounted
}

// slot is the place of a member that has news, of this kind or of another.
func (m member) slot(kind news) *slot { return &m.t.bulletins.at(m.row.news).slots[kind] }

// sends is how often news of a kind was sent; notQueued if there is none.
func (m member) sends(kind news) int {
	if m.row.news == noRef {
		return notQueued
	}
	return int(m.slot(kind).sends)
}

// announced returns the bulletin of a member. It is valid until the next is begun.
func (m member) announced() *bulletin {
	if m.row.news == noRef {
		r, b := m.t.bulletins.take()
		for k := range b.slots {
			b.slots[k].sends = notQueued
		}
		b.news = window{}
		m.row.news = r
	}
	return m.t.bulletins.at(m.row.news)
}

// unannounce ends news of a kind that is in no list, and the bulletin with its last.
func (m member) unannounce(kind news) {
	b := m.t.bulletins.at(m.row.news)
	b.slots[kind].sends = notQueued
	for _, s := range b.slots {
		if s.sends != notQueued {
			return
		}
	}
	m.t.bulletins.give(m.row.news)
	m.t.bulletins.trim()
	m.row.news = noRef
}

// queue orders the slots of one kind by how often they were sent, least first,
// and among equals the newest first: SWIM prefers what has been sent less often
// (§4.1).
type queue struct {
	kind  news
	lists []list // by number of sends
	depth int
}

type list struct{ head, tail ref }

// push puts r into the list of its number of sends: at the head when it is fresh,
// else behind those that were sent as often.
func (q *queue) push(t *table, r ref) {
	s := t.at(r).slot(q.kind)
	for len(q.lists) <= int(s.sends) {
		q.lists = append(q.lists, list{noRef, noRef})
	}
	l := &q.lists[s.sends]
	q.depth++
	if l.head == noRef {
		s.prev, s.next = noRef, noRef
		l.head, l.tail = r, r
		return
	}
	if s.sends == 0 {
		s.prev, s.next = noRef, l.head
		t.at(l.head).slot(q.kind).prev = r
		l.head = r
		return
	}
	s.prev, s.next = l.tail, noRef
	t.at(l.tail).slot(q.kind).next = r
	l.tail = r
}

// pull takes r out of its list. Its number of sends stays.
func (q *queue) pull(t *table, r ref) {
	s := t.at(r).slot(q.kind)
	l := &q.lists[s.sends]
	if s.prev == noRef {
		l.head = s.next
	} else {
		t.at(s.prev).slot(q.kind).next = s.next
	}
	if s.next == noRef {
		l.tail = s.prev
	} else {
		t.at(s.next).slot(q.kind).prev = s.prev
	}
	q.depth--
}

// retransmitLimit is how often one member sends one piece of news to a group of
// n: λ ⌈log10(n+1)⌉. Source: SWIM §4.1, with memberlist's logarithm.
func retransmitLimit(mult, n int) int {
	return mult * int(math.Ceil(math.Log10(float64(n+1))))
}

// disseminate queues news about r, in front of everything that was sent before.
func (c *Core) disseminate(now time.Duration, r ref, kind news, base uint64) {
	if kind == newsRumour && !c.carries.Rumours {
		return // push-pull brings it
	}
	q, b := &c.queues[kind], c.at(r).announced()
	queued := b.slots[kind].sends != notQueued
	if queued {
		q.pull(&c.table, r)
	}
	b.slots[kind].sends, b.slots[kind].heard = 0, c.firstCopy(r, kind)
	if kind == newsRumour {
		b.news.extend(base, queued)
	}
	q.push(&c.table, r)
	c.armGossip(now)
}

// silence takes the news about r out of the queue.
func (c *Core) silence(r ref, kind news) {
	if m := c.at(r); m.sends(kind) != notQueued {
		c.queues[kind].pull(&c.table, r)
		m.unannounce(kind)
	}
}

// calmQueues begins a period, and lets go of what news has made large when there is none.
func (c *Core) calmQueues() {
	if c.queued() > 0 {
		return
	}
	for k := range c.queues {
		c.queues[k].lists, c.sent[k] = nil, nil
	}
	c.parts = recycle(c.parts, maxQuietParts)
	c.swapped = nil
}

// maxQuietParts is how many messages a packet has without news, at most: a ping or an ack,
// and a claim about whom it is to.
const maxQuietParts = 2

// maxMisses bounds how many pieces of news that do not fit are passed over while
// a packet is filled.
const maxMisses = 8

// piggyback fills the open packet with news. Half of the room is claims', half is
// rumours', and what one does not use is lent to the other: neither can starve
// the other, and an idle kind costs nothing. The kinds take turns to lead; the
// first piece of the leader may take all the room, so that a piece larger than
// half of a packet gets through as well.
func (c *Core) piggyback() {
	if c.queued() == 0 {
		return // as most of the time
	}
	budget := c.cfg.PacketBudget
	room := budget - c.packetLen()
	if room <= 0 {
		return
	}
	c.loaded = [numNews]bool{}
	lead, other := newsClaim, newsRumour
	if c.turn = !c.turn; c.turn {
		lead, other = other, lead
	}
	c.fill(lead, budget-room/2, budget)
	c.fill(other, budget, budget)
	c.fill(lead, budget, budget)
	c.recordSends()
}

// fill adds news of one kind while the packet stays within budget; the first
// piece of its kind while it stays within most. What it adds leaves the queue
// until recordSends.
func (c *Core) fill(kind news, budget, most int) {
	q := &c.queues[kind]
	if q.depth == 0 {
		return
	}
	misses := 0
	for i := 0; i < len(q.lists); i++ {
		for r := q.lists[i].head; r != noRef && misses < maxMisses && !c.full(); {
			next := c.at(r).slot(kind).next
			limit := budget
			if !c.loaded[kind] {
				limit = most
			}
			fits := c.addNews(r, kind, limit)
			// A rumour that does not even fit where it has all the room ages as if
			// it had been sent, and push-pull brings it: nothing sits here for ever.
			if fits || kind == newsRumour && c.loaded == [numNews]bool{} {
				q.pull(&c.table, r)
				c.sent[kind] = append(c.sent[kind], r)
			}
			if fits {
				c.loaded[kind] = true
			} else {
				misses++
			}
			r = next
		}
	}
}

// full reports whether the open packet has as many pieces of news as it may.
func (c *Core) full() bool {
	most := c.cfg.MaxPiggyback
	return most > 0 && len(c.sent[newsClaim])+len(c.sent[newsRumour]) >= most
}

// recordSends puts the news of this packet back, one send older, unless it has
// been sent often enough.
func (c *Core) recordSends() {
	for kind := range numNews {
		for _, r := range c.sent[kind] {
			m := c.at(r)
			if kind == newsRumour {
				m.announced().news.advance(max(c.sendLimit/c.cfg.RetransmitMult, c.cfg.GossipNodes))
			}
			s := m.slot(kind)
			if s.sends++; c.isSpread(s) {
				m.unannounce(kind)
			} else {
				c.queues[kind].push(&c.table, r)
			}
		}
		c.sent[kind] = c.sent[kind][:0]
	}
}

// addNews appends one piece of news to the open packet if it fits.
func (c *Core) addNews(r ref, kind news, budget int) bool {
	if kind == newsClaim {
		c.claimOf(r)
		return c.addMessage(budget)
	}
	m := c.at(r)
	room := budget - c.packetLen() - rumourOverhead - c.perPart
	if room <= 0 {
		return false
	}
	c.rumour = c.rider.AppendRumour(c.rumour[:0], m.name(), m.announced().news.base, room)
	if len(c.rumour) == 0 {
		return false
	}
	c.write(KindRumour).Body = c.rumour
	if !c.addMessage(budget) {
		return false
	}
	if r == selfRef && m.announced().news.base == 0 && m.state == Alive && c.hasLives() {
		// Our first words in this life: whoever has not met it cannot take them in.
		c.claimOf(selfRef)
		c.addMessage(budget)
	}
	return true
}

// rumourOverhead is what a wire needs around a rumour: its kind and length.
const rumourOverhead = 8

// claimOf writes our claim about r.
func (c *Core) claimOf(r ref) {
	m := c.at(r)
	c.name = append(c.name[:0], m.name()...)
	claim := c.write(KindDead)
	claim.Name, claim.Stamp = c.name, m.stamp()
	switch m.state {
	case Alive:
		c.meta = m.appendMeta(c.meta[:0])
		claim.Kind, claim.Addr, claim.Meta, claim.Versions = KindAlive, m.addr(), c.meta, m.versions()
		return
	case Suspect:
		claim.Kind = KindSuspect
		c.from = append(c.from[:0], m.suspicion().accuser(m.sends(newsClaim))...)
	case Dead:
		c.from = append(c.from[:0], m.from()...)
	case Left:
		c.from = append(c.from[:0], m.name()...)
	}
	claim.From = c.from
}
