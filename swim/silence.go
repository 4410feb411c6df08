package swim

import (
	"math/bits"
	"time"
)

// Whoever coordinates its probes knows not only whom it is to ping, but also who is to
// ping it, and when. So silence says something, too. A member that has crashed neither
// answers, which its prober notices, nor pings, which its target notices:
//
//	               b's place             d's place
//	a ──── ping ───────▶ ✕ b
//	  ◀╌╌╌ no ack ╌╌╌╌╌╌                                   a notices, as in SWIM
//	                       b ✕╌╌╌╌ no ping ╌╌╌▶ d
//	                       b ✕◀───── ping ───── d          d notices, and asks
//
// Which of the two instants comes first after a crash is chance, and so is how far apart
// they are. The wait of one period at most, half of it on average, becomes the shorter
// one of two: a third. And a second member suspects about a period later, at the latest.
//
// Silence proves nothing. It leads to a probe like any other, out of turn, with the same
// patience and the same verdict: all it does is to have it begin sooner. While all is
// well no ping is missing, and nothing is sent. Nor is anybody woken: the ping of one
// period moves the deadline for that of the next before it is due.
//
// A lost ping costs a probe, so silence counts only while pings do come in turn:
//
//   - The last one has armed the deadline, and of the last eight turns of ours at most
//     one went by without. Where members hang, silence is frequent and means little.
//   - How late a ping may come is learnt from how late others came. Where packets are
//     lost, it is late now and then by a retry, and so retries are waited for; where
//     clocks differ, so is what they differ by.
//   - Whoever is silent has not refuted of late, nor joined: a slow member is silent again
//     and again, and in a large group each time to somebody else.
//   - We are in time ourselves. If not, the ping may be waiting to be read.
//
// So a member makes at most one probe out of turn for each ping in turn that it got.

const (
	// maxMissed is how many of the last eight turns of ours may have gone by without a
	// ping. One, so that a crash does not make those deaf who have noticed it.
	maxMissed = 1
	// lateMemory is in how many turns a late ping is forgotten, but for a third. With 32,
	// members that lose 20 % of their packets make 5 % more probes, and with 64, 3 %.
	lateMemory = 64
	// steadyPeriods is for how long a member must not have refuted: a process that gets
	// a processor only now and then is silent every other time, and would be suspected
	// a quarter more often.
	steadyPeriods = 16
)

// A silence is what a member that coordinates its probes knows of pings that it is to get.
type silence struct {
	due    [2]expected   // in the present period and the last one or next one, by parity
	last   time.Duration // number of the period in which we were last pinged in turn
	missed uint8         // one bit for each of the last turns of ours: nobody pinged
	moved  bool          // members came or went since: views of the ring may differ
	late   time.Duration // how long after our turn a ping may come, as far as was learnt
	until  time.Duration // when the next one is overdue
	timer  timer         // of that; none while silence does not count
}

// expected says who is to ping us in a period.
type expected struct {
	number time.Duration
	prober ref
}

// expect notes, at the beginning of a period, who is to ping us: the others have decided
// by the same view.
func (s *silence) expect(number time.Duration, prober ref) {
	s.due[number&1] = expected{number, prober}
}

// dueIn is who is to ping us in a period; noRef if we do not know.
func (s *silence) dueIn(number time.Duration) ref {
	if e := s.due[number&1]; e.number == number {
		return e.prober
	}
	return noRef
}

// pingedBy takes in a ping of a member that is in the same period as we are, by number.
func (c *Core) pingedBy(now time.Duration, from ref, number time.Duration) {
	s := &c.schedule.silence
	if c.cfg.Rules.IgnoreSilence || number == s.last || from != s.dueIn(number) {
		return
	}
	switch gap := number - s.last - 1; {
	case s.moved:
		s.missed <<= 1 // whoever did not ping may have seen somebody else in our place
	case gap < 0 || gap > 7:
		s.missed = 1<<8 - 2 // the first one, or a clock was set
	default:
		s.missed = (s.missed<<gap | (1<<gap - 1)) << 1
	}
	s.last, s.moved = number, false
	turn := number*c.cfg.ProbeInterval + c.offset(c.self().name()) - c.wallOffset
	s.late = max((now-turn)*5/4, s.late-s.late/lateMemory)
	c.deadlines.cancel(&s.timer)
	if bits.OnesCount8(s.missed) <= maxMissed {
		s.until = turn + c.cfg.ProbeInterval + c.lateness()
		s.timer = c.deadlines.set(s.until, wakeSilence, noRef)
	}
}

// lateness is how long after our turn a ping may come: a hundredth of ProbeTimeout at
// least, as timers and schedulers are.
func (c *Core) lateness() time.Duration { return max(c.schedule.silence.late, c.cfg.ProbeTimeout/100) }

// hearSilence probes whoever should have pinged us and has not.
func (c *Core) hearSilence(now time.Duration) {
	s := &c.schedule.silence
	s.timer = 0
	if now-s.until > c.lateness() || !c.inAgreement() || c.cutOff.since >= 0 || c.leaving.active() {
		return
	}
	if r := s.dueIn(s.last + 1); r > selfRef && c.isSteady(now, c.at(r)) && !c.isProbed(r) {
		c.stats.SilentProbes++
		c.startProbe(now, r)
	}
}

// isSteady reports whether the silence of a member is unusual: it is alive, and has had
// no reason lately to say so anew.
func (c *Core) isSteady(now time.Duration, m member) bool {
	return m.used() && m.state == Alive && now-m.since() >= steadyPeriods*c.cfg.ProbeInterval
}

// isProbed reports whether a probe of r is open, with all its stages.
func (c *Core) isProbed(r ref) bool {
	for i := range c.probes.items {
		if p := &c.probes.items[i]; p.timer != 0 && p.kind == probePeriod && p.member == r {
			return true
		}
	}
	return false
}
