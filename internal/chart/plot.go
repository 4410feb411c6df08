package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Plot is a chart with two axes. Marks are what it shows, and are painted from the
// background to the foreground by kind: [Window], [Area], [Bins], [Bars], [Line], [Dots],
// [HLine] and [VLine]; within a kind in the order given.
type Plot struct {
	Title    string
	Subtitle string // what to see in it, in one sentence
	X, Y     Axis
	Height   int // of the area between the axes, in pixels; if zero, 230
	Marks    []Mark
}

// A Mark is something that a [Plot] shows.
type Mark interface {
	check() error
	// extent adds the values that have to be visible.
	extent(x, y *extent)
	// keys are the series of the mark, with the colours that the author chose.
	keys() []key
	// depth orders the kinds from background to foreground.
	depth() int
	// draw paints the mark. The keys come back with all colours chosen.
	draw(c *canvas, p *plane, keys []key)
}

// A Point is a place in a plot. A line is interrupted where a coordinate is not a
// number.
type Point struct{ X, Y float64 }

// swatch is how a series is shown beside its name.
type swatch uint8

const (
	swatchLine swatch = iota
	swatchDashed
	swatchBox
	swatchDot
	swatchPale
)

// A key is a series: what the reader is told about it and can switch off.
type key struct {
	name   string
	color  Color
	swatch swatch
	index  int     // among all series of the figure
	last   Point   // the right end of a line, in values
	ends   bool    // whether there is such an end
	width  float64 // of the stroke
}

func (f Plot) head() (string, string) { return f.Title, f.Subtitle }

func (f Plot) check() error {
	if err := f.X.check("x"); err != nil {
		return err
	}
	if err := f.Y.check("y"); err != nil {
		return err
	}
	if f.Height < 0 {
		return fmt.Errorf("the height is %d", f.Height)
	}
	groups := f.groups()
	for _, m := range f.Marks {
		if m == nil {
			return fmt.Errorf("a mark is nil")
		}
		if err := m.check(); err != nil {
			return err
		}
		if _, across := m.(HLine); len(groups) > 0 && !across {
			if b, ok := m.(Bars); !ok || !slices.Equal(b.Groups, groups) {
				return fmt.Errorf("bars share a plot only with horizontal lines and bars of the same groups")
			}
		}
	}
	return nil
}

// groups are the names below the x axis of a bar chart.
func (f Plot) groups() []string {
	for _, m := range f.Marks {
		if b, ok := m.(Bars); ok {
			return b.Groups
		}
	}
	return nil
}

func (f Plot) draw(c *canvas, width, y float64) float64 {
	groups, layers := f.groups(), f.layers()
	ex, ey := newExtent(f.X), newExtent(f.Y)
	var keys []key
	for _, l := range layers {
		l.mark.extent(ex, ey)
		keys = append(keys, l.keys...)
	}
	p := &plane{figure: width, xFormat: f.X.Format, format: f.Y.Format, bars: len(groups) > 0}
	p.height = float64(f.Height)
	if f.Height == 0 {
		p.height = 230
		if width < narrow {
			p.height = 190
		}
	}

	// Above the plane: the legend, and what the y axis measures.
	direct := width >= narrow && f.direct(keys, ex, ey, p.height)
	shown := slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return k.name == "" || direct && k.ends })
	if p.bars {
		for _, m := range f.Marks {
			if h, ok := m.(HLine); ok && h.Label != "" {
				shown = append(shown, key{name: h.Label, color: h.Color.or(Ink), swatch: swatchDashed, width: 1.5, index: -1})
			}
		}
	}
	if len(shown) == 1 && shown[0].name == f.Y.Label { // said once is enough
		shown = nil
	}
	if len(shown) > 0 {
		y = legend(c, shown, width, y)
	}
	if f.Y.Label != "" {
		c.text(0, y+10, start, "t", fit(f.Y.Label, 12, width))
		y += 22
	} else {
		y += 6
	}
	p.top = y

	// Left of it the numbers of the y axis, right of it the names of lines.
	var yTicks, xTicks []float64
	p.y, yTicks = newScale(f.Y, ey, p.bottom(), p.top, 42, true)
	p.left = 0
	for _, t := range yTicks {
		p.left = max(p.left, textWidth(f.Y.Format.format(t, stepOf(yTicks, f.Y.Log, t)), 12)+8)
	}
	names := 0.0
	if direct {
		for _, k := range keys {
			if k.ends {
				names = max(names, textWidth(k.name, boldSize(12))+10)
			}
		}
	}
	p.width = max(width-p.left-max(names, 10), 40)
	if f.scatter() && !f.X.Log { // dots do not sit on an axis
		pad := (ex.hi - ex.lo) * 0.04
		ex.add(ex.lo-pad, ex.hi+pad)
	}
	if len(groups) > 0 {
		p.x = scale{lo: 0, hi: float64(len(groups)), from: p.left, to: p.right()}
	} else {
		p.x, xTicks = newScale(f.X, ex, p.left, p.right(), 84, false)
	}

	c.f(`<g class="plane" data-box="%v %v %v %v" data-x="%s" data-y="%s">`, px(p.left), px(p.top), px(p.width), px(p.height),
		f.X.reading(p.x, stepOf(xTicks, f.X.Log, 0)), f.Y.reading(p.y, stepOf(yTicks, f.Y.Log, 0)))
	f.ground(c, p, xTicks, yTicks)
	if len(groups) > 0 {
		y = groupNames(c, p, groups)
	} else {
		y = p.bottom() + 18
	}

	// The plane clips what is outside of its ends, not the strokes along them.
	const slack = 3
	frame := fmt.Sprintf("%v %v %v %v", px(p.left-slack), px(p.top-slack), px(p.width+2*slack), px(p.height+2*slack))
	c.f(`<svg x="%v" y="%v" width="%v" height="%v" viewBox="%s">`, px(p.left-slack), px(p.top-slack), px(p.width+2*slack), px(p.height+2*slack), frame)
	clipped := true
	for _, l := range layers { // what no label should be written across
		switch m := l.mark.(type) {
		case VLine:
			p.cross([]Point{{p.x.at(m.At), p.top}, {p.x.at(m.At), p.bottom()}}, ruleWeight)
		case HLine:
			p.cross([]Point{{p.left, p.y.at(m.At)}, {p.right(), p.y.at(m.At)}}, ruleWeight)
		}
	}
	for _, l := range layers {
		if clipped && l.mark.depth() >= depthLabelled {
			c.f("</svg>")
			clipped = false
		}
		l.mark.draw(c, p, l.keys)
	}
	if clipped {
		c.f("</svg>")
	}
	for _, m := range f.Marks { // over what is in the windows
		if w, ok := m.(Window); ok {
			w.name(c, p)
		}
	}
	if direct {
		endNames(c, p, keys)
	}
	c.f("</g>")
	if f.X.Label != "" {
		c.text(p.left+p.width/2, y+17, middle, "t", fit(f.X.Label, 12, width))
		y += 21
	}
	return y
}

