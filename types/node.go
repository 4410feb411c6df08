package types

import (
	"fmt"
	"time"
)

// NodeId names a node. It is unique in its cluster, and the same across
// restarts of the node.
type NodeId string

// StoreKey is a key of the map that a node publishes.
type StoreKey string

// StoreMap is the small state that one node publishes about itself. Which Go
// types survive the journey to another node is written in package store.
type StoreMap map[StoreKey]any

// NodeInfo is everything one node knows about another, or about itself.
type NodeInfo struct {
	// Id is the node's name.
	Id NodeId
	// GenNumber is the generation that the node was started with. A higher one
	// replaces a lower one.
	GenNumber uint64
	// LastUpdateTs is the owner's wall clock when it last changed its state, or
	// ours when AddNode or UpdateNodeStatus last changed our copy.
	LastUpdateTs time.Time
	// WaitForGenUpdateTs is when this entry was made. It is kept for programs
	// that read it; nekton does not.
	WaitForGenUpdateTs time.Time
	// Status is the own status for the node itself, and the verdict of the local
	// failure detector for a peer.
	Status NodeStatus
	// Value is the state that the node publishes. It is a copy.
	Value StoreMap
	// QuorumMember says whether the node counts for quorum, as configured here.
	QuorumMember bool
	// ClusterDomain is the failure domain of the node, as configured here.
	ClusterDomain string
	// Addr is the "host:port" of the node, as configured here.
	Addr string
}

// String shows id, timestamp, status and value on four lines.
func (n NodeInfo) String() string {
	return fmt.Sprintf("\nId: %v\nLastUpdateTs: %v\nStatus: %v\nValue: %v",
		n.Id, n.LastUpdateTs, n.Status, n.Value)
}

// NodeInfoMap is what a node knows of all nodes, itself included.
type NodeInfoMap map[NodeId]NodeInfo

// NodeValue is what one node publishes under one key.
type NodeValue struct {
	// Id, GenNumber, LastUpdateTs and Status are those of [NodeInfo].
	Id           NodeId
	GenNumber    uint64
	LastUpdateTs time.Time
	Status       NodeStatus
	// Value is nil when the node publishes nothing at all.
	Value any
}

// NodeValueMap is what every node publishes under one key.
type NodeValueMap map[NodeId]NodeValue

// NodeMetaInfo identifies a node to the nodes it meets.
type NodeMetaInfo struct {
	// ClusterId must be equal on both sides, or they do not merge.
	ClusterId string
	// GossipVersion must be equal on both sides, or they do not merge.
	GossipVersion string
	// Id is the node's name.
	Id NodeId
	// GenNumber is the generation that the node was started with.
	GenNumber uint64
	// LastUpdateTs is when the node last changed its state, by its own clock.
	LastUpdateTs time.Time
}

// NodeUpdate is the local configuration of one node: what UpdateCluster says
// about it. None of it is ever taken over from the node itself.
type NodeUpdate struct {
	// Addr is the "host:port" of the node.
	Addr string
	// QuorumMember says whether the node counts for quorum.
	QuorumMember bool
	// ClusterDomain is the failure domain of the node.
	ClusterDomain string
}

// StoreMetaInfo holds the identity of several nodes.
type StoreMetaInfo map[NodeId]NodeMetaInfo

// StoreNodes is a list of node names.
type StoreNodes []NodeId
