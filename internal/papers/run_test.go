package papers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// figures are tasks that measure nothing but their seed.
func figures() []Task {
	var tasks []Task
	for i := range 5 {
		tasks = append(tasks, Task{
			Experiment: "figures", Setup: nekton(), Point: Point{"i": float64(i)}, Seed: seedOf(i), Runs: 7,
			Run: func(seed uint64, r *Record) error {
				r.Add("seed", float64(seed), 0.5)
				return nil
			},
		})
	}
	return tasks
}

func TestResultsDoNotDependOnTheNumberOfWorkers(t *testing.T) {
	one, err := runOn(context.Background(), 1, figures(), nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	many, err := runOn(context.Background(), 8, figures(), func(done, total int, _ time.Duration) {
		if calls++; done != calls || total != 35 {
			t.Errorf("call %d says %d of %d", calls, done, total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, many) || calls != 35 {
		t.Errorf("one worker: %v\neight: %v\n%d calls", one, many, calls)
	}
	if got := one[2].Values["seed"]; len(got) != 14 || got[0] != 2001 || got[13] != 0.5 || got[12] != 2007 {
		t.Errorf("values are not in the order of the seeds: %v", got)
	}
}

func TestARunThatFailsEndsAllAndIsNamed(t *testing.T) {
	tasks := figures()
	wrong := errors.New("it did not form")
	tasks[3].Run = func(uint64, *Record) error { return wrong }
	if _, err := runOn(context.Background(), 2, tasks, nil); !errors.Is(err, wrong) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := runOn(ctx, 2, figures(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

func TestResultsAreKeptAndReplacedByThoseOfTheSamePoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	tasks := figures()
	results, err := Run(context.Background(), tasks, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(dir, "figures")
	if err != nil || len(f.Results) != 0 {
		t.Fatalf("a file that is not there: %v, %v", f, err)
	}
	f.Merge(tasks, results)
	f.Merge(tasks[:1], []Result{{Setup: "nekton", Point: Point{"i": 0}, Seed: 9, Runs: 1, Values: map[string][]float64{"seed": {9}}}})
	if err := f.WriteFile(dir, "figures"); err != nil {
		t.Fatal(err)
	}
	again, err := ReadFile(dir, "figures")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f, again) {
		t.Errorf("kept %v, read %v", f, again)
	}
	s := Data{"figures": again}.Select("figures", "nekton", Point{"i": 0})
	if s.Runs() != 1 || s.Sum("seed") != 9 || again.Settings["nekton"] != "nekton's defaults" {
		t.Errorf("%v", s)
	}
	if err := os.WriteFile(filepath.Join(dir, "figures.jsonl"), []byte("{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(dir, "figures"); err == nil {
		t.Error("a broken file is read without an error")
	}
}

func TestASelectionIsSummarised(t *testing.T) {
	s := Selection{
		{Seed: 5, Runs: 2, Values: map[string][]float64{"x": {1, 3}}},
		{Seed: 1, Runs: 2, Values: map[string][]float64{"x": {4, 8}}},
	}
	if s.Seeds() != "1–6" || s.PerRun("x") != 4 || s.Max("x") != 8 || s.Quantile("x", 0.5) != 3 {
		t.Errorf("%v %v %v %v", s.Seeds(), s.PerRun("x"), s.Max("x"), s.Quantile("x", 0.5))
	}
	if got := number(s.Quantile("x", 0.999), 1); got != "–" {
		t.Errorf("the 99.9th percentile of four values is %v", got)
	}
	if got := s.Interval95("x"); !near(got, 1.96*1.4719601, 1e-3) {
		t.Errorf("confidence interval %v", got)
	}
}
