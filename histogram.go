package nekton

import "time"

// A Histogram counts durations in buckets.
type Histogram struct {
	// Buckets are in ascending order of their bound. Each counts all durations
	// that are not longer, those of the buckets before it included.
	Buckets []Bucket
	Count   uint64 // of all durations, also those beyond the last bucket
	Sum     time.Duration
}

// A Bucket counts the durations up to a bound.
type Bucket struct {
	UpTo  time.Duration
	Count uint64
}

// histogram is the living side of [Histogram], with room for the longer of the
// lists of bounds, and one place beyond.
type histogram struct {
	counts [maxBounds + 1]uint64
	sum    time.Duration
}

const maxBounds = 14

// roundTripBounds go from one machine to once around the world.
var roundTripBounds = [maxBounds]time.Duration{
	50 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	500 * time.Millisecond, time.Second,
}

// pushPullBounds go from one machine to the default timeout of a stream.
var pushPullBounds = [maxBounds]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond,
	5 * time.Second, 10 * time.Second,
}

// add counts d in the first bucket whose bound is not below it.
func (h *histogram) add(bounds []time.Duration, d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.counts[i]++
	h.sum += d
}

// snapshot is the histogram as users see it.
func (h *histogram) snapshot(bounds []time.Duration) Histogram {
	out := Histogram{Buckets: make([]Bucket, len(bounds)), Sum: h.sum}
	for i, bound := range bounds {
		out.Count += h.counts[i]
		out.Buckets[i] = Bucket{UpTo: bound, Count: out.Count}
	}
	out.Count += h.counts[len(bounds)]
	return out
}
