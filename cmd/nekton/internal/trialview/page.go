package trialview

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/report"
	"github.com/nekton-go/nekton/internal/chart"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// WritePage writes an outcome as a page for a browser. command is what repeats the run.
func WritePage(w io.Writer, o *trial.Outcome, command string) error {
	return report.Write(w, Page(o, command))
}

// Page is an outcome as a page.
func Page(o *trial.Outcome, command string) *report.Page {
	end := seconds(max(o.Ended, o.Formed, 0))
	p := &report.Page{
		Title: Title(o), Headline: Headline(o), Failed: !o.OK(), Command: command, Seed: o.Plan.Seed,
		Duration: end, Config: settings(&o.Plan), Tiles: tiles(o),
	}
	for _, s := range o.Struck {
		f := report.Fault{From: seconds(s.From), To: min(seconds(s.To), end), Kind: string(s.Fault.Kind), What: fmt.Sprintf("%s of %d", s.Fault.Kind, len(s.Nodes))}
		if s.Fault.For == 0 {
			f.To = end
		}
		for _, n := range s.Nodes {
			f.Members = append(f.Members, string(n))
		}
		p.Faults = append(p.Faults, f)
	}
	for _, c := range o.Checks {
		i := report.Invariant{Name: c.Law.Name, Sentence: c.Law.Sentence, Checks: c.Times}
		if v := o.Violation; v != nil && v.Law == c.Law.Name {
			i.Violations = []string{v.Error()}
		}
		p.Invariants = append(p.Invariants, i)
	}
	if o.Ended == 0 {
		return p
	}
	p.Dissemination, p.Detection = dissemination(o), detected(o)
	p.FalsePositives, p.Traffic, p.Convergence = falsePositives(o), traffic(o), convergence(o)
	p.Members, p.Quorum = members(o), inQuorum(o)
	return p
}

func seconds(d time.Duration) float64 { return d.Seconds() }

func settings(p *trial.Plan) []report.Setting {
	lan := sim.LAN()
	in := p.Intervals
	interval := func(name string, value, standard time.Duration, note string) report.Setting {
		return report.Setting{Name: name, Value: value.String(), Default: standard.String(), Note: note}
	}
	out := []report.Setting{
		{Name: "Nodes", Value: fmt.Sprint(p.Nodes)},
		interval("ProbeInterval", in.ProbeInterval, lan.ProbeInterval, "one protocol period"),
		interval("ProbeTimeout", in.ProbeTimeout, lan.ProbeTimeout, "until others are asked to probe"),
		interval("GossipInterval", in.GossipInterval, lan.GossipInterval, "between two rounds of gossip, at least"),
		interval("PushPullInterval", in.PushPullInterval, lan.PushPullInterval, "between two comparisons of tables"),
		{Name: "SuspicionMult", Value: fmt.Sprint(in.SuspicionMult), Default: fmt.Sprint(lan.SuspicionMult), Note: "scales how long a suspect may take to refute"},
	}
	if n := p.Network; n != nil {
		out = append(out, report.Setting{Name: "Loss", Value: fmt.Sprintf("%g %%", n.Link.Loss*100), Default: "0 %", Note: "of packets and segments, independently"})
	}
	return out
}

