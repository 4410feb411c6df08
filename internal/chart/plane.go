package chart

import (
	"math"
	"slices"
)

// A plane is the area between the axes, in pixels.
type plane struct {
	x, y                     scale
	left, top, width, height float64
	figure                   float64 // the width of the whole figure
	xFormat, format          Format  // of the x and of the y axis
	bars                     bool    // whether groups take the place of the x axis
	taken                    []box   // by labels
	crossed                  []obstacle
}

func (p *plane) right() float64  { return p.left + p.width }
func (p *plane) bottom() float64 { return p.top + p.height }

// A box is the place of a label.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// An obstacle is what a label avoids if it can, the more the heavier it is.
type obstacle struct {
	box
	weight int
}

// place takes, of the places where no label is yet, the one with the lightest obstacles,
// the first of equals.
func (p *plane) place(places []box) (best int, ok bool) {
	lightest := 0
	for i, b := range places {
		if slices.ContainsFunc(p.taken, b.meets) {
			continue
		}
		weight := 0
		for _, o := range p.crossed {
			if b.meets(o.box) {
				weight += o.weight
			}
		}
		if !ok || weight < lightest {
			best, lightest, ok = i, weight, true
		}
	}
	if ok {
		p.taken = append(p.taken, places[best])
	}
	return best, ok
}

// cross remembers where a line runs.
func (p *plane) cross(points []Point, weight int) {
	const every = 5 // pixels
	for i, q := range points {
		if i == 0 || !finite(q.X) || !finite(q.Y) || !finite(points[i-1].X) || !finite(points[i-1].Y) {
			continue
		}
		from := points[i-1]
		n := 1 + int(min(math.Hypot(q.X-from.X, q.Y-from.Y)/every, 1000))
		for j := range n {
			t := float64(j) / float64(n)
			x, y := from.X+float64(t*(q.X-from.X)), from.Y+float64(t*(q.Y-from.Y))
			p.crossed = append(p.crossed, obstacle{box{x - 1, y - 1, x + 1, y + 1}, weight})
		}
	}
}
