// Command nekton-bench measures nekton beside hashicorp/memberlist: the same work, in
// one process, in turns.
//
//	nekton-bench -out results.jsonl -docs ../docs   measure, and write page and charts
//	nekton-bench -quick                             a smoke test, in under three minutes
//	nekton-bench -only packet,udp                   some of the scenarios
//	nekton-bench -render results.jsonl -docs ../docs
//
// Rows are written as they come. A turn that fails is reported and recorded, the others go
// on, and the exit status is 1 in the end. See docs/benchmarks.md for what is measured and how it is
// kept fair.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/bench/internal/page"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/scenario"
)

func main() {
	c := command{}
	flag.StringVar(&c.out, "out", "", "file for the raw results, JSON lines")
	flag.BoolVar(&c.quick, "quick", false, "every scenario once and tiny: a smoke test")
	flag.StringVar(&c.only, "only", "", "scenarios to run, by prefix, with commas, such as \"steady,table\"; all by default")
	flag.StringVar(&c.sides, "sides", "", "sides to run, with commas, such as \"nekton v2\"; all by default")
	flag.IntVar(&c.restarted, "restarted", 0, "how many of the 5,000 simulated members are restarted, instead of as many as the time of a benchmark allows")
	flag.StringVar(&c.profile, "cpuprofile", "", "file for a CPU profile of all that runs; see go tool pprof")
	flag.StringVar(&c.render, "render", "", "raw results to make the page of, instead of measuring")
	flag.StringVar(&c.docs, "docs", "", "directory for benchmarks.md, img and the raw results in data")
	flag.Parse()
	if err := c.check(); err != nil {
		fmt.Fprintln(os.Stderr, "nekton-bench:", err)
		os.Exit(2)
	}
	if c.render != "" {
		if err := c.write(c.render); err != nil {
			fmt.Fprintln(os.Stderr, "nekton-bench:", err)
			os.Exit(1)
		}
		return
	}
	// Bubbles of virtual time belong to a test, which testing.Main lends to a program.
	testing.Main(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "nekton-bench", F: func(t *testing.T) {
			if err := c.run(t); err != nil {
				t.Fatal(err)
			}
		}}}, nil, nil)
}

// command is what was asked for.
type command struct {
	out, only, sides, profile, render, docs string

	quick     bool
	restarted int
}

func (c *command) check() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case c.render != "" && c.docs == "":
		return errors.New("-render needs -docs, where the page goes")
	case c.restarted < 0 || c.restarted > scenario.Full().Large:
		return fmt.Errorf("-restarted is %d, must be 0 to %d", c.restarted, scenario.Full().Large)
	case c.restarted > 0 && (c.only != "large" || c.quick):
		return errors.New("-restarted needs -only large, and not -quick: it would take too long beside the others")
	case c.docs != "" && c.quick && c.render == "":
		return errors.New("-quick and -docs exclude each other: the figures of a smoke test mean nothing")
	}
	if c.out == "" && c.docs != "" && c.render == "" {
		c.out = filepath.Join(c.docs, "data", rawName)
	}
	return nil
}

// rawName is the file of raw results below docs/data.
const rawName = "bench.jsonl"

// run measures, and writes the page if it has a place: also when turns have failed, which
// the page then tells.
func (c *command) run(t *testing.T) error {
	err := c.measure(t)
	if c.docs == "" {
		return err
	}
	return errors.Join(err, c.write(c.out))
}

// write makes page and charts of raw results.
func (c *command) write(raw string) error {
	f, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer f.Close()
	set, err := result.Read(f)
	if err != nil {
		return err
	}
	text, images, err := page.Render(set, "data/"+filepath.Base(raw))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.docs, "img"), 0o755); err != nil {
		return err
	}
	for name, image := range images {
		if err := os.WriteFile(filepath.Join(c.docs, "img", name), image, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(c.docs, "benchmarks.md"), text, 0o644)
}

// measure runs the scenarios.
func (c *command) measure(t *testing.T) error {
	env := environment(c.quick) // before the old results, which belong to the revision, are overwritten
	out := os.Stdout
	if c.out != "" {
		if err := os.MkdirAll(filepath.Dir(c.out), 0o755); err != nil {
			return err
		}
		f, err := os.Create(c.out)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	w, err := result.NewWriter(out, env)
	if err != nil {
		return err
	}
	plan := scenario.Plan{T: t, Write: w.Write, Progress: os.Stderr, Size: scenario.Full()}
	if c.quick {
		plan.Size = scenario.Quick()
	}
	if c.restarted > 0 {
		plan.Size.LargeRolled = c.restarted
	}
	plan.Beside = func(only string) (func() ([]result.Row, error), error) { return beside(only, c.quick, c.sides) }
	if c.only != "" {
		plan.Only = strings.Split(c.only, ",")
	}
	if c.sides != "" {
		plan.Sides = strings.Split(c.sides, ",")
	}
	if c.profile != "" {
		f, err := os.Create(c.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return plan.Run()
}
