package papers

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// A Progress is told how far a run of tasks has come. It is called by one goroutine at a
// time.
type Progress func(done, total int, spent time.Duration)

// Run does tasks on as many workers as there are processors for Go. The results are in
// the order of the tasks and do not depend on the number of workers, since every run has
// its own seed and world. It stops at the first error, or when ctx is done.
func Run(ctx context.Context, tasks []Task, progress Progress) ([]Result, error) {
	return runOn(ctx, runtime.GOMAXPROCS(0), tasks, progress)
}

// A job is one run of a task.
type job struct{ task, run int }

func runOn(ctx context.Context, workers int, tasks []Task, progress Progress) ([]Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	records := make([][]Record, len(tasks))
	total := 0
	for i, t := range tasks {
		if t.Runs > stride {
			return nil, fmt.Errorf("papers: %s has %d runs, and a point only %d seeds", t.Experiment, t.Runs, stride)
		}
		records[i] = make([]Record, t.Runs)
		total += t.Runs
	}
	jobs := make(chan job)
	var (
		group sync.WaitGroup
		mutex sync.Mutex // guards done, and calls of progress
		done  int
	)
	start := time.Now()
	for range workers {
		group.Go(func() {
			for j := range jobs {
				t := &tasks[j.task]
				seed := t.Seed + uint64(j.run)
				if err := t.Run(seed, &records[j.task][j.run]); err != nil {
					cancel(fmt.Errorf("papers: %s, %s, %v, seed %d: %w", t.Experiment, t.Setup.Name, t.Point, seed, err))
					return
				}
				mutex.Lock()
				if done++; progress != nil {
					progress(done, total, time.Since(start))
				}
				mutex.Unlock()
			}
		})
	}
	deal(ctx, jobs, tasks)
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	results := make([]Result, len(tasks))
	for i, t := range tasks {
		results[i] = Result{Setup: t.Setup.Name, Point: t.Point, Seed: t.Seed, Runs: t.Runs, Values: map[string][]float64{}}
		for _, r := range records[i] {
			for metric, values := range r.values {
				results[i].Values[metric] = append(results[i].Values[metric], values...)
			}
		}
	}
	return results, nil
}

// deal hands out the runs of all tasks until ctx is done.
func deal(ctx context.Context, jobs chan<- job, tasks []Task) {
	defer close(jobs)
	for i, t := range tasks {
		for run := range t.Runs {
			select {
			case jobs <- job{i, run}:
			case <-ctx.Done():
				return
			}
		}
	}
}