func tiles(o *trial.Outcome) []report.Tile {
	var out []report.Tile
	if o.Formed >= 0 {
		out = append(out, report.Tile{Label: "formed within", Value: fmt.Sprintf("%.3g", o.Formed.Seconds()), Unit: "s"})
	}
	if first := o.First(); len(first) > 0 {
		least, median, _ := detection(&o.Plan)
		got := sim.Quantile(first, 0.5)
		out = append(out, report.Tile{
			Label: "first verdict on a crash, median", Value: fmt.Sprintf("%.3g", got.Seconds()), Unit: "s",
			Expected: fmt.Sprintf("predicted %.3g s, at least %.3g s", median.Seconds(), least.Seconds()),
		})
	}
	if last, incomplete := o.Spreads(); len(last) > 0 {
		t := report.Tile{
			Label: "update known to all, median", Value: fmt.Sprintf("%.3g", sim.Quantile(last, 0.5).Seconds()), Unit: "s",
			Expected: fmt.Sprintf("predicted %.3g s", spreading(&o.Plan).Seconds()),
		}
		if incomplete > 0 {
			t.Expected += fmt.Sprintf("; %d did not reach all", incomplete)
		}
		out = append(out, t)
	}
	verdict := report.Met
	if o.FalseHealthy > 0 {
		verdict = report.Missed
	}
	out = append(out, report.Tile{Label: "healthy nodes declared dead by healthy ones", Value: fmt.Sprint(o.FalseHealthy), Verdict: verdict, Expected: "expected 0"})
	if o.NodeSeconds > 0 {
		out = append(out,
			report.Tile{
				Label: "packets per node and second", Value: fmt.Sprintf("%.3g", float64(o.Traffic.PacketsOut)/o.NodeSeconds),
				Expected: fmt.Sprintf("idle %.3g", idlePackets(&o.Plan)), Course: course(o, func(s sim.Sample) float64 { return s.Packets.P50 }),
			},
			report.Tile{
				Label: "payload per node and second", Value: fmt.Sprintf("%.3g", float64(o.Traffic.BytesOut+o.Traffic.StreamBytesOut)/o.NodeSeconds), Unit: "B",
				Course: course(o, func(s sim.Sample) float64 { return s.Bytes.P50 + s.StreamBytes.P50 }),
			})
	}
	return out
}

// course is one figure of all samples.
func course(o *trial.Outcome, of func(sim.Sample) float64) []float64 {
	out := make([]float64, len(o.Samples))
	for i, s := range o.Samples {
		out[i] = of(s)
	}
	return out
}

func times(o *trial.Outcome) []float64 {
	return course(o, func(s sim.Sample) float64 { return s.At.Seconds() })
}

func dissemination(o *trial.Outcome) *report.Dissemination {
	d := &report.Dissemination{}
	slowest := time.Duration(0)
	for i, s := range o.Updates {
		if s.Asked == 0 {
			continue
		}
		learnt := s.Times()
		u := report.Spread{Name: fmt.Sprintf("update %d, by %s", i+1, s.Owner.Name), Members: s.Asked + 1, Learned: []float64{0}}
		for _, t := range learnt {
			u.Learned = append(u.Learned, t.Seconds())
		}
		if len(learnt) > 0 {
			slowest = max(slowest, sim.Quantile(learnt, 0.99))
		}
		d.Updates = append(d.Updates, u)
	}
	if len(d.Updates) == 0 {
		return nil
	}
	fan, round := float64(orElse(o.Plan.Swim.GossipNodes, 3)), o.Plan.Intervals.GossipInterval.Seconds()
	if fan > 0 && round > 0 {
		law := report.Curve{Name: "push gossip, closed form"}
		until := max(2*spreading(&o.Plan).Seconds(), slowest.Seconds())
		for i := range 101 {
			t := until * float64(i) / 100
			law.Points = append(law.Points, chart.Point{X: t, Y: logistic(float64(o.Plan.Nodes), fan, round, t)})
		}
		d.Expected = append(d.Expected, law)
	}
	return d
}

func detected(o *trial.Outcome) *report.Detection {
	if len(o.Detections) == 0 {
		return nil
	}
	d := &report.Detection{Crashes: len(o.Detections)}
	for _, c := range o.Detections {
		for _, x := range []struct {
			to *[]float64
			at time.Duration
		}{{&d.Suspected, c.Suspected}, {&d.First, c.First}, {&d.Full, c.All}} {
			if x.at >= 0 {
				*x.to = append(*x.to, x.at.Seconds())
			}
		}
	}
	least, median, p99 := detection(&o.Plan)
	d.Expected = []report.Prediction{{Name: "earliest", At: least.Seconds()}, {Name: "predicted median", At: median.Seconds()}, {Name: "predicted p99", At: p99.Seconds()}}
	law := report.Curve{Name: "first verdict, predicted"}
	period := o.Plan.Intervals.ProbeInterval.Seconds()
	for i := range 101 {
		wait := 5 * period * float64(i) / 100
		law.Points = append(law.Points, chart.Point{X: least.Seconds() + wait, Y: 1 - math.Exp(-wait/period)})
	}
	d.Laws = []report.Curve{law}
	return d
}

