package chart

import "fmt"

// An HLine is a level to compare with: a goal, a published value. Its label stands at
// the line, or among bars in the legend.
type HLine struct {
	At    float64
	Label string
	Color Color // if Auto, Ink
}

// A VLine is a moment or a value on the x axis to compare with: a prediction, an event.
type VLine struct {
	At    float64
	Label string
	Color Color // if Auto, Ink
}

// A Window is a range of x in which something was different, such as a partition.
type Window struct {
	From, To float64
	Label    string // shown if there is room, and when the reader points at it
	Color    Color  // if Auto, Quiet
}

// How much a label avoids a line of data, and a level or a moment, which has a label of
// its own that could be confused with it.
const (
	lineWeight = 1
	ruleWeight = 5
)

func (h HLine) depth() int  { return depthLabelled }
func (v VLine) depth() int  { return depthLabelled }
func (w Window) depth() int { return depthWindow }

func (h HLine) keys() []key  { return nil }
func (v VLine) keys() []key  { return nil }
func (w Window) keys() []key { return nil }

func (h HLine) check() error {
	if !finite(h.At) {
		return fmt.Errorf("horizontal line %q is at %v", h.Label, h.At)
	}
	return nil
}

func (v VLine) check() error {
	if !finite(v.At) {
		return fmt.Errorf("vertical line %q is at %v", v.Label, v.At)
	}
	return nil
}

func (w Window) check() error {
	if !finite(w.From) || !finite(w.To) || w.From > w.To {
		return fmt.Errorf("window %q reaches from %v to %v", w.Label, w.From, w.To)
	}
	return nil
}

func (h HLine) extent(_, y *extent) { y.add(h.At) }
func (v VLine) extent(x, _ *extent) { x.add(v.At) }

// A window does not widen the plot: what was done may last longer than what is shown.
func (w Window) extent(_, _ *extent) {}

// or is the colour, or another if the author chose none.
func (c Color) or(other Color) Color {
	if c == Auto {
		return other
	}
	return c
}

func (h HLine) draw(c *canvas, p *plane, _ []key) {
	if !p.y.inside(h.At) {
		return
	}
	y := p.y.at(h.At)
	label := fit(h.Label, 11, p.width-12)
	if p.bars {
		label = ""
	}
	c.f(`<g class="s %s"><path d="M%v,%vH%v" %s/>`, h.Color.or(Ink).class(), px(p.left), px(y), px(p.right()), stroke(1.5, true))
	width := textWidth(label, 11)
	places := []box{
		{p.right() - width - 4, y - 16, p.right() - 4, y - 2}, {p.left + 6, y - 16, p.left + 6 + width, y - 2},
		{p.right() - width - 4, y + 2, p.right() - 4, y + 16}, {p.left + 6, y + 2, p.left + 6 + width, y + 16},
	}
	p.label(c, label, places)
	c.f("</g>")
}

func (v VLine) draw(c *canvas, p *plane, _ []key) {
	if !p.x.inside(v.At) {
		return
	}
	x := p.x.at(v.At)
	label := fit(v.Label, 11, p.width-12)
	c.f(`<g class="s %s"><path d="M%v,%vV%v" %s/>`, v.Color.or(Ink).class(), px(x), px(p.top), px(p.bottom()), stroke(1.5, true))
	width := textWidth(label, 11)
	var places []box
	for y := p.top + 2; y < p.bottom()-20; y += 15 {
		if x+5+width <= p.figure {
			places = append(places, box{x + 5, y, x + 5 + width, y + 14})
		}
		if x-5-width >= p.left {
			places = append(places, box{x - 5 - width, y, x - 5, y + 14})
		}
	}
	p.label(c, label, places)
	c.f("</g>")
}

// label writes a text into the first free of several places, or into none.
func (p *plane) label(c *canvas, s string, places []box) {
	if s == "" {
		return
	}
	if i, ok := p.place(places); ok {
		c.text(places[i].left, places[i].top+11, start, "m halo", s)
	}
}

func (w Window) draw(c *canvas, p *plane, _ []key) {
	from, to := max(p.x.at(w.From), p.left), min(p.x.at(w.To), p.right())
	if !finite(from) || !finite(to) || from > p.right() || to < p.left {
		return
	}
	to = max(to, from+1)
	c.f(`<g class="s %s"><rect x="%v" y="%v" width="%v" height="%v" fill="currentColor" fill-opacity="0.16"><title>%v</title></rect>`,
		w.Color.or(Quiet).class(), px(from), px(p.top), px(to-from), px(p.height), esc(w.Label))
	c.f("</g>")
}

// name writes the label of a window into it, if it is wide enough.
func (w Window) name(c *canvas, p *plane) {
	from, to := max(p.x.at(w.From), p.left), min(p.x.at(w.To), p.right())
	width := textWidth(w.Label, 11)
	if w.Label == "" || !(width+8 <= to-from) {
		return
	}
	c.f(`<g class="s ink">`)
	p.label(c, w.Label, []box{{from + 4, p.top + 2, from + 4 + width, p.top + 16}, {from + 4, p.top + 17, from + 4 + width, p.top + 31}})
	c.f("</g>")
}
