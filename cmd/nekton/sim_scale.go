package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/cmd/nekton/internal/scale"
)

const simScaleHelp = `Measures clusters of growing size: how long they take to form, what they cost when
idle, how fast an update and a crash are known to all, how much memory a node needs.
Fits to each quantity the law that the protocol gives it, and writes data, charts and
the tables of scale.md below a directory.

With -data, nothing is measured: everything is written again from what was.`

// simScaleCommand is nekton sim scale.
func simScaleCommand(s streams) *cobra.Command {
	var (
		sizes = []int{10, 30, 100, 300, 1000}
		seed  uint64
		dir   string
		data  bool
	)
	cmd := &cobra.Command{
		Use:   "scale",
		Short: "Measure how the costs of a cluster grow with its size",
		Long:  simScaleHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, n := range sizes {
				if n < 3 || n > 1<<20 {
					return usageError{fmt.Errorf("-sizes: %d nodes, want 3 to %d", n, 1<<20)}
				}
			}
			points, err := readPoints(dir, data)
			if err != nil {
				return err
			}
			if !data {
				if points, err = measureSizes(cmd.Context(), s, sizes, seed); err != nil {
					return err
				}
			}
			fmt.Fprint(s.out, scale.Measured(points), "\n", scale.Fitted(points))
			if dir == "" {
				return nil
			}
			return scale.WriteDocs(dir, points)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntSliceVar(&sizes, "sizes", sizes, "numbers of nodes, ascending")
	f.Uint64Var(&seed, "seed", 1, "determines everything that happens")
	f.StringVar(&dir, "docs", "", "write data, charts and tables below this directory")
	f.BoolVar(&data, "data", false, "write them again from the data that is there")
	return cmd
}

// readPoints reads what was measured before, if asked to.
func readPoints(dir string, data bool) ([]*scale.Point, error) {
	if !data {
		return nil, nil
	}
	if dir == "" {
		return nil, usageError{errors.New("-data needs -docs: where the data is")}
	}
	f, err := os.Open(filepath.Join(dir, scale.DataFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return scale.Read(f)
}

// measureSizes measures one size after another, on one thread: what is measured is CPU
// time, too, and a collector beside it would count.
func measureSizes(ctx context.Context, s streams, sizes []int, seed uint64) ([]*scale.Point, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	// A heap of gigabytes that hardly changes is not to be doubled.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	var points []*scale.Point
	for _, n := range sizes {
		p, err := scale.Measure(ctx, n, seed, cpuTime, func(phase string) { fmt.Fprintf(s.err, "%d nodes: %s\n", n, phase) })
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}
