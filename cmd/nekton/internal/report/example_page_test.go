package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/nekton-go/nekton/internal/chart"
)

// synthetic is a page as a run of 48 nodes would give it, from a formula instead of a
// run: crashes, a partition that heals, a pause that raises false suspicions.
func synthetic() *Page {
	const nodes, end, step = 48, 240.0, 2.0
	r := rand.New(rand.NewPCG(1, 2))
	p := &Page{
		Title:    "48 nodes, two crashes, a pause and a partition of a third",
		Headline: "Both crashes were known everywhere within nine seconds, three members on the far side of the partition were declared dead, and after the partition healed all nodes agreed again within four seconds.",
		Command:  "nekton sim -nodes 48 -for 4m -seed 7 -crash 2 -pause 6s -partition 90s..150s",
		Seed:     7,
		Duration: end,
		Config: []Setting{
			{Name: "Nodes", Value: "48", Note: "in three failure domains of sixteen"},
			{Name: "ProbeInterval", Value: "1 s", Default: "1 s", Note: "one protocol period"},
			{Name: "ProbeTimeout", Value: "300 ms", Default: "500 ms", Note: "until a direct probe is given up and others are asked"},
			{Name: "IndirectChecks", Value: "3", Default: "3", Note: "members that are asked to probe as well"},
			{Name: "GossipInterval", Value: "200 ms", Default: "200 ms"},
			{Name: "SuspicionMult", Value: "4", Default: "4", Note: "scales how long a suspect may take to refute"},
			{Name: "Loss", Value: "1%", Note: "of packets, independently"},
			{Name: "Latency", Value: "0.5 ms median, 2 ms p99"},
		},
		Faults: []Fault{
			{From: 22, To: end, Kind: "crash", Members: []string{"n07"}, What: "stops without a word"},
			{From: 41, To: 72, Kind: "crash", Members: []string{"n31"}, What: "stops, and restarts with the same generation"},
			{From: 60, To: 66, Kind: "pause", Members: []string{"n12"}, What: "frozen for 6 s, as by a stopped process"},
			{From: 90, To: 150, Kind: "partition", Members: names(32, 48), What: "16 nodes are cut off from the other 32"},
			{From: 180, To: 200, Kind: "loss", What: "20% of all packets"},
		},
		Invariants: []Invariant{
			{Name: "no resurrection", Sentence: "A member seen dead at an incarnation is never again alive at that or an earlier one.", Checks: 1_204_311},
			{Name: "incarnations grow", Sentence: "What a member holds of another's incarnation never decreases.", Checks: 1_204_311},
			{Name: "one quorum", Sentence: "Two sides of a partition are never both up later than the quorum timeout after the cut.", Checks: 24_000},
			{Name: "completeness", Sentence: "A dead node is eventually in nobody's list, and every running node is in everybody's.", Checks: 96},
		},
	}

	// Updates spread as the logistic law has it, each a little faster or slower.
	beta, d := 9.5, &Dissemination{}
	for i := range 12 {
		own := beta * (0.85 + 0.3*r.Float64())
		u := Spread{Name: fmt.Sprintf("update %d", i+1), Members: nodes}
		for k := range nodes {
			x := float64(k+1) / (nodes + 0.6)
			u.Learned = append(u.Learned, round(max(0, math.Log(x*(nodes-1)/(1-x))/own)))
		}
		d.Updates = append(d.Updates, u)
	}
	law := Curve{Name: "logistic law"}
	for i := range 101 {
		t := float64(i) / 100
		law.Points = append(law.Points, chart.Point{X: t, Y: round(1 / (1 + (nodes-1)*math.Exp(-beta*t)))})
	}
	d.Expected = []Curve{law}
	p.Dissemination = d

	det := &Detection{Crashes: 40, Expected: []Prediction{{"shortest possible 4.8 s", 4.8}, {"predicted p50 6.5 s", 6.5}, {"predicted p99 10.4 s", 10.4}}}
	for range det.Crashes {
		wait := round(-math.Log(1 - r.Float64()))
		det.Suspected = append(det.Suspected, round(wait+1))
		det.First = append(det.First, round(wait+5.8))
		det.Full = append(det.Full, round(wait+6.1+0.5*r.Float64()))
	}
	det.Full = det.Full[:38]
	p.Detection = det

	n := int(end / step)
	fp := &FalsePositives{Width: 2 * step, Suspected: make([]float64, n/2), Refuted: make([]float64, n/2), Dead: make([]float64, n/2)}
	for i := range fp.Suspected {
		t := float64(i) * fp.Width
		if t >= 60 && t < 70 || t >= 180 && t < 200 {
			fp.Suspected[i] = float64(r.IntN(5))
			fp.Refuted[i] = float64(r.IntN(5))
		}
		if t == 100 {
			fp.Dead[i] = 3
		}
	}
	p.FalsePositives = fp

	t, c, q := &Traffic{}, &Convergence{}, &Quorum{}
	t.Packets.Expected, t.Bytes.Expected = 7, 310
	var up, suspect, out []float64
	for i := range n + 1 {
		at := float64(i) * step
		busy := 1.0
		for _, f := range p.Faults {
			if at >= f.From && at < f.From+8 || at >= f.To && at < f.To+8 && f.To < end {
				busy = 2.4
			}
		}
		t.Times = append(t.Times, at)
		t.Packets.Median = append(t.Packets.Median, round(7*busy+0.3*r.Float64()))
		t.Packets.P99 = append(t.Packets.P99, round(8.5*busy+r.Float64()))
		t.Packets.Max = append(t.Packets.Max, round(10*busy+3*r.Float64()))
		t.Bytes.Median = append(t.Bytes.Median, round(320*busy*busy+15*r.Float64()))
		t.Bytes.P99 = append(t.Bytes.P99, round(400*busy*busy+60*r.Float64()))
		t.Bytes.Max = append(t.Bytes.Max, round(520*busy*busy+200*r.Float64()))

		running, listed, views := 48.0, 48.0, 1.0
		switch {
		case at >= 41 && at < 72:
			running = 46
		case at >= 22:
			running = 47
		}
		listed = running
		if at >= 22 && at < 30 || at >= 41 && at < 49 {
			listed++
			views = 1 + float64(r.IntN(4))
		}
		switch {
		case at >= 90 && at < 98, at >= 150 && at < 154:
			views = 4 + float64(r.IntN(20))
		case at >= 98 && at < 150:
			views, listed = 2, 31
		}
		c.Times, c.Views, c.Listed, c.Up = append(c.Times, at), append(c.Views, views), append(c.Listed, listed), append(c.Up, running)

		in, doubt, no := running, 0.0, 0.0
		if at >= 98 && at < 128 {
			in, doubt = running-16, 16
		} else if at >= 128 && at < 152 {
			in, no = running-16, 16
		}
		up, suspect, out = append(up, in), append(suspect, doubt), append(out, no)
	}
	q.Times = c.Times
	q.Status = []StatusCount{{"NODE_STATUS_UP", up}, {"NODE_STATUS_SUSPECT_NOT_IN_QUORUM", suspect}, {"NODE_STATUS_NOT_IN_QUORUM", out}}
	p.Traffic, p.Convergence, p.Quorum = t, c, q

	m := &Members{Observer: "the median member"}
	for i, name := range names(0, nodes) {
		row := MemberRow{Name: name, Spans: []StateSpan{{To: end, State: Alive}}}
		switch {
		case i == 7:
			row.Spans = []StateSpan{{From: 0, To: 23.4, State: Alive}, {From: 23.4, To: 28.2, State: Suspect}, {From: 28.2, To: end, State: Dead, Note: "detected after 6.2 s"}, {From: 22, To: end, State: Down}}
		case i == 31:
			row.Spans = []StateSpan{{From: 0, To: 42.1, State: Alive}, {From: 42.1, To: 47, State: Suspect}, {From: 47, To: 73, State: Dead}, {From: 73, To: end, State: Alive}, {From: 41, To: 72, State: Down}}
		case i == 12:
			row.Spans = append(row.Spans[:0], StateSpan{From: 0, To: 62, State: Alive}, StateSpan{From: 62, To: 66.2, State: Suspect, Note: "refuted"}, StateSpan{From: 66.2, To: end, State: Alive})
		case i >= 32:
			o := round(r.Float64() * 2)
			row.Spans = []StateSpan{{From: 0, To: round(91 + o), State: Alive}, {From: round(91 + o), To: round(96 + o), State: Suspect}, {From: round(96 + o), To: round(151 + o), State: Dead}, {From: round(151 + o), To: end, State: Alive}}
		}
		m.Rows = append(m.Rows, row)
	}
	p.Members = m

	p.Tiles = []Tile{
		{Label: "First detection of a crash, median", Value: "6.5", Unit: "s", Expected: "predicted 6.5 s", Verdict: Met},
		{Label: "Half of the members know an update after", Value: "0.41", Unit: "s", Expected: "closed form 0.41 s", Verdict: Met},
		{Label: "False deaths", Value: "3", Expected: "expected none", Verdict: Missed},
		{Label: "Packets sent per node", Value: "7.2", Unit: "per second", Expected: "theory 7.0 when idle", Verdict: Near, Course: t.Packets.Median},
		{Label: "Bytes sent per node", Value: "328", Unit: "B per second", Expected: "theory 310 B when idle", Verdict: Near, Course: t.Bytes.Median},
	}
	return p
}

func names(from, to int) []string {
	var all []string
	for i := range to {
		if i >= from {
			all = append(all, fmt.Sprintf("n%02d", i))
		}
	}
	return slices.Clip(all)
}

// round keeps three digits after the point, so that the last bits of a machine's
// arithmetic are not in the page.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
