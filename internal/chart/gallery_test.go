package chart_test

import (
	"math"

	"github.com/nekton-go/nekton/internal/chart"
)

// gallery has one figure of every kind, as the pages of the project use them.
func gallery() map[string]chart.Figure {
	return map[string]chart.Figure{
		"curve":    curve(),
		"cdf":      detection(),
		"bars":     bars(),
		"bins":     bins(),
		"tradeoff": tradeoff(),
		"scaling":  scaling(),
		"timeline": timeline(8),
		"area":     area(),
	}
}

// curve is a measured spread against the logistic law.
func curve() chart.Plot {
	law := func(t float64) float64 { return 1 / (1 + 127*math.Exp(-1.99*t)) }
	var measured, predicted []chart.Point
	var band []chart.Range
	for i := range 81 {
		t := float64(i) / 10
		predicted = append(predicted, chart.Point{X: t, Y: law(t)})
		measured = append(measured, chart.Point{X: t, Y: law(t * 0.93)})
		band = append(band, chart.Range{X: t, Lo: law(t*0.93 - 0.4), Hi: law(t*0.93 + 0.5)})
	}
	return chart.Plot{
		Title:    "Half of 128 members know an update after 2.6 periods",
		Subtitle: "Share of members that know an update, median and 10th to 90th percentile of 200 updates, against the closed form of SWIM §4.1.",
		X:        chart.Axis{Label: "protocol periods since the update"},
		Y:        chart.Axis{Label: "members that know", Format: chart.Percent, Min: 0, Max: 1},
		Marks: []chart.Mark{
			chart.Line{Name: "median of 200 updates", Points: measured, Band: band},
			chart.Line{Name: "closed form, n / (1 + (n−1) e^(−(2−1/n) t))", Points: predicted, Dash: true, Color: chart.Ink},
			chart.HLine{At: 0.5, Label: "half"},
		},
	}
}

func detection() chart.Plot {
	quantiles := func(rate, offset float64) []float64 {
		var all []float64
		for i := range 60 {
			all = append(all, offset-math.Log(1-(float64(i)+0.5)/60)/rate)
		}
		return all
	}
	return chart.Plot{
		Title: "Time until a crash is known",
		X:     chart.Axis{Label: "seconds since the crash", Format: chart.Seconds},
		Y:     chart.Axis{Label: "share of crashes", Format: chart.Percent, Max: 1},
		Marks: []chart.Mark{
			chart.Line{Name: "first suspicion", Points: chart.CDF(quantiles(1, 1), 60), Step: true},
			chart.Line{Name: "first detection", Points: chart.CDF(quantiles(1, 6), 60), Step: true},
			chart.Line{Name: "known to all", Points: chart.CDF(quantiles(0.9, 7), 62), Step: true},
			chart.VLine{At: 7.24, Label: "predicted p50 7.24 s"},
			chart.VLine{At: 11.15, Label: "predicted p99 11.15 s"},
		},
	}
}

func bars() chart.Plot {
	return chart.Plot{
		Title:    "False positives per run, by what is switched on",
		Subtitle: "Published in table IV of Lifeguard, and simulated at the same configuration.",
		Y:        chart.Axis{Label: "false positives per run, logarithmic", Log: true},
		Marks: []chart.Mark{
			chart.Bars{
				Groups: []string{"SWIM", "LHA-Probe", "LHA-Suspicion", "Buddy System", "Lifeguard (all three)"},
				Series: []chart.Series{
					{Name: "published", Values: []float64{78.5, 53.1, 2.36, 73.8, 1.20}, Color: chart.Quiet},
					{Name: "reproduced", Values: []float64{81.2, 50.4, 2.9, 70.1, 1.35}},
					{Name: "nekton defaults", Values: []float64{60, 41, 0.9, 51, 0.31}},
				},
			},
			chart.HLine{At: 0.6, Label: "goal: at most 0.6", Color: chart.Good},
		},
	}
}

func bins() chart.Plot {
	samples := make([]float64, 400)
	for i := range samples {
		samples[i] = 0.2 - math.Log(1-(float64(i)+0.5)/400)
	}
	edges, counts := chart.Histogram(samples, 0, 6, 24)
	half := make([]float64, len(counts))
	for i, c := range counts {
		half[i] = math.Round(c / 3)
	}
	return chart.Plot{
		Title: "Wait until the first probe",
		X:     chart.Axis{Label: "protocol periods"},
		Y:     chart.Axis{Label: "crashes"},
		Marks: []chart.Mark{chart.Bins{Edges: edges, Series: []chart.Series{{Name: "shuffled", Values: counts}, {Name: "coordinated", Values: half}}}},
	}
}

