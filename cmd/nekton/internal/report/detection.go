package report

import (
	"fmt"
	"slices"

	"github.com/nekton-go/nekton/internal/chart"
)

func (p *Page) detectionSection() section {
	d := p.Detection
	s := section{id: "detection", Section: Section{
		Title:   "How soon a crash is known",
		Explain: "A crashed node says nothing. First somebody has to probe it in vain, which makes it suspect; then it has the suspicion timeout to prove that it lives; and then the news has to reach everybody else.",
	}}
	f := chart.Plot{
		Title: "Share of crashes known after a time",
		X:     chart.Axis{Label: "time since the crash", Format: chart.Seconds},
		Y:     chart.Axis{Label: "share of crashes", Format: chart.Percent, Max: 1},
	}
	for _, part := range []struct {
		name  string
		times []float64
		color chart.Color
	}{
		{"suspected by somebody", d.Suspected, chart.Warning}, {"declared dead by somebody", d.First, chart.Bad}, {"known to every live member", d.Full, chart.Violet},
	} {
		if len(part.times) > 0 {
			f.Marks = append(f.Marks, chart.Line{Name: part.name, Points: chart.CDF(slices.Sorted(slices.Values(part.times)), d.Crashes), Step: true, Color: part.color})
		}
	}
	for _, c := range d.Laws {
		f.Marks = append(f.Marks, chart.Line{Name: c.Name, Points: c.Points, Dash: true, Color: chart.Ink})
	}
	for _, e := range d.Expected {
		f.Marks = append(f.Marks, chart.VLine{At: e.At, Label: e.Name})
	}
	s.Figures = []chart.Figure{f}
	if d.Crashes == 0 {
		s.finding = "Nothing crashed."
		s.Figures = nil
		return s
	}
	s.finding = fmt.Sprintf("%d of %s detected", len(d.First), count(d.Crashes, "crash was", "crashes were"))
	if len(d.First) > 0 {
		s.finding += ", by the first member after " + spoken(d.First)
	}
	if len(d.Full) > 0 {
		s.finding += fmt.Sprintf("; by every live member in %d, after %s", len(d.Full), spoken(d.Full))
	}
	s.finding += "."
	return s
}

// spoken describes a sample of times by its middle and its end. A percentile is named
// only where the sample is large enough to have one.
func spoken(sample []float64) string {
	switch n := len(sample); {
	case n == 1:
		return chart.Seconds.Write(sample[0])
	case n < 100:
		return fmt.Sprintf("%s (median; %s at most)", chart.Seconds.Write(quantile(sample, 0.5)), chart.Seconds.Write(quantile(sample, 1)))
	}
	return fmt.Sprintf("%s (median; p99 %s)", chart.Seconds.Write(quantile(sample, 0.5)), chart.Seconds.Write(quantile(sample, 0.99)))
}

func (p *Page) falsePositiveSection() section {
	f := p.FalsePositives
	s := section{id: "false-positives", Section: Section{
		Title:   "False alarms",
		Explain: "What was said of members that were well. A suspicion is a question and costs little: the suspect hears of it and refutes it. A false death is a failure of the failure detector.",
	}}
	suspected, refuted, dead := sum(f.Suspected), sum(f.Refuted), sum(f.Dead)
	if suspected+refuted+dead == 0 {
		s.finding = "Nobody who was well was ever suspected."
		return s
	}
	edges := make([]float64, len(f.Suspected)+1)
	for i := range edges {
		edges[i] = f.Width * float64(i)
	}
	bins := chart.Bins{Edges: edges, Series: []chart.Series{
		{Name: "suspected", Values: f.Suspected, Color: chart.Warning},
		{Name: "refuted", Values: f.Refuted, Color: chart.Good},
		{Name: "declared dead", Values: f.Dead, Color: chart.Bad},
	}}
	s.Figures = []chart.Figure{chart.Plot{
		Title: "Events about members that were well",
		X:     p.clock(),
		Y:     chart.Axis{Label: "events per " + chart.Seconds.Write(f.Width)},
		Marks: append(p.disturbed(), bins),
	}}
	s.finding = fmt.Sprintf("%s, %s, %s.", count(int(suspected), "false suspicion", "false suspicions"), thousands(uint64(refuted))+" refuted", count(int(dead), "false death", "false deaths"))
	return s
}

func sum(values []float64) float64 {
	all := 0.0
	for _, v := range values {
		all += v
	}
	return all
}
