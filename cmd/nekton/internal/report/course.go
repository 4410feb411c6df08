package report

import (
	"fmt"
	"strings"

	"github.com/nekton-go/nekton/internal/chart"
	"github.com/nekton-go/nekton/types"
)

// points pairs times with values.
func points(times, values []float64) []chart.Point {
	out := make([]chart.Point, len(times))
	for i := range times {
		out[i] = chart.Point{X: times[i], Y: values[i]}
	}
	return out
}

func (p *Page) trafficSection() section {
	t := p.Traffic
	s := section{id: "traffic", halves: true, Section: Section{
		Title:   "What it costs a node",
		Explain: "What one node sends. The median is what a node usually pays, the 99th percentile what the busiest pay; both should follow theory while nothing happens, and come back to it afterwards.",
	}}
	for _, half := range []struct {
		title, unit string
		format      chart.Format
		q           Quantiles
	}{
		{"Packets sent per second and node", "packets per second", chart.Number, t.Packets},
		{"Bytes sent per second and node", "bytes per second", chart.Bytes, t.Bytes},
	} {
		f := chart.Plot{Title: half.title, X: p.clock(), Y: chart.Axis{Label: half.unit, Format: half.format}, Marks: p.disturbed()}
		if half.q.Max != nil {
			f.Marks = append(f.Marks, chart.Line{Name: "highest", Points: points(t.Times, half.q.Max), Thin: true, Color: chart.Quiet})
		}
		f.Marks = append(f.Marks,
			chart.Line{Name: "p99", Points: points(t.Times, half.q.P99), Color: chart.Orange},
			chart.Line{Name: "median", Points: points(t.Times, half.q.Median), Color: chart.Blue})
		if half.q.Expected != 0 {
			f.Marks = append(f.Marks, chart.HLine{At: half.q.Expected, Label: "idle, by theory: " + half.format.Write(half.q.Expected)})
		}
		s.Figures = append(s.Figures, f)
	}
	if len(t.Times) > 0 {
		s.finding = fmt.Sprintf("Over the run the median node sent %s packets and %s per second.", chart.Number.Write(quantile(t.Packets.Median, 0.5)), chart.Bytes.Write(quantile(t.Bytes.Median, 0.5)))
	}
	return s
}

func (p *Page) convergenceSection() section {
	c := p.Convergence
	s := section{id: "convergence", halves: true, Section: Section{
		Title:   "Whether all agree",
		Explain: "Every node keeps its own list of the living. Distinct views are the different lengths of these lists: one means that everybody agrees on how many there are. To agree is not yet to be right, so beside it stands what the median node lists and what is true.",
	}}
	s.Figures = []chart.Figure{
		chart.Plot{
			Title: "Distinct views", X: p.clock(), Y: chart.Axis{Label: "different numbers of members"},
			Marks: append(p.disturbed(), chart.Line{Name: "distinct views", Points: points(c.Times, c.Views), Step: true, Color: chart.Violet}),
		},
		chart.Plot{
			Title: "Members listed as alive", X: p.clock(), Y: chart.Axis{Label: "members"},
			Marks: append(p.disturbed(),
				chart.Line{Name: "really running", Points: points(c.Times, c.Up), Step: true, Dash: true, Color: chart.Ink},
				chart.Line{Name: "listed by the median node", Points: points(c.Times, c.Listed), Step: true, Color: chart.Teal}),
		},
	}
	if n := len(c.Times); n > 0 {
		if c.Views[n-1] == 1 {
			agreed := n - 1
			for agreed > 0 && c.Views[agreed-1] == 1 {
				agreed--
			}
			s.finding = fmt.Sprintf("At the end all lists are equally long, and have been since %s", chart.Seconds.Write(c.Times[agreed]))
			if c.Listed[n-1] == c.Up[n-1] {
				s.finding += "; and what they say is true"
			}
			s.finding += "."
		} else {
			s.finding = fmt.Sprintf("At the end there are %s different views.", chart.Number.Write(c.Views[n-1]))
		}
	}
	return s
}

func (p *Page) quorumSection() section {
	q := p.Quorum
	s := section{id: "quorum", Section: Section{
		Title:   "Who is in quorum",
		Explain: "Every node judges for itself whether it belongs to a majority. Of two sides of a partition never both may go on; a side that cannot be sure says so, waits for the quorum timeout, and then stands back.",
	}}
	colors := map[string]chart.Color{
		types.NODE_STATUS_UP.String():                    chart.Good,
		types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM.String(): chart.Warning,
		types.NODE_STATUS_NOT_IN_QUORUM.String():         chart.Bad,
		types.NODE_STATUS_DOWN.String():                  chart.Quiet,
		types.NODE_STATUS_NEVER_GOSSIPED.String():        chart.Cyan,
		types.NODE_STATUS_SUSPECT_DOWN.String():          chart.Ochre,
	}
	area := chart.Area{X: q.Times, Step: true}
	total := make([]float64, len(q.Times))
	for _, st := range q.Status {
		for i, n := range st.Counts {
			total[i] += n
		}
		area.Series = append(area.Series, chart.Series{Name: strings.TrimPrefix(st.Name, "NODE_STATUS_"), Values: st.Counts, Color: colors[st.Name]})
	}
	s.Figures = []chart.Figure{chart.Plot{
		Title: "Running nodes by their own status", X: p.clock(), Y: chart.Axis{Label: "nodes", Max: quantile(total, 1) * 1.14}, Height: 160,
		Marks: append([]chart.Mark{area}, p.disturbed()...),
	}}
	return s
}
