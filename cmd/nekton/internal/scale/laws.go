package scale

import (
	"fmt"
	"math"
	"strings"

	"github.com/nekton-go/nekton/cmd/nekton/internal/trialview"
	"github.com/nekton-go/nekton/internal/chart"
	"github.com/nekton-go/nekton/sim"
)

// A Quantity is something that is measured at every size, with the shape that it has by
// the protocol.
type Quantity struct {
	Key   string // of its chart's file
	Name  string
	Unit  chart.Format
	Shape func(n float64) float64 // nil: it is constant
	Words string                  // the shape, as people write it
	Why   string
	Of    func(p *Point) float64
	From  float64 // smallest number of nodes that the law is for
}

// Quantities are all of them, in the order of the page.
func Quantities() []Quantity {
	ln, log10 := math.Log, func(n float64) float64 { return max(1, math.Log10(n)) }
	linear := func(n float64) float64 { return n }
	return []Quantity{
		{
			"idle-packets", "packets per second, idle", chart.Number, nil, "constant", "a ping and an ack per period, whoever the others are (SWIM §3.1)",
			func(p *Point) float64 { return p.IdlePackets }, 0,
		},
		{
			"idle-bytes", "bytes per second, idle", chart.Bytes, nil, "constant", "fingerprints have one size, whatever they are of",
			func(p *Point) float64 { return p.IdleBytes }, 0,
		},
		{
			"update", "update until the last knows, median", chart.Seconds, ln, "a + b ln n, from 100 nodes", "push gossip: each round multiplies those who know (SWIM §4.1)",
			func(p *Point) float64 { return sim.Quantile(p.Updates, 0.5) }, 100, // fewer hear of it at once
		},
		{
			"update-packets", "packets per update and node", chart.Number, log10, "a + b log₁₀ n", "each node sends news λ ⌈log₁₀(n+1)⌉ times (SWIM §4.1)",
			func(p *Point) float64 { return p.UpdatePackets }, 0,
		},
		{
			"first", "first verdict on a crash, median", chart.Seconds, log10, "a + b log₁₀ n", "the shortest suspicion grows so (SWIM §4.2)",
			func(p *Point) float64 { return sim.Quantile(p.First, 0.5) }, 0,
		},
		{
			"full", "crash known to all, median", chart.Seconds, log10, "a + b log₁₀ n", "… and gossip tells the rest",
			func(p *Point) float64 { return sim.Quantile(p.Full, 0.5) }, 0,
		},
		{
			"formed", "forming, all at once through one seed", chart.Seconds, linear, "a + b n", "everybody hears of everybody, at so many claims a packet",
			func(p *Point) float64 { return p.Formed }, 0,
		},
		{
			"form-bytes", "bytes that a node sends while forming", chart.Bytes, linear, "a + b n", "everybody passes everybody on",
			func(p *Point) float64 { return p.FormBytes }, 0,
		},
		{
			"heap", "heap of a simulated node", chart.Bytes, linear, "a + b n", "a node knows everybody; names and addresses are shared here",
			func(p *Point) float64 { return p.Heap }, 0,
		},
		{
			"cpu", "CPU of a simulated node per second, idle", chart.Seconds, nil, "constant", "… but for caches that are too small for many nodes",
			func(p *Point) float64 { return p.IdleCPU }, 0,
		},
	}
}

// law fits a quantity to the sizes that its law is for, or to all if they are too few.
// It returns these sizes, and the values there.
func (q *Quantity) law(points []*Point) (law Law, n, y []float64) {
	for _, p := range points {
		if float64(p.Nodes) >= q.From {
			n, y = append(n, float64(p.Nodes)), append(y, q.Of(p))
		}
	}
	if len(n) < 2 && q.From > 0 {
		all := *q
		all.From = 0
		return all.law(points)
	}
	return Fit(n, y, q.Shape), n, y
}

// Beyond are the sizes that the laws are asked about.
func Beyond() []float64 { return []float64{10_000, 100_000, 1_000_000} }

// Measured is a table of all points, in Markdown.
func Measured(points []*Point) string {
	var b strings.Builder
	b.WriteString("| nodes |")
	for _, p := range points {
		fmt.Fprintf(&b, " %s |", trialview.Group(float64(p.Nodes)))
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(points)) + "\n")
	for _, q := range Quantities() {
		fmt.Fprintf(&b, "| %s |", q.Name)
		for _, p := range points {
			fmt.Fprintf(&b, " %s |", q.Unit.Write(q.Of(p)))
		}
		b.WriteString("\n")
	}
	for _, row := range []struct {
		name string
		of   func(p *Point) string
	}{
		{"crashes found / updates complete / false verdicts", func(p *Point) string { return fmt.Sprintf("%d / %d / %d", len(p.First), len(p.Updates), p.False) }},
		{"streams opened while idle", func(p *Point) string { return fmt.Sprint(p.IdleStreams) }},
		{"news of forming drained after", func(p *Point) string { return chart.Seconds.Write(p.Drained) }},
		{"CPU of forming, per pair of nodes", func(p *Point) string { return chart.Seconds.Write(p.FormCPU) }},
	} {
		fmt.Fprintf(&b, "| %s |", row.name)
		for _, p := range points {
			fmt.Fprintf(&b, " %s |", row.of(p))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Fitted is a table of the laws and what they say beyond, in Markdown. Sizes above the
// largest that was measured are in italics.
func Fitted(points []*Point) string {
	largest := 0.0
	for _, p := range points {
		largest = max(largest, float64(p.Nodes))
	}
	var b strings.Builder
	b.WriteString("| quantity | law | a | b | worst error |")
	for _, n := range Beyond() {
		fmt.Fprintf(&b, " %s |", trialview.Group(n))
	}
	b.WriteString("\n| --- | --- | ---: | ---: | ---: |" + strings.Repeat(" ---: |", len(Beyond())) + "\n")
	for _, q := range Quantities() {
		law, n, y := q.law(points)
		slope := ""
		if law.Shape != nil {
			slope = q.Unit.Write(law.B)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.0f %% |", q.Name, q.Words, q.Unit.Write(law.A), slope, 100*law.Worst(n, y))
		for _, n := range Beyond() {
			format := " %s |"
			if n > largest {
				format = " *%s* |"
			}
			fmt.Fprintf(&b, format, q.Unit.Write(law.At(n)))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Figures are charts of the quantities that grow, by key: what was measured, and the law.
func Figures(points []*Point) map[string]chart.Figure {
	figures := map[string]chart.Figure{}
	for _, q := range Quantities() {
		law, n, _ := q.law(points)
		measured := chart.Dots{Name: "simulated"}
		for _, p := range points {
			measured.Points = append(measured.Points, chart.Dot{X: float64(p.Nodes), Y: q.Of(p)})
		}
		line := chart.Line{Name: q.Words, Dash: true}
		for x := n[0]; x <= Beyond()[1]*1.0001; x *= 1.2 {
			line.Points = append(line.Points, chart.Point{X: x, Y: law.At(x)})
		}
		figures[q.Key] = chart.Plot{
			Title: capital(q.Name), Subtitle: capital(q.Why) + ".",
			X:     chart.Axis{Label: "nodes", Log: true},
			Y:     chart.Axis{Label: "", Format: q.Unit, Log: q.Shape != nil && q.Words == "a + b n"},
			Marks: []chart.Mark{line, measured},
		}
	}
	return figures
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
