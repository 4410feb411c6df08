package papers

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/nekton-go/nekton/sim"
)

// lifeguardTables are those of the Lifeguard paper.
func lifeguardTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{
		"lifeguard-fp": falseTable, "lifeguard-by-c": falseByTable, "lifeguard-latency": latencyTable,
		"lifeguard-load": loadShareTable, "lifeguard-tuning": tuningTable, "lifeguard-faults": faultsTable,
		"lifeguard-starve": starveTable, "probers-health": healthTable, "tradeoff": tradeoffTable,
	}
}

// held is the fault that the paper's is taken for.
func held() Point { return Point{"fault": 0} }

// at returns a point with one parameter more.
func (p Point) at(name string, v float64) Point {
	q := Point{name: v}
	for n, w := range p {
		q[n] = w
	}
	return q
}

// falseTable is table IV.
func falseTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{
		"configuration", "published: FP per run", "FP-", "FP, % of SWIM", "FP-, %", "runs", "simulated: FP per run", "FP-", "FP, % of SWIM", "FP-, %",
	}}
	base := d.Select(t.Where, "SWIM", held())
	row := func(name string, published ...string) {
		s := t.use(d.Select(t.Where, name, held()))
		same := base.at(s)
		t.Row(append(append([]string{name}, published...), strconv.Itoa(s.Runs()), digits(s.PerRun("fp")), digits(s.PerRun("fp-")),
			percent(s.PerRun("fp"), same.PerRun("fp"), 2), percent(s.PerRun("fp-"), same.PerRun("fp-"), 2))...)
	}
	all := outcomes()
	for _, o := range all {
		row(o.setup, digits(o.fp/fullRuns), digits(o.healthy/fullRuns), percent(o.fp, all[0].fp, 2), percent(o.healthy, all[0].healthy, 2))
	}
	for _, name := range []string{"Lifeguard 4,6", "memberlist", "nekton", "nekton, shuffled"} {
		row(name, "", "", "", "")
	}
	return t
}

// falseByTable is figure 5: false positives by C.
func falseByTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{"C"}}
	for _, c := range Anomalies() {
		t.Head = append(t.Head, strconv.Itoa(c))
	}
	swim, lifeguard := falseByAnomalies()
	row := func(name string, of func(i, c int) float64) {
		cells := []string{name}
		for i, c := range Anomalies() {
			cells = append(cells, digits(of(i, c)))
		}
		t.Row(cells...)
	}
	row("SWIM, published per run [F]", func(i, _ int) float64 { return swim[i] * 9 / fullRuns })
	for _, o := range outcomes() {
		row(o.setup+", simulated", func(_, c int) float64 {
			return t.use(d.Select(t.Where, o.setup, held().at("C", float64(c)))).PerRun("fp")
		})
		if o.setup == "Lifeguard" {
			row("Lifeguard, published per run [F]", func(i, _ int) float64 { return lifeguard[i] * 9 / fullRuns })
		}
	}
	row("nekton", func(_, c int) float64 {
		return t.use(d.Select(t.Where, "nekton", held().at("C", float64(c)))).PerRun("fp")
	})
	return t
}

// percentiles are p50, p99 and p99.9 of a metric.
func (s Selection) percentiles(metric string) string {
	return slashed(2, s.Quantile(metric, 0.5), s.Quantile(metric, 0.99), s.Quantile(metric, 0.999))
}

// predicted are those of a model of detection.
func (d Detection) predicted() string {
	times := detectionModel(d, 500)
	return slashed(2, sim.Quantile(times, 0.5), sim.Quantile(times, 0.99), sim.Quantile(times, 0.999))
}

