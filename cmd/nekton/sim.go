package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nekton-go/nekton/cmd/nekton/internal/trialview"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

const simHelp = `Simulates a cluster: the production state machine of every node, on a virtual clock
and a virtual network. The cluster forms, is observed while nodes publish updates
and the faults strike that you ask for, and comes to rest. Then you are told how
fast crashes were found, what was false, how updates spread and what it cost, beside
what theory predicts. One seed gives one outcome, on every machine.

A fault is COUNT, COUNTxDURATION or COUNTxDURATION@TIME, where COUNT is a number of
random nodes or a share of all: -crash 3, -pause 16x8s, -partition 50%x1m@2m. Each
flag may be given more than once.

  nekton sim -nodes 1000 -loss 0.1 -crash 3 -for 10m
  nekton sim -nodes 128 -pause 16x8s -rules memberlist -report out.html

The exit status is 0 if the cluster formed, agreed in the end and kept the laws of
the protocol, else 1.`

// simCommand is nekton sim.
func simCommand(s streams) *cobra.Command {
	r := simRun{streams: s, plan: trial.Plan{Intervals: sim.LAN()}.WithDefaults(), network: virtual.DefaultNetwork()}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Simulate a cluster, measure it, and compare it with theory",
		Long:  simHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context(), cmd) },
	}
	r.flags(cmd)
	cmd.AddCommand(simRunCommand(s), simReplayCommand(s), simSwarmCommand(s), simExploreCommand(s), simScaleCommand(s))
	return cmd
}

// simRun is one run of the command.
type simRun struct {
	streams
	plan     trial.Plan
	network  virtual.Network
	rules    string
	delay    time.Duration
	jitter   time.Duration
	json     bool
	plain    bool
	report   string
	faultSet []*faultFlag
}

// A faultFlag collects the faults of one kind.
type faultFlag struct {
	kind   trial.FaultKind
	faults []trial.Fault
}

func (f *faultFlag) String() string { return "" }
func (f *faultFlag) Type() string   { return "fault" }
func (f *faultFlag) Set(s string) error {
	fault, err := trial.ParseFault(f.kind, s)
	if err == nil {
		f.faults = append(f.faults, fault)
	}
	return err
}

func (r *simRun) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	p := &r.plan
	f.IntVar(&p.Nodes, "nodes", p.Nodes, "size of the cluster")
	f.DurationVar(&p.For, "for", p.For, "how long it is observed, once it has formed")
	f.Uint64Var(&p.Seed, "seed", 1, "determines everything that happens")
	f.StringVar(&r.rules, "rules", "nekton", "whose rules: nekton, memberlist, swim or lifeguard")
	f.DurationVar(&p.Join, "join", 0, "time over which the nodes start (0: all at once)")
	f.BoolVar(&p.Quorum, "quorum", false, "tell every node about all, so that there is a quorum")
	intervalFlags(cmd, &p.Intervals)
	f.Float64Var(&r.network.Link.Loss, "loss", 0, "part of all packets and segments that are lost, 0 to 1")
	f.Float64Var(&r.network.Link.Duplicate, "duplicate", 0, "part of all packets that arrive twice")
	f.Float64Var(&r.network.Link.Reorder, "reorder", 0, "part of all packets that are up to 100 ms late")
	f.DurationVar(&r.delay, "delay", 700*time.Microsecond, "median time of a packet on its way")
	f.DurationVar(&r.jitter, "jitter", 500*time.Microsecond, "how far it may be from that, either way")
	f.DurationVar(&p.Updates, "updates", p.Updates, "time between two updates by random nodes (-1s: none)")
	f.IntVar(&p.Value, "value", p.Value, "size of an update in bytes")
	for _, kind := range trial.Kinds() {
		flag := &faultFlag{kind: kind}
		r.faultSet = append(r.faultSet, flag)
		f.Var(flag, string(kind), faultUsage(kind))
	}
	f.BoolVar(&p.Laws, "laws", false, "hold the laws of the protocol against the run (with up to 256 nodes that is the default)")
	f.StringVar(&r.report, "report", "", "write a page for the browser to this file")
	f.BoolVar(&r.json, "json", false, "print the outcome as one JSON object")
	f.BoolVar(&r.plain, "plain", false, "no colours and no progress, also on a terminal")
}

