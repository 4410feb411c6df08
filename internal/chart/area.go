package chart

import "fmt"

// A Series is one colour of an [Area], of [Bins] or of [Bars].
type Series struct {
	Name   string
	Values []float64
	Color  Color
}

// seriesKeys are the series of a mark.
func seriesKeys(all []Series) []key {
	keys := make([]key, len(all))
	for i, s := range all {
		keys[i] = key{name: s.Name, color: s.Color, swatch: swatchBox}
	}
	return keys
}

// checkSeries wants n values in each series, finite, and not negative if they are to
// be stacked.
func checkSeries(kind string, n int, all []Series, stacked bool) error {
	for _, s := range all {
		if len(s.Values) != n {
			return fmt.Errorf("series %q of %s has %d values for %d places", s.Name, kind, len(s.Values), n)
		}
		for i, v := range s.Values {
			if !finite(v) || stacked && v < 0 {
				return fmt.Errorf("value %d of series %q of %s is %v", i, s.Name, kind, v)
			}
		}
	}
	return nil
}

// stack is where each series begins and ends above those before it.
func stack(all []Series, n int) (from, to [][]float64) {
	below := make([]float64, n)
	for _, s := range all {
		above := make([]float64, n)
		for i := range above {
			above[i] = below[i] + s.Values[i]
		}
		from, to = append(from, below), append(to, above)
		below = above
	}
	return from, to
}

// An Area shows how parts of a whole change: the series are stacked, the first at the
// bottom.
type Area struct {
	X      []float64
	Series []Series
	Step   bool // values hold until the next X
}

func (a Area) depth() int  { return depthArea }
func (a Area) keys() []key { return seriesKeys(a.Series) }

func (a Area) check() error {
	for i, x := range a.X {
		if !finite(x) || i > 0 && x < a.X[i-1] {
			return fmt.Errorf("the area goes back or is not a number at x = %v", x)
		}
	}
	return checkSeries("an area", len(a.X), a.Series, true)
}

func (a Area) extent(x, y *extent) {
	x.add(a.X...)
	_, to := stack(a.Series, len(a.X))
	for _, t := range to {
		y.add(t...)
	}
}

func (a Area) draw(c *canvas, p *plane, keys []key) {
	from, to := stack(a.Series, len(a.X))
	c.f(`<g class="stack">`)
	for i, k := range keys {
		lower, upper := make([]Point, len(a.X)), make([]Point, len(a.X))
		for j, x := range a.X {
			lower[j], upper[j] = Point{x, from[i][j]}, Point{x, to[i][j]}
		}
		c.f(`<g class="s line %s" data-k="%d" data-n="%v">`, k.color.class(), k.index, esc(k.name))
		ribbon(c, p.trace(lower, a.Step), p.trace(upper, a.Step), `fill="currentColor" fill-opacity="0.7"`)
		c.path(p.trace(upper, a.Step), `fill="none" stroke="none" class="read"`)
		c.f("</g>")
	}
	c.f("</g>")
}

// Bins are a histogram: the series are stacked, bin i reaches from Edges[i] to
// Edges[i+1].
type Bins struct {
	Edges  []float64
	Series []Series
}

func (b Bins) depth() int  { return depthArea }
func (b Bins) keys() []key { return seriesKeys(b.Series) }

func (b Bins) check() error {
	for i, x := range b.Edges {
		if !finite(x) || i > 0 && x <= b.Edges[i-1] {
			return fmt.Errorf("the edges of bins do not grow at %v", x)
		}
	}
	return checkSeries("bins", max(0, len(b.Edges)-1), b.Series, true)
}

func (b Bins) extent(x, y *extent) {
	x.add(b.Edges...)
	y.add(0)
	_, to := stack(b.Series, max(0, len(b.Edges)-1))
	for _, t := range to {
		y.add(t...)
	}
}

func (b Bins) draw(c *canvas, p *plane, keys []key) {
	n := max(0, len(b.Edges)-1)
	from, to := stack(b.Series, n)
	for i, k := range keys {
		c.f(`<g class="s %s" data-k="%d" fill="currentColor">`, k.color.class(), k.index)
		for j := range n {
			if b.Series[i].Values[j] == 0 {
				continue
			}
			left, right := p.x.at(b.Edges[j]), p.x.at(b.Edges[j+1])
			gap := min(1, (right-left)/4)
			top, bottom := p.y.at(to[i][j]), p.y.at(from[i][j])
			if p.y.log && from[i][j] <= 0 {
				bottom = p.bottom()
			}
			name := k.name
			if name != "" {
				name += ": "
			}
			p.crossed = append(p.crossed, obstacle{box{left, top, right, bottom}, lineWeight})
			c.f(`<rect x="%v" y="%v" width="%v" height="%v"><title>%v%s</title></rect>`, px(left), px(top), px(right-left-gap), px(bottom-top),
				esc(name), decimal(b.Series[i].Values[j], 0.001))
		}
		c.f("</g>")
	}
}
