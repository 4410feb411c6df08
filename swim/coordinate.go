package swim

import (
	"math/bits"
	"time"
)

// Coordinated probing makes sure that somebody probes every member in every
// protocol period. With targets drawn at random, or from orders that each member
// shuffles for itself, one member in e is left out of a period, and another is
// probed by several.
//
// Picture a clock face, on which every member has a place: the hash of its name.
// The hand goes round once per protocol period, and as it passes a member, that
// member is probed, by whoever stands shift members before it:
//
//	               b                      period p, shift 1:  a▶b  b▶c  c▶d  d▶a
//	           a   ╷   c                  period p+1, shift 3: d▶c  a▶d  b▶a  c▶b
//	               ╵                      period p+2, shift 2: …
//	               d
//
// The shift is the same for all, so that targets are a permutation without fixed
// points; it is a function of the number of the period, which everyone reads off
// the wall clock; and it takes every value from 1 to n-1 once in n-1 periods, so
// that every pair meets once. The instant of a probe belongs to its target, so
// that it comes round at even intervals however the probers change: the wait from
// a crash to the first ping is uniform on one period, which is the optimum at one
// probe per member and period.
//
// No agreement is needed, and nothing that can be wrong (clocks, views, what others
// say) can do worse than a bad choice of target:
//
//   - A period has one probe, whatever happens, and periods do not begin sooner
//     than 7/8 ProbeInterval after each other, even if the wall clock is set. Whoever
//     is silent costs one more; see silence.go.
//   - The order of table, whose passes probe everyone once, keeps the books. What
//     was probed in turn is struck off the pass; when a pass has taken three times
//     its length, the rest of it is probed before anything else. So two probes of
//     one member by another are at most 6n-1 periods apart.
//   - Whom two views, held by shares a and 1-a of the members, leave out of a
//     period are a(1-a) of them, a quarter at most, and with more views it stays
//     below the 1/e of random targets.
//
// A member probes in an order of its own, the shuffled one of SWIM §4.3, as long as
// most of the last pings that it was sent told another period, other members, or
// nothing.

const (
	// maxDissent is how many of the last eight pings from members may disagree. Where
	// two views are held by half of the members each, coordinating is still better
	// than not; alone among others it is not.
	maxDissent = 6
	// maxPassLengths is how long a pass over the probe order may take, in its own
	// lengths. Two are enough while members and clocks stay what they are. With 64
	// members and a change every five periods, two cost 18 turns in 1000, three one.
	maxPassLengths = 3
)

// A schedule is what a member that coordinates its probes keeps.
type schedule struct {
	ring    []ref         // ourselves and the live members by place; empty while torn
	own     int           // where we are on it: to look there each period would touch log n members
	moves   int           // what the changes of this period have cost, or would have
	torn    bool          // too much has changed for the ring to be kept
	decided bool          // nothing has changed since next was decided
	dissent uint8         // one bit for each of the last pings from members
	target  ref           // whom this period's probe is for
	due     timer         // when it is time for that; zero when it was
	timer   timer         // when we want to be woken for the next period
	wakeAt  time.Duration // which is then
	pause   time.Duration // from the beginning of a period to our probe, out of turn
	begin   time.Duration // of the next period
	next    turn          // what we shall do in it
	silence silence       // of those who should ping us
}

// A turn is what a member does in a period.
type turn struct {
	number time.Duration // of the period, by the wall clock
	face   time.Duration // when that one begins by the wall clock
	at     time.Duration // when it is time for the probe
	target ref           // whom it is for; noRef: the next of the order
}

// startSchedule begins the first period where our wall clock begins one.
func (c *Core) startSchedule(now time.Duration) {
	s := &c.schedule
	s.ring, s.silence.missed = append(s.ring, selfRef), 1<<8-1
	s.pause, s.begin = c.randDuration(c.cfg.ProbeInterval), now
	if c.wallKnown {
		s.begin += c.cfg.ProbeInterval - mod(c.wallOffset+now, c.cfg.ProbeInterval)
	}
	c.awaitPeriod(s.begin)
}

