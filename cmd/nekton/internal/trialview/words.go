package trialview

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/trial"
)

// Title says what was tried.
func Title(o *trial.Outcome) string {
	p := &o.Plan
	parts := []string{fmt.Sprintf("%s nodes for %s", Group(float64(p.Nodes)), span(p.For))}
	if n := p.Network; n != nil && n.Link.Loss > 0 {
		parts = append(parts, fmt.Sprintf("%g %% loss", n.Link.Loss*100))
	}
	for _, f := range p.Faults {
		parts = append(parts, string(f.Kind)+" "+f.String())
	}
	return strings.Join(append(parts, fmt.Sprintf("seed %d", p.Seed)), ", ")
}

// Headline is what came out, in one sentence.
func Headline(o *trial.Outcome) string {
	if o.Formed < 0 {
		return fmt.Sprintf("The nodes did not find together within %s.", span(o.Plan.Patience+o.Plan.Join))
	}
	s := fmt.Sprintf("All nodes listed all others after %s", Seconds(o.Formed))
	if first := o.First(); len(first) > 0 {
		s += fmt.Sprintf("; half of the crashes were found within %s and all that were found within %s",
			Seconds(sim.Quantile(first, 0.5)), Seconds(first[len(first)-1]))
	}
	if last, _ := o.Spreads(); len(last) > 0 {
		s += fmt.Sprintf("; half of the updates reached everybody within %s", Seconds(sim.Quantile(last, 0.5)))
	}
	switch o.FalseHealthy {
	case 0:
		s += "; no healthy node declared a healthy one dead"
	default:
		s += fmt.Sprintf("; healthy nodes declared healthy ones dead %s times", Group(float64(o.FalseHealthy)))
	}
	if o.Rested < 0 {
		return s + "; in the end views did not agree."
	}
	return s + "; in the end all agreed."
}

// quantiles of times, which are sorted.
func quantiles(times []time.Duration) string {
	switch n := len(times); {
	case n == 0:
		return "never"
	case n < 4:
		words := make([]string, n)
		for i, t := range times {
			words[i] = Seconds(t)
		}
		return strings.Join(words, ", ")
	default:
		return fmt.Sprintf("p50 %s, p99 %s, max %s", Seconds(sim.Quantile(times, 0.5)), Seconds(sim.Quantile(times, 0.99)), Seconds(times[n-1]))
	}
}

// Seconds writes a time as people say it.
func Seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.4g s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// span writes a time as one types it, without what is zero: 5m instead of 5m0s.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Bytes writes an amount with a unit.
func Bytes(b float64) string {
	switch {
	case b < 10 && b != math.Trunc(b):
		return fmt.Sprintf("%.2f B", b)
	case b < 1000:
		return fmt.Sprintf("%.0f B", b)
	case b < 1e6:
		return fmt.Sprintf("%.3g kB", b/1e3)
	case b < 1e9:
		return fmt.Sprintf("%.3g MB", b/1e6)
	}
	return fmt.Sprintf("%.3g GB", b/1e9)
}

// Group writes a whole number with a comma between thousands.
func Group(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