// latencyTable is table V, and the model.
func latencyTable(d Data) Table {
	t := Table{Where: "lifeguard-threshold", Head: []string{
		"configuration", "published: first, p50 / p99 / p99.9", "predicted", "simulated", "published: full", "simulated", "first to full, p50: published", "simulated",
	}}
	row := func(name, first, predicted, full, between string) {
		s := t.use(d.Select(t.Where, name, held()))
		t.Row(name, first, predicted, s.percentiles("first"), full, s.percentiles("full"), between, number(s.Quantile("between", 0.5), 2))
	}
	for _, o := range outcomes() {
		beta, k := 6, 3
		if o.setup == "SWIM" || o.setup == "LHA-Probe" || o.setup == "Buddy System" {
			beta, k = 1, 0
		}
		row(o.setup, slashed(2, o.first[:]...), Detection{Alpha: 5, Beta: beta, K: k}.predicted(), slashed(2, o.full[:]...), number(o.full[0]-o.first[0], 2))
	}
	base := outcomes()[0].first
	for _, o := range tunedOutcomes() {
		if o.alpha == 5 && o.beta == 6 {
			continue
		}
		published := slashed(2, base[0]*o.first[0]/100, base[1]*o.first[1]/100, base[2]*o.first[2]/100)
		row(fmt.Sprintf("Lifeguard %d,%d", o.alpha, o.beta), published, Detection{Alpha: o.alpha, Beta: o.beta, K: 3}.predicted(), "", "")
	}
	row("memberlist", "", Detection{Alpha: 4, Beta: 6, K: 2}.predicted(), "", "")
	row("nekton", "", Detection{Alpha: 4, Beta: 6, K: 3, Coordinated: true}.predicted(), "", "")
	row("nekton, shuffled", "", Detection{Alpha: 4, Beta: 6, K: 3}.predicted(), "", "")
	return t
}

// loadShareTable is table VI.
func loadShareTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{
		"configuration", "published: messages, % of SWIM", "bytes, %", "messages/s per agent", "bytes per message", "simulated: messages, % of SWIM", "bytes, %", "messages/s per agent", "bytes per message",
	}}
	base := d.Select(t.Where, "SWIM", held())
	row := func(name string, published ...string) {
		s := t.use(d.Select(t.Where, name, held()))
		messages, bytes, same := s.PerRun("messages"), s.PerRun("bytes"), base.at(s)
		t.Row(append(append([]string{name}, published...),
			percent(messages, same.PerRun("messages"), 1), percent(bytes, same.PerRun("bytes"), 1),
			number(s.Sum("messages")/s.Sum("seconds")/agents, 2), number(bytes/messages, 0))...)
	}
	all := outcomes()
	for _, o := range all {
		row(o.setup, percent(o.messages, all[0].messages, 1), percent(o.volume, all[0].volume, 1),
			number(o.messages*1e6/fullRuns/longEnough.Seconds()/agents, 2), number(o.volume*(1<<30)/o.messages/1e6, 0))
	}
	for _, name := range []string{"Lifeguard 4,6", "memberlist", "nekton", "nekton, shuffled"} {
		row(name, "", "", "", "")
	}
	return t
}

// tuningTable is table VII, in percent of SWIM.
func tuningTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{
		"α, β", "published: first p50, %", "p99, %", "FP, %", "FP-, %", "simulated: first p50, %", "p99, %", "FP, %", "FP-, %",
	}}
	latency, base := d.Select("lifeguard-threshold", "SWIM", held()), d.Select(t.Where, "SWIM", held())
	row := func(label, name string, published ...string) {
		first, s := d.Select("lifeguard-threshold", name, held()), t.use(d.Select(t.Where, name, held()))
		same := base.at(s)
		t.Row(append(append([]string{label}, published...),
			percent(first.Quantile("first", 0.5), latency.Quantile("first", 0.5), 1), percent(first.Quantile("first", 0.99), latency.Quantile("first", 0.99), 1),
			percent(s.PerRun("fp"), same.PerRun("fp"), 2), percent(s.PerRun("fp-"), same.PerRun("fp-"), 2))...)
	}
	for _, o := range tunedOutcomes() {
		name := fmt.Sprintf("Lifeguard %d,%d", o.alpha, o.beta)
		if o.alpha == 5 && o.beta == 6 {
			name = "Lifeguard"
		}
		row(fmt.Sprintf("%d, %d", o.alpha, o.beta), name, number(o.first[0], 1), number(o.first[1], 1), number(o.fp, 2), number(o.healthy, 2))
	}
	row("nekton (4, 6)", "nekton", "", "", "", "")
	row("nekton, shuffled (4, 6)", "nekton, shuffled", "", "", "", "")
	return t
}

