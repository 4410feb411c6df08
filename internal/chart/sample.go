package chart

import (
	"fmt"
	"math"
)

// CDF returns the steps of the share of samples that are at most x, for a [Line] with
// Step. Total is how many there would be if none were missing, so that the curve ends
// below one where some are; if it is smaller than the number of samples, that number
// counts. The samples have to be sorted.
func CDF(samples []float64, total int) []Point {
	total = max(total, len(samples))
	points := make([]Point, 0, len(samples)+1)
	if len(samples) > 0 {
		points = append(points, Point{samples[0], 0})
	}
	for i, s := range samples {
		points = append(points, Point{s, float64(i+1) / float64(total)})
	}
	return points
}

// Histogram counts samples in bins of equal width from lo to hi; what is outside is
// counted in the first or last, and what is not a number nowhere. It panics unless there is at least one bin and hi > lo.
func Histogram(samples []float64, lo, hi float64, bins int) (edges, counts []float64) {
	if bins < 1 || !(hi > lo) {
		panic(fmt.Sprintf("chart: %d bins from %v to %v", bins, lo, hi))
	}
	edges, counts = make([]float64, bins+1), make([]float64, bins)
	for i := range edges {
		edges[i] = lo + (hi-lo)*float64(i)/float64(bins)
	}
	for _, s := range samples {
		if !math.IsNaN(s) {
			counts[int(min(max((s-lo)/(hi-lo)*float64(bins), 0), float64(bins-1)))]++
		}
	}
	return edges, counts
}
