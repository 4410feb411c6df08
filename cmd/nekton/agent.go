package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/cmd/nekton/internal/agent"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

const agentHelp = `Runs one node until it is told to end (SIGINT or SIGTERM), and prints what happens,
one event a line. Then it leaves the cluster and waits for its peers to say that
they know.

  nekton agent -id a -bind 127.0.0.1:7001
  nekton agent -id b -bind 127.0.0.1:7002 -join 127.0.0.1:7001 -set color=blue

The exit status is 0 after a departure that was acknowledged, 1 if the node could
not run, 2 if the flags make no sense, and 3 if it left and too few peers
acknowledged that in time.`

// agentFlags are the flags that need reading before they are a configuration.
type agentFlags struct {
	agent.Config
	id, quorum, log, keys string
	members, values       []string
}

// agentCommand is nekton agent.
func agentCommand(s streams) *cobra.Command {
	f := agentFlags{Config: agent.Config{
		Cluster: "nekton", Generation: 1, Version: types.GOSSIP_VERSION_2, LeaveTimeout: 5 * time.Second, HealInterval: 10 * time.Second,
		Intervals: types.GossipIntervals{
			GossipInterval: 200 * time.Millisecond, PushPullInterval: 10 * time.Second, ProbeInterval: time.Second,
			ProbeTimeout: 300 * time.Millisecond, QuorumTimeout: types.DEFAULT_QUORUM_TIMEOUT, SuspicionMult: 4,
		},
	}}
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Run one node, and print what happens",
		Long:  agentHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := f.read(s.err)
			if err != nil {
				return usageError{err}
			}
			err = agent.Run(cmd.Context(), cfg, s.out, log)
			if errors.Is(err, nekton.ErrLeaveTimeout) {
				return unheardError{err}
			}
			return err
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.id, "id", "", "name of the node, unique in its cluster (required)")
	fs.StringVar(&f.Bind, "bind", "", "host:port to listen on, UDP and TCP (required; port 0: any)")
	fs.StringVar(&f.Advertise, "advertise", "", "host:port that others are told, if it is not the one of -bind")
	fs.StringSliceVar(&f.Join, "join", nil, "host:port of nodes to join through; repeat, or separate by commas")
	fs.StringVar(&f.Cluster, "cluster", f.Cluster, "cluster id: only nodes with the same one meet")
	fs.StringVar(&f.Domain, "domain", "", "failure domain of the node")
	fs.Uint64Var(&f.Generation, "gen", f.Generation, "generation: a higher one replaces a node of the same name")
	fs.StringVar(&f.Version, "version", f.Version, "gossip version: only nodes with the same one meet; any but v2 is memberlist's wire")
	fs.StringVar(&f.Bridge, "bridge", "", "gossip version of a cluster on memberlist's wire to be in as well, for example v1")
	fs.BoolVar(&f.MemberlistWire, "memberlist-wire", false, "speak memberlist's wire whatever -version is called")
	fs.BoolVar(&f.Foreign, "foreign", false, "on memberlist's wire: admit members of other programs")
	fs.StringVar(&f.keys, "keys", "", "file of AES keys in base64, one a line, the first one encrypts")
	fs.StringVar(&f.Label, "label", "", "label before every packet; what has another one is dropped")
	fs.StringVar(&f.quorum, "quorum", "", "quorum rule: default, domains or noop (default: default with -members, else noop)")
	fs.StringSliceVar(&f.members, "members", nil, "nodes of the cluster, quorum members all: id=host:port or id=host:port@domain")
	fs.StringSliceVar(&f.Inactive, "inactive", nil, "failure domains that are inactive")
	fs.StringSliceVar(&f.values, "set", nil, "value to publish: key=value")
	fs.StringVar(&f.Metrics, "metrics", "", "host:port on which /metrics is served for Prometheus")
	fs.StringVar(&f.log, "log", "warn", "what the node logs to stderr: debug, info, warn, error or off")
	fs.DurationVar(&f.LeaveTimeout, "leave-timeout", f.LeaveTimeout, "how long to wait for peers to acknowledge our departure (0: go without a word)")
	intervalFlags(cmd, &f.Intervals)
	fs.DurationVar(&f.HealInterval, "heal", f.HealInterval, "time in which the live members together try one lost member or seed (0: never)")
	return cmd
}

// read makes a configuration of the flags, or says everything that is wrong with
// them.
func (f *agentFlags) read(stderr io.Writer) (agent.Config, *slog.Logger, error) {
	cfg := f.Config
	cfg.ID = types.NodeId(f.id)
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if f.id == "" {
		note(errors.New("-id is missing: name the node"))
	}
	if f.Bind == "" {
		note(errors.New("-bind is missing: say where to listen, for example 127.0.0.1:7001"))
	}
	if f.LeaveTimeout < 0 {
		note(fmt.Errorf("-leave-timeout %v is negative", f.LeaveTimeout))
	}
	var err error
	cfg.Members, err = agent.ParseMembers(f.members)
	note(err)
	if _, ok := cfg.Members[cfg.ID]; len(f.members) > 0 && !ok {
		note(fmt.Errorf("-members does not name %q, the node itself", f.id))
	}
	cfg.Values, err = agent.ParseValues(f.values)
	note(err)
	cfg.Quorum, err = agent.ParseQuorum(f.quorum, len(f.members))
	note(err)
	if f.keys != "" {
		cfg.Keyring, err = readKeys(f.keys)
		note(err)
	}
	log, err := logger(stderr, f.log)
	note(err)
	return cfg, log, errors.Join(errs...)
}

// readKeys reads the file of -keys.
func readKeys(name string) (*seal.Keyring, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("-keys: %w", err)
	}
	defer file.Close()
	keyring, err := agent.ParseKeys(file)
	if err != nil {
		return nil, fmt.Errorf("-keys %s: %w", name, err)
	}
	return keyring, nil
}

// logger writes lines of at least a level.
func logger(w io.Writer, level string) (*slog.Logger, error) {
	if level == "off" {
		return slog.New(slog.DiscardHandler), nil
	}
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("-log %q is not one of debug, info, warn, error, off", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}
