package sim

import (
	"cmp"
	"math"
	"slices"
)

// Quantile is the q-th quantile (0 to 1) of sorted values by nearest rank: the smallest
// value that at least the fraction q of all does not exceed. The zero value if there
// are none.
func Quantile[T any](sorted []T, q float64) T {
	if len(sorted) == 0 {
		var zero T
		return zero
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// A Distribution is a summary of values.
type Distribution[T cmp.Ordered] struct {
	N                  int
	Min, P50, P99, Max T
	Mean               float64
}

// Number is what a distribution can be of.
type Number interface {
	~int | ~int64 | ~uint64 | ~float64
}

// Distribute summarises values, which it sorts.
func Distribute[T Number](values []T) Distribution[T] {
	d := Distribution[T]{N: len(values)}
	if d.N == 0 {
		return d
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	d.Min, d.Max, d.Mean = values[0], values[d.N-1], sum/float64(d.N)
	d.P50, d.P99 = Quantile(values, 0.5), Quantile(values, 0.99)
	return d
}
