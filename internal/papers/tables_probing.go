package papers

import (
	"math"
	"slices"

	"github.com/nekton-go/nekton/internal/chart"
)

// probingTable is how soon crashes are found, and what else is, while something is wrong.
func probingTable(d Data) Table {
	t := Table{Where: "probing", Head: []string{
		"what is wrong", "configuration", "first ping after, s: mean / p99", "first verdict, s: p50 / p99", "FP per member and hour", "± 95 %", "of these FP-",
		"packets/s per member", "bytes/s",
	}}
	for _, w := range wrongs() {
		for _, setup := range probingSetups() {
			s := t.use(d.Select(t.Where, setup.Name, Point{"wrong": float64(w)}))
			hours := s.Sum("member hours")
			t.Row(w.String(), setup.Name, slashed(2, s.Mean("probe"), s.Quantile("probe", 0.99)), slashed(2, s.Quantile("detection", 0.5), s.Quantile("detection", 0.99)),
				digits(s.Sum("fp")/hours), digits(s.Interval95("fp")*float64(s.Runs())/hours), digits(s.Sum("fp-")/hours),
				number(s.Mean("packets/s"), 2), number(s.Mean("bytes/s"), 1))
		}
	}
	return t
}

// probingChart is the tail of the time to a verdict.
func probingChart(d Data) chart.Plot {
	var bars chart.Bars
	for _, w := range wrongs() {
		bars.Groups = append(bars.Groups, w.short())
	}
	for _, name := range []string{"Lifeguard 4,6", "nekton, shuffled", "nekton"} {
		series := chart.Series{Name: name}
		for _, w := range wrongs() {
			series.Values = append(series.Values, d.Select("probing", name, Point{"wrong": float64(w)}).Quantile("detection", 0.99))
		}
		if !slices.ContainsFunc(series.Values, math.IsNaN) {
			bars.Series = append(bars.Series, series)
		}
	}
	var marks []chart.Mark
	if marks = append(marks, bars); len(bars.Series) == 0 {
		marks = []chart.Mark{chart.HLine{At: 1, Label: "not measured"}}
	}
	return chart.Plot{
		Title:    "The slowest verdicts, whatever is wrong",
		Subtitle: "Seconds from a crash to the first verdict of a healthy member, 99th percentile of 96 crashes. 64 members.",
		Y:        chart.Axis{Label: "seconds"},
		Marks:    marks,
	}
}
