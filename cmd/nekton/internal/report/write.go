package report

import (
	_ "embed" // of the template and the style
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/internal/chart"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// ErrInvalid is what an error of [Write] wraps when the page contradicts itself. The
// message says where.
var ErrInvalid = errors.New("report: invalid page")

// Widths for which figures are laid out, in pixels of their own.
const (
	wideWidth = 900 // of a figure as wide as the page
	halfWidth = 430 // of one of two side by side, or of any on a phone
)

// Write writes a page as one HTML file that needs nothing but itself. Equal pages give
// equal bytes. Nothing is written if the error wraps [ErrInvalid]; any other is of w.
func Write(w io.Writer, p *Page) error {
	if err := p.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	v, err := p.view()
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// A view is a page as the template wants it.
type view struct {
	*Page
	Style      template.CSS
	Script     template.JS
	Facts      []string
	Tiles      []tileView
	Columns    int // of tiles
	Sections   []sectionView
	Invariants []invariantView
	Checked    string // how often, in all
	Broken     int    // invariants
	Data       template.JS
}

type tileView struct {
	Tile
	Spark template.HTML
}

type sectionView struct {
	ID, Title, Explain, Finding string
	Figures                     []figureView
	Faults                      []faultView
}

// A figureView is a figure, drawn once for wide pages and once for narrow ones, or only
// once if it is small anyway.
type figureView struct {
	Title, Subtitle string
	Wide, Narrow    template.HTML
	Half            bool
}

type invariantView struct {
	Invariant
	Count string
}

func (p *Page) view() (*view, error) {
	v := &view{
		Page:   p,
		Style:  template.CSS(chart.Style() + pageCSS),
		Script: template.JS(chart.Script() + pageJS),
	}
	v.Facts = append(v.Facts, "seed "+strconv.FormatUint(p.Seed, 10))
	if p.Duration > 0 {
		v.Facts = append(v.Facts, chart.Seconds.Write(p.Duration)+" simulated")
	}
	for _, t := range p.Tiles {
		tv := tileView{Tile: t}
		if len(t.Course) > 0 {
			tv.Spark = template.HTML(chart.Sparkline(t.Course, chart.Blue, t.Label+" over the run"))
		}
		v.Tiles = append(v.Tiles, tv)
	}
	v.Columns = columns(len(p.Tiles))
	for _, s := range p.sections() {
		sv := sectionView{ID: s.id, Title: s.Title, Explain: s.Explain, Finding: s.finding, Faults: s.faults}
		for _, f := range s.Figures {
			fv, err := drawn(f, len(s.Figures)%2 == 0 && s.halves)
			if err != nil {
				return nil, fmt.Errorf("%w: section %q: %w", ErrInvalid, s.Title, err)
			}
			sv.Figures = append(sv.Figures, fv)
		}
		v.Sections = append(v.Sections, sv)
	}
	sum := uint64(0)
	for _, i := range p.Invariants {
		sum += i.Checks
		if len(i.Violations) > 0 {
			v.Broken++
		}
		v.Invariants = append(v.Invariants, invariantView{i, thousands(i.Checks)})
	}
	v.Checked = thousands(sum)
	// The encoder writes <, > and & as escapes, so that nothing ends the element early.
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	v.Data = template.JS(data)
	return v, nil
}

// columns is how many tiles stand side by side, so that no row is much shorter than
// the others.
func columns(tiles int) int {
	const most = 5
	rows := (tiles + most - 1) / most
	return (tiles + max(rows, 1) - 1) / max(rows, 1)
}

func drawn(f chart.Figure, half bool) (figureView, error) {
	v := figureView{Half: half}
	switch f := f.(type) {
	case chart.Plot:
		v.Title, v.Subtitle = f.Title, f.Subtitle
	case chart.Timeline:
		v.Title, v.Subtitle = f.Title, f.Subtitle
	}
	small, err := chart.Inline(f, halfWidth)
	if err != nil {
		return v, err
	}
	v.Narrow = template.HTML(small)
	if !half {
		wide, err := chart.Inline(f, wideWidth)
		if err != nil {
			return v, err
		}
		v.Wide = template.HTML(wide)
	}
	return v, nil
}

// thousands writes a count with its thousands apart.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// check finds what no page can show.
func (p *Page) check() error {
	if p.Title == "" {
		return errors.New("the page has no title")
	}
	if p.Duration < 0 || math.IsNaN(p.Duration) || math.IsInf(p.Duration, 0) {
		return fmt.Errorf("the duration is %v", p.Duration)
	}
	for _, f := range p.Faults {
		if !(f.From >= 0 && f.To >= f.From) {
			return fmt.Errorf("fault %q reaches from %v to %v", f.Kind, f.From, f.To)
		}
	}
	lengths := []struct {
		what      string
		got, want int
	}{}
	same := func(what string, want int, slices ...[]float64) {
		for _, s := range slices {
			lengths = append(lengths, struct {
				what      string
				got, want int
			}{what, len(s), want})
		}
	}
	if f := p.FalsePositives; f != nil {
		same("FalsePositives", len(f.Suspected), f.Refuted, f.Dead)
		if f.Width <= 0 {
			return fmt.Errorf("the width of FalsePositives is %v", f.Width)
		}
	}
	if t := p.Traffic; t != nil {
		for _, q := range []Quantiles{t.Packets, t.Bytes} {
			same("Traffic", len(t.Times), q.Median, q.P99)
			if q.Max != nil {
				same("Traffic", len(t.Times), q.Max)
			}
		}
	}
	if c := p.Convergence; c != nil {
		same("Convergence", len(c.Times), c.Views, c.Listed, c.Up)
	}
	if q := p.Quorum; q != nil {
		for _, s := range q.Status {
			same("Quorum", len(q.Times), s.Counts)
		}
	}
	for _, l := range lengths {
		if l.got != l.want {
			return fmt.Errorf("the slices of %s have %d and %d values; they have to be equally long", l.what, l.want, l.got)
		}
	}
	return nil
}
