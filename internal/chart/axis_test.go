package chart

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// labels are the numbers at an axis of the data from lo to hi.
func labels(a Axis, lo, hi, pixels, spacing float64) string {
	e := newExtent(a)
	e.add(lo, hi)
	_, ticks := newScale(a, e, 0, pixels, spacing, true)
	var all []string
	for _, t := range ticks {
		all = append(all, a.Format.format(t, stepOf(ticks, a.Log, t)))
	}
	return strings.Join(all, " | ")
}

func TestAxesAreLabelledAsPeopleCount(t *testing.T) {
	for _, c := range []struct {
		axis   Axis
		lo, hi float64
		want   string
	}{
		{Axis{}, 0, 1, "0 | 0.2 | 0.4 | 0.6 | 0.8 | 1"},
		{Axis{}, 3, 9, "0 | 2 | 4 | 6 | 8 | 10"},
		{Axis{Tight: true}, 3.1, 8.7, "2 | 4 | 6 | 8 | 10"},
		{Axis{}, -3, 4, "−4 | −2 | 0 | 2 | 4"},
		{Axis{}, 0, 1300, "0 | 500 | 1,000 | 1,500"},
		{Axis{}, 0, 48_000, "0 | 10k | 20k | 30k | 40k | 50k"},
		{Axis{}, 0, 0.003, "0 | 0.001 | 0.002 | 0.003"},
		{Axis{Format: Percent}, 0, 1, "0% | 20% | 40% | 60% | 80% | 100%"},
		{Axis{Format: Percent}, 0, 0.03, "0% | 1% | 2% | 3%"},
		{Axis{Format: Seconds}, 0, 0.04, "0 | 10 ms | 20 ms | 30 ms | 40 ms"},
		{Axis{Format: Seconds}, 0, 12, "0 | 5 s | 10 s | 15 s"},
		{Axis{Format: Seconds}, 0, 240, "0 | 1 min | 2 min | 3 min | 4 min"},
		{Axis{Format: Seconds}, 0, 14_000, "0 | 1 h | 2 h | 3 h | 4 h"},
		{Axis{Format: Bytes}, 0, 1800, "0 B | 500 B | 1 kB | 1.5 kB | 2 kB"},
		{Axis{Log: true}, 1.2, 30, "1 | 2 | 5 | 10 | 20 | 50"},
		{Axis{Log: true}, 1, 100_000, "1 | 10 | 100 | 1,000 | 10k | 100k"},
		{Axis{Log: true, Format: Bytes}, 10, 1e9, "10 B | 1 kB | 100 kB | 10 MB | 1 GB"},
		{Axis{Min: 0.5, Max: 2}, 0, 9, "0.5 | 1 | 1.5 | 2"},
	} {
		if got := labels(c.axis, c.lo, c.hi, 250, 42); got != c.want {
			t.Errorf("%v to %v on %+v:\n got %s\nwant %s", c.lo, c.hi, c.axis, got, c.want)
		}
	}
}

func TestNumbersAreWrittenWithThreeDigits(t *testing.T) {
	for _, c := range []struct {
		format Format
		v      float64
		want   string
	}{
		{Number, 0, "0"}, {Number, 1.2345, "1.23"}, {Number, 12345, "12.3k"}, {Number, 0.00123, "0.00123"}, {Number, -8.5, "−8.5"},
		{Percent, 0.12345, "12.3%"}, {Percent, 1, "100%"},
		{Seconds, 0.0412, "41.2 ms"}, {Seconds, 7.449, "7.45 s"}, {Seconds, 154.2, "154 s"}, {Seconds, 600, "10 min"}, {Seconds, 754.2, "12 min 34 s"}, {Seconds, -754.2, "−12 min 34 s"}, {Seconds, 9000, "2.5 h"},
		{Bytes, 99, "99 B"}, {Bytes, 1400, "1.4 kB"}, {Bytes, 3.21e9, "3.21 GB"},
	} {
		if got := c.format.Write(c.v); got != c.want {
			t.Errorf("%v in format %d is %q, want %q", c.v, c.format, got, c.want)
		}
	}
}