func falsePositives(o *trial.Outcome) *report.FalsePositives {
	width := o.Plan.Sample.Seconds()
	return &report.FalsePositives{
		Width:     width,
		Suspected: course(o, func(s sim.Sample) float64 { return float64(s.Doubted) }),
		Refuted:   course(o, func(s sim.Sample) float64 { return float64(s.Cleared) }),
		Dead:      course(o, func(s sim.Sample) float64 { return float64(s.False) }),
	}
}

func traffic(o *trial.Outcome) *report.Traffic {
	quantiles := func(of func(sim.Sample) sim.Distribution[float64]) report.Quantiles {
		return report.Quantiles{
			Median: course(o, func(s sim.Sample) float64 { return of(s).P50 }),
			P99:    course(o, func(s sim.Sample) float64 { return of(s).P99 }),
			Max:    course(o, func(s sim.Sample) float64 { return of(s).Max }),
		}
	}
	t := &report.Traffic{
		Times:   times(o),
		Packets: quantiles(func(s sim.Sample) sim.Distribution[float64] { return s.Packets }),
		Bytes:   quantiles(func(s sim.Sample) sim.Distribution[float64] { return s.Bytes }),
	}
	t.Packets.Expected = idlePackets(&o.Plan)
	return t
}

func convergence(o *trial.Outcome) *report.Convergence {
	return &report.Convergence{
		Times:  times(o),
		Views:  course(o, func(s sim.Sample) float64 { return float64(s.Views) }),
		Listed: course(o, func(s sim.Sample) float64 { return float64(s.Listed.P50) }),
		Up:     course(o, func(s sim.Sample) float64 { return float64(s.Up) }),
	}
}

func inQuorum(o *trial.Outcome) *report.Quorum {
	if !o.Plan.Quorum {
		return nil
	}
	return &report.Quorum{Times: times(o), Status: []report.StatusCount{
		{Name: types.NODE_STATUS_UP.String(), Counts: course(o, func(s sim.Sample) float64 { return float64(s.InQuorum) })},
		{Name: "out of quorum", Counts: course(o, func(s sim.Sample) float64 { return float64(s.Up - s.InQuorum) })},
	}}
}

// maxRows is how many timelines can be read.
const maxRows = 64

// members are the timelines of members as the first node saw them.
func members(o *trial.Outcome) *report.Members {
	if o.Plan.Nodes > maxRows || len(o.Watched) == 0 {
		return nil
	}
	end := seconds(o.Ended)
	rows := map[types.NodeId]*report.MemberRow{}
	var names []types.NodeId
	for _, w := range o.Watched {
		at := w.At.Seconds()
		row := rows[w.Node]
		if row == nil {
			row = &report.MemberRow{Name: string(w.Node)}
			rows[w.Node] = row
			names = append(names, w.Node)
		}
		if at >= end {
			continue
		}
		if n := len(row.Spans); n > 0 {
			row.Spans[n-1].To = at
		}
		row.Spans = append(row.Spans, report.StateSpan{From: at, To: end, State: stateOf(w)})
	}
	for _, s := range o.Struck {
		for _, name := range s.Nodes {
			row := rows[name]
			if down := s.Fault.Kind == trial.Crash || s.Fault.Kind == trial.Vanish || s.Fault.Kind == trial.Leave; !down || row == nil {
				continue
			}
			to := seconds(s.To)
			if s.Fault.For == 0 {
				to = end
			}
			row.Spans = append(row.Spans, report.StateSpan{From: seconds(s.From), To: min(to, end), State: report.Down})
		}
	}
	m := &report.Members{Observer: "the first node"}
	slices.SortFunc(names, func(a, b types.NodeId) int { return compareNatural(string(a), string(b)) })
	for _, name := range names {
		m.Rows = append(m.Rows, *rows[name])
	}
	return m
}

// compareNatural orders n2 before n10.
func compareNatural(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func stateOf(w trial.Watched) report.State {
	if w.Gone {
		return report.Unknown
	}
	switch w.State {
	case swim.Alive:
		return report.Alive
	case swim.Suspect:
		return report.Suspect
	case swim.Dead:
		return report.Dead
	case swim.Left:
		return report.Left
	}
	return report.Unknown
}
