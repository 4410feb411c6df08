package papers

import (
	"fmt"
	"math"
	"slices"

	"github.com/nekton-go/nekton/sim"
)

// Data is all that has been measured, by experiment.
type Data map[string]File

// Load reads the results of all experiments below dir.
func Load(dir string) (Data, error) {
	d := Data{}
	for _, e := range Experiments() {
		f, err := ReadFile(dir, e.Name)
		if err != nil {
			return nil, err
		}
		d[e.Name] = f
	}
	return d, nil
}

// A Selection is the results of one setup at some points of an experiment.
type Selection []Result

// Select finds the results of a setup whose points have certain values.
func (d Data) Select(experiment, setup string, at Point) Selection {
	var s Selection
	for _, r := range d[experiment].Results {
		if r.Setup == setup && r.Point.Has(at) {
			s = append(s, r)
		}
	}
	return s
}

// Runs is how many runs there are.
func (s Selection) Runs() int {
	n := 0
	for _, r := range s {
		n += r.Runs
	}
	return n
}

// Seeds is the range of the seeds.
func (s Selection) Seeds() string {
	if len(s) == 0 {
		return "none"
	}
	lo, hi := uint64(math.MaxUint64), uint64(0)
	for _, r := range s {
		lo, hi = min(lo, r.Seed), max(hi, r.Seed+uint64(r.Runs)-1)
	}
	return fmt.Sprintf("%d–%d", lo, hi)
}

// All are the values of a metric.
func (s Selection) All(metric string) []float64 {
	var all []float64
	for _, r := range s {
		all = append(all, r.Values[metric]...)
	}
	return all
}

// Sum is the sum of a metric over all runs.
func (s Selection) Sum(metric string) float64 {
	sum := 0.0
	for _, v := range s.All(metric) {
		sum += v
	}
	return sum
}

// PerRun is the sum divided by the number of runs; not a number if there are none.
func (s Selection) PerRun(metric string) float64 { return s.Sum(metric) / float64(s.Runs()) }

// Mean is the mean of the values of a metric; not a number if there are none.
func (s Selection) Mean(metric string) float64 {
	return s.Sum(metric) / float64(len(s.All(metric)))
}

// Max is the largest value of a metric; not a number if there are none.
func (s Selection) Max(metric string) float64 {
	all := s.All(metric)
	if len(all) == 0 {
		return math.NaN()
	}
	return slices.Max(all)
}

// Quantile is the q-th quantile of the values of a metric by nearest rank; not a number
// if there are too few values for it to mean anything.
func (s Selection) Quantile(metric string, q float64) float64 {
	all := s.All(metric)
	if len(all) == 0 || q > 0.99 && len(all) < 1000 {
		return math.NaN()
	}
	slices.Sort(all)
	return sim.Quantile(all, q)
}

// Interval95 is half of the width of the confidence interval of 95 % of PerRun, by the
// variance between runs; the metric has one value per run.
func (s Selection) Interval95(metric string) float64 {
	all := s.All(metric)
	n := float64(len(all))
	if n < 2 {
		return math.NaN()
	}
	mean, squares := s.Sum(metric)/n, 0.0
	for _, v := range all {
		squares += (v - mean) * (v - mean)
	}
	return 1.96 * math.Sqrt(squares/(n-1)/n)
}
