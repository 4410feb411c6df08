package chart

import (
	"errors"
	"fmt"
)

// A Figure is something to look at: a [Plot] or a [Timeline].
type Figure interface {
	// head is the title, and what a reader who cannot see should be told.
	head() (title, subtitle string)
	// check finds what cannot be drawn.
	check() error
	// draw paints below y, and returns the y below everything that it painted.
	draw(c *canvas, width, y float64) float64
}

// ErrInvalid is what an error of [File] or [Inline] wraps: the figure contradicts
// itself, and nothing was drawn. The message says where.
var ErrInvalid = errors.New("chart: invalid figure")

// DefaultWidth of a figure in pixels, about the column of a page on GitHub.
const DefaultWidth = 820

// narrow is the width in pixels below which a figure is laid out for a phone.
const narrow = 560

// margin around the figure in a file, in pixels.
const margin = 18

// File draws a figure as a file of its own: with its title, on a card of its own
// colour, so that it can be read on any background. It follows the reader's preference
// for light or dark. Width is in pixels; if zero, it is [DefaultWidth].
//
// Equal figures give equal bytes. The error wraps [ErrInvalid].
func File(f Figure, width int) ([]byte, error) {
	width, err := prepare(f, width)
	if err != nil {
		return nil, err
	}
	title, subtitle := f.head()
	inner := canvas{}
	y := 0.0
	for _, line := range wrap(title, boldSize(16), float64(width-2*margin), 3) {
		inner.text(0, y+13, start, "h", line)
		y += 22
	}
	if title != "" {
		y += 3
	}
	for _, line := range wrap(subtitle, 12, float64(width-2*margin), 3) {
		inner.text(0, y+10, start, "t", line)
		y += 16
	}
	if y > 0 {
		y += 8
	}
	height := f.draw(&inner, float64(width-2*margin), y) + 2*margin

	c := canvas{}
	c.f(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%v" viewBox="0 0 %d %v" class="nk" role="img">`+"\n", width, px(height), width, px(height))
	c.f("<title>%v</title>\n<style>\n%s</style>\n", esc(title), sheet())
	c.f(`<rect x="0.5" y="0.5" width="%d" height="%v" rx="8" class="card"/>`+"\n", width-1, px(height-1))
	c.f(`<g transform="translate(%d,%d)">`+"\n%s\n</g>\n</svg>\n", margin, margin, inner.b.String())
	return []byte(c.b.String()), nil
}

// Inline draws a figure as an element for a page that includes [Style] once, and
// [Script] if readings and switches are wanted. The title and subtitle are left to the
// page; they are the figure's name for readers who cannot see it. The element is as
// wide as its place, with letters as large as at the given width in pixels; below 560
// it is laid out for a phone.
//
// Equal figures give equal text, which is safe to include. The error wraps [ErrInvalid].
func Inline(f Figure, width int) (string, error) {
	width, err := prepare(f, width)
	if err != nil {
		return "", err
	}
	inner := canvas{}
	height := f.draw(&inner, float64(width), 0)
	title, subtitle := f.head()
	if subtitle != "" {
		title += ". " + subtitle
	}
	c := canvas{}
	c.f(`<svg viewBox="0 0 %d %v" class="nk" role="img" aria-label="%v">%s</svg>`, width, px(height), esc(title), inner.b.String())
	return c.b.String(), nil
}

func prepare(f Figure, width int) (int, error) {
	if width == 0 {
		width = DefaultWidth
	}
	if width < 200 {
		return 0, fmt.Errorf("%w: %d pixels are too narrow; 200 are the least", ErrInvalid, width)
	}
	if err := f.check(); err != nil {
		title, _ := f.head()
		return 0, fmt.Errorf("%w %q: %w", ErrInvalid, title, err)
	}
	return width, nil
}
