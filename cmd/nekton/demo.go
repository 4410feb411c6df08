package main

import (
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
	"github.com/nekton-go/nekton/cmd/nekton/internal/view"
	"github.com/nekton-go/nekton/types"
)

const demoHelp = `Starts a real cluster on the loopback interface, in this process, and tells its
story: nodes form a cluster and publish values; one is killed, and the times to
find out and to agree are compared with what theory predicts; a whole failure
domain is lost, and with it the quorum; the killed come back; a domain is
deactivated and activated; a node leaves in peace; everything stops.

Every step is checked against what the nodes really hold true. The exit status
is 0 if every step was observed, and 1 if not; then the step is named, with what
was seen instead.`

// demoCommand is nekton demo.
func demoCommand(s streams) *cobra.Command {
	cfg := demo.DefaultConfig()
	var plain, json bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start a cluster on loopback, break it, heal it, and check every step",
		Long:  demoHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if plain && json {
				return usageError{errors.New("-plain and -json exclude each other")}
			}
			if err := cfg.Validate(); err != nil {
				return usageError{err}
			}
			// The view has told what went wrong, as its last line.
			if err := demo.Run(cmd.Context(), cfg, chooseView(s, plain, json)); err != nil {
				return toldError{err}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&cfg.Nodes, "nodes", cfg.Nodes, "size of the cluster, 3 to 9: two failure domains and a witness")
	intervalFlags(cmd, &cfg.Intervals)
	f.DurationVar(&cfg.Pace, "pace", cfg.Pace, "rest after each step, so that it can be read")
	f.DurationVar(&cfg.Patience, "patience", cfg.Patience, "what is added to every deadline, for machines that are busy")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "make the random choices of the nodes repeatable (0: they are not)")
	f.BoolVar(&plain, "plain", false, "print lines, also on a terminal")
	f.BoolVar(&json, "json", false, "print one JSON object for each thing that happens")
	return cmd
}

// intervalFlags adds a flag for each field of in, with what it holds as default.
func intervalFlags(cmd *cobra.Command, in *types.GossipIntervals) {
	f := cmd.Flags()
	duration := func(p *time.Duration, name, usage string) { f.DurationVar(p, name, *p, usage) }
	duration(&in.ProbeInterval, "probe", "protocol period: every node probes one other in each")
	duration(&in.ProbeTimeout, "timeout", "how long a direct probe waits before others are asked")
	duration(&in.GossipInterval, "gossip", "time between two rounds of gossip")
	duration(&in.PushPullInterval, "push-pull", "time between two comparisons of whole tables")
	f.IntVar(&in.SuspicionMult, "suspicion-mult", in.SuspicionMult, "how many periods a suspect has to refute, at least")
	duration(&in.QuorumTimeout, "quorum-timeout", "time from SUSPECT_NOT_IN_QUORUM to NOT_IN_QUORUM")
}

func chooseView(s streams, plain, json bool) demo.View {
	if json {
		return view.NewJSON(s.out)
	}
	if terminal, ok := s.terminal(); ok && !plain {
		return view.NewLive(terminal, os.Environ(), sizeOf(terminal))
	}
	return view.NewPlain(s.out)
}
