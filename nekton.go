package nekton

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/types"
)

// GossipStore is the part of [Gossiper] that reads and writes state. All of it
// works at any time: before Start, while running, and after Stop.
type GossipStore interface {
	// NodeId returns the id that was given to New.
	NodeId() types.NodeId
	// UpdateSelf sets one key of the own StoreMap. See [Node.UpdateSelf].
	UpdateSelf(types.StoreKey, interface{})
	// GetSelfStatus returns the own status.
	GetSelfStatus() types.NodeStatus
	// GetStoreKeyValue returns what each known node publishes under a key.
	GetStoreKeyValue(key types.StoreKey) types.NodeValueMap
	// GetStoreKeys returns the keys of all known nodes, each once.
	GetStoreKeys() []types.StoreKey
	// Update shows other values for peers, on this node only. See [Node.Update].
	Update(newData types.NodeInfoMap)
	// UpdateSelfStatus writes the own status, until the next event decides it.
	UpdateSelfStatus(types.NodeStatus)
	// UpdateNodeStatus writes the status of a known node.
	UpdateNodeStatus(types.NodeId, types.NodeStatus) error
	// MetaInfo identifies this node.
	MetaInfo() types.NodeMetaInfo
	// GetLocalState returns everything known about all known nodes.
	GetLocalState() types.NodeInfoMap
	// GetLocalNodeInfo returns everything known about one known node.
	GetLocalNodeInfo(types.NodeId) (types.NodeInfo, error)
	// AddNode makes a node known, or writes over status, flag and domain.
	AddNode(id types.NodeId, status types.NodeStatus, quorumMember bool, clusterDomain string)
	// RemoveNode makes a node unknown.
	RemoveNode(types.NodeId) error
}

// Gossiper is one member of a cluster, as users of libopenstorage/gossip know it.
// The methods are documented at [Node], which is the only implementation; what a
// Node has beyond this interface is reached by New(…).(*nekton.Node), or [NewNode].
type Gossiper interface {
	GossipStore

	// Start joins the cluster. See [Node.Start].
	Start(types.GossipStartConfiguration) error
	// GossipInterval returns the interval that was given to New.
	GossipInterval() time.Duration
	// Stop leaves the cluster. See [Node.Stop].
	Stop(leaveTimeout time.Duration) error
	// GetNodes returns the IP addresses of all members not held dead.
	GetNodes() []string
	// UpdateCluster says which nodes exist. See [Node.UpdateCluster].
	UpdateCluster(map[types.NodeId]types.NodeUpdate)
	// ExternalNodeLeave advises which of two nodes has to go.
	ExternalNodeLeave(nodeId types.NodeId) types.NodeId
	// UpdateClusterDomainsActiveMap says which failure domains are active.
	UpdateClusterDomainsActiveMap(types.ClusterDomainsActiveMap) error
	// UpdateSelfClusterDomain moves this node to another failure domain.
	UpdateSelfClusterDomain(selfFailureDomain string)
	// Ping asks whether a node lives at an address, and for the round trip.
	Ping(nodeId types.NodeId, ipPort string) (time.Duration, error)
}

var _ Gossiper = (*Node)(nil)

// A Node is one member of a cluster: sockets, goroutines and a clock around the
// state machine that decides everything. All methods may be called concurrently,
// also from whoever handles events. What they return is the caller's own, and what
// they are given stays the caller's.
//
// A Node lives in cycles: New, Start, Stop, Start again … Between Stop and Start
// it has no goroutine, socket or timer, and keeps its values.
type Node struct {
	id         types.NodeId
	addr       string // to listen on, as given
	generation uint64
	intervals  types.GossipIntervals
	version    string
	cluster    string
	memberlist bool // the wire is memberlist's

	opts    options
	layers  layers // around what is sent and received
	coding  valueCoding
	problem error // what Start has to say about all of the above
	log     journal
	counts  counts

	// deliver orders the hand-over of events, and guards subscriptions. It is
	// taken before mu, never after, and nobody who holds it can block.
	deliver       sync.Mutex
	subscriptions []*subscription

	// states is held while the state of a push-pull is encoded, or decoded and merged,
	// so that there is one at a time in memory. It is taken before mu, never after.
	states sync.Mutex

	// mu guards the state machine and what follows. Under it nothing is sent,
	// dialled, resolved, logged, encoded or decoded, and no code of the user runs.
	mu        sync.Mutex
	core      *node.Node
	now       time.Duration // the latest reading of the clock: it never goes back
	phase     phase
	forgiven  bool          // the next Stop after a leave that timed out succeeds
	run       *run          // nil unless started
	runs      uint64        // number of runs begun
	timer     Timer         // of the run
	wakeAt    time.Duration // what it is set to
	outbox    []Event       // not handed over yet
	listeners int           // number of subscriptions
	measured  measured

	spare atomic.Pointer[output] // used last; nil while it is in use
}

