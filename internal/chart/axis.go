package chart

import (
	"fmt"
	"math"
)

// An Axis says how one direction of a plot is measured.
type Axis struct {
	// Label is what is measured, with its unit, such as "bytes per second".
	Label string
	// Format is how numbers are written at the ticks.
	Format Format
	// Log makes equal ratios equally long. Values that are not positive are left out.
	Log bool
	// Min and Max are the ends. If both are zero, the data decides.
	Min, Max float64
	// Tight lets the axis begin where the data begins, not at zero. It says nothing
	// to a logarithmic axis, nor to one with given ends.
	Tight bool
}

func (a Axis) given() bool { return a.Min != 0 || a.Max != 0 }

func (a Axis) check(name string) error {
	switch {
	case !finite(a.Min) || !finite(a.Max) || a.Min > a.Max || a.given() && a.Min == a.Max:
		return fmt.Errorf("the ends of the %s axis are %v and %v; the second has to be larger", name, a.Min, a.Max)
	case a.Log && a.given() && a.Min < least:
		return fmt.Errorf("the logarithmic %s axis begins at %v; it has to begin above zero", name, a.Min)
	}
	return nil
}

// An extent is the range of the values seen so far; lo > hi before the first.
type extent struct {
	lo, hi float64
	log    bool
}

func newExtent(a Axis) *extent {
	return &extent{lo: math.Inf(1), hi: math.Inf(-1), log: a.Log}
}

func (e *extent) add(values ...float64) {
	for _, v := range values {
		if finite(v) && (!e.log || v >= least) {
			e.lo, e.hi = min(e.lo, v), max(e.hi, v)
		}
	}
}

// A scale maps values to pixels.
type scale struct {
	lo, hi   float64 // values
	from, to float64 // pixels
	log      bool
}

// at is the pixel of a value, NaN if the axis has no place for it.
func (s scale) at(v float64) float64 {
	if !finite(v / 100) { // the last tick may lie beyond the largest value
		return math.NaN()
	}
	lo, hi := s.lo, s.hi
	if s.log {
		if v <= 0 {
			return math.NaN()
		}
		v, lo, hi = math.Log10(v), math.Log10(lo), math.Log10(hi)
	}
	// The conversion keeps the compiler from fusing, which only some machines do.
	return s.from + float64((v-lo)/(hi-lo)*(s.to-s.from))
}

// inside reports whether a value is between the ends, give or take a rounding error.
func (s scale) inside(v float64) bool {
	at, slack := s.at(v), 0.05
	return at >= min(s.from, s.to)-slack && at <= max(s.from, s.to)+slack
}

// newScale chooses the ends of an axis and its ticks, about one every spacing pixels.
// With round, an end that the data decides moves out to the next tick.
func newScale(a Axis, e *extent, from, to, spacing float64, round bool) (scale, []float64) {
	s := scale{lo: e.lo, hi: e.hi, from: from, to: to, log: a.Log}
	room := max(2, int(math.Abs(to-from)/spacing))
	switch {
	case a.given():
		s.lo, s.hi = a.Min, a.Max
	case e.lo > e.hi: // no data
		s.lo, s.hi = 0, 1
		if a.Log {
			s.lo = 0.1
		}
	case !a.Log && !a.Tight:
		s.lo, s.hi = min(0, s.lo), max(0, s.hi)
	}
	// What differs only in the last digits of a float64 is a single value.
	if same := max(math.Abs(s.lo), math.Abs(s.hi)) * 1e-9; s.hi-s.lo <= max(same, least) {
		if a.Log {
			s.lo, s.hi = s.lo/2, s.hi*2
		} else {
			s.lo, s.hi = s.lo-max(0.5, same), s.hi+max(0.5, same)
		}
	}
	if a.Log {
		if round && !a.given() {
			s.lo, s.hi = decade(s.lo, false), decade(s.hi, true)
		}
		return s, logTicks(s.lo, s.hi, room)
	}
	step := niceStep(a.Format, (s.hi-s.lo)/float64(room))
	// One number alone measures nothing: take the next smaller steps, up to four times.
	for range 4 {
		if round || math.Floor(s.hi/step+1e-9)-math.Ceil(s.lo/step-1e-9) >= 1 {
			break
		}
		step = niceStep(a.Format, step*0.39)
	}
	if round && !a.given() {
		s.lo, s.hi = math.Floor(s.lo/step+1e-9)*step, math.Ceil(s.hi/step-1e-9)*step
	}
	var ticks []float64
	for i := math.Ceil(s.lo/step - 1e-9); i*step <= s.hi+step*1e-9; i++ {
		ticks = append(ticks, i*step+0) // adding makes −0 a 0
	}
	return s, ticks
}

// decade moves v up or down to the nearest of 1, 2, 5 times a power of ten.
func decade(v float64, up bool) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)+1e-9))
	m := v / power
	switch {
	case up && m > 5*(1+1e-9):
		return 10 * power
	case m > 5*(1-1e-9), up && m > 2*(1+1e-9):
		return 5 * power
	case m > 2*(1-1e-9), up && m > 1+1e-9:
		return 2 * power
	}
	return power
}

// logTicks are powers of ten, with 2 and 5 in between where there is room for them,
// and only every second, third, … power where there is none for all.
func logTicks(lo, hi float64, room int) []float64 {
	first, last := int(math.Ceil(math.Log10(lo)-1e-9)), int(math.Floor(math.Log10(hi)+1e-9))
	between := []float64{1}
	if 3*(last-first+1) <= room+3 {
		between = []float64{1, 2, 5}
	}
	every := max(1, int(math.Ceil(float64(last-first+1)/float64(room+1))))
	var ticks []float64
	for power := first - 1; power <= last; power++ {
		if power < first && len(between) == 1 || (power-first)%every != 0 && len(between) == 1 {
			continue
		}
		for _, m := range between {
			if v := m * math.Pow(10, float64(power)); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				ticks = append(ticks, v)
			}
		}
	}
	return ticks
}

// niceStep is the smallest round step that is not below what is needed. Seconds are rounded as
// clocks are read.
func niceStep(f Format, needed float64) float64 {
	if f == Seconds && needed > 10 {
		for _, s := range []float64{15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400} {
			if s >= needed*(1-1e-9) {
				return s
			}
		}
	}
	power := math.Pow(10, math.Floor(math.Log10(needed)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m == 2.5 && power <= 1 && f != Percent {
			continue // 2.5, 7.5: nobody counts so
		}
		if m*power >= needed*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}
