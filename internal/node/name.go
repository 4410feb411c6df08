package node

import (
	"errors"
	"strings"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// On nekton's wire a member is called as its node. On memberlist's it is called by the
// id and the gossip version, node "7" of version "v1" by "7v1"; everybody takes its own
// version off the end of a name, once, so that members of another version keep their
// whole name. Who they are is in their meta. Source: libopenstorage/gossip.

// nameOf is the name under which the node id is a member.
func (n *Node) nameOf(id types.NodeId) string {
	if !n.cfg.Memberlist {
		return string(id)
	}
	name := string(id) + n.cfg.Version
	if n.cfg.Foreign && n.core != nil && id != n.cfg.ID {
		if _, ours := n.core.Member(name); !ours {
			if _, foreign := n.core.Member(string(id)); foreign {
				return string(id)
			}
		}
	}
	return name
}

// idOf is the id of the node that is a member under a name.
func (n *Node) idOf(name string) types.NodeId {
	if n.cfg.Memberlist {
		name = strings.TrimSuffix(name, n.cfg.Version)
	}
	return types.NodeId(name)
}

// maxID is the longest id whose name a member can have. Bytes.
func (cfg *Config) maxID() int {
	return MaxIDLen - len(cfg.tableVersion())
}

// tableVersion is the gossip version of the node on memberlist's wire; empty if it does
// not speak that.
func (cfg *Config) tableVersion() string {
	switch {
	case cfg.Memberlist:
		return cfg.Version
	case cfg.Bridge != nil:
		return cfg.Bridge.Version
	}
	return ""
}

// meta is what our alive claim says about us: nothing on nekton's wire, which has
// fields of its own for it.
func (cfg *Config) meta(wall time.Time) ([]byte, error) {
	version := cfg.tableVersion()
	if version == "" {
		return nil, nil
	}
	meta := gobwire.Meta{NodeMetaInfo: types.NodeMetaInfo{
		ClusterId: cfg.ClusterID, GossipVersion: version, Id: cfg.ID, GenNumber: cfg.Generation, LastUpdateTs: wall,
	}}
	if cfg.Bridge != nil {
		meta.Bridge = cfg.Version
	}
	return gobwire.EncodeMeta(meta)
}

// checkMeta reports a meta that no member can have. Its length does not depend on the
// time.
func (cfg *Config) checkMeta() error {
	_, err := cfg.meta(time.Unix(1, 0))
	if errors.Is(err, gobwire.ErrTooLarge) {
		return &FieldError{"node id, cluster id and gossip version", "are too long together: " + err.Error()}
	}
	return err
}

// readMeta reads the meta of a member on memberlist's wire.
func (n *Node) readMeta(meta []byte) (gobwire.Meta, error) {
	if n.metas == nil {
		n.metas = new(gobwire.MetaReader)
	}
	return n.metas.Decode(meta)
}

// vet judges a member by its meta: one of our version and cluster may come in.
func (n *Node) vet(name string, meta []byte) *swim.Refusal {
	version := n.cfg.tableVersion()
	info, err := n.readMeta(meta)
	switch {
	case err != nil && n.cfg.Foreign:
		return nil
	case err != nil:
		return &swim.Refusal{Reason: swim.RefusedVersion, Ours: version, Theirs: unreadable, Name: name}
	case info.GossipVersion != version:
		return &swim.Refusal{Reason: swim.RefusedVersion, Ours: version, Theirs: info.GossipVersion, Name: name}
	case info.ClusterId != n.cfg.ClusterID:
		return &swim.Refusal{Reason: swim.RefusedCluster, Ours: n.cfg.ClusterID, Theirs: info.ClusterId, Name: name}
	}
	return nil
}

// unreadable stands for the gossip version of a member whose meta is not of this kind:
// of a program that uses memberlist for something else.
const unreadable = "(not told)"
