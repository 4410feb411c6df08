package explore

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// MaxNodes is the largest cluster that can be explored.
const MaxNodes = 4

// Start says how a cluster begins.
type Start uint8

const (
	// StartTogether: all nodes hold each other alive, and there is no news. They came
	// to this by joining, undisturbed, before the exploration begins.
	StartTogether Start = iota
	// StartJoining: no node knows any other; all but the first are about to join
	// through the first. The joins are part of what is explored.
	StartJoining
)

// Config says how large the cluster is, and how much may happen to it. Each budget is
// the number of times that something may happen in one run, to whichever node or
// packet and at whichever moment; every way to spend all budgets, or less, is
// explored. The zero value of a budget is none. Each is at most 255.
type Config struct {
	// Nodes is 2 to MaxNodes; 0 means 2. They are called a, b, c, d.
	Nodes int
	// Start is where the exploration begins.
	Start Start
	// Swim holds the rules: timeouts, multipliers, what is off. Name, Addr, Meta, Life,
	// ClusterID, Version, Codec, Rider, Rand, Wall, Seeds and Records are the explorer's. The
	// zero value means [Small]; whoever wants one thing changed changes that.
	Swim swim.Config

	// Timeouts is how often time may pass. Each time, one node's clock moves to its
	// next deadline, and everything due then is done. The other clocks stand still, so
	// that clocks differ and drift as they like; see OneClock.
	Timeouts int
	// Deliveries bounds the packets, frames and ends of streams that arrive. Where it
	// is spent, a run ends. 0: as many as are sent.
	Deliveries int
	// Late is how many of them may be on their way while time passes. With 0 a network
	// is prompt: whatever is sent arrives, in any order, or is lost, before the next
	// timer fires. Negative: any number, for as long as it takes.
	Late int
	// Drops is how many packets are lost, streams not opened, and streams torn.
	Drops int
	// Duplicates is how often a packet arrives and stays on its way all the same.
	Duplicates int
	// Crashes is how often a node ends without a word.
	Crashes int
	// Restarts is how often a node that has ended starts again, under its name, at its
	// address, with a higher boot. It joins through the next node that is up.
	Restarts int
	// LowLives lets nodes restart also with the life that they had, with a lower boot,
	// and with a lower generation.
	LowLives bool
	// Leaves is how often a node says that it goes. It may stop at any time afterwards.
	Leaves int
	// Publishes is how often a node changes the state that rides along.
	Publishes int
	// Updates is how often a node changes its meta, for which it raises its incarnation.
	Updates int
	// Stalls is how often a node's clock jumps ahead by StallFor while the node does
	// nothing; what is due by then is late.
	Stalls int
	// StallFor is how long a stall takes. 0 means twice the ProbeInterval.
	StallFor time.Duration

	// OneClock makes all nodes share one clock: it moves to the earliest deadline of
	// all, any of those that are equal, and nobody is ever behind. What arrives finds
	// every node at the moment at which the timer fired. Stalls need clocks of their own.
	OneClock bool
	// Chance is how large a random choice may be to be followed into every outcome. Of
	// a larger one, such as the moment within an interval at which a timer first
	// fires, and with 1 of all, only the first outcome is taken. 0 means 4.
	Chance int
	// CalmEvery makes the explorer check one in so many states, evenly chosen by their
	// hashes, for what must happen in the end: from there on nothing is lost, and all
	// nodes that are up must agree; then one ends, and the others must find out. 0:
	// none; 1: each.
	CalmEvery int
	// MaxStates ends the exploration, incomplete, when so many have been found. 0: no
	// limit but MaxUint32.
	MaxStates int
}

// Small is the protocol's rules for small state spaces: no choice is taken away, but
// everything that merely repeats itself happens once, intervals are multiples of each
// other, and the streams that are opened for the sake of speed or repair are off.
func Small() swim.Config {
	return swim.Config{
		ProbeInterval: time.Second, ProbeTimeout: 500 * time.Millisecond, ProbeRetries: swim.Off, IndirectProbes: 1,
		NoStreamProbe: true, NackAfter: 100,
		SuspicionMult: 1, SuspicionMaxMult: 2, SuspicionConfirmations: 1, HealthMax: 1,
		GossipInterval: 500 * time.Millisecond, GossipNodes: 1, RetransmitMult: 1,
		PushPullInterval: swim.Off, HealInterval: 20 * time.Second, JoinDials: 1, LeaveAcks: 1,
	}
}

// maxBudget bounds every budget: one byte of a state.
const maxBudget = math.MaxUint8

// A budget is something that can happen a limited number of times.
type budget uint8

const (
	ofTimeouts budget = iota
	ofDeliveries
	ofDrops
	ofDuplicates
	ofCrashes
	ofRestarts
	ofLeaves
	ofPublishes
	ofUpdates
	ofStalls
	numBudgets
)

// budgets are the configured ones, in the order of the constants.
func (cfg *Config) budgets() [numBudgets]int {
	return [numBudgets]int{
		cfg.Timeouts, cfg.Deliveries, cfg.Drops, cfg.Duplicates, cfg.Crashes, cfg.Restarts, cfg.Leaves, cfg.Publishes, cfg.Updates,
		cfg.Stalls,
	}
}

// withDefaults fills in what is zero.
func (cfg Config) withDefaults() Config {
	if cfg.Nodes == 0 {
		cfg.Nodes = 2
	}
	if cfg.Chance == 0 {
		cfg.Chance = 4
	}
	if reflect.ValueOf(cfg.Swim).IsZero() {
		cfg.Swim = Small()
	}
	if cfg.StallFor == 0 {
		cfg.StallFor = 2 * max(cfg.Swim.ProbeInterval, time.Second)
	}
	if cfg.MaxStates == 0 {
		cfg.MaxStates = math.MaxInt32
	}
	return cfg
}

// validate reports everything that is wrong with a configuration at once.
func (cfg *Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if cfg.Nodes < 2 || cfg.Nodes > MaxNodes {
		bad("Nodes is %d, want 2 to %d", cfg.Nodes, MaxNodes)
	}
	if cfg.Start > StartJoining {
		bad("Start is %d, want StartTogether or StartJoining", cfg.Start)
	}
	names := [numBudgets]string{
		"Timeouts", "Deliveries", "Drops", "Duplicates", "Crashes", "Restarts", "Leaves", "Publishes", "Updates", "Stalls",
	}
	for b, n := range cfg.budgets() {
		if n < 0 || n > maxBudget {
			bad("%s is %d, want 0 to %d", names[b], n, maxBudget)
		}
	}
	if cfg.Chance < 1 {
		bad("Chance is %d, want at least 1", cfg.Chance)
	}
	if cfg.OneClock && cfg.Stalls > 0 {
		bad("Stalls need clocks of their own: OneClock must be off")
	}
	if cfg.CalmEvery < 0 || cfg.MaxStates < 0 || cfg.StallFor < 0 {
		bad("CalmEvery, MaxStates and StallFor cannot be negative")
	}
	return errors.Join(errs...)
}
