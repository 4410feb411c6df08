// Package agent runs one node as a process of its own: nekton agent.
//
// It is the library and nothing more: a node is made from flags, started, its
// events are printed one a line, and when the process is told to end the node
// leaves in peace. What it prints is meant for people and for grep:
//
//	12:00:00.000 a of cluster "blue" listens on 127.0.0.1:7001 (generation 1, version v2)
//	12:00:00.104 member b joined at 127.0.0.1:7002
//	12:00:00.104 self NODE_STATUS_NOT_IN_QUORUM -> NODE_STATUS_UP (2 of 2 alive, 2 needed)
//	12:00:07.310 values of b: color=blue
//	12:00:09.001 member b left
//
// # Who belongs to the cluster
//
// With members, these are the nodes of the cluster and all of them are quorum
// members, as UpdateCluster would say it. Without, the agent makes everyone known
// who joins, as AddNode would; nobody is a quorum member then, so that only the
// quorum rule noop makes sense.
//
// # Ending
//
// Run returns when its context ends, after the node has left: nil if the peers
// acknowledged that, nekton.ErrLeaveTimeout if they did not. A node that cannot
// start is an error at once, and so is one that a seed refuses; one whose seeds do
// not answer stays up and goes on trying them.
package agent
