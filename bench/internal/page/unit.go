package page

import (
	"fmt"
	"math"
	"strings"
)

// A unit says how numbers are written.
type unit uint8

const (
	count unit = iota
	seconds
	octets
)

// write returns a number with three digits.
func (u unit) write(v float64) string {
	switch u {
	case seconds:
		return scaled(v, []step{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}})
	case octets:
		return scaled(v, []step{{1e6, "MB"}, {1e3, "kB"}, {1, "B"}})
	}
	if v > 0 && v < 0.005 {
		return "0"
	}
	return digits(v)
}

type step struct {
	from float64
	name string
}

func scaled(v float64, steps []step) string {
	if v == 0 {
		return "0"
	}
	for _, s := range steps {
		if math.Abs(v) >= s.from*0.9995 {
			return digits(v/s.from) + " " + s.name
		}
	}
	last := steps[len(steps)-1]
	return digits(v/last.from) + " " + last.name
}

// digits writes three of them, and thousands with a comma.
func digits(v float64) string {
	if math.Abs(v) < 999.5 {
		s := fmt.Sprintf("%.*f", max(0, 2-magnitude(v)), v)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		if s == "-0" {
			return "0"
		}
		return s
	}
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// magnitude is how many digits beyond the first stand before the point.
func magnitude(v float64) int {
	v = math.Abs(v)
	if v < 0.01 {
		return 0
	}
	return int(math.Floor(math.Log10(v)))
}

// unitOf is how a value of a scenario is measured.
func unitOf(value string) unit {
	switch value {
	case "cpu", "user", "wall", "seconds", "join cpu", "time", "first", "median", "all", "spread", "half":
		return seconds
	case "bytes", "traffic", "heap", "full", "drained", "packet bytes", "stream bytes", "size":
		return octets
	}
	return count
}