// keepPeriods begins the period that has come, if something else than our turn in it has
// woken us. It precedes what may change views, so that those do not change what was
// decided. When it is time to be woken, that is left to HandleTimeout, which knows about
// stalls.
func (c *Core) keepPeriods(now time.Duration) {
	if s := &c.schedule; s.begin <= now && now < s.wakeAt {
		c.startPeriod(now)
	}
}

// startScheduledPeriod begins a protocol period of the given length: it decides
// whom to probe, and when.
//
// Views change while a period runs, at some members sooner than at others. All
// decide at its beginning, so that most changes fall into nobody's decision.
//
// Nobody need be woken for a decision. Each member makes the next one right after the
// last, and sleeps until its turn in the next period, not until its beginning: one
// wake-up per period instead of two. If a member comes or goes before, or the clock is
// set, it decides anew at the beginning.
func (c *Core) startScheduledPeriod(now, length time.Duration) {
	s, interval := &c.schedule, c.cfg.ProbeInterval
	if s.due != 0 { // a packet has come before the clock
		c.deadlines.cancel(&s.due)
		c.takeTurn(now, s.target)
	}
	if now-s.wakeAt >= interval {
		late := now - s.begin
		s.begin += late - late%interval // periods that a stall has swallowed are gone
		s.decided = false
	}
	began, mine := s.begin, s.next
	s.begin += length
	switch {
	case length != interval:
		mine = turn{at: began + s.pause, target: noRef}
	case !s.decided:
		mine = c.decide(began)
	}
	if c.wallKnown && length == interval {
		// The wall clock may have been set, or run at another pace than ours: follow
		// it, but let no period be much too short.
		s.begin = mine.face + interval
		if s.begin-began < interval-interval/8 {
			s.begin += interval
		}
		if c.inAgreement() && c.cutOff.since < 0 {
			s.silence.expect(mine.number, c.proberOf(mine.number))
		}
	}
	c.mendRing()
	s.next, s.decided = c.decide(s.begin), !c.cfg.Rules.HealthStretchesPeriod
	if s.decided {
		c.awaitPeriod(max(s.begin, s.next.at))
	} else {
		c.awaitPeriod(s.begin)
	}
	if s.target = mine.target; mine.at > now {
		s.due = c.deadlines.set(mine.at, wakeTurn, noRef)
	} else {
		c.takeTurn(now, s.target)
	}
}

// awaitPeriod has us woken for the next period.
func (c *Core) awaitPeriod(at time.Duration) {
	s := &c.schedule
	c.deadlines.cancel(&s.timer)
	s.wakeAt, s.timer = at, c.deadlines.set(at, wakePeriod, noRef)
}

// decide is what we do in the period that begins then, as far as is known now.
func (c *Core) decide(began time.Duration) turn {
	interval, t := c.cfg.ProbeInterval, turn{at: began + c.schedule.pause, target: noRef}
	if !c.wallKnown {
		return t
	}
	wall := c.wallOffset + began
	t.number = floorDiv(wall+interval/2, interval)
	t.face = began + t.number*interval - wall
	t.at = t.face + c.schedule.pause
	if c.inAgreement() && c.cutOff.since < 0 {
		if r, ok := c.scheduled(t.number); ok {
			t.target, t.at = r, t.face+c.offset(c.at(r).name())
		}
	}
	return t
}

// decideAnew leaves what we do in the next period to be decided when it begins: the ring
// has changed, or the wall clock was set.
func (c *Core) decideAnew() {
	s := &c.schedule
	if s.decided = false; s.timer != 0 && s.wakeAt > s.begin {
		c.awaitPeriod(s.begin)
	}
}

// inAgreement reports whether enough of the pings that we were sent of late came
// from members that are in the same period and know the same members.
func (c *Core) inAgreement() bool { return bits.OnesCount8(c.schedule.dissent) <= maxDissent }

// scheduled is whom we are to probe in a period.
func (c *Core) scheduled(number time.Duration) (ref, bool) {
	r := c.onRing(c.shift(number))
	return r, r != noRef
}

// proberOf is who is to probe us in a period.
func (c *Core) proberOf(number time.Duration) ref { return c.onRing(-c.shift(number)) }

// shift is how far before its target a prober stands in a period; 0 while nobody is
// known, or the ring is torn.
func (c *Core) shift(number time.Duration) int {
	n := len(c.schedule.ring)
	if n < 2 {
		return 0
	}
	return 1 + int(scatter(uint64(mod(number, time.Duration(n-1))), uint64(n-1)))
}

