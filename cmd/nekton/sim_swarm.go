package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/swarm"
)

const simSwarmHelp = `Holds the laws of the protocol against random scenarios: clusters of a few nodes in
which anything may happen, and which must come to agree when all is calm. Each seed
is one scenario, on every machine the same.

Of what breaks a law you are told the seed, which law, and the smallest scenario
found that breaks it too, as text. Write that to a file to replay it.

  nekton sim swarm -seeds 100000
  nekton sim swarm -for 1h -from 1000000
  nekton sim swarm -seeds 100000 -memberlist
  nekton sim swarm -seed 42 -trace
  nekton sim swarm -scenario small.txt -trace -packets

The exit status is 0 if every law held, and 1 if not.`

// simSwarmCommand is nekton sim swarm.
func simSwarmCommand(s streams) *cobra.Command {
	r := swarmRun{streams: s}
	cmd := &cobra.Command{
		Use:   "swarm",
		Short: "Hold the laws of the protocol against random scenarios",
		Long:  simSwarmHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Uint64Var(&r.seeds.Count, "seeds", 1000, "how many scenarios to run")
	f.Uint64Var(&r.seeds.From, "from", 1, "the first seed")
	f.DurationVar(&r.limit, "for", 0, "run for so long, instead of a number of seeds")
	f.BoolVar(&r.seeds.Memberlist, "memberlist", false, "on memberlist's wire; a file says so by itself")
	f.IntVar(&r.seeds.Workers, "workers", runtime.GOMAXPROCS(0), "scenarios to run at the same time")
	f.Uint64Var(&r.seed, "seed", 0, "run the scenario of this seed, and no other")
	f.StringVar(&r.file, "scenario", "", "run the scenario in this file")
	f.BoolVar(&r.print, "print", false, "print the scenario first; with -seed or -scenario")
	f.BoolVar(&r.trace.on, "trace", false, "tell what happens; with -seed or -scenario")
	f.BoolVar(&r.trace.packets, "packets", false, "tell of every packet and stream, too")
	f.IntVar(&r.shrink, "shrink", 3000, "how many runs to spend on making a scenario smaller (0: none)")
	f.BoolVar(&r.plain, "plain", false, "no progress, also on a terminal")
	return cmd
}

// swarmRun is one run of the command.
type swarmRun struct {
	streams
	seeds swarm.Seeds
	limit time.Duration
	seed  uint64
	file  string
	trace struct{ on, packets bool }
	print bool
	plain bool

	shrink int
}

func (r *swarmRun) run(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	one := changed("seed") || r.file != ""
	switch {
	case changed("seed") && r.file != "":
		return usageError{errors.New("give -seed or -scenario, not both")}
	case !one && (r.trace.on || r.trace.packets || r.print):
		return usageError{errors.New("-trace, -packets and -print need -seed or -scenario")}
	case r.seeds.Workers < 1:
		return usageError{fmt.Errorf("-workers %d: want 1 or more", r.seeds.Workers)}
	case r.shrink < 0:
		return usageError{fmt.Errorf("-shrink %d: want 0 or more", r.shrink)}
	case one:
		return r.one()
	}
	return r.many(cmd.Context(), changed("seeds"))
}

// one runs a single scenario.
func (r *swarmRun) one() error {
	s := swarm.Generate(r.seed)
	if r.seeds.Memberlist {
		s = s.OnMemberlist()
	}
	if r.file != "" {
		text, err := os.ReadFile(r.file)
		if err != nil {
			return fmt.Errorf("scenario: %w", err)
		}
		if s, err = swarm.Parse(string(text)); err != nil {
			return usageError{fmt.Errorf("%s: %w", r.file, err)}
		}
	}
	out := bufio.NewWriter(r.out)
	if r.print {
		fmt.Fprintln(out, s)
	}
	var trace *swarm.Trace
	if r.trace.on || r.trace.packets {
		trace = &swarm.Trace{Out: out, Packets: r.trace.packets}
	}
	result := swarm.Run(s, trace)
	if result.Err == nil {
		fmt.Fprintf(out, "every law held, in %v and %d events\n", result.Took, result.Happened)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if result.Err != nil {
		return r.found(&swarm.Find{Scenario: s, Result: result})
	}
	return nil
}

// many runs the scenarios of many seeds.
func (r *swarmRun) many(ctx context.Context, counted bool) error {
	progress := &progress{s: r.streams, quiet: r.plain || !r.errIsTerminal(), began: time.Now()}
	began := time.Now()
	if r.limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, r.limit)
		defer stop()
		if !counted {
			r.seeds.Count = 0
		}
	}
	find, tally := swarm.Hunt(ctx, r.seeds, func(t swarm.Tally) {
		if r.seeds.Count > 0 {
			progress.tell("seeds", time.Duration(t.Seeds)*time.Millisecond, time.Duration(r.seeds.Count)*time.Millisecond)
		} else {
			progress.tell(fmt.Sprintf("%d seeds", t.Seeds/1000*1000), time.Since(began), r.limit)
		}
	})
	progress.end()
	took := time.Since(began)
	fmt.Fprintf(r.out, "%d scenarios from seed %d, with %d actions: %v of virtual time, %v of nodes' time, %d events, in %v\n",
		tally.Seeds, r.seeds.From, tally.Actions, tally.Took.Round(time.Second), tally.NodeTime.Round(time.Second), tally.Happened, took.Round(time.Millisecond))
	if find != nil {
		return r.found(find)
	}
	fmt.Fprintln(r.out, "every law held:")
	for _, l := range sim.Laws() {
		fmt.Fprintf(r.out, "  %-18s looked at %d times\n", l.Name, tally.Checks[l.Name])
	}
	return nil
}

// found tells what broke a law, and makes it smaller.
func (r *swarmRun) found(find *swarm.Find) error {
	wire := ""
	if r.seeds.Memberlist {
		wire = "-memberlist "
	}
	replay := fmt.Sprintf("go run ./cmd/nekton sim swarm %s-seed %d -trace", wire, find.Scenario.Seed)
	if r.file != "" {
		replay = fmt.Sprintf("go run ./cmd/nekton sim swarm -scenario %s -trace", r.file)
	}
	fmt.Fprintf(r.out, "%v\nreplay with: %s\n", find.Result.Err, replay)
	var p *swarm.Panic
	if errors.As(find.Result.Err, &p) {
		fmt.Fprintln(r.out, p.Stack)
	}
	if r.shrink > 0 {
		small := swarm.Shrink(find.Scenario, r.shrink)
		fmt.Fprintf(r.out, "\nThe smallest scenario found that breaks it (%v);\nreplay it from a file with: go run ./cmd/nekton sim swarm -scenario FILE -trace\n\n%s",
			swarm.Run(small, nil).Err, small)
	}
	return toldError{find.Result.Err}
}
