package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Config is what all nodes of a cluster share. The zero value is a cluster on a quiet
// local network at LAN's intervals.
type Config struct {
	// Seed determines everything that happens.
	Seed uint64
	// ClusterID and Version are those of the nodes. Default "sim" and "v2".
	ClusterID string
	Version   string
	// Intervals set the pace. The zero value stands for the [Pace] of Swim; in any
	// other, zero switches a loop off.
	Intervals types.GossipIntervals
	// Swim holds the parameters of the protocol that Intervals do not give, and the
	// rules of other implementations; see [swim.Config]. Its presets, such as
	// [swim.PaperSWIM], can be used as they are.
	Swim swim.Config
	// Store holds the limits of the StoreMaps.
	Store store.Config
	// Provider is the quorum rule, Active the map of active domains. A domain of a
	// node that is not in Active is active.
	Provider types.QuorumProvider
	Active   types.ClusterDomainsActiveMap
	// Quorum tells every node about all others, as the application does with
	// UpdateCluster, so that they have statuses and a quorum. Without it a node knows
	// the members only as its failure detector does, which is cheaper.
	Quorum bool
	// Probation is how long a peer stays SUSPECT_DOWN. Default one minute.
	Probation time.Duration
	// Network is how the network behaves at the beginning. Nil: a quiet local one.
	Network *virtual.Network
}

// Protocol is what the nodes' failure detectors are told, with all defaults filled in;
// what is Off is zero.
func (cfg Config) Protocol() swim.Config {
	n := node.Config{Intervals: cfg.withDefaults().Intervals, Swim: cfg.Swim}
	return n.Protocol().Effective()
}

// LAN is the pace of one site: the defaults of package swim.
func LAN() types.GossipIntervals {
	return types.GossipIntervals{
		GossipInterval: 200 * time.Millisecond, PushPullInterval: 30 * time.Second,
		ProbeInterval: time.Second, ProbeTimeout: 500 * time.Millisecond,
		QuorumTimeout: time.Minute, SuspicionMult: 4,
	}
}

// Pace is the pace that a configuration of the protocol asks for: where that is zero,
// LAN's; where it is Off, zero.
func Pace(p swim.Config) types.GossipIntervals {
	pace := LAN()
	take(&pace.GossipInterval, p.GossipInterval)
	take(&pace.PushPullInterval, p.PushPullInterval)
	take(&pace.ProbeInterval, p.ProbeInterval)
	take(&pace.ProbeTimeout, p.ProbeTimeout)
	take(&pace.SuspicionMult, p.SuspicionMult)
	return pace
}

// take puts a setting in the place of a default.
func take[T ~int | ~int64](pace *T, set T) {
	switch set {
	case 0:
	case swim.Off:
		*pace = 0
	default:
		*pace = set
	}
}

// Original is the pace of libopenstorage/gossip: its DEFAULT_ constants.
func Original() types.GossipIntervals {
	return types.GossipIntervals{
		GossipInterval: types.DEFAULT_GOSSIP_INTERVAL, PushPullInterval: types.DEFAULT_PUSH_PULL_INTERVAL,
		ProbeInterval: types.DEFAULT_PROBE_INTERVAL, ProbeTimeout: types.DEFAULT_PROBE_TIMEOUT,
		QuorumTimeout: types.DEFAULT_QUORUM_TIMEOUT, SuspicionMult: types.DEFAULT_SUSPICION_MULTIPLIER,
	}
}

// withDefaults fills in what is not said.
func (cfg Config) withDefaults() Config {
	if cfg.ClusterID == "" {
		cfg.ClusterID = "sim"
	}
	if cfg.Version == "" {
		cfg.Version = types.GOSSIP_VERSION_2
	}
	if cfg.Intervals == (types.GossipIntervals{}) {
		cfg.Intervals = Pace(cfg.Swim)
	}
	if cfg.Network == nil {
		n := virtual.DefaultNetwork()
		cfg.Network = &n
	}
	return cfg
}

// ErrName means that a name is in use.
var ErrName = errors.New("name is in use")

// A StateError means that a node cannot do what it is told, in the state that it is in.
type StateError struct {
	Node types.NodeId
	Do   string
	Is   string
}

// Error says what and why.
func (e *StateError) Error() string {
	return fmt.Sprintf("sim: cannot %s node %q: it %s", e.Do, e.Node, e.Is)
}