func tradeoff() chart.Plot {
	return chart.Plot{
		Title:    "False positives against detection latency",
		Subtitle: "Down and to the left is better. Each dot is one setting of α and β.",
		X:        chart.Axis{Label: "median time to first detection", Format: chart.Seconds, Tight: true},
		Y:        chart.Axis{Label: "false positives per run, logarithmic", Log: true},
		Marks: []chart.Mark{
			chart.Dots{Name: "Lifeguard", Line: true, Points: []chart.Dot{
				{X: 6.61, Y: 77, Label: "2, 2"}, {X: 6.76, Y: 19, Label: "2, 6"}, {X: 10.32, Y: 29.6, Label: "4, 2"}, {X: 10.34, Y: 2.5, Label: "4, 6"}, {X: 12.45, Y: 1.2, Label: "5, 6"},
			}},
			chart.Dots{Name: "nekton", Line: true, Points: []chart.Dot{
				{X: 6.0, Y: 9, Label: "2, 6"}, {X: 8.9, Y: 1.1, Label: "default", Note: "α 3, β 6, coordinated probing"}, {X: 9.9, Y: 0.7, Label: "4, 6"}, {X: 11.9, Y: 0.3, Label: "5, 6"},
			}},
			chart.Dots{Name: "SWIM", Points: []chart.Dot{{X: 12.44, Y: 78.5, Label: "5, 1"}}, Color: chart.Ink},
			chart.HLine{At: 0.6, Label: "goal", Color: chart.Good},
		},
	}
}

func scaling() chart.Plot {
	series := func(base, slope float64) []chart.Point {
		var out []chart.Point
		for _, n := range []float64{10, 30, 100, 300, 1000, 3000, 10_000, 100_000} {
			out = append(out, chart.Point{X: n, Y: base * math.Pow(n, slope)})
		}
		return out
	}
	return chart.Plot{
		Title: "Bytes sent per member while members come and go",
		X:     chart.Axis{Label: "members, logarithmic", Log: true},
		Y:     chart.Axis{Label: "per second, logarithmic", Log: true, Format: chart.Bytes},
		Marks: []chart.Mark{
			chart.Line{Name: "idle", Points: series(80, 0.01)},
			chart.Line{Name: "1% churn per hour", Points: series(70, 0.3)},
			chart.Line{Name: "mass restart", Points: series(60, 0.62)},
			chart.Line{Name: "fitted law", Points: series(55, 0.65), Dash: true, Color: chart.Ink},
		},
	}
}

func area() chart.Plot {
	x := []float64{0, 10, 30, 31, 60, 62, 90, 120}
	return chart.Plot{
		Title: "Quorum status",
		X:     chart.Axis{Format: chart.Seconds},
		Y:     chart.Axis{Label: "nodes"},
		Marks: []chart.Mark{
			chart.Window{From: 30, To: 60, Label: "partition"},
			chart.Area{X: x, Step: true, Series: []chart.Series{
				{Name: "in quorum", Values: []float64{0, 6, 3, 3, 3, 6, 6, 6}, Color: chart.Good},
				{Name: "suspect not in quorum", Values: []float64{0, 0, 3, 3, 0, 0, 0, 0}, Color: chart.Warning},
				{Name: "not in quorum", Values: []float64{6, 0, 0, 0, 3, 0, 0, 0}, Color: chart.Bad},
			}},
		},
	}
}

func timeline(n int) chart.Timeline {
	f := chart.Timeline{
		Title:  "What the others hold of each member",
		X:      chart.Axis{Format: chart.Seconds},
		States: []chart.State{{Name: "alive", Color: chart.Good, Pale: true}, {Name: "suspect", Color: chart.Warning}, {Name: "dead", Color: chart.Bad}, {Name: "really down", Color: chart.Ink}},
	}
	for i := range n {
		row := chart.Row{Name: "node-" + string(rune('a'+i%26)), Spans: []chart.Span{{From: 0, To: 120}}}
		if i%3 == 1 {
			at := 20 + 7*float64(i)
			row.Spans = append(row.Spans, chart.Span{From: at, To: at + 5, State: 1}, chart.Span{From: at + 5, To: at + 30, State: 2, Note: "crashed"}, chart.Span{From: at - 1, To: at + 29, State: 3, Over: true})
		}
		if i%5 == 3 {
			row.Spans = append(row.Spans, chart.Span{From: 80, To: 80.1, State: 1, Note: "refuted"})
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}
