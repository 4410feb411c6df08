// Package result is what a benchmark run writes and its report reads: one JSON object
// a line. The first line is the [Environment]; each other one a [Row], the figures of
// one scenario, one case, one side and one run.
//
//	{"environment":{"machine":"AMD EPYC, 2 CPUs","go":"go1.26.8",…}}
//	{"scenario":"packet","case":"ping","side":"nekton v2","run":1,"values":{"cpu":1.2e-07,"mallocs":0}}
//
// Rows are written as they come, so that what was measured survives whatever follows.
// Values are in seconds, bytes and counts. Samples are distributions: one number for
// each repetition inside the run, not sorted.
package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// An Environment says where and how figures came about.
type Environment struct {
	Machine  string            `json:"machine"`
	Kernel   string            `json:"kernel"`
	Go       string            `json:"go"`
	Revision string            `json:"revision"` // of nekton
	Versions map[string]string `json:"versions"` // of the modules that were compared
	Command  string            `json:"command"`
	Began    string            `json:"began"` // RFC 3339
	Load     string            `json:"load"`  // of the machine when it began
	Quick    bool              `json:"quick"` // a smoke test: its figures mean nothing
}

// A Row is what one side did in one case of a scenario, once.
type Row struct {
	Scenario string               `json:"scenario"`
	Case     string               `json:"case"`
	Side     string               `json:"side"`
	Run      int                  `json:"run"`
	Values   map[string]float64   `json:"values,omitempty"`
	Samples  map[string][]float64 `json:"samples,omitempty"`
	Took     float64              `json:"took"` // seconds of real time, setting up included
	// Computed says how figures came about that were computed, not measured.
	Computed string `json:"computed,omitempty"`
	// Failed says why there are no figures.
	Failed string `json:"failed,omitempty"`
}

type line struct {
	Environment *Environment `json:"environment,omitempty"`
	*Row
}

// A Writer appends rows to a file.
type Writer struct{ e *json.Encoder }

// NewWriter writes the environment.
func NewWriter(w io.Writer, env Environment) (*Writer, error) {
	e := json.NewEncoder(w)
	if err := e.Encode(line{Environment: &env}); err != nil {
		return nil, fmt.Errorf("result: write the environment: %w", err)
	}
	return &Writer{e}, nil
}

// Write appends one row.
func (w *Writer) Write(r Row) error {
	if err := w.e.Encode(line{Row: &r}); err != nil {
		return fmt.Errorf("result: write a row of %s, %s: %w", r.Scenario, r.Case, err)
	}
	return nil
}

// A Set is all that one run has written.
type Set struct {
	Environment Environment
	Rows        []Row
}

// ErrNoEnvironment means that a file does not begin as a [Writer] begins it.
var ErrNoEnvironment = errors.New("result: the first line is not an environment")

// Read reads what a [Writer] wrote.
func Read(r io.Reader) (Set, error) {
	var s Set
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for number := 1; lines.Scan(); number++ {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return Set{}, fmt.Errorf("result: line %d: %w", number, err)
		}
		switch {
		case number == 1 && l.Environment == nil:
			return Set{}, ErrNoEnvironment
		case l.Environment != nil:
			s.Environment = *l.Environment
		case l.Row != nil:
			s.Rows = append(s.Rows, *l.Row)
		}
	}
	if err := lines.Err(); err != nil {
		return Set{}, fmt.Errorf("result: %w", err)
	}
	if s.Environment.Go == "" {
		return Set{}, ErrNoEnvironment
	}
	return s, nil
}

// A Spread is a median over runs, with the least and the greatest.
type Spread struct {
	Least, Median, Most float64
	Runs                int
}

// Value returns the spread of a value over all runs of one side in one case; no runs
// if there is none.
func (s Set) Value(scenario, name, side, value string) Spread {
	var all []float64
	for _, r := range s.Rows {
		if v, ok := r.Values[value]; ok && r.Scenario == scenario && r.Case == name && r.Side == side {
			all = append(all, v)
		}
	}
	return SpreadOf(all)
}

// Sample returns the samples of all runs together, sorted.
func (s Set) Sample(scenario, name, side, sample string) []float64 {
	var all []float64
	for _, r := range s.Rows {
		if r.Scenario == scenario && r.Case == name && r.Side == side {
			all = append(all, r.Samples[sample]...)
		}
	}
	slices.Sort(all)
	return all
}

// Cases returns the cases of a scenario in the order in which they first ran.
func (s Set) Cases(scenario string) []string {
	var names []string
	for _, r := range s.Rows {
		if r.Scenario == scenario && r.Failed == "" && !slices.Contains(names, r.Case) {
			names = append(names, r.Case)
		}
	}
	return names
}

// Sides returns the sides of a case in the order in which they first ran.
func (s Set) Sides(scenario, name string) []string {
	var sides []string
	for _, r := range s.Rows {
		if r.Scenario == scenario && r.Case == name && r.Failed == "" && !slices.Contains(sides, r.Side) {
			sides = append(sides, r.Side)
		}
	}
	return sides
}

// Scenarios returns the scenarios in the order in which they first ran.
func (s Set) Scenarios() []string {
	var names []string
	for _, r := range s.Rows {
		if r.Failed == "" && !slices.Contains(names, r.Scenario) {
			names = append(names, r.Scenario)
		}
	}
	return names
}

// Computed says how the figures of a side in a case were computed; empty if they were
// measured.
func (s Set) Computed(scenario, name, side string) string {
	for _, r := range s.Rows {
		if r.Scenario == scenario && r.Case == name && r.Side == side {
			return r.Computed
		}
	}
	return ""
}

// Failures are the turns that have no figures.
func (s Set) Failures() []Row {
	return slices.DeleteFunc(slices.Clone(s.Rows), func(r Row) bool { return r.Failed == "" })
}

// SpreadOf is the spread of some figures.
func SpreadOf(all []float64) Spread {
	if len(all) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(all))
	return Spread{Least: sorted[0], Median: Quantile(sorted, 0.5), Most: sorted[len(sorted)-1], Runs: len(sorted)}
}

// Quantile returns the q-th quantile, q from 0 to 1, of sorted samples, of which there
// is at least one: the median of two is their mean.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
