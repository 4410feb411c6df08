package papers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/nekton-go/nekton/internal/chart"
)

// rapidTables are those of Rapid.
func rapidTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{
		"rapid-bootstrap": bootstrapTable, "rapid-crash": crashTable, "rapid-faulty": faultyTable, "rapid-cut": cutTable,
	}
}

// rapidCharts are its charts.
func rapidCharts() map[string]func(Data) chart.Plot {
	return map[string]func(Data) chart.Plot{"rapid-bootstrap": bootstrapChart, "rapid-faulty": faultyChart}
}

// bootstrapTable is how long a large cluster needs to form.
func bootstrapTable(d Data) Table {
	t := Table{Where: "rapid-bootstrap", Head: []string{
		"n", "configuration", "published, seconds: memberlist / Rapid", "seconds until all list all", "published views: memberlist / Rapid", "views",
		"joined a seed after, seconds", "per member: packets/s", "packets", "KB in packets", "KB on streams", "the seed's streams, MB",
	}}
	published := map[int][2]string{
		1000: {"≈ 45 / ≈ 30 [F]", "901 / 4 [P]"}, 1500: {"≈ 67 / ≈ 38 [F]", "1383 / 8 [P]"}, 2000: {"95 [P] / ≈ 50 [F]", "1858 / 4 [P]"},
	}
	for _, n := range bootstrapSizes() {
		for _, name := range []string{"memberlist", "nekton"} {
			s := t.use(d.Select(t.Where, name, Point{"n": float64(n)}))
			t.Row(strconv.Itoa(n), name, published[n][0], number(s.Mean("all"), 1), published[n][1], number(s.Mean("views"), 0),
				number(s.Mean("joined"), 1), number(s.Mean("packets/s, mean"), 1), number(s.Mean("packets"), 0), number(s.Mean("packet KB"), 0), number(s.Mean("stream KB"), 0),
				number(s.Mean("seed MB"), 0))
		}
	}
	return t
}

// bootstrapChart is the count of the member that knows least, over time.
func bootstrapChart(d Data) chart.Plot {
	n := slices.Max(bootstrapSizes())
	p := chart.Plot{
		Title:    fmt.Sprintf("%d processes start at once", n),
		Subtitle: "How many members the process that knows least lists, and the mean of all. One run each, the same seed. Rapid, figure 5.",
		X:        chart.Axis{Label: "seconds since the start"},
		Y:        chart.Axis{Label: "members listed"},
	}
	for _, name := range []string{"memberlist", "nekton"} {
		s := d.Select("rapid-bootstrap", name, Point{"n": float64(n)})
		least := firstCourse(s.All("course: least"), float64(n))
		mean := s.All("course: mean")
		p.Marks = append(p.Marks,
			chart.Line{Name: name + ", least", Points: perSecond(least)},
			chart.Line{Name: name + ", mean", Points: perSecond(mean[:min(len(least), len(mean))]), Dash: true},
		)
	}
	return p
}

// firstCourse is the course of the first run, which ends when the value is reached.
func firstCourse(all []float64, end float64) []float64 {
	if i := slices.Index(all, end); i >= 0 {
		return all[:i+1]
	}
	return all
}

// perSecond are values of the first, second and so on second.
func perSecond(values []float64) []chart.Point {
	points := make([]chart.Point, len(values))
	for i, v := range values {
		points[i] = chart.Point{X: float64(i + 1), Y: v}
	}
	return points
}

// crashTable is what ten crashes cost.
func crashTable(d Data) Table {
	t := Table{Where: "rapid-crash", Head: []string{
		"", "KB/s received: mean / p99 / max", "KB/s sent: mean / p99 / max", "payload sent, mean", "views", "first verdict, seconds", "last verdict",
		"from a member's first verdict to its last: p50 / max", "false positives",
	}}
	t.Row("memberlist, published", "0.54 / 5.61 / 7.36 [P]", "0.64 / 6.40 / 8.04 [P]", "", "several [F]", "", "", "", "")
	t.Row("Rapid, published", "0.71 / 3.66 / 9.56 [P]", "0.71 / 3.72 / 11.37 [P]", "", "2 [F]", "", "", "", "")
	for _, name := range []string{"memberlist", "nekton"} {
		s := t.use(d.Select(t.Where, name, nil))
		three := func(metric string) string {
			return slashed(2, s.Mean(metric+", mean"), s.Mean(metric+", p99"), s.Max(metric+", max"))
		}
		t.Row(name, three("received KB/s"), three("sent KB/s"), number(s.Mean("payload sent KB/s, mean"), 2), number(s.Mean("views"), 0),
			number(s.Mean("first"), 1), number(s.Mean("last"), 1), slashed(2, s.Mean("span, p50"), s.Max("span, max")), number(s.Sum("false"), 0))
	}
	return t
}

