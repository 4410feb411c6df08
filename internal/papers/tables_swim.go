package papers

import (
	"math/rand/v2"
	"strconv"

	"github.com/nekton-go/nekton/internal/chart"
)

// swimTables are those of the SWIM paper.
func swimTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{
		"swim-load": loadTable, "swim-detect": detectTable, "swim-spread": spreadTable,
	}
}

// swimCharts are its charts.
func swimCharts() map[string]func(Data) chart.Plot {
	return map[string]func(Data) chart.Plot{"swim-spread": spreadChart}
}

// loadTable is the load of a quiet group.
func loadTable(d Data) Table {
	t := Table{Where: "swim-load", Head: []string{
		"n", "published", "predicted", "prototype: sent", "received", "under 5 in a period", "memberlist's rules: sent", "nekton: sent", "spread", "bytes/s", "of it streams", "shuffled: spread", "bytes/s",
	}}
	for _, n := range loadSizes() {
		at := Point{"n": float64(n)}
		p, m, own := t.use(d.Select(t.Where, "prototype", at)), t.use(d.Select(t.Where, "memberlist", at)), t.use(d.Select(t.Where, "nekton", at))
		shuffled := t.use(d.Select(t.Where, nekton().shuffled().Name, at))
		published := ""
		if n <= 55 {
			published = "≈ 2.0 [F]"
		}
		t.Row(strconv.Itoa(n), published, "2.00", number(p.Mean("sent"), 3), number(p.Mean("received"), 3), number(p.Mean("under5"), 4),
			number(m.Mean("sent"), 3), number(own.Mean("sent"), 3), number(own.Mean("spread"), 2),
			number(own.Mean("bytes/s")+own.Mean("stream bytes/s"), 1), number(own.Mean("stream bytes/s"), 1),
			number(shuffled.Mean("spread"), 2), number(shuffled.Mean("bytes/s")+shuffled.Mean("stream bytes/s"), 1))
	}
	return t
}

// detectTable is the wait until a crash is found.
func detectTable(d Data) Table {
	t := Table{Where: "swim-detect", Head: []string{
		"n", "published, mean", "predicted: first probe, mean / p99", "prototype: first probe", "random targets, predicted", "random targets", "prototype: first suspicion", "nekton: first probe", "first suspicion", "shuffled: first probe", "first suspicion",
	}}
	published := map[int]string{8: "1.1 [F]", 16: "3.25 [F]", 32: "1.4 [F]"}
	for _, n := range detectSizes() {
		at := Point{"n": float64(n)}
		p, random, own := t.use(d.Select(t.Where, "prototype", at)), t.use(d.Select(t.Where, "prototype, random targets", at)), t.use(d.Select(t.Where, "nekton", at))
		shuffled := t.use(d.Select(t.Where, nekton().shuffled().Name, at))
		robin, any := RoundRobinProbes(n), RandomProbes(n)
		probe := func(s Selection, metric string) string { return slashed(2, s.Mean(metric), s.Quantile(metric, 0.99)) }
		t.Row(strconv.Itoa(n), published[n], slashed(2, robin.Mean(), robin.Quantile(0.99)), probe(p, "probe"),
			slashed(2, any.Mean(), any.Quantile(0.99)), probe(random, "probe"), probe(p, "suspicion"), probe(own, "probe"), probe(own, "suspicion"),
			probe(shuffled, "probe"), probe(shuffled, "suspicion"))
	}
	return t
}

// modelRuns is how often a model is run for one figure of a table.
const modelRuns = 2000

// piggybackModel is what the model of SWIM's dissemination gives, on average.
func piggybackModel(n int, loss float64) (half, all float64) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(loss*100)))
	for range modelRuns {
		c := Piggyback{Members: n, Loss: loss, RoundRobin: true}.Run(r)
		half, all = half+c.Half/modelRuns, all+c.All/modelRuns
	}
	return half, all
}

// spreadTable is the time until an update is known to half and to all.
func spreadTable(d Data) Table {
	t := Table{Where: "swim-spread", Head: []string{
		"n", "loss", "published, median", "logistic: half / all", "model: half / all", "prototype: half / all", "missed", "nekton, piggyback only: half / all", "coordinated", "nekton: half / all / p99 of all", "missed",
	}}
	published := map[int]string{28: "3.03 [F]", 56: "2.25 [F]"}
	for _, loss := range []float64{0, 0.1, 0.2, 0.3} {
		for _, n := range spreadSizes() {
			at := Point{"n": float64(n), "loss": loss}
			p, ours, own := t.use(d.Select(t.Where, "prototype", at)), t.use(d.Select(t.Where, "nekton, piggyback only", at)), t.use(d.Select(t.Where, "nekton", at))
			if len(p) == 0 {
				continue
			}
			shared := t.use(d.Select(t.Where, piggybackCoordinated().Name, at))
			half, all := piggybackModel(n, loss)
			f := float64(n)
			law, print := "", ""
			if loss == 0 {
				law, print = slashed(2, InfectionTime(n, f/2), InfectionTime(n, f-0.5)), published[n]
			}
			t.Row(strconv.Itoa(n), percent(loss, 1, 0), print, law, slashed(2, half, all),
				slashed(2, p.Mean("half"), p.Mean("all")), digits(p.Sum("missed")), slashed(2, ours.Mean("half"), ours.Mean("all")), slashed(2, shared.Mean("half"), shared.Mean("all")),
				slashed(2, own.Mean("half"), own.Mean("all"), own.Quantile("all", 0.99)), digits(own.Sum("missed")))
		}
	}
	return t
}

// spreadChart is the share of members that know an update, over time.
func spreadChart(d Data) chart.Plot {
	var law, half, all []chart.Point
	for _, n := range spreadSizes() {
		s := d.Select("swim-spread", "prototype", Point{"n": float64(n), "loss": 0})
		law = append(law, chart.Point{X: float64(n), Y: InfectionTime(n, float64(n)/2)})
		half = append(half, chart.Point{X: float64(n), Y: s.Mean("half")})
		all = append(all, chart.Point{X: float64(n), Y: s.Mean("all")})
	}
	var model []chart.Point
	for _, n := range spreadSizes() {
		_, a := piggybackModel(n, 0)
		model = append(model, chart.Point{X: float64(n), Y: a})
	}
	return chart.Plot{
		Title:    "An update rides to all members in a logarithmic number of periods",
		Subtitle: "SWIM's prototype on the simulator, news on pings and acks only, no loss. SWIM §4.1, figure 3b.",
		X:        chart.Axis{Label: "members, logarithmic", Log: true},
		Y:        chart.Axis{Label: "protocol periods"},
		Marks: []chart.Mark{
			chart.Line{Name: "all, simulated", Points: all},
			chart.Line{Name: "half, simulated", Points: half},
			chart.Line{Name: "all, model", Points: model, Dash: true, Color: chart.Ink},
			chart.Line{Name: "half, logistic law", Points: law, Dash: true, Color: chart.Quiet},
		},
	}
}
