package types

import "time"

// Sensible values for [GossipIntervals]. They are offered, not applied: an
// interval that is left at zero switches its loop off.
const (
	// DEFAULT_GOSSIP_INTERVAL is a pace of one gossip round every two seconds.
	DEFAULT_GOSSIP_INTERVAL time.Duration = 2 * time.Second
	// DEFAULT_PUSH_PULL_INTERVAL is the time between two comparisons of whole
	// tables with a random peer.
	DEFAULT_PUSH_PULL_INTERVAL time.Duration = 2 * time.Second
	// DEFAULT_PROBE_INTERVAL is one protocol period.
	DEFAULT_PROBE_INTERVAL time.Duration = 5 * time.Second
	// DEFAULT_PROBE_TIMEOUT is the patience of a direct probe.
	DEFAULT_PROBE_TIMEOUT time.Duration = 200 * time.Millisecond
	// DEFAULT_QUORUM_TIMEOUT is how long a node that lost its quorum may hope to
	// find it again before it says so.
	DEFAULT_QUORUM_TIMEOUT time.Duration = 1 * time.Minute
	// DEFAULT_SUSPICION_MULTIPLIER is the factor of the suspicion timeout.
	DEFAULT_SUSPICION_MULTIPLIER int = 5
)

// The two gossip versions that have constants. A version is part of a node's
// identity: nodes of different versions do not merge.
const (
	// DEFAULT_GOSSIP_VERSION selects memberlist's wire.
	DEFAULT_GOSSIP_VERSION string = "v1"
	// GOSSIP_VERSION_2 selects nekton's own wire.
	GOSSIP_VERSION_2 string = "v2"
)

// GossipIntervals sets the pace of a node. All nodes of a cluster should use the
// same values: a suspicion lasts as long as the node that holds it thinks.
//
// Zero is meaningful everywhere, as said at each field. A negative value is an
// error from Start that names the field.
type GossipIntervals struct {
	// GossipInterval bounds the rate at which a node forwards news: at most one
	// round of gossip per interval on average, nothing at all when there is
	// nothing to say. Zero: no gossip of its own; news then travels on probes
	// and by push-pull.
	GossipInterval time.Duration
	// PushPullInterval is the time between two comparisons of the whole table
	// with one random live member. Zero: tables are never compared on a timer.
	PushPullInterval time.Duration
	// ProbeInterval is the protocol period: every member probes one other
	// member in each. It also scales the suspicion timeout, see SuspicionMult.
	// Zero: no probing, and hence no failure detection. Source: SWIM §3.1.
	ProbeInterval time.Duration
	// ProbeTimeout is how long a direct probe waits for its ack before others
	// are asked to probe on our behalf. It should be above the round trip of the
	// network, with room for a busy peer, and below half of ProbeInterval.
	// Source: SWIM §3.1.
	ProbeTimeout time.Duration
	// QuorumTimeout is how long a node stays SUSPECT_NOT_IN_QUORUM before it
	// becomes NOT_IN_QUORUM. Zero: at once.
	QuorumTimeout time.Duration
	// SuspicionMult scales how long a suspect among n members has to refute:
	//
	//	SuspicionMult × max(1, log10(n)) × ProbeInterval
	//
	// Unitless. Larger values forgive slow members and find dead ones later.
	// Zero: a failed probe is a death. Source: SWIM §4.2, Lifeguard §IV-B.
	SuspicionMult int
}