// faultUsage explains a fault in one line.
func faultUsage(kind trial.FaultKind) string {
	return map[trial.FaultKind]string{
		trial.Crash:     "end processes; with a duration, they start again after it",
		trial.Vanish:    "end processes with their machines",
		trial.Leave:     "let nodes leave in peace",
		trial.Restart:   "restart nodes one after another, over the duration",
		trial.Pause:     "freeze processes",
		trial.Block:     "keep processes from communicating while they run",
		trial.Starve:    "give processes 10 ms of a processor every 0.5 to 1.5 s",
		trial.Partition: "cut nodes off from the others",
		trial.Mute:      "let nodes hear and not be heard",
		trial.Deafen:    "let nodes be heard and not hear",
		trial.Lossy:     "lose 80 % of what goes to and from nodes",
	}[kind]
}

// presets are the rules that can be asked for.
func presets(name string) (swim.Config, error) {
	switch name {
	case "nekton":
		return swim.Config{}, nil
	case "memberlist":
		return swim.Memberlist(), nil
	case "swim":
		return swim.PaperSWIM(), nil
	case "lifeguard":
		return swim.PaperLifeguard(swim.FullLifeguard), nil
	}
	return swim.Config{}, fmt.Errorf("-rules %q: there are nekton, memberlist, swim and lifeguard", name)
}

// run carries out the plan and shows what came of it.
func (r *simRun) run(ctx context.Context, cmd *cobra.Command) error {
	rules, err := presets(r.rules)
	if err != nil {
		return usageError{err}
	}
	r.plan.Swim = rules
	r.setPace(cmd, rules)
	if !cmd.Flags().Changed("laws") {
		r.plan.Laws = r.rules == "nekton" && r.plan.Nodes <= maxChecked
	}
	r.network.Link.Delay = virtual.Uniform{Min: max(0, r.delay-r.jitter), Max: r.delay + r.jitter}
	r.plan.Network = &r.network
	for _, f := range r.faultSet {
		r.plan.Faults = append(r.plan.Faults, f.faults...)
	}
	if err := r.plan.Validate(); err != nil {
		return usageError{err}
	}
	progress := r.progress()
	began := cpuTime()
	o, err := trial.Run(ctx, r.plan, progress.tell)
	progress.end()
	if err != nil {
		return err
	}
	effort := trialview.Effort{CPU: cpuTime() - began, Heap: heapInUse()}
	if r.json {
		err = trialview.JSON(r.out, o, effort)
	} else {
		trialview.Text(r.out, o, r.style(), effort)
	}
	if err == nil && r.report != "" {
		err = r.writeReport(o, commandOf(cmd))
	}
	if err == nil && !o.OK() {
		return toldError{errors.New("the cluster did not agree, or broke a law")}
	}
	return err
}

// maxChecked is up to how many nodes laws are checked unasked: they cost memory for
// every pair of nodes.
const maxChecked = 256

// setPace gives every interval that was not asked for the value that the rules come
// with.
func (r *simRun) setPace(cmd *cobra.Command, rules swim.Config) {
	asked, pace := &r.plan.Intervals, sim.Pace(rules)
	changed := cmd.Flags().Changed
	keep := func(name string, asked *time.Duration, pace time.Duration) {
		if !changed(name) {
			*asked = pace
		}
	}
	keep("probe", &asked.ProbeInterval, pace.ProbeInterval)
	keep("timeout", &asked.ProbeTimeout, pace.ProbeTimeout)
	keep("gossip", &asked.GossipInterval, pace.GossipInterval)
	keep("push-pull", &asked.PushPullInterval, pace.PushPullInterval)
	if !changed("suspicion-mult") {
		asked.SuspicionMult = pace.SuspicionMult
	}
}

func (r *simRun) style() trialview.Style {
	if _, ok := r.terminal(); ok && !r.plain {
		return trialview.Colour()
	}
	return trialview.Style{}
}

// heapInUse is the memory that the simulation holds at its end.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// writeReport writes the page.
func (r *simRun) writeReport(o *trial.Outcome, command string) (err error) {
	f, err := os.Create(r.report)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return trialview.WritePage(f, o, command)
}

// commandOf is what repeats the run: every flag that was given, in the order of the help,
// but for where the outcome goes.
func commandOf(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Changed || f.Name == "report" || f.Name == "json" || f.Name == "plain" {
			return
		}
		if faults, ok := f.Value.(*faultFlag); ok {
			for _, fault := range faults.faults {
				words = append(words, "-"+f.Name, fault.String())
			}
			return
		}
		if f.Value.Type() == "bool" {
			words = append(words, strings.TrimSuffix("-"+f.Name+"="+f.Value.String(), "=true"))
			return
		}
		words = append(words, "-"+f.Name, f.Value.String())
	})
	return strings.Join(words, " ")
}
