package trial

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A Plan is what is tried. The zero value of a field takes the default that it names.
type Plan struct {
	// Nodes is the size of the cluster. Default 64.
	Nodes int
	// For is how long the cluster is observed once it has formed. Default five minutes.
	For time.Duration
	// Seed determines everything that happens.
	Seed uint64
	// Join is the time over which the nodes start. Default: all at once.
	Join time.Duration
	// Patience bounds forming, and coming to rest. Default ten minutes each.
	Patience time.Duration
	// Intervals, Swim and Quorum are those of [sim.Config].
	Intervals types.GossipIntervals
	Swim      swim.Config
	Quorum    bool
	// Network is how the network behaves once the cluster has formed; nil: quiet. It
	// forms on the same network if HardStart is set, else on a quiet one.
	Network   *virtual.Network
	HardStart bool
	// Faults are what is done to the cluster.
	Faults []Fault
	// Updates is the time between two updates of StoreMaps, each by a random node.
	// Default 5 s; negative: none.
	Updates time.Duration
	// Value is the size of an update. Default 32. Bytes.
	Value int
	// Sample is the time between two looks at the whole cluster. Default one second.
	Sample time.Duration
	// Laws holds the laws of package sim against the run, and ends it when one is
	// broken. They are those of nekton's own rules. It costs memory for every pair of
	// nodes, and some time.
	Laws bool
}

const (
	defaultNodes    = 64
	defaultFor      = 5 * time.Minute
	defaultPatience = 10 * time.Minute
	defaultUpdates  = 5 * time.Second
	defaultValue    = 32
	// maxNodes is what addresses are there for.
	maxNodes = 1 << 20
)

// WithDefaults fills in what is not said.
func (p Plan) WithDefaults() Plan {
	orDefault(&p.Nodes, defaultNodes)
	orDefault(&p.For, defaultFor)
	orDefault(&p.Patience, defaultPatience)
	orDefault(&p.Updates, defaultUpdates)
	orDefault(&p.Value, defaultValue)
	orDefault(&p.Sample, time.Second)
	if p.Intervals == (types.GossipIntervals{}) {
		p.Intervals = sim.LAN()
	}
	return p
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports everything that is wrong with a plan.
func (p Plan) Validate() error {
	p = p.WithDefaults()
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Nodes < 1 || p.Nodes > maxNodes {
		bad("%d nodes, want 1 to %d", p.Nodes, maxNodes)
	}
	if p.For < 0 || p.Join < 0 || p.Patience < 0 || p.Sample < 0 {
		bad("a time is negative")
	}
	if p.Value < 0 {
		bad("an update of %d bytes", p.Value)
	}
	if n := p.Network; n != nil {
		for _, q := range []struct {
			name  string
			value float64
		}{{"loss", n.Link.Loss}, {"duplicates", n.Link.Duplicate}, {"reordering", n.Link.Reorder}} {
			if q.value < 0 || q.value > 1 {
				bad("%s of %v is no probability", q.name, q.value)
			}
		}
	}
	for i, f := range p.Faults {
		if err := f.validate(p); err != nil {
			bad("fault %d: %w", i+1, err)
		}
	}
	return errors.Join(errs...)
}
