package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/internal/chart"
)

var rewrite = flag.Bool("rewrite", false, "write the page of testdata anew; look at it before committing")

func written(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A page that looks different is a diff here. To see it, open the file in a browser.
func TestThePageLooksAsReviewed(t *testing.T) {
	got := strings.ReplaceAll(written(t, synthetic()), "\r\n", "\n")
	file := filepath.Join("testdata", "synthetic.html")
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(b), "\r\n", "\n")
	if got != want {
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		t.Errorf("differs from %s at byte %d, near %q; run with -rewrite and look at it", file, n, got[max(0, n-80):min(len(got), n+80)])
	}
}

func TestThePageRefersToNothingOutsideOfIt(t *testing.T) {
	s := strings.ReplaceAll(written(t, synthetic()), `"http://www.w3.org/2000/svg"`, "") // a name, which nobody fetches
	if found := regexp.MustCompile(`https?:|url\(|@import|@font-face|src=|<link|<iframe|<img|fetch\(|XMLHttp`).FindString(s); found != "" {
		t.Errorf("the page has %q", found)
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(s, -1) {
		if id, ok := strings.CutPrefix(m[1], "#"); !ok || !strings.Contains(s, `id="`+id+`"`) {
			t.Errorf("a link leads to %s, which is not in the page", m[1])
		}
	}
}

// data is what a page holds for programs.
func data(t *testing.T, page string) *Page {
	t.Helper()
	_, s, ok := strings.Cut(page, `<script type="application/json" id="nekton-data">`)
	s, _, closed := strings.Cut(s, "</script>")
	if !ok || !closed {
		t.Fatal("the page has no data")
	}
	p := new(Page)
	if err := json.Unmarshal([]byte(s), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestThePageHoldsItsData(t *testing.T) {
	want := synthetic()
	want.More = []Section{{Title: "a figure", Figures: []chart.Figure{chart.Plot{}}}}
	got := data(t, written(t, want))
	want.More = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("what is read from the page is not what was written:\n got %+v\nwant %+v", got, want)
	}
}

func TestATitleIsEnough(t *testing.T) {
	s := written(t, &Page{Title: "nothing yet"})
	for _, absent := range []string{"<section", "<nav", "<svg", "$ ", "invariants held"} {
		if _, body, _ := strings.Cut(s, "<body>"); strings.Contains(strings.Split(body, "<script")[0], absent) {
			t.Errorf("an empty page has %q", absent)
		}
	}
}

func TestWhatCallersWriteStaysText(t *testing.T) {
	const hostile = `</script><script>alert("1")</script><img src=x onerror=alert(1)>'"&`
	p := &Page{
		Title: hostile, Headline: hostile, Command: hostile, Duration: 10,
		Config:         []Setting{{hostile, hostile, "x", hostile}},
		Tiles:          []Tile{{Label: hostile, Value: hostile, Unit: hostile, Expected: hostile, Verdict: Near, Course: []float64{1, 2}}},
		Faults:         []Fault{{From: 1, To: 5, Kind: hostile, Members: []string{hostile}, What: hostile}},
		Dissemination:  &Dissemination{Updates: []Spread{{Name: hostile, Learned: []float64{0, 1}, Members: 2}}, Expected: []Curve{{hostile, []chart.Point{{X: 0, Y: 0}, {X: 1, Y: 1}}}}},
		Detection:      &Detection{Crashes: 1, First: []float64{1}, Expected: []Prediction{{hostile, 1}}, Laws: []Curve{{Name: hostile}}},
		FalsePositives: &FalsePositives{Width: 1, Suspected: []float64{1}, Refuted: []float64{1}, Dead: []float64{1}},
		Members:        &Members{Observer: hostile, Rows: []MemberRow{{hostile, []StateSpan{{0, 1, Alive, hostile}}}}},
		Quorum:         &Quorum{Times: []float64{0, 1}, Status: []StatusCount{{hostile, []float64{1, 1}}}},
		Invariants:     []Invariant{{hostile, hostile, 1, []string{hostile}}},
		More:           []Section{{hostile, hostile, []chart.Figure{chart.Plot{Title: hostile, Subtitle: hostile}}}},
	}
	s := written(t, p)
	if strings.Contains(s, "<img") || strings.Contains(s, `alert("1")`) || strings.Count(s, "<script") != 2 {
		t.Error("a text became an element")
	}
	if got := data(t, s); got.Title != hostile {
		t.Errorf("the data has the title %q", got.Title)
	}
}

func TestAPageThatContradictsItselfIsNotWritten(t *testing.T) {
	one, two := []float64{1}, []float64{1, 2}
	for name, p := range map[string]*Page{
		"no title":                          {},
		"a run that ended before it began":  {Title: "t", Duration: -1},
		"a duration that is no number":      {Title: "t", Duration: math.NaN()},
		"traffic of unequal length":         {Title: "t", Traffic: &Traffic{Times: two, Packets: Quantiles{Median: two, P99: one}, Bytes: Quantiles{Median: two, P99: two}}},
		"a maximum of unequal length":       {Title: "t", Traffic: &Traffic{Times: one, Packets: Quantiles{Median: one, P99: one, Max: two}, Bytes: Quantiles{Median: one, P99: one}}},
		"views of unequal length":           {Title: "t", Convergence: &Convergence{Times: two, Views: two, Listed: two, Up: one}},
		"a status of unequal length":        {Title: "t", Quorum: &Quorum{Times: two, Status: []StatusCount{{"UP", one}}}},
		"false positives without a width":   {Title: "t", FalsePositives: &FalsePositives{}},
		"false positives of all lengths":    {Title: "t", FalsePositives: &FalsePositives{Width: 1, Suspected: one, Refuted: two, Dead: one}},
		"a state that does not exist":       {Title: "t", Members: &Members{Rows: []MemberRow{{"a", []StateSpan{{0, 1, "asleep", ""}}}}}},
		"a span that ends before it began":  {Title: "t", Members: &Members{Rows: []MemberRow{{"a", []StateSpan{{2, 1, Alive, ""}}}}}},
		"a number that JSON cannot hold":    {Title: "t", Tiles: []Tile{{Course: []float64{math.Inf(1)}}}},
		"a fault that ends before it began": {Title: "t", Duration: 10, Faults: []Fault{{From: 5, To: 1}}},
		"a figure that cannot be drawn":     {Title: "t", More: []Section{{Figures: []chart.Figure{chart.Plot{Height: -1}}}}},
	} {
		var b bytes.Buffer
		if err := Write(&b, p); !errors.Is(err, ErrInvalid) || b.Len() > 0 {
			t.Errorf("%s: %d bytes and error %v", name, b.Len(), err)
		}
	}
}

func TestAFailureToWriteIsReturned(t *testing.T) {
	broken := errors.New("disk full")
	if err := Write(brokenWriter{broken}, &Page{Title: "t"}); !errors.Is(err, broken) || errors.Is(err, ErrInvalid) {
		t.Errorf("the error is %v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

// finding is the sentence of numbers below the heading of a page's only section.
func finding(t *testing.T, p *Page) string {
	t.Helper()
	p.Title = "t"
	written(t, p)
	all := p.sections()
	if len(all) != 1 {
		t.Fatalf("the page has %d sections", len(all))
	}
	return all[0].finding
}

func TestEverySectionSaysWhatItShows(t *testing.T) {
	spread := func(learned ...float64) Spread { return Spread{Learned: learned, Members: 4} }
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	course := func(values ...float64) []float64 { return values }
	for _, c := range []struct {
		page Page
		want string
	}{
		{Page{Detection: &Detection{}}, "Nothing crashed."},
		{Page{Detection: &Detection{Crashes: 1, First: []float64{4.5}, Full: []float64{5}}}, "1 of 1 crash was detected, by the first member after 4.5 s; by every live member in 1, after 5 s."},
		{Page{Detection: &Detection{Crashes: 3, First: []float64{9, 4.5}}}, "2 of 3 crashes were detected, by the first member after 4.5 s (median; 9 s at most)."},
		{Page{Detection: &Detection{Crashes: 100, First: hundred}}, "100 of 100 crashes were detected, by the first member after 50 s (median; p99 99 s)."},
		{Page{Dissemination: &Dissemination{Updates: []Spread{spread(0, 0.1, 0.2, 0.3), spread(0, 0.3, 0.4, 0.5), spread(0, 0.2, 0.3, 0.4)}}},
			"Half of the members knew after 200 ms, all of them after 400 ms (medians of 3 updates; the slowest reached everybody after 500 ms)."},
		{Page{Dissemination: &Dissemination{Updates: []Spread{spread(0, 0.1, 0.2, 0.3), spread(0, 0.3)}}}, "1 of 2 updates reached every member that was to know."},
		{Page{FalsePositives: &FalsePositives{Width: 1, Suspected: course(0), Refuted: course(0), Dead: course(0)}}, "Nobody who was well was ever suspected."},
		{Page{FalsePositives: &FalsePositives{Width: 1, Suspected: course(2, 1), Refuted: course(1, 1), Dead: course(0, 1)}}, "3 false suspicions, 2 refuted, 1 false death."},
		{Page{Convergence: &Convergence{Times: course(0, 5, 9), Views: course(4, 1, 1), Listed: course(2, 3, 3), Up: course(3, 3, 3)}}, "At the end all lists are equally long, and have been since 5 s; and what they say is true."},
		{Page{Convergence: &Convergence{Times: course(0, 5), Views: course(1, 1), Listed: course(2, 2), Up: course(3, 3)}}, "At the end all lists are equally long, and have been since 0."},
		{Page{Convergence: &Convergence{Times: course(0, 5), Views: course(1, 3), Listed: course(2, 2), Up: course(3, 3)}}, "At the end there are 3 different views."},
		{Page{Traffic: &Traffic{Times: course(1, 2, 3), Packets: Quantiles{Median: course(7, 9, 8), P99: course(9, 9, 9)}, Bytes: Quantiles{Median: course(1300, 1200, 1250), P99: course(1, 1, 1)}}},
			"Over the run the median node sent 8 packets and 1.25 kB per second."},
		{Page{Faults: []Fault{{From: 1, To: 1, Kind: "crash"}}}, "1 fault was injected."},
	} {
		if got := finding(t, &c.page); got != c.want {
			t.Errorf(" got %s\nwant %s", got, c.want)
		}
	}
}

func TestFaultsAreListedWithWhenAndWhom(t *testing.T) {
	p := &Page{Title: "t", Duration: 100, Faults: []Fault{
		{From: 5, To: 5, Kind: "restart", Members: []string{"a"}}, {From: 10, To: 100, Kind: "crash", Members: []string{"a", "b"}},
		{From: 10, To: 20.5, Kind: "cut", Members: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}, {From: 0, To: 1, Kind: "loss"},
	}}
	want := []faultView{
		{"at 5 s", "restart", "a", ""}, {"from 10 s", "crash", "a, b", ""}, {"10 s to 20.5 s", "cut", "a, b, c, d, e and 3 more", ""}, {"0 to 1 s", "loss", "the network", ""},
	}
	if got := p.sections()[0].faults; !reflect.DeepEqual(got, want) {
		t.Errorf(" got %q\nwant %q", got, want)
	}
}

func TestTilesFillTheirRows(t *testing.T) {
	for tiles, want := range map[int]int{0: 0, 1: 1, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5, 11: 4} {
		if got := columns(tiles); got != want {
			t.Errorf("%d tiles stand in %d columns, want %d", tiles, got, want)
		}
	}
}

func TestAViolationIsSaidFirst(t *testing.T) {
	s := written(t, &Page{Title: "t", Invariants: []Invariant{{Name: "a", Checks: 3}, {Name: "b", Checks: 1, Violations: []string{"n3 at 4 s"}}}})
	for _, want := range []string{"✕ 1 of 2 invariants violated", "<li>n3 at 4 s</li>", "They were checked 4 times"} {
		if !strings.Contains(s, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if s := written(t, &Page{Title: "t", Failed: true}); !strings.Contains(s, "✕ failed") {
		t.Error("a failure without invariants is not said")
	}
}

// A cluster of thousands must not make a page of megabytes.
func TestALargeRunMakesAPageThatLoadsAtOnce(t *testing.T) {
	p := synthetic()
	p.Dissemination.Updates = nil
	for range 20 {
		u := Spread{Members: 5000}
		for k := range 5000 {
			u.Learned = append(u.Learned, round(float64(k)/1000))
		}
		p.Dissemination.Updates = append(p.Dissemination.Updates, u)
	}
	page := written(t, p)
	figures, _, _ := strings.Cut(page, `<script type="application/json"`)
	if len(figures) > 500_000 || len(page) > 1_300_000 {
		t.Errorf("the page has %d bytes, %d of them before the data", len(page), len(figures))
	}
}
