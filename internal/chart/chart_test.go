package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/internal/chart"
)

// wellFormed fails unless a text is XML, and returns all that is written in it.
func wellFormed(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	var texts []string
	inText := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, s)
		}
		switch e := token.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				texts = append(texts, string(e))
			}
		}
	}
}

func TestEqualFiguresGiveEqualBytes(t *testing.T) {
	one, two := gallery(), gallery()
	for _, name := range slices.Sorted(maps.Keys(one)) {
		for _, draw := range []func(chart.Figure) string{
			func(f chart.Figure) string { b, _ := chart.File(f, 0); return string(b) },
			func(f chart.Figure) string { s, _ := chart.Inline(f, 400); return s },
		} {
			if a, b := draw(one[name]), draw(two[name]); a != b || a == "" {
				t.Errorf("%s: drawn twice, the figures differ near %q", name, difference(a, b))
			}
		}
	}
}

func TestNamesCanHoldAnything(t *testing.T) {
	hostile := "<script>\"'&\x00\n]]>"
	f := chart.Plot{
		Title: hostile, Subtitle: hostile, X: chart.Axis{Label: hostile}, Y: chart.Axis{Label: hostile},
		Marks: []chart.Mark{
			chart.Window{From: 0, To: 1, Label: hostile},
			chart.Line{Name: hostile, Points: []chart.Point{{X: 0, Y: 1}, {X: 2, Y: 3}}},
			chart.Area{X: []float64{0, 1}, Series: []chart.Series{{Name: hostile, Values: []float64{1, 2}}}},
			chart.Bins{Edges: []float64{0, 1}, Series: []chart.Series{{Name: hostile, Values: []float64{1}}}},
			chart.Dots{Name: hostile, Points: []chart.Dot{{X: 1, Y: 1, Label: hostile, Note: hostile}}},
			chart.HLine{At: 1, Label: hostile}, chart.VLine{At: 1, Label: hostile},
		},
	}
	rows := chart.Timeline{
		Title: hostile, States: []chart.State{{Name: hostile}, {Name: hostile}},
		Rows: []chart.Row{{Name: hostile, Spans: []chart.Span{{From: 0, To: 1, Note: hostile}}}},
	}
	bars := chart.Plot{Title: hostile, Marks: []chart.Mark{chart.Bars{Groups: []string{hostile}, Series: []chart.Series{{Name: hostile, Values: []float64{2}}}}}}
	for _, f := range []chart.Figure{f, rows, bars} {
		b, err := chart.File(f, 0)
		if err != nil {
			t.Fatal(err)
		}
		inline, err := chart.Inline(f, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{string(b), inline, chart.Sparkline([]float64{1, 2}, chart.Auto, hostile)} {
			wellFormed(t, s)
			if strings.Contains(s, "<script") || strings.Contains(s, "\x00") {
				t.Error("a name became an element")
			}
		}
	}
}

func TestWhatCannotBeDrawnIsAnError(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	mark := func(m chart.Mark) chart.Figure { return chart.Plot{Title: "f", Marks: []chart.Mark{m}} }
	for name, f := range map[string]chart.Figure{
		"ends of an axis the wrong way round":   chart.Plot{X: chart.Axis{Min: 2, Max: 1}},
		"a logarithmic axis from zero":          chart.Plot{Y: chart.Axis{Log: true, Max: 10}},
		"an axis to infinity":                   chart.Plot{Y: chart.Axis{Max: inf}},
		"a negative height":                     chart.Plot{Height: -1},
		"a mark that is nil":                    mark(nil),
		"a line that goes back":                 mark(chart.Line{Points: []chart.Point{{X: 2}, {X: 1}}}),
		"a band upside down":                    mark(chart.Line{Band: []chart.Range{{X: 1, Lo: 2, Hi: 1}}}),
		"an area with too few values":           mark(chart.Area{X: []float64{1, 2}, Series: []chart.Series{{Values: []float64{1}}}}),
		"an area below zero":                    mark(chart.Area{X: []float64{1}, Series: []chart.Series{{Values: []float64{-1}}}}),
		"bins with an edge too few":             mark(chart.Bins{Edges: []float64{1, 2}, Series: []chart.Series{{Values: []float64{1, 2}}}}),
		"bins whose edges do not grow":          mark(chart.Bins{Edges: []float64{1, 1}, Series: []chart.Series{{Values: []float64{1}}}}),
		"bars without groups":                   mark(chart.Bars{}),
		"bars with a value too many":            mark(chart.Bars{Groups: []string{"a"}, Series: []chart.Series{{Values: []float64{1, 2}}}}),
		"bars that are not numbers":             mark(chart.Bars{Groups: []string{"a"}, Series: []chart.Series{{Values: []float64{nan}}}}),
		"a dot nowhere":                         mark(chart.Dots{Points: []chart.Dot{{X: nan}}}),
		"a horizontal line nowhere":             mark(chart.HLine{At: nan}),
		"a vertical line nowhere":               mark(chart.VLine{At: inf}),
		"a window that ends before it begins":   mark(chart.Window{From: 2, To: 1}),
		"a span that ends before it begins":     chart.Timeline{States: make([]chart.State, 1), Rows: []chart.Row{{Spans: []chart.Span{{From: 2, To: 1}}}}},
		"a span in a state that does not exist": chart.Timeline{Rows: []chart.Row{{Spans: []chart.Span{{To: 1}}}}},
		"bars and a line": chart.Plot{Marks: []chart.Mark{
			chart.Bars{Groups: []string{"a"}, Series: []chart.Series{{Values: []float64{1}}}}, chart.Line{Points: []chart.Point{{X: 1}}},
		}},
	} {
		if b, err := chart.File(f, 0); !errors.Is(err, chart.ErrInvalid) || b != nil {
			t.Errorf("%s: File returns %d bytes and %v", name, len(b), err)
		}
		if s, err := chart.Inline(f, 0); !errors.Is(err, chart.ErrInvalid) || s != "" {
			t.Errorf("%s: Inline returns %d bytes and %v", name, len(s), err)
		}
	}
	if _, err := chart.File(chart.Plot{}, 100); !errors.Is(err, chart.ErrInvalid) {
		t.Errorf("a figure of 100 pixels: %v", err)
	}
}

func TestAnEmptyFigureIsDrawnEmpty(t *testing.T) {
	for _, f := range []chart.Figure{
		chart.Plot{}, chart.Timeline{}, chart.Plot{X: chart.Axis{Log: true}, Y: chart.Axis{Log: true}},
		chart.Plot{Marks: []chart.Mark{chart.Line{Name: "a"}, chart.Area{}, chart.Bins{}, chart.Dots{}}},
		chart.Plot{Marks: []chart.Mark{chart.Line{Points: []chart.Point{{X: math.NaN(), Y: 1}}}}},
	} {
		b, err := chart.File(f, 0)
		if err != nil {
			t.Errorf("%#v: %v", f, err)
		}
		wellFormed(t, string(b))
		if strings.Contains(string(b), "NaN") || strings.Contains(string(b), "Inf") {
			t.Errorf("%#v has coordinates that are not numbers", f)
		}
	}
	if s := chart.Sparkline(nil, chart.Auto, ""); strings.Contains(s, "NaN") {
		t.Errorf("a sparkline of nothing: %s", s)
	}
}

// coordinate finds the numbers that place something.
var coordinate = regexp.MustCompile(` (x|y|cx|cy|x1|x2|y1|y2|width|height)="([^"]*)"`)

// Whatever is plotted: the file is XML, has numbers for coordinates, sizes that are not
// negative, and no text that begins outside of it.
func TestAnyPlotIsDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 1), rapid.Just(0.0), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)))
		var marks []chart.Mark
		for range rapid.IntRange(0, 4).Draw(t, "lines") {
			var points []chart.Point
			x := 0.0
			for range rapid.IntRange(0, 9).Draw(t, "points") {
				x += rapid.Float64Range(0, 1e3).Draw(t, "dx")
				points = append(points, chart.Point{X: x, Y: value.Draw(t, "y")})
			}
			marks = append(marks, chart.Line{Name: rapid.StringN(0, 30, -1).Draw(t, "name"), Points: points, Step: rapid.Bool().Draw(t, "step")})
		}
		finite := rapid.Float64Range(-1e150, 1e150)
		marks = append(marks,
			chart.HLine{At: finite.Draw(t, "level"), Label: "a level"},
			chart.VLine{At: finite.Draw(t, "moment"), Label: "a moment"},
			chart.Dots{Points: []chart.Dot{{X: finite.Draw(t, "dot x"), Y: finite.Draw(t, "dot y"), Label: "a dot"}}})
		f := chart.Plot{
			X:     chart.Axis{Log: rapid.Bool().Draw(t, "log x"), Format: chart.Format(rapid.IntRange(0, 3).Draw(t, "format")), Label: "x"},
			Y:     chart.Axis{Log: rapid.Bool().Draw(t, "log y"), Format: chart.Format(rapid.IntRange(0, 3).Draw(t, "format")), Tight: rapid.Bool().Draw(t, "tight")},
			Marks: marks,
		}
		width := rapid.IntRange(200, 1200).Draw(t, "width")
		b, err := chart.File(f, width)
		if err != nil {
			t.Fatalf("%v", err)
		}
		wellFormed(t, string(b))
		for _, m := range coordinate.FindAllStringSubmatch(string(b), -1) {
			v, err := strconv.ParseFloat(m[2], 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || (m[1] == "width" || m[1] == "height") && v < 0 {
				t.Fatalf("%s", m[0])
			}
		}
		if strings.Contains(string(b), "NaN") {
			at := strings.Index(string(b), "NaN")
			t.Fatalf("a coordinate is not a number: %s", b[max(0, at-200):at+3])
		}
	})
}