// A layer is a mark with its series.
type layer struct {
	mark Mark
	keys []key
}

// layers numbers the series in the author's order, gives those a colour that have none,
// and sorts the marks into the order of painting.
func (f Plot) layers() []layer {
	taken, index := map[Color]bool{}, 0
	all := make([]layer, len(f.Marks))
	for i, m := range f.Marks {
		all[i] = layer{m, m.keys()}
		for _, k := range all[i].keys {
			taken[k.color] = true
		}
	}
	for _, l := range all {
		for j := range l.keys {
			l.keys[j].index = index
			index++
			if l.keys[j].color == Auto {
				l.keys[j].color = next(taken)
				taken[l.keys[j].color] = true
			}
		}
	}
	slices.SortStableFunc(all, func(a, b layer) int { return cmp.Compare(a.mark.depth(), b.mark.depth()) })
	return all
}

// scatter reports whether the plot has dots, which should not sit on an axis.
func (f Plot) scatter() bool {
	return slices.ContainsFunc(f.Marks, func(m Mark) bool { _, ok := m.(Dots); return ok })
}

// ground draws the grid, the axes and their numbers.
func (f Plot) ground(c *canvas, p *plane, xTicks, yTicks []float64) {
	for _, t := range yTicks {
		y := p.y.at(t)
		c.line(p.left, y, p.right(), y, "g")
		c.text(p.left-7, y+4, end, "t", f.Y.Format.format(t, stepOf(yTicks, f.Y.Log, t)))
	}
	c.line(p.left, p.bottom(), p.right(), p.bottom(), "a")
	used := math.Inf(-1)
	for _, t := range xTicks {
		x, s := p.x.at(t), f.X.Format.format(t, stepOf(xTicks, f.X.Log, t))
		c.line(x, p.bottom(), x, p.bottom()+4, "a")
		half := textWidth(s, 12) / 2
		x = min(x, p.figure-half) // the last number stays inside
		if x-half > used+6 {
			c.text(x, p.bottom()+18, middle, "t", s)
			used = x + half
		}
	}
}

// stepOf is the distance between ticks, which says how many digits they need.
func stepOf(ticks []float64, log bool, at float64) float64 {
	if log {
		if at == 0 {
			return 0
		}
		return math.Pow(10, math.Floor(math.Log10(at)+1e-9))
	}
	if len(ticks) < 2 {
		return 1
	}
	step := ticks[1] - ticks[0]
	power := math.Pow(10, math.Floor(math.Log10(step))-3)
	return math.Round(step/power) * power
}

// reading tells the script how to turn pixels back into values: the ends, the format,
// the step, and whether the axis is logarithmic.
func (a Axis) reading(s scale, step float64) string {
	kind := "linear"
	if s.log {
		kind = "log"
	}
	names := [...]string{Number: "number", Percent: "percent", Seconds: "seconds", Bytes: "bytes"}
	return strings.TrimSpace(fmt.Sprintf("%v %v %s %s %v", round6(s.lo), round6(s.hi), kind, names[a.Format], round6(step)))
}

// round6 keeps six digits of a value.
func round6(v float64) float64 {
	if v == 0 || !finite(v) {
		return v
	}
	power := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*power) / power
}
