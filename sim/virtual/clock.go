package virtual

import "time"

// Epoch is what a right wall clock reads when a world begins: 2024-01-01, UTC.
func Epoch() time.Time { return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) }

// A Clock is a host's idea of the time. The zero value is right.
type Clock struct {
	// Skew is how far the wall clock is ahead of the right time.
	Skew time.Duration
	// Drift is how much too fast monotonic and wall clock run, in parts per million;
	// negative: too slow. More than -1,000,000. Quartz is within 100.
	Drift int64
}

const million = 1_000_000

// local is what the monotonic clock reads.
func (c *Clock) local(now time.Duration) time.Duration {
	if c.Drift == 0 {
		return now
	}
	return now + scale(now, c.Drift)
}

// world is the first time at which the monotonic clock reads at least local.
func (c *Clock) world(local time.Duration) time.Duration {
	if c.Drift == 0 {
		return local
	}
	// Near enough by division, exact by search: rounding makes local a staircase.
	rate := time.Duration(million + c.Drift)
	at := local/rate*million + local%rate*million/rate
	for c.local(at) < local {
		at++
	}
	for at > 0 && c.local(at-1) >= local {
		at--
	}
	return at
}

// wall is what the wall clock reads.
func (c *Clock) wall(now time.Duration) time.Time {
	return Epoch().Add(c.local(now) + c.Skew)
}

// scale is d·ppm/10⁶ without overflow for a century.
func scale(d time.Duration, ppm int64) time.Duration {
	return d/million*time.Duration(ppm) + d%million*time.Duration(ppm)/million
}