// faultyTable is what members that are half sick do to a cluster.
func faultyTable(d Data) Table {
	t := Table{Where: "rapid-faulty", Head: []string{
		"ten of 1000 members", "published", "configuration", "healthy removed by healthy", "a faulty one removed by a healthy one, per cycle: mean / most",
		"fewest listed by a healthy one", "of the faulty, listed at the end", "views differ, of the time", "longest, seconds", "KB/s sent: mean / p99",
	}}
	published := map[weakness]string{
		flipFlop: "memberlist swings between 990 and 1000; Rapid removes the ten [F]",
		deaf:     "memberlist 992–1000, views differ; Rapid removes the ten [F]",
		mute:     "as above: the text has it so, the caption the other way round",
	}
	for _, w := range weaknesses() {
		for _, name := range []string{"memberlist", "nekton"} {
			s := t.use(d.Select(t.Where, name, Point{"weakness": float64(w)}))
			t.Row(w.String(), published[w], name, number(s.PerRun("healthy removed by healthy"), 0),
				slashed(2, s.Mean("removals per cycle"), s.Max("most removals per cycle")), number(s.Quantile("least", 0), 0),
				number(s.Quantile("faulty listed at the end, least", 0), 0)+"–"+number(s.Max("faulty listed at the end, most"), 0),
				percent(s.Mean("differ"), 1, 1), number(s.Max("longest difference"), 0), slashed(2, s.Mean("sent KB/s, mean"), s.Mean("sent KB/s, p99")))
		}
	}
	return t
}

// faultyChart is what healthy members list while ten are deaf now and then.
func faultyChart(d Data) chart.Plot {
	p := chart.Plot{
		Title:    "Ten of a thousand members are deaf for twenty seconds of forty",
		Subtitle: "How many members the healthy ones list: from the fewest to the most. Rapid, figure 9.",
		X:        chart.Axis{Label: "seconds"},
		Y:        chart.Axis{Label: "members listed", Tight: true},
	}
	for _, name := range []string{"memberlist", "nekton"} {
		s := d.Select("rapid-faulty", name, Point{"weakness": float64(flipFlop)})
		least, most := s.All("course: least"), s.All("course: most")
		var band []chart.Range
		for i := range min(len(least), shownFlips) {
			band = append(band, chart.Range{X: float64(i + 1), Lo: least[i], Hi: most[i]})
		}
		p.Marks = append(p.Marks, chart.Line{Name: name, Points: perSecond(least[:min(len(least), shownFlips)]), Band: band})
	}
	return p
}

// shownFlips is how many seconds of them the chart shows.
const shownFlips = 240

// cutTable is how often processes propose different cuts: a model, since nekton does not
// agree on cuts.
func cutTable(Data) Table {
	t := Table{Head: []string{"H", "L", "published, F = 2", "F = 2", "F = 4", "F = 8", "F = 16"}}
	for _, row := range []struct {
		h, l      int
		published string
	}{{6, 4, "≈ 36 % [F]"}, {6, 3, ""}, {6, 1, "2 % [P]"}, {7, 1, "0.5 % [D]"}, {9, 3, "≤ 0.6 % [F]"}, {9, 4, ""}} {
		cells := []string{strconv.Itoa(row.h), strconv.Itoa(row.l), row.published}
		for _, failed := range []int{2, 4, 8, 16} {
			cells = append(cells, percent(cutConflicts(Cut{K: 10, H: row.h, L: row.l, Failed: failed}), 1, 2))
		}
		t.Row(cells...)
	}
	return t
}

// cutConflicts lets 20 groups of a thousand processes decide, as figure 11 does.
func cutConflicts(c Cut) float64 {
	return c.Conflicts(rand.New(rand.NewPCG(uint64(c.H), uint64(c.L*100+c.Failed))), 20*1000)
}