// New returns a node that knows itself: id, generation, failure domain, no values,
// NOT_IN_QUORUM. It does no I/O and starts nothing, and it never fails: whatever is
// wrong with the arguments is the error of Start.
//
// ip is "host:port" to listen on, with IPv6 in brackets; port 0 means any. The
// generation has to grow whenever the node's identity is taken over by a newer one
// of the same id. Only nodes of the same gossip version and cluster id meet. Version
// "v2" is spoken on nekton's own wire, every other on memberlist's, where the members
// may be those of libopenstorage/gossip; see [WithMemberlistWire] and
// [WithForeignMembers]. A zero interval switches that loop off, see
// [types.GossipIntervals].
//
// The dynamic type is *Node.
func New(ip string, selfNodeId types.NodeId, genNumber uint64, gossipIntervals types.GossipIntervals,
	gossipVersion string, clusterId string, selfFailureDomain string, opts ...Option) Gossiper {
	return NewNode(ip, selfNodeId, genNumber, gossipIntervals, gossipVersion, clusterId, selfFailureDomain, opts...)
}

// NewNode is New for those who want what goes beyond [Gossiper].
func NewNode(ip string, selfNodeId types.NodeId, genNumber uint64, gossipIntervals types.GossipIntervals,
	gossipVersion string, clusterId string, selfFailureDomain string, opts ...Option) *Node {
	n := &Node{
		id: selfNodeId, addr: ip, generation: genNumber, intervals: gossipIntervals,
		version: gossipVersion, cluster: clusterId, opts: collectOptions(opts),
	}
	n.log = newJournal(n.opts.logger, n.opts.clock, selfNodeId)

	var problems []error
	n.memberlist = gossipVersion != types.GOSSIP_VERSION_2 || n.opts.memberlist
	n.opts.limits, problems = n.opts.limits.withDefaults(n.memberlist || n.opts.bridge != nil)
	n.coding, problems = n.opts.register(problems, n.memberlist)
	problems = n.makeLayers(problems)
	problems = append(problems, n.checkAddress(), n.checkProtocol(n.memberlist))
	problems = append(problems, n.makeCore(selfFailureDomain))
	if err := errors.Join(problems...); err != nil {
		n.problem = fmt.Errorf("nekton: start: %w", err)
	}
	return n
}

// makeCore builds the state machine. A configuration that is out of range is the
// error; there is a state machine all the same, so that the store methods work.
func (n *Node) makeCore(domain string) error {
	cfg := node.Config{
		ID: n.id, Generation: n.generation, Domain: domain, ClusterID: n.cluster, Version: n.version,
		Memberlist: n.memberlist, Foreign: n.opts.foreign,
		Intervals: n.intervals, Swim: n.swimConfig(n.memberlist), Store: n.storeConfig(), Probation: n.opts.probation,
	}
	if n.opts.bridge != nil {
		cfg.Bridge = &node.BridgeConfig{Version: *n.opts.bridge, Swim: n.swimConfig(true)}
	}
	now, wall := n.opts.clock.Now()
	core, err := node.New(cfg, now, wall)
	if err != nil {
		cfg.ID, cfg.ClusterID, cfg.Version = standIn(n.id), "", ""
		cfg.Memberlist, cfg.Bridge, cfg.Intervals, cfg.Probation = false, nil, types.GossipIntervals{}, 0
		var again error
		if core, again = node.New(cfg, now, wall); again != nil {
			panic("nekton: broken invariant: " + again.Error())
		}
	}
	n.core = core
	return configErrors(err)
}

// standIn is the id under which a node with an unusable id keeps its state. It
// never leaves this process.
func standIn(id types.NodeId) types.NodeId {
	if id == "" {
		return "unnamed"
	}
	return id[:min(len(id), node.MaxIDLen)]
}

// inner is the id of a node inside the state machine.
func (n *Node) inner(id types.NodeId) types.NodeId {
	if id == n.id {
		return n.core.ID()
	}
	return id
}

// outer undoes inner.
func (n *Node) outer(id types.NodeId) types.NodeId {
	if id == n.core.ID() {
		return n.id
	}
	return id
}