// at keeps the results at the points of another selection, with as many runs.
func (s Selection) at(o Selection) Selection {
	var kept Selection
	for _, r := range s {
		for _, q := range o {
			if r.Point.compare(q.Point) == 0 {
				kept = append(kept, r.first(q.Runs))
			}
		}
	}
	return kept
}

// first keeps the first runs of a result whose metrics have one value per run.
func (r Result) first(runs int) Result {
	if runs >= r.Runs {
		return r
	}
	short := Result{Setup: r.Setup, Point: r.Point, Seed: r.Seed, Runs: runs, Values: map[string][]float64{}}
	for metric, values := range r.Values {
		if len(values) == r.Runs {
			short.Values[metric] = values[:runs]
		}
	}
	return short
}

// faultsTable compares what an anomaly does to an agent.
func faultsTable(d Data) Table {
	t := Table{Where: "lifeguard-interval", Head: []string{
		"fault", "configuration", "FP per run", "FP- per run", "messages, % of SWIM held-stall", "bytes, %", "first p50 / p99 / p99.9",
	}}
	for i, f := range Faults() {
		for _, name := range []string{"SWIM", "Lifeguard", "nekton", "nekton, shuffled"} {
			p := Point{"fault": float64(i)}
			// Where the fault has been tried: held-stall has many more points.
			s, first := t.use(d.Select(t.Where, name, p).faulty()), d.Select("lifeguard-threshold", name, p).on(grid{faultGrid().anomalies, longAnomalies(), nil, fullGrid().runs})
			base := d.Select(t.Where, "SWIM", held()).at(s.held())
			t.Row(string(f), name, digits(s.PerRun("fp")), digits(s.PerRun("fp-")),
				percent(s.PerRun("messages"), base.PerRun("messages"), 1), percent(s.PerRun("bytes"), base.PerRun("bytes"), 1), first.percentiles("first"))
		}
	}
	return t
}

// faulty keeps the results at the points of the grid for faults.
func (s Selection) faulty() Selection { return s.on(faultGrid()) }

// held is the same selection as if the fault had been held-stall.
func (s Selection) held() Selection {
	same := slices.Clone(s)
	for i := range same {
		same[i].Point = maps.Clone(same[i].Point)
		same[i].Point["fault"] = 0
	}
	return same
}

// starveTable is figure 1.
func starveTable(d Data) Table {
	t := Table{Where: "lifeguard-starve", Head: []string{
		"starved", "published, SWIM: FP / FP- [F]", "SWIM, per run", "published, Lifeguard: FP / FP- [F]", "Lifeguard, per run", "memberlist's rules", "nekton", "starved members declared failed: SWIM", "nekton",
	}}
	for _, n := range starvedMembers() {
		at := Point{"starved": float64(n)}
		pair := func(name string) string {
			s := t.use(d.Select(t.Where, name, at))
			return digits(s.PerRun("fp")) + " / " + digits(s.PerRun("fp-"))
		}
		p := starvation()[n]
		t.Row(strconv.Itoa(n), slashed(0, p[:2]...), pair("SWIM"), slashed(0, p[2:]...), pair("Lifeguard"), pair("memberlist"), pair("nekton"),
			digits(d.Select(t.Where, "SWIM", at).PerRun("starved failed")), digits(d.Select(t.Where, "nekton", at).PerRun("starved failed")))
	}
	return t
}

// healthTable is the local health of healthy probers.
func healthTable(d Data) Table {
	t := Table{Where: "probers-health", Head: []string{"n", "configuration", "worst score of a healthy prober", "mean over all that happens"}}
	for _, n := range []int{8, 32} {
		for _, name := range []string{"memberlist", "Lifeguard", "nekton"} {
			s := t.use(d.Select(t.Where, name, Point{"n": float64(n)}))
			t.Row(strconv.Itoa(n), name, number(s.Max("worst"), 0), number(s.Mean("mean"), 3))
		}
	}
	return t
}
