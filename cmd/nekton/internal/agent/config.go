package agent

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// Config is what an agent is told.
type Config struct {
	ID         types.NodeId
	Bind       string // "host:port" to listen on
	Advertise  string // "host:port" that others are told; empty: what Bind turns out to be
	Join       []string
	Cluster    string
	Domain     string
	Generation uint64
	Version    string
	Intervals  types.GossipIntervals
	// HealInterval is how often the live members together try one lost member or
	// seed; 0: never.
	HealInterval time.Duration
	Quorum       types.QuorumProvider
	Inactive     []string // failure domains that are inactive; all others are active
	// Members are the nodes of the cluster, quorum members all of them. If there
	// are none, whoever joins is made known.
	Members map[types.NodeId]types.NodeUpdate
	// Values are published at once.
	Values map[types.StoreKey]string
	// Metrics is a "host:port" on which /metrics is served; empty: nowhere.
	Metrics string
	// Bridge is a gossip version on memberlist's wire that the node speaks as well; empty:
	// none.
	Bridge string
	// MemberlistWire speaks memberlist's wire whatever Version is called, and Foreign
	// admits members of other programs there.
	MemberlistWire, Foreign bool
	// Keyring encrypts, if there is one, and Label goes before all packets.
	Keyring *seal.Keyring
	Label   string
	// LeaveTimeout is how long the peers have to acknowledge that we leave.
	LeaveTimeout time.Duration
}

// ParseMembers reads "id=addr" or "id=addr@domain", each of them a node.
func ParseMembers(words []string) (map[types.NodeId]types.NodeUpdate, error) {
	members := map[types.NodeId]types.NodeUpdate{}
	var errs []error
	for _, word := range words {
		id, rest, ok := strings.Cut(word, "=")
		addr, domain, _ := strings.Cut(rest, "@")
		if _, _, err := net.SplitHostPort(addr); !ok || id == "" || err != nil {
			errs = append(errs, fmt.Errorf("member %q is not id=host:port or id=host:port@domain", word))
			continue
		}
		if _, twice := members[types.NodeId(id)]; twice {
			errs = append(errs, fmt.Errorf("member %q is named twice", id))
			continue
		}
		members[types.NodeId(id)] = types.NodeUpdate{Addr: addr, QuorumMember: true, ClusterDomain: domain}
	}
	return members, errors.Join(errs...)
}

// ParseValues reads "key=value", each of them a value to publish.
func ParseValues(words []string) (map[types.StoreKey]string, error) {
	values := map[types.StoreKey]string{}
	var errs []error
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok || key == "" {
			errs = append(errs, fmt.Errorf("value %q is not key=value", word))
			continue
		}
		values[types.StoreKey(key)] = value
	}
	return values, errors.Join(errs...)
}

// ParseKeys reads keys in base64, one a line, the primary first. Empty lines and those
// that begin with # are passed over. No error shows a key.
func ParseKeys(r io.Reader) (*seal.Keyring, error) {
	var keys [][]byte
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("key in line %d is not base64", n)
		}
		keys = append(keys, key)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key")
	}
	return seal.NewKeyring(keys[0], keys[1:]...)
}

// wireOptions are those of wire, encryption and label.
func (cfg *Config) wireOptions() []nekton.Option {
	var opts []nekton.Option
	if cfg.Bridge != "" {
		opts = append(opts, nekton.WithBridge(cfg.Bridge))
	}
	if cfg.MemberlistWire {
		opts = append(opts, nekton.WithMemberlistWire())
	}
	if cfg.Foreign {
		opts = append(opts, nekton.WithForeignMembers())
	}
	if cfg.Keyring != nil {
		opts = append(opts, nekton.WithKeyring(cfg.Keyring))
	}
	if cfg.Label != "" {
		opts = append(opts, nekton.WithLabel(cfg.Label))
	}
	return opts
}

// ParseQuorum reads the name of a quorum rule. The empty name chooses: default if
// there are members, else noop.
func ParseQuorum(name string, members int) (types.QuorumProvider, error) {
	switch {
	case name == "default" || name == "" && members > 0:
		return types.QUORUM_PROVIDER_DEFAULT, nil
	case name == "domains":
		return types.QUORUM_PROVIDER_FAILURE_DOMAINS, nil
	case name == "noop" || name == "":
		return types.QUORUM_PROVIDER_NOOP, nil
	}
	return 0, fmt.Errorf("quorum rule %q is not one of default, domains, noop", name)
}

// activeMap says that all failure domains that are named anywhere are active, but
// for the inactive ones.
func (cfg Config) activeMap() types.ClusterDomainsActiveMap {
	active := types.ClusterDomainsActiveMap{cfg.Domain: types.CLUSTER_DOMAIN_STATE_ACTIVE}
	for _, m := range cfg.Members {
		active[m.ClusterDomain] = types.CLUSTER_DOMAIN_STATE_ACTIVE
	}
	for _, domain := range cfg.Inactive {
		active[domain] = types.CLUSTER_DOMAIN_STATE_INACTIVE
	}
	return active
}

// startConfig names the seeds by their addresses: who lives there is not known yet.
func (cfg Config) startConfig() types.GossipStartConfiguration {
	seeds := map[types.NodeId]types.GossipNodeConfiguration{}
	for _, addr := range cfg.Join {
		seeds[types.NodeId(addr)] = types.GossipNodeConfiguration{KnownUrl: addr}
	}
	return types.GossipStartConfiguration{Nodes: seeds, ActiveMap: cfg.activeMap(), QuorumProviderType: cfg.Quorum}
}
