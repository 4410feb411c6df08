package papers

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/swim"
)

// An Experiment is one published experiment, as a set of tasks.
type Experiment struct {
	// Name is that of its file of results.
	Name string
	// Source is the paper and the section, figure or table.
	Source string
	// Tasks are what there is to run at a size.
	Tasks func(size Size) []Task
}

// Size is how much of an experiment is run.
type Size uint8

const (
	// Tiny is for tests: a few runs, seconds in total. Its figures prove nothing but
	// that the experiment works.
	Tiny Size = iota
	// Small is for every day.
	Small
	// Full is all that was published.
	Full
)

// ParseSize reads the name of a size.
func ParseSize(name string) (Size, error) {
	if i := slices.Index([]string{"tiny", "small", "full"}, name); i >= 0 {
		return Size(i), nil
	}
	return 0, fmt.Errorf("papers: size %q is none of tiny, small, full", name)
}

// of chooses by size.
func of[T any](size Size, tiny, small, full T) T {
	return [...]T{Tiny: tiny, Small: small, Full: full}[size]
}

// A Setup is a configuration of the protocol under a name.
type Setup struct {
	Name string
	Swim swim.Config
}

// A Task is all runs of one setup at one point of an experiment.
type Task struct {
	Experiment string
	Setup      Setup
	Point      Point
	// Seeds are Seed, Seed+1, … for Runs runs. A point has the same ones whatever the
	// setup and the size.
	Seed uint64
	Runs int
	// Run does one run. It may be called by several goroutines at a time.
	Run func(seed uint64, r *Record) error
}

// A Point is one choice of an experiment's parameters.
type Point map[string]float64

// String has the parameters in order of their names.
func (p Point) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		parts = append(parts, fmt.Sprintf("%s=%v", name, p[name]))
	}
	return strings.Join(parts, " ")
}

// ParsePoint reads parameters and values like "C=32,D=2048"; no text is no parameters.
func ParsePoint(s string) (Point, error) {
	p := Point{}
	if s == "" {
		return p, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(part, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || name == "" {
			return nil, fmt.Errorf("papers: %q is not like C=32", part)
		}
		p[name] = v
	}
	return p, nil
}

// Has reports whether p has all the values of q.
func (p Point) Has(q Point) bool {
	for name, v := range q {
		if own, ok := p[name]; !ok || own != v {
			return false
		}
	}
	return true
}

// compare orders points by their parameters, in order of the names.
func (p Point) compare(q Point) int {
	names := slices.Sorted(maps.Keys(p))
	if c := slices.Compare(names, slices.Sorted(maps.Keys(q))); c != 0 {
		return c
	}
	for _, name := range names {
		if c := cmp.Compare(p[name], q[name]); c != 0 {
			return c
		}
	}
	return 0
}

// A Record takes down what one run measures.
type Record struct{ values map[string][]float64 }

// Add notes values of a metric, rounded to a millionth.
func (r *Record) Add(metric string, values ...float64) {
	if r.values == nil {
		r.values = map[string][]float64{}
	}
	for _, v := range values {
		r.values[metric] = append(r.values[metric], math.Round(v*1e6)/1e6)
	}
}

// A Result is what all runs of a task have measured: the raw material of tables and
// charts. Values of a metric come in the order of the seeds.
type Result struct {
	Setup  string               `json:"setup"`
	Point  Point                `json:"point"`
	Seed   uint64               `json:"seed"`
	Runs   int                  `json:"runs"`
	Values map[string][]float64 `json:"values"`
}

// stride is how many seeds belong to one point: no task has more runs.
const stride = 1000

// seedOf is the first seed of the i-th point of an experiment's full grid.
func seedOf(i int) uint64 { return 1 + uint64(i)*stride }
