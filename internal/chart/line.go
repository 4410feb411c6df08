package chart

import (
	"fmt"
	"math"
	"slices"
)

// What is painted before what.
const (
	depthWindow = iota
	depthArea
	depthLine
	depthDots
	depthLabelled // from here on nothing is clipped at the ends of the axes
)

// A Line joins points, from left to right.
type Line struct {
	Name   string // if empty, the line is in no legend
	Points []Point
	// Band is a range around the line, such as from the tenth to the ninetieth
	// percentile; it may also stand alone.
	Band  []Range
	Color Color
	Step  bool // a value holds until the next point, the last to the end of the axis
	Dash  bool // for what was expected, not measured
	Thin  bool // for one of many
}

// A Range is an interval of y at x.
type Range struct{ X, Lo, Hi float64 }

func (l Line) depth() int { return depthLine }

func (l Line) check() error {
	x := math.Inf(-1)
	for _, p := range l.Points {
		if finite(p.X) && p.X < x {
			return fmt.Errorf("the points of line %q go back from x = %v to %v; sort them", l.Name, x, p.X)
		} else if finite(p.X) {
			x = p.X
		}
	}
	for i, r := range l.Band {
		if r.Lo > r.Hi || i > 0 && r.X < l.Band[i-1].X {
			return fmt.Errorf("the band of line %q is out of order at x = %v", l.Name, r.X)
		}
	}
	return nil
}

func (l Line) extent(x, y *extent) {
	for _, p := range l.Points {
		x.add(p.X)
		y.add(p.Y)
	}
	for _, r := range l.Band {
		x.add(r.X)
		y.add(r.Lo, r.Hi)
	}
}

func (l Line) keys() []key {
	k := key{name: l.Name, color: l.Color, swatch: swatchLine, width: 2}
	switch {
	case len(l.Points) == 0:
		k.swatch = swatchPale
	case l.Dash:
		k.swatch = swatchDashed
	}
	if l.Thin || l.Dash {
		k.width = 1.5
	}
	for _, p := range slices.Backward(l.Points) {
		if finite(p.X) && finite(p.Y) {
			k.last, k.ends = p, l.Name != ""
			break
		}
	}
	return []key{k}
}

func (l Line) draw(c *canvas, p *plane, keys []key) {
	k := keys[0]
	c.f(`<g class="s line %s" data-k="%d" data-n="%v">`, k.color.class(), k.index, esc(l.Name))
	if len(l.Band) > 0 {
		lo, hi := make([]Point, len(l.Band)), make([]Point, len(l.Band))
		for i, r := range l.Band {
			lo[i], hi[i] = Point{r.X, r.Lo}, Point{r.X, r.Hi}
		}
		ribbon(c, p.trace(lo, l.Step), p.trace(hi, l.Step), `fill="currentColor" fill-opacity="0.17"`)
	}
	attributes := stroke(k.width, l.Dash)
	if l.Name != "" {
		attributes += ` class="read"`
	}
	if l.Thin {
		attributes += ` stroke-opacity="0.35"`
	}
	trace := p.trace(l.Points, l.Step)
	if n := len(trace); l.Step && n > 0 && trace[n-1].X < p.right() {
		trace = append(trace, Point{p.right(), trace[n-1].Y})
	}
	p.cross(trace, lineWeight)
	c.path(trace, attributes)
	c.f("</g>")
}

// trace are points in pixels, with the corners of steps, thinned to what can be seen.
func (p *plane) trace(points []Point, step bool) []Point {
	out := make([]Point, 0, len(points))
	for i, q := range points {
		at := Point{p.x.at(q.X), p.y.at(q.Y)}
		if step && i > 0 && finite(out[len(out)-1].Y) && finite(at.X) {
			out = append(out, Point{at.X, out[len(out)-1].Y})
		}
		out = append(out, at)
	}
	return thin(out)
}

// thin keeps of all points in one column of pixels the first, the lowest, the highest
// and the last, which paint the same column as all of them.
func thin(points []Point) []Point {
	if len(points) < 500 {
		return points
	}
	var out []Point
	for i := 0; i < len(points); {
		j, lowest, highest := i, i, i
		column := math.Floor(points[i].X)
		for j < len(points) && math.Floor(points[j].X) == column && finite(points[j].Y) {
			if points[j].Y < points[lowest].Y {
				lowest = j
			}
			if points[j].Y > points[highest].Y {
				highest = j
			}
			j++
		}
		if j == i { // not a number: the line is interrupted here
			out = append(out, points[i])
			i++
			continue
		}
		kept := []int{i, min(lowest, highest), max(lowest, highest), j - 1}
		for _, k := range slices.Compact(kept) {
			out = append(out, points[k])
		}
		i = j
	}
	return out
}

// ribbon fills the area between two traces. Both are interrupted at the same places.
func ribbon(c *canvas, lower, upper []Point, attributes string) {
	whole := func(q Point) bool { return finite(q.X) && finite(q.Y) }
	up, down := slices.DeleteFunc(slices.Clone(upper), func(q Point) bool { return !whole(q) }), slices.DeleteFunc(slices.Clone(lower), func(q Point) bool { return !whole(q) })
	slices.Reverse(down)
	c.path(append(up, down...), attributes)
}
