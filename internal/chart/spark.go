package chart

// Sparkline draws a course without axes, to stand beside a number: as high as a line of
// text, with a dot at its end. It is an inline element as [Inline] returns them; label is
// for readers who cannot see it. Values that are not numbers interrupt the line. The
// course begins at zero, or below if there are negative values.
func Sparkline(values []float64, color Color, label string) string {
	const width, height, edge = 96.0, 24.0, 3.0
	e := newExtent(Axis{})
	e.add(values...)
	y, _ := newScale(Axis{}, e, height-edge, edge, 8, false)
	x := scale{lo: 0, hi: float64(max(1, len(values)-1)), from: edge, to: width - edge}
	points := make([]Point, len(values))
	for i, v := range values {
		points[i] = Point{x.at(float64(i)), y.at(v)}
	}
	c := canvas{}
	c.f(`<svg viewBox="0 0 %v %v" class="nk spark" role="img" aria-label="%v"><g class="%s">`, px(width), px(height), esc(label), color.or(Blue).class())
	c.path(thin(points), stroke(1.5, false))
	if n := len(points); n > 0 && finite(points[n-1].Y) {
		c.f(`<circle cx="%v" cy="%v" r="2.2" fill="currentColor"/>`, px(points[n-1].X), px(points[n-1].Y))
	}
	c.f("</g></svg>")
	return c.b.String()
}
