package chart

import "fmt"

// A Timeline shows the states of many rows over time, as coloured bands: members and
// what others hold of them, or the faults that were injected.
type Timeline struct {
	Title    string
	Subtitle string
	X        Axis
	States   []State
	Rows     []Row
}

// A State is one of those that a row can be in.
type State struct {
	Name  string
	Color Color
	Pale  bool // for the normal state, which should not draw the eye
}

// A Row is one line of a [Timeline].
type Row struct {
	Name  string
	Spans []Span
}

// A Span is a time in one state. Later spans of a row are painted over earlier ones, and
// the shortest is one pixel wide.
type Span struct {
	From, To float64
	State    int    // an index of States
	Note     string // shown when the reader points at it
	Over     bool   // a line through the middle of the row, over its state
}

func (f Timeline) head() (string, string) { return f.Title, f.Subtitle }

func (f Timeline) check() error {
	if err := f.X.check("x"); err != nil {
		return err
	}
	for _, row := range f.Rows {
		for _, s := range row.Spans {
			if !finite(s.From) || !finite(s.To) || s.From > s.To {
				return fmt.Errorf("a span of row %q reaches from %v to %v", row.Name, s.From, s.To)
			}
			if s.State < 0 || s.State >= len(f.States) {
				return fmt.Errorf("a span of row %q has state %d of %d", row.Name, s.State, len(f.States))
			}
		}
	}
	return nil
}

func (f Timeline) draw(c *canvas, width, y float64) float64 {
	var keys []key
	for i, s := range f.States {
		swatch := swatchBox
		if s.Pale {
			swatch = swatchPale
		}
		keys = append(keys, key{name: s.Name, color: s.Color.or(Blue), swatch: swatch, index: i})
	}
	if len(keys) > 1 { // one state alone is what the title says
		y = legend(c, keys, width, y)
	}

	// Up to a dozen rows have room for letters of normal size.
	pitch, size := 22.0, 12.0
	switch n := len(f.Rows); {
	case n > 40:
		pitch, size = 10, 9
	case n > 12:
		pitch, size = 14, 11
	}
	e, left := newExtent(f.X), 0.0
	for _, row := range f.Rows {
		left = max(left, textWidth(row.Name, size)+8)
		for _, s := range row.Spans {
			e.add(s.From, s.To)
		}
	}
	left = min(left, width*0.34)
	top, bottom := y, y+pitch*float64(len(f.Rows))
	x, ticks := newScale(f.X, e, left, width-10, 84, false)
	p := &plane{x: x, left: left, top: top, width: width - 10 - left, height: bottom - top, figure: width, xFormat: f.X.Format}
	Plot{X: f.X}.ground(c, p, ticks, nil)
	for i, row := range f.Rows {
		at := top + pitch*float64(i)
		c.f(`<g font-size="%v">`, px(size))
		c.f(`<text x="%v" y="%v" text-anchor="end" class="t" style="font-size:%vpx">%v</text></g>`, px(left-6), px(at+pitch/2+size*0.36), px(size), esc(fit(row.Name, size, left-6)))
		for _, s := range row.Spans {
			f.span(c, p, s, at+0.5, pitch-1, row.Name)
		}
	}
	for _, t := range ticks {
		c.line(x.at(t), top, x.at(t), bottom, "g over")
	}
	y = bottom + 18
	if f.X.Label != "" {
		c.text(p.left+p.width/2, y+17, middle, "t", fit(f.X.Label, 12, width))
		y += 21
	}
	return y
}

// span paints one span of a row between y and y+height.
func (f Timeline) span(c *canvas, p *plane, s Span, y, height float64, name string) {
	from, to := max(p.x.at(s.From), p.left), min(p.x.at(s.To), p.right())
	if !finite(from) || !finite(to) || from > p.right() || to < p.left {
		return
	}
	to = max(to, from+1)
	state, opacity := f.States[s.State], ""
	if state.Pale {
		opacity = ` fill-opacity="0.3"`
	}
	if s.Over {
		thick := max(1.6, height/7)
		y, height = y+(height-thick)/2, thick
	}
	c.f(`<rect x="%v" y="%v" width="%v" height="%v" class="%s" fill="currentColor"%s><title>%v: %v, %s to %s`, px(from), px(y), px(to-from), px(height),
		state.Color.or(Blue).class(), opacity, esc(name), esc(state.Name), p.xFormat.Write(s.From), p.xFormat.Write(s.To))
	if s.Note != "" {
		c.f("\n%v", esc(s.Note))
	}
	c.f("</title></rect>")
}
