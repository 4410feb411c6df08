package node

import (
	"fmt"
	"strings"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/bridge"
	"github.com/nekton-go/nekton/types"
)

// A bridged node is a member of two groups, one on each wire, while its cluster moves
// from memberlist's to nekton's. It has one store and one quorum. What a node
// publishes is taken from nekton's side if it is alive there, else from the tables
// of the other; what this node publishes goes out on both.

// BridgeConfig is what a bridged node is on memberlist's wire.
type BridgeConfig struct {
	// Version is the gossip version of the group there.
	Version string
	// Swim holds the parameters of the protocol there, as Config.Swim does.
	Swim swim.Config
}

// bridge puts a core for memberlist's wire beside the one for nekton's.
func (n *Node) bridge(core *swim.Core, now time.Duration, o Opening) (*bridge.Bridge, error) {
	side := n.cfg
	side.Swim = n.cfg.Bridge.Swim
	wall := n.Wall(now)
	meta, err := n.cfg.meta(wall)
	if err != nil {
		return nil, err
	}
	version := n.cfg.Bridge.Version
	cfg := side.Protocol()
	cfg.Name, cfg.Addr, cfg.Meta = string(n.cfg.ID)+version, o.Addr, meta
	cfg.ClusterID, cfg.Version = n.cfg.ClusterID, version
	cfg.Codec, cfg.Rand, cfg.Rider, cfg.Vet = o.BridgeCodec, o.Rand, &n.tables, n.vet
	cfg.Wall, cfg.Seeds = wall, o.Seeds
	cfg.PacketBudget -= o.BridgeOverhead
	other, err := swim.New(cfg, now)
	if err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	return bridge.New(bridge.Config{
		Nekton: core, Memberlist: other, Seeds: o.Seeds,
		Name: func(id string) string { return id + version },
		ID:   func(name string) string { return strings.TrimSuffix(name, version) },
		Bridged: func(meta []byte) bool {
			m, err := n.readMeta(meta)
			return err == nil && m.Bridge == n.cfg.Version
		},
	}), nil
}

// bridged reports whether a node is alive on nekton's wire, for a node that speaks
// both: then what it publishes comes from there.
func (n *Node) bridged(id types.NodeId) bool {
	b, ok := n.core.(*bridge.Bridge)
	return ok && b.On(bridge.Nekton, string(id))
}

// TableName is the name of the node on memberlist's wire; empty if it does not speak
// that.
func (n *Node) TableName() string {
	if version := n.cfg.tableVersion(); version != "" {
		return string(n.cfg.ID) + version
	}
	return ""
}
