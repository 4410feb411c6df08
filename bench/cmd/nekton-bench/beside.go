package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/nekton-go/nekton/bench/internal/result"
)

// beside starts this program once more for some scenarios, on one processor, and returns
// what waits for it and reads its rows: a process of its own has CPU and heap of its own.
func beside(only string, quick bool, sides string) (wait func() ([]result.Row, error), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp("", "nekton-bench-*.jsonl")
	if err != nil {
		return nil, err
	}
	arguments := []string{"-only", only, "-sides", sides, "-out", out.Name()}
	if quick {
		arguments = append(arguments, "-quick")
	}
	child := exec.Command(self, arguments...)
	child.Env = append(os.Environ(), "GOMAXPROCS=1")
	if err := child.Start(); err != nil {
		return nil, err
	}
	return func() ([]result.Row, error) {
		defer os.Remove(out.Name())
		defer out.Close()
		failed := child.Wait()
		set, err := result.Read(out)
		if err != nil {
			return nil, fmt.Errorf("scenario %s in a process of its own: %w", only, err)
		}
		if failed != nil {
			return set.Rows, fmt.Errorf("scenario %s in a process of its own: %w", only, failed)
		}
		return set.Rows, nil
	}, nil
}
