package papers

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/internal/chart"
)

// A family is one protocol at several settings.
type family struct {
	name   string
	setups []string
}

// families are those whose trade-off is compared.
func families() []family {
	ours := func(suffix string) []string {
		var names []string
		for _, s := range []string{"nekton 2,1", "nekton 2,2", "nekton 2,6", "nekton 3,6", "nekton", "nekton 5,1", "nekton 5,6"} {
			names = append(names, s+suffix)
		}
		return names
	}
	return []family{
		{"SWIM", []string{"SWIM 2", "SWIM 3", "SWIM 4", "SWIM"}},
		{"Lifeguard", []string{
			"Lifeguard 2,2", "Lifeguard 2,4", "Lifeguard 2,6", "Lifeguard 4,2", "Lifeguard 4,4", "Lifeguard 4,6", "Lifeguard 5,2", "Lifeguard 5,4", "Lifeguard",
		}},
		{"nekton", ours("")},
		{"nekton, shuffled", ours(", shuffled")},
		{"nekton, asks once", []string{"nekton, asks once", "nekton, shuffled, asks once"}},
	}
}

// coarse keeps the results at the points of the coarse grid: what every setup has.
func (s Selection) coarse() Selection { return s.on(coarseGrid()) }

// on keeps the results at the points of a grid, with as many runs. A parameter that an
// experiment does not have is no condition.
func (s Selection) on(g grid) Selection {
	in := func(all []int, p Point, name string) bool {
		v, ok := p[name]
		return !ok || slices.Contains(all, int(v))
	}
	var kept Selection
	for _, r := range s {
		if in(g.anomalies, r.Point, "C") && in(g.durations, r.Point, "D") && in(g.intervals, r.Point, "I") {
			kept = append(kept, r.first(g.runs))
		}
	}
	return kept
}

// tradeoffTable is false positives against latency and traffic, at the points that all
// have been measured at.
func tradeoffTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{"configuration", "first p50, s", "p99, s", "FP per run", "FP- per run", "messages, % of SWIM", "bytes, %"}}
	base := d.Select(t.Where, "SWIM", held()).coarse()
	for _, f := range families() {
		for _, name := range f.setups {
			s, first := t.use(d.Select(t.Where, name, held()).coarse()), d.Select("lifeguard-threshold", name, held())
			t.Row(name, number(first.Quantile("first", 0.5), 2), number(first.Quantile("first", 0.99), 2), digits(s.PerRun("fp")), digits(s.PerRun("fp-")),
				percent(s.PerRun("messages"), base.PerRun("messages"), 0), percent(s.PerRun("bytes"), base.PerRun("bytes"), 0))
		}
	}
	return t
}

// settings are the α and β of a setup, by its name.
func settings(name string) string {
	for _, part := range strings.Fields(name) {
		if a, b, ok := strings.Cut(strings.TrimSuffix(part, ","), ","); ok {
			return a + "," + b
		} else if len(part) == 1 {
			return part + ",1"
		}
	}
	switch name {
	case "SWIM":
		return "5,1"
	case "Lifeguard":
		return "5,6"
	}
	return "4,6"
}

// tradeoffChart is the same as a picture.
func tradeoffChart(d Data) chart.Plot {
	// A logarithmic axis has no zero: none in all runs is drawn as half of one.
	runs := float64(d.Select("lifeguard-interval", "SWIM", held()).coarse().Runs())
	var marks []chart.Mark
	for _, f := range families()[:4] { // asking once lies where the others do
		dots := chart.Dots{Name: f.name}
		for _, name := range f.setups {
			s, first := d.Select("lifeguard-interval", name, held()).coarse(), d.Select("lifeguard-threshold", name, held())
			x, y := first.Quantile("first", 0.99), s.PerRun("fp")
			if math.IsNaN(x) || math.IsNaN(y) {
				continue
			}
			dots.Points = append(dots.Points, chart.Dot{X: x, Y: max(y, 0.5/runs), Label: settings(name), Note: fmt.Sprintf("%s: %s per run, p99 %s s", name, digits(y), number(x, 2))})
		}
		if len(dots.Points) > 0 {
			marks = append(marks, dots)
		}
	}
	if len(marks) == 0 {
		marks = append(marks, chart.HLine{At: 1, Label: "not measured"})
	}
	return chart.Plot{
		Title:    "False positives against the time to detect",
		Subtitle: "Each dot is one setting of α and β, 128 agents, held-stall. Down and to the left is better. No false positive in all runs is drawn at the bottom.",
		X:        chart.Axis{Label: "first detection, 99th percentile", Format: chart.Seconds, Tight: true},
		Y:        chart.Axis{Label: "false positives per run, logarithmic", Log: true},
		Marks:    marks,
	}
}
