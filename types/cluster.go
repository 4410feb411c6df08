package types

import "fmt"

// ClusterDomainState says whether the nodes of a failure domain count.
type ClusterDomainState string

const (
	// CLUSTER_DOMAIN_STATE_ACTIVE lets the members of a domain count for quorum.
	CLUSTER_DOMAIN_STATE_ACTIVE ClusterDomainState = "Active"
	// CLUSTER_DOMAIN_STATE_INACTIVE keeps them out.
	CLUSTER_DOMAIN_STATE_INACTIVE ClusterDomainState = "Inactive"
)

// ClusterDomainsActiveMap gives the state of each failure domain. A domain that
// is not in it, or has any other state than exactly "Active", is inactive.
type ClusterDomainsActiveMap map[string]ClusterDomainState

// ClusterDomainsQuorumMembersMap counts the quorum members of each failure
// domain.
type ClusterDomainsQuorumMembersMap map[string]int

// QuorumProvider selects the rule by which a node decides whether it is in
// quorum. See package quorum.
type QuorumProvider uint8

const (
	// QUORUM_PROVIDER_DEFAULT asks for a majority of all quorum members.
	QUORUM_PROVIDER_DEFAULT QuorumProvider = iota
	// QUORUM_PROVIDER_FAILURE_DOMAINS asks for a majority of the quorum members
	// in active domains.
	QUORUM_PROVIDER_FAILURE_DOMAINS
	// QUORUM_PROVIDER_NOOP holds every node in quorum, always.
	QUORUM_PROVIDER_NOOP
)

// String returns the name of the constant, or the number of an unknown provider.
func (p QuorumProvider) String() string {
	switch p {
	case QUORUM_PROVIDER_DEFAULT:
		return "QUORUM_PROVIDER_DEFAULT"
	case QUORUM_PROVIDER_FAILURE_DOMAINS:
		return "QUORUM_PROVIDER_FAILURE_DOMAINS"
	case QUORUM_PROVIDER_NOOP:
		return "QUORUM_PROVIDER_NOOP"
	}
	return fmt.Sprintf("QuorumProvider(%d)", uint8(p))
}

// GossipNodeConfiguration is what Start is told about one node.
type GossipNodeConfiguration struct {
	// KnownUrl is the "host:port" to join through.
	KnownUrl string
	// ClusterDomain is the failure domain of the node.
	ClusterDomain string
}

// GossipStartConfiguration is what Start is told about the cluster.
type GossipStartConfiguration struct {
	// Nodes are the seeds. One that answers is enough; the node itself may be
	// among them. A node listed here is not thereby known to the store:
	// UpdateCluster and AddNode do that.
	Nodes map[NodeId]GossipNodeConfiguration
	// ActiveMap says which failure domains are active.
	ActiveMap ClusterDomainsActiveMap
	// QuorumProviderType selects the quorum rule. An unknown number means
	// QUORUM_PROVIDER_FAILURE_DOMAINS.
	QuorumProviderType QuorumProvider
}
