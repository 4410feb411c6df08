package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/sim/explore"
)

const simExploreHelp = `Visits every state that two or three nodes can reach, whatever is delivered, lost,
doubled or late and whichever timer fires first, within budgets of each. The nodes are
the production state machine. Invariants are checked in every state, and the states are
counted. Without names all suites are explored:

%s
  nekton sim explore
  nekton sim explore -size medium
  nekton sim explore -size large pair-late trio-leave
  nekton sim explore -replay tb-d0-x1 pair-loss

The quick sizes take seconds, the medium ones a minute and half a gigabyte, the large
ones some minutes and up to three gigabytes. Of an invariant that does not hold you are
told the shortest way there, and the command that goes it again. The exit status is 0 if
every invariant held, and 1 if not.`

// simExploreCommand is nekton sim explore.
func simExploreCommand(s streams) *cobra.Command {
	e := exploration{streams: s}
	var list strings.Builder
	for _, suite := range explore.Suites() {
		fmt.Fprintf(&list, "  %-12s %s\n", suite.Name, suite.Story)
	}
	cmd := &cobra.Command{
		Use:   "explore [SUITE…]",
		Short: "Visit every state of small clusters",
		Long:  fmt.Sprintf(simExploreHelp, list.String()),
		RunE: func(cmd *cobra.Command, args []string) error {
			suites, err := e.choose(args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("replay") {
				return e.replay(suites)
			}
			return e.run(cmd.Context(), suites)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&e.size, "size", "quick", "quick, medium or large")
	f.StringVar(&e.path, "replay", "", "go this one way, in one suite, and tell what happens")
	f.BoolVar(&e.plain, "plain", false, "no progress, also on a terminal")
	return cmd
}

// exploration is one run of the command.
type exploration struct {
	streams
	size, path string
	plain      bool
}

// choose returns the suites with these names; all if there are none.
func (e *exploration) choose(names []string) ([]explore.Suite, error) {
	if !slices.Contains(explore.Sizes(), e.size) {
		return nil, usageError{fmt.Errorf("-size %q: want %s", e.size, strings.Join(explore.Sizes(), ", "))}
	}
	all := explore.Suites()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []explore.Suite
	for _, name := range names {
		i := slices.IndexFunc(all, func(s explore.Suite) bool { return s.Name == name })
		if i < 0 {
			return nil, usageError{fmt.Errorf("no suite %q; see nekton sim explore -help", name)}
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// run explores one suite after the other.
func (e *exploration) run(ctx context.Context, suites []explore.Suite) error {
	const row = "%-12s %12v %12v %6v %12v %10v %8v\n"
	fmt.Fprintf(e.out, row, "suite", "states", "transitions", "depth", "node states", "calls", "CPU s")
	states, transitions, began := 0, 0, cpuTime()
	for _, s := range suites {
		cfg, _ := s.At(e.size)
		progress := &progress{s: e.streams, quiet: e.plain || !e.errIsTerminal(), began: time.Now()}
		start := cpuTime()
		r, err := explore.Run(ctx, cfg, func(p explore.Progress) {
			progress.tell(fmt.Sprintf("%s, depth %d", s.Name, p.Depth), time.Duration(p.Done)*time.Millisecond, time.Duration(p.Frontier)*time.Millisecond)
		})
		progress.end()
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		fmt.Fprintf(e.out, row, s.Name, r.States, r.Transitions, r.Depth, r.NodeStates, r.Calls, seconds(cpuTime()-start))
		states, transitions = states+r.States, transitions+r.Transitions
		if r.Violation != nil {
			return e.found(&s, cfg, r.Violation.Path)
		}
	}
	fmt.Fprintf(e.out, row, "all", states, transitions, "", "", "", seconds(cpuTime()-began))
	fmt.Fprintf(e.out, "every invariant held in every state: %d of them at size %s\n", len(explore.Invariants()), e.size)
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

// replay goes one way.
func (e *exploration) replay(suites []explore.Suite) error {
	if len(suites) != 1 {
		return usageError{fmt.Errorf("-replay needs the name of one suite")}
	}
	cfg, _ := suites[0].At(e.size)
	return e.found(&suites[0], cfg, e.path)
}

// found tells a way step by step; the error says that an invariant does not hold at its
// end.
func (e *exploration) found(s *explore.Suite, cfg explore.Config, path string) error {
	trace, err := explore.Replay(cfg, path)
	fmt.Fprint(e.out, "\n", trace)
	if err != nil {
		return usageError{err}
	}
	if trace.Fault == nil {
		fmt.Fprintln(e.out, "every invariant holds on this way")
		return nil
	}
	fmt.Fprintf(e.out, "replay with: go run ./cmd/nekton sim explore -size %s -replay %s %s\n", e.size, path, s.Name)
	return toldError{fmt.Errorf("%v", trace.Fault)}
}
