package papers

import (
	"fmt"
	"strconv"

	"github.com/nekton-go/nekton/internal/chart"
)

// epidemicTables are those of Scuttlebutt, and of Demers et al.
func epidemicTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{"scuttlebutt": scuttleTable, "demers": demersTable}
}

// epidemicCharts are their charts.
func epidemicCharts() map[string]func(Data) chart.Plot {
	return map[string]func(Data) chart.Plot{"scuttlebutt": scuttleChart}
}

// scuttleTable is the StoreMap under the load that was too much for Scuttlebutt.
func scuttleTable(d Data) Table {
	t := Table{Where: "scuttlebutt", Head: []string{
		"", "updates per participant and second", "staleness, seconds: steady, mean / most", "doubled, mean / peak", "after, most",
		"stale mappings of 8192: steady", "doubled, mean / peak", "KB/s sent per participant", "bytes per update and participant",
	}}
	for _, row := range [][]string{
		{"precise-newest, published", "5 [F]", "73 [F]", "≈ 400 [F]", "2150 [F]"},
		{"precise-oldest, published", "5 [F]", "44 [F]", "≈ 400 [F]", "3250 [F]"},
		{"scuttle-breadth, published", "5 [F]", "62 [F]", "≈ 400 [F]", "3050 [F]"},
		{"scuttle-depth, published", "5 [F]", "23 [F]", "≈ 400 [F]", "2200 [F]"},
	} {
		t.Row(row[0], "1, then 2", row[1], row[2], "", row[3], row[4], "", "")
	}
	for _, rate := range scuttleRates() {
		s := t.use(d.Select(t.Where, "nekton", Point{"rate": float64(rate)}))
		pair := func(metric string, decimals int) string { return slashed(decimals, s.Mean(metric), s.Max(metric)) }
		t.Row("nekton", fmt.Sprintf("%d, then %d", rate, 2*rate), pair("staleness, steady", 1), pair("staleness, doubled", 1), number(s.Max("staleness, after"), 1),
			number(s.Mean("stale mappings, steady"), 0), pair("stale mappings, doubled", 0), number(s.Mean("sent KB/s, mean"), 1), number(s.Mean("bytes per update and member"), 0))
	}
	return t
}

// scuttleChart is the number of stale mappings over time.
func scuttleChart(d Data) chart.Plot {
	p := chart.Plot{
		Title:    "An overload for Scuttlebutt, on the StoreMap",
		Subtitle: "Mappings that are stale at a participant, of 8192. Twice the load from 25 s to 75 s, none from 120 s on. Van Renesse et al., figure 2.",
		X:        chart.Axis{Label: "seconds"},
		Y:        chart.Axis{Label: "stale mappings, mean"},
	}
	for _, rate := range scuttleRates() {
		all := d.Select("scuttlebutt", "nekton", Point{"rate": float64(rate)}).All("course: stale mappings")
		p.Marks = append(p.Marks, chart.Line{
			Name: fmt.Sprintf("%d then %d updates per second", rate, 2*rate), Points: perSecond(all[:min(len(all), int(scuttleUntil.Seconds()))]),
		})
	}
	return p
}

// demersTable is tables 1 to 3 of Demers et al.
func demersTable(d Data) Table {
	t := Table{Where: "demers", Head: []string{
		"", "k", "residue: published", "simulated", "m: published", "simulated", "delay, cycles, mean: published", "simulated", "last: published", "simulated",
	}}
	for _, m := range mongerings() {
		for _, k := range m.ks() {
			s := t.use(d.Select(t.Where, m.String(), Point{"k": float64(k)}))
			p := demersPublished(m, k)
			t.Row(m.String(), strconv.Itoa(k), fmt.Sprint(p.residue), number(s.Mean("residue"), residueDigits), fmt.Sprint(p.m), number(s.Mean("m"), 2),
				fmt.Sprint(p.mean), number(s.Mean("mean"), 2), fmt.Sprint(p.last), number(s.Mean("last"), 1))
		}
	}
	return t
}

// residueDigits shows the smallest of the residues.
const residueDigits = 6

// An epidemic is a row of the tables of Demers et al.
type epidemic struct{ residue, m, mean, last float64 }

// demersPublished is what the paper prints.
func demersPublished(how mongering, k int) epidemic {
	return [...][]epidemic{
		pushCounter: {{0.18, 1.7, 11.0, 16.8}, {0.037, 3.3, 12.1, 16.9}, {0.011, 4.5, 12.5, 17.4}, {0.0036, 5.6, 12.7, 17.5}, {0.0012, 6.7, 12.8, 17.7}},
		pushBlind:   {{0.96, 0.04, 19, 38}, {0.20, 1.6, 17, 33}, {0.060, 2.8, 15, 32}, {0.021, 3.9, 14.1, 32}, {0.008, 4.9, 13.8, 32}},
		pullCounter: {{0.031, 2.7, 9.97, 17.6}, {0.00058, 4.5, 10.07, 15.4}, {0.000004, 6.1, 10.08, 14.0}},
	}[how][k-1]
}
