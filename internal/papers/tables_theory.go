package papers

import (
	"fmt"
	"strconv"
)

// theoryTables are those that need no simulation of clusters.
func theoryTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{
		"first-probe": firstProbeTable,
		"false-probe": falseProbeTable,
		"optimum":     optimumTable,
	}
}

// firstProbeTable is the wait from a crash to the first probe.
func firstProbeTable(Data) Table {
	t := Table{Head: []string{
		"n", "rounds", "random: mean", "p50", "p99", "p99.9", "round robin: mean", "p50", "p99", "p99.9",
	}}
	for _, n := range []int{8, 16, 32, 55, 64, 128, 256, 1024} {
		row := []string{strconv.Itoa(n), number(FirstProbeRounds(n), 3)}
		for _, s := range []Survival{RandomProbes(n), RoundRobinProbes(n)} {
			row = append(row, number(s.Mean(), 3), number(s.Quantile(0.5), 2), number(s.Quantile(0.99), 2), number(s.Quantile(0.999), 2))
		}
		t.Row(row...)
	}
	return t
}

// falseProbeTable is how often the probe of a live member fails.
func falseProbeTable(Data) Table {
	t := Table{Head: []string{"loss", "k = 0", "k = 1", "k = 3", "suspicions per hour (n = 1000, k = 3)", "messages per period, k = 1", "k = 3"}}
	for _, loss := range []float64{0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5} {
		t.Row(fmt.Sprintf("%v %%", 100*loss),
			digits2(FalseSuspicion(loss, 0)), digits2(FalseSuspicion(loss, 1)), digits2(FalseSuspicion(loss, 3)),
			digits2(1000*3600*FalseSuspicion(loss, 3)), number(ProbeLoad(loss, 1), 2), number(ProbeLoad(loss, 3), 2))
	}
	return t
}

func digits2(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// optimumTable compares SWIM with the best possible detector.
func optimumTable(Data) Table {
	t := Table{Head: []string{"false detection within T", "loss", "optimum", "k needed", "SWIM, expected", "ratio", "SWIM, worst case", "ratio"}}
	for _, pm := range []float64{1e-3, 1e-6, 1e-9} {
		for _, loss := range []float64{0.01, 0.05, 0.1, 0.15, 0.3} {
			best, k := OptimalLoad(pm, loss), IndirectProbersFor(pm, loss)
			expected, worst := SWIMLoad(loss, k)
			t.Row(fmt.Sprint(pm), fmt.Sprintf("%v %%", 100*loss), number(best, 2), strconv.Itoa(k),
				number(expected, 2), number(expected/best, 2), number(worst, 2), number(worst/best, 1))
		}
	}
	return t
}
