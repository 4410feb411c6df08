package swim

import "time"

// roundTrip estimates the round trip to a member, to know when an ack is overdue.
// The estimator is that of TCP (RFC 6298, Jacobson 1988).
type roundTrip struct {
	smoothed  time.Duration // zero: no sample yet
	variation time.Duration
}

// sample takes in one measured round trip.
func (r *roundTrip) sample(rtt time.Duration) {
	rtt = max(rtt, time.Microsecond)
	if r.smoothed == 0 {
		r.smoothed, r.variation = rtt, rtt/2
		return
	}
	r.variation += ((r.smoothed - rtt).Abs() - r.variation) / 4
	r.smoothed += (rtt - r.smoothed) / 8
}

// overdue is when to ask again: after the timeout of RFC 6298, but not before a
// fifth of the patience, so that one pause of a scheduler on a fast network does
// not double the traffic. When nothing is known: a third of the patience.
func (r *roundTrip) overdue(patience time.Duration) time.Duration {
	if r.smoothed == 0 {
		return patience / 3
	}
	return max(r.smoothed+4*r.variation, patience/5)
}
