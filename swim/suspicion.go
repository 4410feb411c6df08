package swim

import (
	"math"
	"time"
)

// A suspicion is the time that a suspect has left to refute. It starts long, and
// each independent member that suspects the same life at the same incarnation
// makes it shorter: many accusers are seldom all slow. Source: SWIM §4.2,
// Lifeguard §IV-B.
type suspicion struct {
	member   ref
	start    time.Duration
	need     int      // K: confirmations that bring it down to the minimum
	accusers []string // who suspects, first accuser first; at most need+1
	declared string   // who says that it is dead already, if somebody does
	timer    timer
}

// SuspicionTimeout is how long a suspect among n members has to refute after
// confirmations of need independent ones:
//
//	min = α max(1, log10 n) ProbeInterval
//	max = β min
//	max − (max − min) ln(C+1) / ln(K+1),  at least min
//
// with α = mult, β = maxMult, C = confirmations, K = need. With need 0 it is min.
// It is rounded to a millisecond, so that all machines agree. Source: SWIM §4.2;
// Lifeguard §IV-B.
func SuspicionTimeout(mult, maxMult, n int, interval time.Duration, confirmations, need int) time.Duration {
	return suspicionTimeout(float64(mult)*max(1, math.Log10(float64(n)))*float64(interval), maxMult, confirmations, need)
}

// suspicionTimeout is the same, given min.
func suspicionTimeout(shortest float64, maxMult, confirmations, need int) time.Duration {
	if need < 1 {
		return time.Duration(shortest).Round(time.Millisecond)
	}
	longest := float64(maxMult) * shortest
	decay := math.Log(float64(confirmations)+1) / math.Log(float64(need)+1)
	return time.Duration(max(shortest, longest-(longest-shortest)*decay)).Round(time.Millisecond)
}

// newSuspicion begins the time of a suspect with its first accuser.
func (c *Core) newSuspicion(now time.Duration, r ref, from string) *suspicion {
	n := c.sizeAlive()
	s := &suspicion{
		member: r, start: now,
		need:     min(c.cfg.SuspicionConfirmations, n-2),
		accusers: []string{from},
	}
	if c.cfg.Rules.AllOrNothingK && n-2 < c.cfg.SuspicionConfirmations {
		s.need = 0
	}
	if c.cutOff.since >= 0 {
		s.need = 0 // nobody can confirm, so the minimum applies
	}
	s.timer = c.deadlines.set(now+c.suspicionTimeout(s), wakeSuspicion, r)
	return s
}

func (c *Core) suspicionTimeout(s *suspicion) time.Duration {
	if c.cfg.Rules.NaturalSuspicion {
		periods := c.cfg.SuspicionMult * naturalLog(c.sizeAlive())
		return suspicionTimeout(float64(periods)*float64(c.cfg.ProbeInterval), c.cfg.SuspicionMaxMult, len(s.accusers)-1, s.need)
	}
	return SuspicionTimeout(c.cfg.SuspicionMult, c.cfg.SuspicionMaxMult, c.sizeAlive(),
		c.cfg.ProbeInterval, len(s.accusers)-1, s.need)
}

// hasten brings a suspicion down to its minimum, counted from when it began here.
func (c *Core) hasten(now time.Duration, s *suspicion) { c.hastenTo(now, s, 100) }

// hastenTo brings a suspicion down to so many percent of its minimum.
func (c *Core) hastenTo(now time.Duration, s *suspicion, percent int) {
	s.need = 0
	c.deadlines.cancel(&s.timer)
	patience := c.suspicionTimeout(s) / 100 * time.Duration(percent)
	s.timer = c.deadlines.set(max(now, s.start+patience), wakeSuspicion, s.member)
}

// confirm counts an independent accuser and reports whether it was news. Only the
// first K+1 count, and only those that we hold alive ourselves: an accuser that is
// itself suspected is more likely to be the one that is slow.
func (c *Core) confirm(now time.Duration, s *suspicion, from string) bool {
	if len(s.accusers) > s.need {
		return false
	}
	for _, a := range s.accusers {
		if a == from {
			return false
		}
	}
	if r, ok := c.find(from); !c.cfg.Rules.AnyAccuserCounts && (!ok || c.at(r).state != Alive) {
		return false
	}
	s.accusers = append(s.accusers, from)
	// A timeout that is already over for so many accusers fires at once.
	c.deadlines.cancel(&s.timer)
	s.timer = c.deadlines.set(max(now, s.start+c.suspicionTimeout(s)), wakeSuspicion, s.member)
	return true
}

// accuser is the name to send with a suspicion for the i-th time: each accuser
// that we know of in turn, so that all of them spread from one place in the queue.
// A suspicion that is not in the queue (i = -1) goes with its first accuser.
func (s *suspicion) accuser(i int) string { return s.accusers[max(0, i)%len(s.accusers)] }
