// Command papers repeats published experiments on the simulator, and writes the page of
// their results.
//
//	papers                    run what is quick enough for every day, and write the page
//	papers -size full         run all that was published
//	papers -only swim-load    run one experiment (or several, with commas)
//	papers -setup SWIM,nekton only these configurations
//	papers -where C=32,fault=0  only the points with these parameters
//	papers -runs 1            at most so many runs of each point
//	papers -render            only write the page, from the results that there are
//
// It runs in the root of the module: results are kept in docs/results, one file per
// experiment, and what is run again takes the place of what was there.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nekton-go/nekton/internal/papers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	docs   string
	size   papers.Size
	only   []string
	setups []string
	where  papers.Point
	runs   int
	render bool
}

func run(ctx context.Context, args []string, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	if !o.render {
		for _, e := range papers.Experiments() {
			if len(o.only) > 0 && !slices.Contains(o.only, e.Name) {
				continue
			}
			if err := o.experiment(ctx, e, log); err != nil {
				return err
			}
		}
	}
	data, err := papers.Load(o.results())
	if err != nil {
		return err
	}
	page, err := papers.Render(data)
	if err != nil {
		return err
	}
	return page.Write(o.docs)
}

func (o *options) results() string { return filepath.Join(o.docs, "results") }

func parse(args []string, log io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("papers", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.docs, "docs", "docs", "directory of the page")
	size := flags.String("size", "small", "how much to run: tiny, small or full")
	only := flags.String("only", "", "experiments to run, separated by commas (default all)")
	setups := flags.String("setup", "", "configurations to run, separated by semicolons (default all)")
	where := flags.String("where", "", "parameters of the points to run, such as C=32,D=2048 (default all)")
	flags.IntVar(&o.runs, "runs", 0, "the most runs of each point (default: as the size says)")
	flags.BoolVar(&o.render, "render", false, "run nothing, write the page")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if o.size, err = papers.ParseSize(*size); err != nil {
		return nil, err
	}
	if o.where, err = papers.ParsePoint(*where); err != nil {
		return nil, err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	if *setups != "" {
		o.setups = strings.Split(*setups, ";")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(papers.Experiments(), func(e papers.Experiment) bool { return e.Name == name }) {
			return nil, fmt.Errorf("papers: no experiment is called %q", name)
		}
	}
	return o, nil
}

// experiment runs one experiment, and keeps its results.
func (o *options) experiment(ctx context.Context, e papers.Experiment, log io.Writer) error {
	tasks := e.Tasks(o.size)
	if o.setups != nil {
		tasks = slices.DeleteFunc(tasks, func(t papers.Task) bool { return !slices.Contains(o.setups, t.Setup.Name) })
	}
	tasks = slices.DeleteFunc(tasks, func(t papers.Task) bool { return !t.Point.Has(o.where) })
	if o.runs > 0 {
		for i := range tasks {
			tasks[i].Runs = min(tasks[i].Runs, o.runs)
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	// One configuration after the other, each kept when it is done: whoever interrupts
	// a run of hours loses minutes.
	for len(tasks) > 0 {
		name := tasks[0].Setup.Name
		same := slices.DeleteFunc(slices.Clone(tasks), func(t papers.Task) bool { return t.Setup.Name != name })
		tasks = slices.DeleteFunc(tasks, func(t papers.Task) bool { return t.Setup.Name == name })
		if err := o.keep(ctx, e, same, log); err != nil {
			return err
		}
	}
	return nil
}

// keep runs the tasks of one setup, and writes down what they measure.
func (o *options) keep(ctx context.Context, e papers.Experiment, tasks []papers.Task, log io.Writer) error {
	last := time.Duration(-time.Second)
	name := tasks[0].Setup.Name
	results, err := papers.Run(ctx, tasks, func(done, total int, spent time.Duration) {
		if spent-last >= time.Second || done == total {
			last = spent
			left := time.Duration(float64(spent) / float64(done) * float64(total-done))
			fmt.Fprintf(log, "\r%s, %s: %d of %d runs, %v, %v left   ", e.Name, name, done, total, spent.Round(time.Second), left.Round(time.Second))
		}
	})
	fmt.Fprintln(log)
	if err != nil {
		return err
	}
	file, err := papers.ReadFile(o.results(), e.Name)
	if err != nil {
		return err
	}
	file.Merge(tasks, results)
	return file.WriteFile(o.results(), e.Name)
}