func TestAFileStandsAlone(t *testing.T) {
	for name, f := range gallery() {
		b, err := chart.File(f, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Replace(string(b), `xmlns="http://www.w3.org/2000/svg"`, "", 1)
		for _, reference := range []string{"http:", "https:", "url(", "@import", "href", "<script", "<image", "font-face"} {
			if strings.Contains(s, reference) {
				t.Errorf("%s refers to something: %s", name, reference)
			}
		}
		if !strings.Contains(s, "prefers-color-scheme:dark") || !strings.Contains(s, `class="card"`) {
			t.Errorf("%s does not bring its colours", name)
		}
	}
}

func TestNamesStandAtTheEndsOfLinesOnlyWhereThereIsRoom(t *testing.T) {
	line := func(name string, end float64) chart.Line {
		return chart.Line{Name: name, Points: []chart.Point{{X: 0, Y: 0}, {X: 10, Y: end}}}
	}
	atEnd := regexp.MustCompile(`<g class="key [a-z]+" data-k="\d+"><text [^>]*class="b">`)
	for _, c := range []struct {
		what  string
		marks []chart.Mark
		width int
		want  int // names at ends
	}{
		{"ends apart", []chart.Mark{line("a", 10), line("b", 5), line("c", 1)}, 800, 3},
		{"two close ends move apart", []chart.Mark{line("a", 10), line("b", 9.8)}, 800, 2},
		{"many close ends", []chart.Mark{line("a", 10), line("b", 10), line("c", 10), line("d", 10)}, 800, 0},
		{"on a phone", []chart.Mark{line("a", 10), line("b", 5)}, 380, 0},
		{"a name that would take the room of the line", []chart.Mark{line(strings.Repeat("long ", 20), 10), line("b", 5)}, 800, 0},
		{"a line that ends early", []chart.Mark{line("a", 10), chart.Line{Name: "b", Points: []chart.Point{{X: 0, Y: 1}, {X: 5, Y: 1}}}}, 800, 0},
	} {
		s, err := chart.Inline(chart.Plot{Marks: c.marks}, c.width)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(atEnd.FindAllString(s, -1)); got != c.want {
			t.Errorf("%s: %d names stand at the ends of lines, want %d", c.what, got, c.want)
		}
		for _, m := range c.marks {
			if name := m.(chart.Line).Name; len(name) < 20 && !slices.Contains(wellFormed(t, s), name) {
				t.Errorf("%s: %q is named nowhere", c.what, name)
			}
		}
	}
}

func TestAutomaticColoursDoNotRepeatThoseThatWereChosen(t *testing.T) {
	one := []chart.Point{{X: 0, Y: 1}, {X: 1, Y: 1}}
	s, err := chart.Inline(chart.Plot{Marks: []chart.Mark{
		chart.Line{Name: "a", Points: one}, chart.Line{Name: "b", Points: one, Color: chart.Blue}, chart.Line{Name: "c", Points: one},
	}}, 800)
	if err != nil {
		t.Fatal(err)
	}
	for k, color := range []string{"orange", "blue", "teal"} {
		if !strings.Contains(s, `class="s line `+color+`" data-k="`+strconv.Itoa(k)+`"`) {
			t.Errorf("series %d is not %s", k, color)
		}
	}
}

func TestSamplesAreCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOf(rapid.Float64()).Draw(t, "samples")
		edges, counts := chart.Histogram(samples, -1, 3, rapid.IntRange(1, 50).Draw(t, "bins"))
		sum := 0.0
		for _, c := range counts {
			sum += c
		}
		if int(sum) != len(samples) || len(edges) != len(counts)+1 || edges[0] != -1 || edges[len(counts)] != 3 {
			t.Fatalf("%v in %v of %d samples", counts, edges, len(samples))
		}
	})
}

func TestACDFEndsBelowOneWhereSamplesAreMissing(t *testing.T) {
	got := chart.CDF([]float64{2, 3, 7}, 4)
	want := []chart.Point{{X: 2, Y: 0}, {X: 2, Y: 0.25}, {X: 3, Y: 0.5}, {X: 7, Y: 0.75}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := chart.CDF(nil, 4); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
