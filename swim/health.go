package swim

import "time"

// health is Lifeguard's local health multiplier: how far we distrust ourselves.
// The score goes up when our own probes fail in ways that healthy members would
// not see, and comes down with every probe that succeeds. Source: Lifeguard §IV-A.
type health struct {
	score int
	max   int
}

// worsen raises the score by n, saturating.
func (h *health) worsen(n int) { h.score = min(h.score+n, h.max) }

// improve lowers the score by one, saturating.
func (h *health) improve() { h.score = max(h.score-1, 0) }

// stretch is the time we give others when we are slow ourselves.
func (h *health) stretch(d time.Duration) time.Duration {
	return d * time.Duration(h.score+1)
}

// patience is d stretched by our local health. A member that is cut off waits no
// longer than it must: nobody else can help it to judge.
func (c *Core) patience(d time.Duration) time.Duration {
	if c.cutOff.since >= 0 {
		return d
	}
	return c.health.stretch(d)
}
