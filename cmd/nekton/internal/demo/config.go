package demo

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

const (
	// MinNodes is the smallest cluster that can show the story: one node in
	// each of two failure domains, and a witness.
	MinNodes = 3
	// MaxNodes is the largest whose table still fits a terminal.
	MaxNodes = 9
)

// Config is what a run of the demo can be told.
type Config struct {
	// Nodes is the size of the cluster, MinNodes to MaxNodes. The last is a
	// witness in a failure domain of its own, the others are shared by the
	// domains a and b.
	Nodes int
	// Intervals are those of every node.
	Intervals types.GossipIntervals
	// Seed makes the random choices of the nodes repeatable, as far as a real
	// network and a real clock let them be. If zero, they are not.
	Seed uint64
	// Pace is how long the story rests after each step, so that it can be read.
	Pace time.Duration
	// Patience is added to every deadline, for machines that are busy with other
	// things.
	Patience time.Duration
}

// DefaultConfig tells the story in half a minute. The intervals are those of an
// impatient LAN: the defaults of package types would need ten minutes.
func DefaultConfig() Config {
	return Config{
		Nodes: 5,
		Intervals: types.GossipIntervals{
			GossipInterval:   100 * time.Millisecond,
			PushPullInterval: 2 * time.Second,
			ProbeInterval:    500 * time.Millisecond,
			ProbeTimeout:     150 * time.Millisecond,
			QuorumTimeout:    3 * time.Second,
			SuspicionMult:    3,
		},
		Pace:     time.Second,
		Patience: 4 * time.Second,
	}
}

// Validate reports everything that keeps the story from being told, at once.
func (cfg Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if cfg.Nodes < MinNodes || cfg.Nodes > MaxNodes {
		bad("%d nodes cannot show the story: want %d to %d, two failure domains and a witness", cfg.Nodes, MinNodes, MaxNodes)
	}
	in := cfg.Intervals
	if in.ProbeInterval <= 0 {
		bad("probe interval %v: without probes no failure is ever detected", in.ProbeInterval)
	}
	if in.ProbeTimeout <= 0 {
		bad("probe timeout %v: no ack can be that fast", in.ProbeTimeout)
	} else if in.ProbeInterval > 0 && 2*in.ProbeTimeout > in.ProbeInterval {
		bad("probe timeout %v: more than half of the probe interval %v leaves no time for indirect probes", in.ProbeTimeout, in.ProbeInterval)
	}
	if in.GossipInterval <= 0 {
		bad("gossip interval %v: without gossip there is no dissemination to measure", in.GossipInterval)
	}
	if in.PushPullInterval < 0 {
		bad("push-pull interval %v is negative", in.PushPullInterval)
	}
	if in.SuspicionMult < 0 {
		bad("suspicion multiplier %d is negative", in.SuspicionMult)
	}
	if in.QuorumTimeout < 200*time.Millisecond {
		bad("quorum timeout %v: SUSPECT_NOT_IN_QUORUM would be over before it can be seen, want at least 200ms", in.QuorumTimeout)
	}
	if cfg.Pace < 0 {
		bad("pace %v is negative", cfg.Pace)
	}
	if cfg.Patience < 0 {
		bad("patience %v is negative", cfg.Patience)
	}
	return errors.Join(errs...)
}