// Ticks grow, lie between the ends, are labelled differently, and are neither missing
// nor crowded; what the data says is inside of the ends.
func TestAnyAxisHasUsefulTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Axis{Log: rapid.Bool().Draw(t, "log"), Tight: rapid.Bool().Draw(t, "tight"), Format: Format(rapid.IntRange(0, 3).Draw(t, "format"))}
		magnitude := math.Pow(10, rapid.Float64Range(-5, 9).Draw(t, "magnitude"))
		lo := rapid.Float64Range(0.001, 10).Draw(t, "lo") * magnitude
		hi := lo * (1 + math.Pow(10, rapid.Float64Range(-1, 5).Draw(t, "ratio")))
		pixels := rapid.Float64Range(150, 1000).Draw(t, "pixels")
		e := newExtent(a)
		e.add(lo, hi)
		s, ticks := newScale(a, e, 0, pixels, 50, true)
		if !s.inside(lo) || !s.inside(hi) {
			t.Fatalf("%v or %v is outside of %v to %v", lo, hi, s.lo, s.hi)
		}
		if len(ticks) < 2 || !slices.IsSorted(ticks) || float64(len(ticks)-1) > max(pixels/50, 2)*2+3 {
			t.Fatalf("%v to %v on %v pixels: %v", lo, hi, pixels, ticks)
		}
		seen := map[string]bool{}
		for _, tick := range ticks {
			label := a.Format.format(tick, stepOf(ticks, a.Log, tick))
			if !s.inside(tick) || seen[label] {
				t.Fatalf("tick %v, labelled %q, of %v on %+v", tick, label, ticks, s)
			}
			seen[label] = true
		}
	})
}

func TestThinningKeepsWhatCanBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "n")
		shift := rapid.Float64Range(0, 10).Draw(t, "shift")
		points := make([]Point, n)
		for i := range points {
			points[i] = Point{float64(i) * 100 / float64(n), math.Sin(float64(i)*7.7+shift) * float64(i%17)}
			if i%701 == 13 {
				points[i].Y = math.NaN()
			}
		}
		kept := thin(points)
		if len(kept) > 4*101+2*(n/701+1) && len(kept) > 500 {
			t.Fatalf("%d of %d points are kept", len(kept), n)
		}
		lowest, highest := extremes(points)
		low, high := extremes(kept)
		if low != lowest || high != highest {
			t.Fatalf("kept %v to %v of %v to %v", low, high, lowest, highest)
		}
		if n > 0 && (len(kept) == 0 || kept[0].X != points[0].X || kept[len(kept)-1].X != points[n-1].X) {
			t.Fatalf("an end is missing")
		}
	})
}

func extremes(points []Point) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if finite(p.Y) {
			lo, hi = min(lo, p.Y), max(hi, p.Y)
		}
	}
	return lo, hi
}

func TestNamesAreSpreadApartAndStayInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Float64Range(0, 230), 0, 8).Draw(t, "at")
		slices.Sort(at)
		out := spread(at, 0, 230)
		for i := 1; i < len(out); i++ {
			if out[i]-out[i-1] < endGap-1e-6 {
				t.Fatalf("%v is spread to %v", at, out)
			}
		}
	})
}

func TestTextIsShortenedAndBrokenToFit(t *testing.T) {
	if got := fit("a long name of a member", 12, 80); textWidth(got, 12) > 80 || !strings.HasSuffix(got, "…") {
		t.Errorf("shortened to %q", got)
	}
	if got := fit("short", 12, 80); got != "short" {
		t.Errorf("shortened to %q", got)
	}
	if got := fit("wide", 12, 2); got != "" {
		t.Errorf("there is no room, and yet %q", got)
	}
	lines := wrap("one two three four five six seven", 12, 70, 2)
	if len(lines) != 2 || textWidth(lines[0], 12) > 70 || textWidth(lines[1], 12) > 70 {
		t.Errorf("broken into %q", lines)
	}
}

func TestEveryStepHasASmallerOne(t *testing.T) {
	for _, f := range []Format{Number, Percent, Seconds, Bytes} {
		for step := niceStep(f, 86400); step > 1e-9; {
			smaller := niceStep(f, step*0.39)
			if smaller >= step {
				t.Fatalf("in format %d, the step below %v is %v", f, step, smaller)
			}
			step = smaller
		}
	}
}
