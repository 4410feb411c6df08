package chart

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// px is a coordinate. A tenth of a pixel is finer than anybody sees, and coarse enough
// that the last bits of a floating point unit do not show in the file.
type px float64

func (p px) String() string { return rounded(float64(p), 10) }

// fine is a height that is read back into a value.
type fine float64

func (p fine) String() string { return rounded(float64(p), 100) }

func rounded(v, parts float64) string {
	s := strconv.FormatFloat(math.Round(v*parts)/parts, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// esc is text that may contain anything. XML has no way to write control characters.
type esc string

func (e esc) String() string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, string(e))
	return html.EscapeString(clean)
}

// A canvas collects the elements of one figure, in the order in which they are painted.
type canvas struct {
	b strings.Builder
}

// f writes an element. Coordinates are given as px, and text as esc.
func (c *canvas) f(format string, args ...any) {
	fmt.Fprintf(&c.b, format, args...)
}

// Where a text stands relative to its x.
const (
	start  = "start"
	middle = "middle"
	end    = "end"
)

// text writes one line of text with its baseline at y.
func (c *canvas) text(x, y float64, anchor, class, s string) {
	if s == "" {
		return
	}
	c.f(`<text x="%v" y="%v"`, px(x), px(y))
	if anchor != start {
		c.f(` text-anchor="%s"`, anchor)
	}
	c.f(` class="%s">%v</text>`, class, esc(s))
}

// line writes a straight line.
func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	c.f(`<line x1="%v" y1="%v" x2="%v" y2="%v" class="%s"/>`, px(x1), px(y1), px(x2), px(y2), class)
}

// path writes the d of a path through points; a point that is not a number interrupts
// it. It reports whether there was anything to draw.
func (c *canvas) path(points []Point, attributes string) bool {
	var d strings.Builder
	pen, last := false, Point{}
	for _, p := range points {
		switch {
		case !finite(p.X) || !finite(p.Y):
			pen = false
			continue
		case !pen:
			fmt.Fprintf(&d, "M%v,%v", px(p.X), fine(p.Y))
		case p.Y == last.Y:
			fmt.Fprintf(&d, "H%v", px(p.X))
		case p.X == last.X:
			fmt.Fprintf(&d, "V%v", fine(p.Y))
		default:
			fmt.Fprintf(&d, "L%v,%v", px(p.X), fine(p.Y))
		}
		pen, last = true, p
	}
	if d.Len() == 0 {
		return false
	}
	c.f(`<path d="%s" %s/>`, d.String(), attributes)
	return true
}

// largest and least bound what can be drawn; beyond them the arithmetic of axes would
// leave the range of a float64.
const (
	largest = 1e150
	least   = 1e-150
)

// finite reports whether a value can be drawn.
func finite(v float64) bool { return math.Abs(v) <= largest }
