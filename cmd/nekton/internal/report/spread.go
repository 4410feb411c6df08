package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/nekton-go/nekton/internal/chart"
)

func (p *Page) disseminationSection() section {
	d := p.Dissemination
	s := section{id: "dissemination", Section: Section{
		Title:   "How an update spreads",
		Explain: "Every node tells a few others what is new, and those tell more: the share of members that know grows like an epidemic, slowly at first, then all at once, and the last ones take a little longer.",
	}}
	var half, all []float64
	last := 0.0
	for _, u := range d.Updates {
		if t, ok := u.reached(0.5); ok {
			half = append(half, t)
		}
		if t, ok := u.reached(1); ok {
			all = append(all, t)
		}
		if n := len(u.Learned); n > 0 {
			last = max(last, u.Learned[n-1])
		}
	}
	f := chart.Plot{
		Title: "Members that know an update",
		X:     chart.Axis{Label: "time since the update", Format: chart.Seconds, Max: last * 1.04},
		Y:     chart.Axis{Label: "share of members", Format: chart.Percent, Max: 1},
	}
	const singles = 40 // more lines than that are a blot
	if len(d.Updates) <= singles {
		for _, u := range d.Updates {
			f.Marks = append(f.Marks, chart.Line{Points: u.curve(last), Step: true, Thin: true, Color: chart.Quiet})
		}
	}
	if len(d.Updates) == 1 {
		u := d.Updates[0]
		f.Marks = []chart.Mark{chart.Line{Name: "measured", Points: u.curve(last), Step: true, Color: chart.Blue}}
	} else if len(d.Updates) > 1 {
		median, band := middle(d.Updates, last*1.04)
		f.Marks = append(f.Marks, chart.Line{Name: fmt.Sprintf("median of %d updates, and the middle 80%%", len(d.Updates)), Points: median, Band: band, Step: true, Color: chart.Blue})
	}
	for _, c := range d.Expected {
		f.Marks = append(f.Marks, chart.Line{Name: c.Name, Points: c.Points, Dash: true, Color: chart.Ink})
	}
	s.Figures = []chart.Figure{f}
	switch {
	case len(all) == len(d.Updates) && len(all) > 0:
		s.finding = fmt.Sprintf("Half of the members knew after %s, all of them after %s (medians of %s; the slowest reached everybody after %s).",
			chart.Seconds.Write(quantile(half, 0.5)), chart.Seconds.Write(quantile(all, 0.5)), count(len(all), "update", "updates"), chart.Seconds.Write(quantile(all, 1)))
	case len(d.Updates) > 0:
		s.finding = fmt.Sprintf("%d of %s reached every member that was to know.", len(all), count(len(d.Updates), "update", "updates"))
	}
	return s
}

// reached is when a share of the members knew.
func (u Spread) reached(share float64) (float64, bool) {
	k := int(math.Ceil(share*float64(u.Members) - 1e-9))
	if k < 1 || k > len(u.Learned) {
		return 0, false
	}
	return u.Learned[k-1], true
}

// known is the share of members that know at t.
func (u Spread) known(t float64) float64 {
	n, _ := slices.BinarySearchFunc(u.Learned, t, func(e, t float64) int {
		if e <= t {
			return -1
		}
		return 1
	})
	return float64(n) / float64(max(u.Members, 1))
}

// curve is the share of members that know, up to an end. Of many members it is taken on
// an even grid: a page with a step for each would be large, and look the same.
func (u Spread) curve(end float64) []chart.Point {
	const steps = 240
	if len(u.Learned) <= steps {
		return chart.CDF(u.Learned, u.Members)
	}
	points := make([]chart.Point, steps+1)
	for i := range points {
		t := end * float64(i) / steps
		points[i] = chart.Point{X: t, Y: u.known(t)}
	}
	return points
}

// middle is the median of all updates and the range of the middle 80 percent, on an
// even grid up to the end.
func middle(updates []Spread, end float64) (median []chart.Point, band []chart.Range) {
	const steps = 240
	shares := make([]float64, len(updates))
	for i := range steps + 1 {
		t := end * float64(i) / steps
		for j, u := range updates {
			shares[j] = u.known(t)
		}
		slices.Sort(shares)
		median = append(median, chart.Point{X: t, Y: quantile(shares, 0.5)})
		band = append(band, chart.Range{X: t, Lo: quantile(shares, 0.1), Hi: quantile(shares, 0.9)})
	}
	return median, band
}

// quantile is the nearest rank of a sample, which is not changed; 0 of an empty one.
func quantile(sample []float64, q float64) float64 {
	if len(sample) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(sample))
	return sorted[max(int(math.Ceil(q*float64(len(sorted))-1e-9)), 1)-1]
}
