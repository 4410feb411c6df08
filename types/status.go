package types

import "fmt"

// NodeStatus is what is held true about a node. The zero value is invalid.
type NodeStatus uint8

const (
	// NODE_STATUS_INVALID is the status of no node.
	NODE_STATUS_INVALID NodeStatus = iota
	// NODE_STATUS_UP is a live peer; as own status, a node in quorum.
	NODE_STATUS_UP
	// NODE_STATUS_DOWN is a peer that failed or left; as own status, a node that
	// left.
	NODE_STATUS_DOWN
	// NODE_STATUS_NEVER_GOSSIPED is a peer that was configured by AddNode and has
	// not been heard of.
	NODE_STATUS_NEVER_GOSSIPED
	// NODE_STATUS_NOT_IN_QUORUM is a node that sees no majority. Own status only.
	NODE_STATUS_NOT_IN_QUORUM
	// NODE_STATUS_SUSPECT_NOT_IN_QUORUM is a node that has just lost its majority
	// and still hopes to find it again. Own status only.
	NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	// NODE_STATUS_SUSPECT_DOWN is a peer that failed together with its whole
	// failure domain, so that the domain may merely be cut off. It does not count
	// as alive.
	NODE_STATUS_SUSPECT_DOWN
)

// String returns the name of the constant, or the number of an unknown status.
func (s NodeStatus) String() string {
	switch s {
	case NODE_STATUS_INVALID:
		return "NODE_STATUS_INVALID"
	case NODE_STATUS_UP:
		return "NODE_STATUS_UP"
	case NODE_STATUS_DOWN:
		return "NODE_STATUS_DOWN"
	case NODE_STATUS_NEVER_GOSSIPED:
		return "NODE_STATUS_NEVER_GOSSIPED"
	case NODE_STATUS_NOT_IN_QUORUM:
		return "NODE_STATUS_NOT_IN_QUORUM"
	case NODE_STATUS_SUSPECT_NOT_IN_QUORUM:
		return "NODE_STATUS_SUSPECT_NOT_IN_QUORUM"
	case NODE_STATUS_SUSPECT_DOWN:
		return "NODE_STATUS_SUSPECT_DOWN"
	}
	return fmt.Sprintf("NodeStatus(%d)", uint8(s))
}

// StateEvent is something that may change the own status of a node.
type StateEvent uint8

const (
	// SELF_ALIVE is raised when the node has joined.
	SELF_ALIVE StateEvent = iota
	// NODE_ALIVE is raised when a known peer became alive.
	NODE_ALIVE
	// SELF_LEAVE is raised when the node leaves, or finds itself replaced.
	SELF_LEAVE
	// NODE_LEAVE is raised when a known peer failed or left.
	NODE_LEAVE
	// UPDATE_CLUSTER_SIZE is raised by UpdateCluster.
	UPDATE_CLUSTER_SIZE
	// TIMEOUT is raised when QuorumTimeout is over.
	TIMEOUT
	// UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP is raised when failure domains were
	// activated or deactivated.
	UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP
)

// String returns the name of the constant, or the number of an unknown event.
func (e StateEvent) String() string {
	switch e {
	case SELF_ALIVE:
		return "SELF_ALIVE"
	case NODE_ALIVE:
		return "NODE_ALIVE"
	case SELF_LEAVE:
		return "SELF_LEAVE"
	case NODE_LEAVE:
		return "NODE_LEAVE"
	case UPDATE_CLUSTER_SIZE:
		return "UPDATE_CLUSTER_SIZE"
	case TIMEOUT:
		return "TIMEOUT"
	case UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP:
		return "UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP"
	}
	return fmt.Sprintf("StateEvent(%d)", uint8(e))
}
