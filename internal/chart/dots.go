package chart

import "fmt"

// Dots are single measurements, such as one setting each on a curve of trade-offs.
type Dots struct {
	Name   string // if empty, the dots are in no legend
	Points []Dot
	Line   bool // joins them in the order given
	Color  Color
}

// A Dot is one measurement. Its label stands beside it where there is room; Note is
// shown when the reader points at it.
type Dot struct {
	X, Y  float64
	Label string
	Note  string
}

func (d Dots) depth() int { return depthDots }

func (d Dots) check() error {
	for _, q := range d.Points {
		if !finite(q.X) || !finite(q.Y) {
			return fmt.Errorf("dot %q of %q is at (%v, %v)", q.Label, d.Name, q.X, q.Y)
		}
	}
	return nil
}

func (d Dots) extent(x, y *extent) {
	for _, q := range d.Points {
		x.add(q.X)
		y.add(q.Y)
	}
}

func (d Dots) keys() []key {
	return []key{{name: d.Name, color: d.Color, swatch: swatchDot}}
}

func (d Dots) draw(c *canvas, p *plane, keys []key) {
	k := keys[0]
	c.f(`<g class="s %s" data-k="%d">`, k.color.class(), k.index)
	var at []Point
	for _, q := range d.Points {
		at = append(at, Point{p.x.at(q.X), p.y.at(q.Y)})
	}
	if d.Line {
		p.cross(at, lineWeight)
		c.path(at, stroke(1.5, false)+` stroke-opacity="0.6"`)
	}
	for i, q := range d.Points {
		if !finite(at[i].X) || !finite(at[i].Y) {
			continue
		}
		c.f(`<circle cx="%v" cy="%v" r="4.5" fill="currentColor" stroke-width="1.5" class="hole"><title>%v</title></circle>`, px(at[i].X), px(at[i].Y), esc(d.told(p, q)))
		const reach = 6
		p.taken = append(p.taken, box{at[i].X - reach, at[i].Y - reach, at[i].X + reach, at[i].Y + reach})
	}
	for i, q := range d.Points {
		if q.Label == "" || !finite(at[i].X) || !finite(at[i].Y) {
			continue
		}
		x, y, anchor, ok := p.beside(at[i], q.Label)
		if ok {
			c.f(`<text x="%v" y="%v" text-anchor="%s" class="m halo">%v</text>`, px(x), px(y), anchor, esc(q.Label))
		}
	}
	c.f("</g>")
}

// told is what the reader learns by pointing at a dot.
func (d Dots) told(p *plane, q Dot) string {
	s := fmt.Sprintf("(%s, %s)", p.xFormat.Write(q.X), p.format.Write(q.Y))
	for _, more := range []string{q.Label, d.Name} {
		if more != "" {
			s = more + " " + s
			break
		}
	}
	if q.Note != "" {
		s += "\n" + q.Note
	}
	return s
}

// beside finds a free place for the label of a dot: right, above, left, below, and then
// the corners.
func (p *plane) beside(at Point, label string) (x, y float64, anchor string, ok bool) {
	type side struct {
		x, y   float64
		anchor string
	}
	w := textWidth(label, 11)
	var sides []side
	var places []box
	for _, s := range []side{{9, 4, start}, {0, -9, middle}, {-9, 4, end}, {0, 17, middle}, {8, -6, start}, {8, 13, start}, {-8, -6, end}, {-8, 13, end}} {
		s.x, s.y = at.X+s.x, at.Y+s.y
		b := box{left: s.x, top: s.y - 10, right: s.x + w, bottom: s.y + 3}
		switch s.anchor {
		case middle:
			b.left, b.right = s.x-w/2, s.x+w/2
		case end:
			b.left, b.right = s.x-w, s.x
		}
		if b.left >= p.left && b.right <= p.figure && b.top >= p.top-4 && b.bottom <= p.bottom() {
			sides, places = append(sides, s), append(places, b)
		}
	}
	i, ok := p.place(places)
	if !ok {
		return 0, 0, "", false
	}
	return sides[i].x, sides[i].y, sides[i].anchor, true
}
