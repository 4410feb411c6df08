package swim

import (
	"math/bits"
	"time"
)

// roundTrip estimates the round trip to a member, to know when an ack is overdue.
// The estimator is that of TCP (RFC 6298, Jacobson 1988).
type roundTrip struct {
	smoothed  span // zero: no sample yet
	variation span
}

// sample takes in one measured round trip.
func (r *roundTrip) sample(rtt time.Duration) {
	rtt = max(rtt, time.Microsecond)
	if r.smoothed == 0 {
		r.smoothed, r.variation = spanOf(rtt), spanOf(rtt/2)
		return
	}
	smoothed, variation := r.smoothed.duration(), r.variation.duration()
	r.variation = spanOf(variation + ((smoothed-rtt).Abs()-variation)/4)
	r.smoothed = spanOf(smoothed + (rtt-smoothed)/8)
}

// waited takes in an ack to one of several pings, given the times since the first and
// since the last of them. It is no sample, since nobody knows which it answers (Karn's
// algorithm). If it came in the usual time after the last ping, neither sooner nor
// later, the others are taken to be lost. If not, it is likely that we ask too soon, and would do so for ever,
// with no ping left to measure: the next one gets a third more than the time since
// the first. So TCP backs off, RFC 6298 §5.5; here, only so far that the next answer
// can be measured. Samples bring it down again, by a quarter each.
func (r *roundTrip) waited(first, last time.Duration) {
	smoothed, variation := r.smoothed.duration(), r.variation.duration()
	if r.smoothed != 0 && (last-smoothed).Abs() <= 4*variation {
		return
	}
	r.variation = spanOf(max(variation, (first-smoothed)/3))
}

// overdue is when to ask again: after the timeout of RFC 6298, but not before a
// fifth of the patience, so that one pause of a scheduler on a fast network does
// not double the traffic. When nothing has been measured: a third of the patience,
// if that has been enough so far.
func (r roundTrip) overdue(patience time.Duration) time.Duration {
	least := patience / 5
	if r.smoothed == 0 {
		least = (patience + 2) / 3 // so that three of them are no less than the patience
	}
	return max(r.timeout(), least)
}

// timeout is the retransmission timeout of RFC 6298.
func (r roundTrip) timeout() time.Duration {
	return r.smoothed.duration() + 4*r.variation.duration()
}

// orThat is r, or that of the whole group while r has no sample. What r has waited for
// in vain counts all the same.
func (r roundTrip) orThat(group roundTrip) roundTrip {
	if r.smoothed == 0 && group.smoothed != 0 {
		group.variation = max(group.variation, r.variation)
		return group
	}
	return r
}

// A span is a time in whole microseconds as m × 2^e, with 11 bits for m and 5 for e:
// exact below 2 ms, from there to within a twentieth of a percent, and at most 50 days.
// It takes two bytes for each member, where a round trip is never known that well.
type span uint16

const mantissaBits = 11

func spanOf(d time.Duration) span {
	µs := uint64(max(d, 0)) / uint64(time.Microsecond)
	e := max(0, bits.Len64(µs)-mantissaBits)
	if e > 0 {
		µs += 1 << (e - 1) // to the nearest
		if bits.Len64(µs)-mantissaBits > e {
			e++
		}
	}
	if e > 31 {
		return 1<<16 - 1
	}
	return span(e<<mantissaBits) | span(µs>>e)
}

func (s span) duration() time.Duration {
	return time.Duration(uint64(s&(1<<mantissaBits-1))<<(s>>mantissaBits)) * time.Microsecond
}
