package chart

import (
	"cmp"
	"math"
	"slices"
)

// legend writes the names of series in rows, each behind its swatch, and returns the y
// below them.
func legend(c *canvas, keys []key, width, y float64) float64 {
	const sample, gap, row = 22, 16, 19
	x := 0.0
	for _, k := range keys {
		name := fit(k.name, 12, width-sample)
		w := sample + textWidth(name, 12)
		if x > 0 && x+w > width {
			x, y = 0, y+row
		}
		if k.index >= 0 {
			c.f(`<g class="key %s" data-k="%d">`, k.color.class(), k.index)
		} else { // not a series: nothing to switch
			c.f(`<g class="%s">`, k.color.class())
		}
		switch k.swatch {
		case swatchLine, swatchDashed:
			c.f(`<path d="M%v,%vh16" %s/>`, px(x), px(y+8), stroke(k.width, k.swatch == swatchDashed))
		case swatchDot:
			c.f(`<circle cx="%v" cy="%v" r="4.5" fill="currentColor"/>`, px(x+8), px(y+8))
		case swatchBox, swatchPale:
			opacity := ""
			if k.swatch == swatchPale {
				opacity = ` fill-opacity="0.3"`
			}
			c.f(`<rect x="%v" y="%v" width="12" height="12" rx="2" fill="currentColor"%s/>`, px(x+2), px(y+2), opacity)
		}
		c.f(`<text x="%v" y="%v" class="t">%v</text></g>`, px(x+sample), px(y+12), esc(name))
		x += w + gap
	}
	return y + row + 5
}

// stroke are the attributes of a line.
func stroke(width float64, dashed bool) string {
	s := `fill="none" stroke="currentColor" stroke-width="` + px(width).String() + `" stroke-linejoin="round"`
	if dashed {
		s += ` stroke-dasharray="5 4"`
	}
	return s
}

// endGap is the least distance between names at the ends of lines, in pixels.
const endGap = 15

// direct reports whether the names of lines can stand at their right ends instead of
// in a legend: the ends are at the right, apart from each other, and the names short.
func (f Plot) direct(keys []key, ex, ey *extent, height float64) bool {
	y, _ := newScale(f.Y, ey, height, 0, 42, true)
	x, _ := newScale(f.X, ex, 0, 1, 1, false)
	var at []float64
	for _, k := range keys {
		if !k.ends {
			continue
		}
		if end := x.at(k.last.X); end < 0.93 || end > 1.001 || textWidth(k.name, boldSize(12)) > 200 || !y.inside(k.last.Y) {
			return false
		}
		at = append(at, y.at(k.last.Y))
	}
	slices.Sort(at)
	moved := spread(at, 0, height)
	for i := range at {
		if math.Abs(at[i]-moved[i]) > endGap {
			return false
		}
	}
	return len(at) > 0
}

// spread moves sorted positions apart by endGap, and keeps them between top and bottom
// if there is room.
func spread(at []float64, top, bottom float64) []float64 {
	out := slices.Clone(at)
	for range 8 { // each pass halves what overlaps
		for i := 1; i < len(out); i++ {
			if overlap := endGap - (out[i] - out[i-1]); overlap > 0 {
				out[i-1], out[i] = out[i-1]-overlap/2, out[i]+overlap/2
			}
		}
		if len(out) > 0 {
			out[0], out[len(out)-1] = max(out[0], top), min(out[len(out)-1], bottom)
		}
	}
	for i := 1; i < len(out); i++ {
		out[i] = max(out[i], out[i-1]+endGap)
	}
	return out
}

// endNames writes the names of lines at their right ends.
func endNames(c *canvas, p *plane, keys []key) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return !k.ends })
	slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(p.y.at(a.last.Y), p.y.at(b.last.Y)) })
	at := make([]float64, len(keys))
	for i, k := range keys {
		at[i] = p.y.at(k.last.Y)
	}
	for i, y := range spread(at, p.top, p.bottom()) {
		k := keys[i]
		c.f(`<g class="key %s" data-k="%d"><text x="%v" y="%v" class="b">%v</text></g>`, k.color.class(), k.index, px(p.right()+7), px(y+4), esc(k.name))
	}
}
