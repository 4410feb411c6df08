package quorum

import "github.com/nekton-go/nekton/types"

// Next returns the own status that follows status when event happens, inQuorum
// being the provider's decision at that moment. It is the whole status machine.
//
// A status that is no own status, and an event that does not exist, change
// nothing.
func Next(status types.NodeStatus, event types.StateEvent, inQuorum bool) types.NodeStatus {
	const (
		out     = types.NODE_STATUS_NOT_IN_QUORUM
		up      = types.NODE_STATUS_UP
		suspect = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
		down    = types.NODE_STATUS_DOWN
	)
	type cell struct{ inQuorum, otherwise types.NodeStatus }

	// Three entries surprise, and are meant: SELF_ALIVE does not clear a
	// suspicion, NODE_LEAVE never lifts the status even when there is a quorum,
	// and TIMEOUT does not lift NOT_IN_QUORUM.
	table := [...][4]cell{
		//                                       NOT_IN_QUORUM UP             SUSPECT_NOT_IN_QUORUM DOWN
		types.SELF_ALIVE:                        {{up, out}, {up, up}, {suspect, suspect}, {down, down}},
		types.NODE_ALIVE:                        {{up, out}, {up, up}, {up, suspect}, {down, down}},
		types.SELF_LEAVE:                        {{down, down}, {down, down}, {down, down}, {down, down}},
		types.NODE_LEAVE:                        {{out, out}, {up, suspect}, {suspect, suspect}, {down, down}},
		types.UPDATE_CLUSTER_SIZE:               {{up, out}, {up, suspect}, {up, suspect}, {down, down}},
		types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP: {{up, out}, {up, suspect}, {up, suspect}, {down, down}},
		types.TIMEOUT:                           {{out, out}, {up, up}, {up, out}, {down, down}},
	}

	var column int
	switch status {
	case out:
		column = 0
	case up:
		column = 1
	case suspect:
		column = 2
	case down:
		column = 3
	default:
		return status
	}
	if int(event) >= len(table) {
		return status
	}
	c := table[event][column]
	if inQuorum {
		return c.inQuorum
	}
	return c.otherwise
}