// onRing is who stands that many places after us, or before us; noRef for none.
func (c *Core) onRing(places int) ref {
	ring := c.schedule.ring
	if places == 0 {
		return noRef
	}
	return ring[(c.schedule.own+places+len(ring))%len(ring)]
}

// inTurn gives the turn of this period to r, or to the next of the probe order,
// if r is noRef or needs no probe, or the pass has become too long.
func (c *Core) inTurn(r ref) (ref, bool) {
	for c.cursor < len(c.order) && !c.at(c.order[c.cursor]).needsProbe() {
		c.cursor++
	}
	if c.cursor == len(c.order) {
		c.reshuffle(c.cfg.Rand, member.needsProbe)
	}
	left := len(c.order) - c.cursor
	overdue := c.passed+left >= maxPassLengths*len(c.order)
	c.passed++
	if r == noRef || overdue || c.at(r).orderPos < 0 || !c.at(r).needsProbe() {
		return c.nextTarget()
	}
	c.strike(r)
	c.stats.CoordinatedProbes++
	return r, true
}

// notePeriod takes in what a ping tells: whether its sender, a member, is in the
// same period as we are and knows the same members. Silence is dissent.
func (c *Core) notePeriod(now time.Duration, p *incoming, msg *Message) {
	if c.cfg.NoCoordinatedProbing || p.sender == noRef || !c.at(p.sender).state.live() {
		return
	}
	s := &c.schedule
	s.dissent <<= 1
	number := c.turnNearest(now, c.self().name())
	inStep := msg.Period != 0 && c.wallKnown && msg.Period == periodOnWire(number)
	if inStep {
		c.pingedBy(now, p.sender, number)
	}
	if !inStep || msg.Seen != PrintsGiven || msg.Prints.Members != c.prints.Members {
		s.dissent |= 1
	}
}

// period is the number of the period, by our wall clock, whose turn of a member is
// nearest to now, as pings tell it; 0 when we cannot or need not say. Prober and
// target count alike as long as their clocks differ by less than half a period:
// counted from the beginning of periods instead, a member whose turn comes right
// then would find fault with every clock.
func (c *Core) period(now time.Duration, name string) uint8 {
	if c.cfg.NoCoordinatedProbing || !c.wallKnown {
		return 0
	}
	return periodOnWire(c.turnNearest(now, name))
}

// turnNearest is the number of the period, by our wall clock, whose turn of a member is
// nearest to now.
func (c *Core) turnNearest(now time.Duration, name string) time.Duration {
	interval := c.cfg.ProbeInterval
	return floorDiv(c.wallOffset+now-c.offset(name)+interval/2, interval)
}

func periodOnWire(number time.Duration) uint8 { return uint8(1 + mod(number, NumPeriods)) }

// offset is when in a period the turn of a member comes.
func (c *Core) offset(name string) time.Duration {
	turn, _ := bits.Mul64(hashName(name), uint64(c.cfg.ProbeInterval))
	return time.Duration(turn)
}

// scatter is a fixed permutation of the numbers below n. Shifts in their natural
// order would be a poor way to spread news: in k periods of shifts s, s+1, … it
// travels by sums of those, of which there are only O(k³), where two contacts per
// period could reach 3^k members. Among 512, news on pings and acks alone was
// everywhere after 6.9 periods, and after 5.1 with scattered shifts (random
// targets: 5.7).
//
// It mixes as many bits as n needs, by steps that can be undone, and walks on from
// what is not below n: in less than two rounds on average.
func scatter(x, n uint64) uint64 {
	if n < 2 {
		return 0
	}
	width := bits.Len64(n - 1)
	mask, half := uint64(1)<<width-1, (width+1)/2
	for {
		for range 3 {
			x = (x*0x9e3779b97f4a7c15 + 0xd1b54a32d192ed03) & mask
			x ^= x >> half
		}
		if x < n {
			return x
		}
	}
}

// floorDiv and mod round down, also below zero: wall clocks may be before 1970.
func floorDiv(a, b time.Duration) time.Duration { return (a - mod(a, b)) / b }

func mod(a, b time.Duration) time.Duration { return (a%b + b) % b }
