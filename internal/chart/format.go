package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Format is how the numbers of an axis are written.
type Format uint8

// The formats.
const (
	Number  Format = iota // 0.5, 20, 1,500, 20k, 3M
	Percent               // 0.25 is 25%
	Seconds               // 20 ms, 30 s, 12 min, 1 h; the value is in seconds
	Bytes                 // 500 B, 2 kB, 3 MB; powers of ten, the value is in bytes
)

// format writes a value with as many digits as tell it from its neighbours at a
// distance of step.
func (f Format) format(v, step float64) string {
	switch f {
	case Percent:
		return decimal(v*100, step*100) + "%"
	case Seconds:
		return clock(v, step)
	case Bytes:
		return scaled(v, step, []string{" B", " kB", " MB", " GB", " TB"}, 1000)
	}
	return scaled(v, step, []string{"", "k", "M", "G", "T"}, 10_000)
}

// Write returns a value as a tick label would show it, with three digits.
func (f Format) Write(v float64) string {
	if v == 0 || !finite(v) {
		return f.format(v, 1)
	}
	if s := math.Round(math.Abs(v)); f == Seconds && s >= 600 && s < 7200 {
		sign := ""
		if v < 0 {
			sign = "−"
		}
		out := fmt.Sprintf("%s%d min", sign, int(s)/60)
		if int(s)%60 != 0 {
			out += fmt.Sprintf(" %d s", int(s)%60)
		}
		return out
	} else if f == Seconds && s >= 7200 {
		return decimal(v/3600, 0.01) + " h"
	}
	return f.format(v, math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2))
}

// scaled divides by thousands once a value has reached from.
func scaled(v, step float64, units []string, from float64) string {
	unit, top := 0, max(math.Abs(v), math.Abs(step))
	if v != 0 && top >= from {
		for top >= 1000 && unit < len(units)-1 {
			top, v, step = top/1000, v/1000, step/1000
			unit++
		}
	}
	return decimal(v, step) + units[unit]
}

// clock writes seconds in the largest unit that step is a multiple of, so that all
// numbers of an axis have the same.
func clock(v, step float64) string {
	switch {
	case v == 0:
		return "0"
	case step >= 3600 && math.Mod(step, 3600) == 0:
		return decimal(v/3600, step/3600) + " h"
	case step >= 60 && math.Mod(step, 60) == 0:
		return decimal(v/60, step/60) + " min"
	case math.Abs(v) < 1 && step < 0.1:
		return decimal(v*1000, step*1000) + " ms"
	}
	return decimal(v, step) + " s"
}

// decimal writes a number with as many digits after the point as step needs, and
// thousands apart.
func decimal(v, step float64) string {
	digits := 0
	for s := math.Abs(step); digits < 9 && s > 0 && math.Abs(s-math.Round(s)) > 1e-6*s; digits++ {
		s *= 10
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	whole, rest, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	whole = strings.Replace(whole, "-", "−", 1)
	if point {
		return whole + "." + rest
	}
	return whole
}
