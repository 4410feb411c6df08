package node

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Config is what a node is for all of its life.
type Config struct {
	// ID is the name of the node, 1 to MaxIDLen bytes.
	ID types.NodeId
	// Generation is raised by whoever starts the node; see [swim.Generation].
	Generation uint64
	// Domain is the failure domain of the node.
	Domain string
	// ClusterID and Version must be equal on all nodes that are to meet; each at
	// most swim.MaxClusterLen bytes.
	ClusterID string
	Version   string
	// Memberlist says that the codec of Open is memberlist's wire, where a node is called
	// by its id and Version together, its meta says who it is, values travel as whole
	// tables (see [Node.Table]), and lives are not compared.
	Memberlist bool
	// Foreign admits members of memberlist's wire whose meta says nothing of version and
	// cluster: those of other programs. They must not have ids of ours as names.
	Foreign bool
	// Bridge makes a node of nekton's wire a member of a group on memberlist's, too;
	// nil for none. See bridge.go.
	Bridge *BridgeConfig
	// Intervals set the pace. Zero switches a loop off.
	Intervals types.GossipIntervals
	// Swim holds the parameters of the protocol that Intervals do not give.
	// Identity, intervals and collaborators in it are overwritten.
	Swim swim.Config
	// Store holds the limits of the StoreMap. Identity in it is overwritten.
	Store store.Config
	// Probation is how long a peer stays SUSPECT_DOWN. Zero: one minute.
	Probation time.Duration
}

// MaxIDLen is the longest node id, in bytes; on memberlist's wire, with its version.
const MaxIDLen = swim.MaxNameLen

// StartConfig is what holds from one Start to the next Stop.
type StartConfig struct {
	Provider  types.QuorumProvider
	ActiveMap types.ClusterDomainsActiveMap
	// Domains are the failure domains of the configured seeds.
	Domains map[types.NodeId]string
	// Addrs are the addresses of the configured seeds, for pings to siblings that
	// are not otherwise known.
	Addrs map[types.NodeId]netip.AddrPort
}

// Opening is what a node needs to take part in the protocol: it has sockets now.
type Opening struct {
	// Addr is where others reach us.
	Addr netip.AddrPort
	// Seeds are tried while healing.
	Seeds []netip.AddrPort
	// Codec is the wire.
	Codec swim.Codec
	// Rand is the source of chance.
	Rand swim.Rand
	// Overhead is what the transport adds to a packet. Bytes.
	Overhead int
	// BridgeCodec and BridgeOverhead are the same for the other side of a bridge.
	BridgeCodec    swim.Codec
	BridgeOverhead int
}

// A FieldError names a field of the configuration that is out of range.
type FieldError struct {
	Field  string
	Reason string
}

// Error names the field and says what is wrong with it.
func (e *FieldError) Error() string { return fmt.Sprintf("%s %s", e.Field, e.Reason) }

// Validate reports everything that is wrong with a configuration, each as a
// *FieldError.
func (cfg *Config) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &FieldError{field, fmt.Sprintf(format, args...)})
	}
	if n, limit := len(cfg.ID), cfg.maxID(); n == 0 || n > limit {
		bad("node id", "has %d bytes, want 1 to %d", n, limit)
	}
	if n := len(cfg.ClusterID); n > swim.MaxClusterLen {
		bad("cluster id", "has %d bytes, limit %d", n, swim.MaxClusterLen)
	}
	if n := len(cfg.Version); n > swim.MaxClusterLen {
		bad("gossip version", "has %d bytes, limit %d", n, swim.MaxClusterLen)
	}
	if err := cfg.checkMeta(); err != nil {
		errs = append(errs, err)
	}
	if cfg.Bridge != nil && (cfg.Memberlist || cfg.Bridge.Version == "" || cfg.Bridge.Version == cfg.Version) {
		bad("Bridge", "needs a node on nekton's wire, and another gossip version than its own, not %q", cfg.Bridge.Version)
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"GossipInterval", int64(cfg.Intervals.GossipInterval)},
		{"PushPullInterval", int64(cfg.Intervals.PushPullInterval)},
		{"ProbeInterval", int64(cfg.Intervals.ProbeInterval)},
		{"ProbeTimeout", int64(cfg.Intervals.ProbeTimeout)},
		{"QuorumTimeout", int64(cfg.Intervals.QuorumTimeout)},
		{"SuspicionMult", int64(cfg.Intervals.SuspicionMult)},
		{"Probation", int64(cfg.Probation)},
	} {
		if f.value < 0 {
			bad(f.name, "is negative (%d)", f.value)
		}
	}
	return errors.Join(errs...)
}

// swimConfig is the configuration of a core for one run.
func (n *Node) swimConfig(life swim.Life, wall time.Time, o Opening) (swim.Config, error) {
	cfg := n.cfg.Protocol()
	cfg.Name, cfg.Addr = n.nameOf(n.cfg.ID), o.Addr
	cfg.ClusterID, cfg.Version, cfg.Life = n.cfg.ClusterID, n.cfg.Version, life
	cfg.Codec, cfg.Rand, cfg.Rider, cfg.Wall, cfg.Seeds = o.Codec, o.Rand, n.rider, wall, o.Seeds
	cfg.PacketBudget -= o.Overhead
	if !n.cfg.Memberlist {
		return cfg, nil
	}
	cfg.Rider, cfg.Vet = &n.tables, n.vet
	var err error
	cfg.Meta, err = n.cfg.meta(wall)
	return cfg, err
}

// Protocol is Swim with what Intervals give: what a core is told, except who it is
// and what it works with.
func (cfg *Config) Protocol() swim.Config {
	p := cfg.Swim
	p.GossipInterval = orOff(cfg.Intervals.GossipInterval)
	p.PushPullInterval = orOff(cfg.Intervals.PushPullInterval)
	p.ProbeInterval = orOff(cfg.Intervals.ProbeInterval)
	p.SuspicionMult = orOff(cfg.Intervals.SuspicionMult)
	p.ProbeTimeout = cfg.Intervals.ProbeTimeout
	if p.PacketBudget == 0 {
		p.PacketBudget = defaultPacketBudget
	}
	return p
}

// defaultPacketBudget fits an Ethernet frame with room for tunnels. Bytes.
const defaultPacketBudget = 1400

// orOff turns the zero of [types.GossipIntervals], which switches a loop off, into
// the core's word for it.
func orOff[T ~int | ~int64](v T) T {
	if v == 0 {
		return T(swim.Off)
	}
	return v
}
