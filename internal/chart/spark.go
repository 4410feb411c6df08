package chart

import (
	"fmt"
	"math"
)

// Sparkline draws a course without axes, to stand beside a number: as high as a line of
// text, with a dot at its end. It is an inline element as [Inline] returns them; label is
// for readers who cannot see it. Values that are not numbers interrupt the line. The
// course begins at zero, or below if there are negative values.
func Sparkline(values []float64, color Color, label string) string {
	const width, height, edge = 96.0, 24.0, 3.0
	e := newExtent(Axis{})
	e.add(values...)
	y, _ := newScale(Axis{}, e, height-edge, edge, 8, false)
	x := scale{lo: 0, hi: float64(max(1, len(values)-1)), from: edge, to: width - edge}
	points := make([]Point, len(values))
	for i, v := range values {
		points[i] = Point{x.at(float64(i)), y.at(v)}
	}
	c := canvas{}
	c.f(`<svg viewBox="0 0 %v %v" class="nk spark" role="img" aria-label="%v"><g class="%s">`, px(width), px(height), esc(label), color.or(Blue).class())
	c.path(thin(points), stroke(1.5, false))
	if n := len(points); n > 0 && finite(points[n-1].Y) {
		c.f(`<circle cx="%v" cy="%v" r="2.2" fill="currentColor"/>`, px(points[n-1].X), px(points[n-1].Y))
	}
	c.f("</g></svg>")
	return c.b.String()
}

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
