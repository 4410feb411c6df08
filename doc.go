// Package nekton is cluster membership to link into a program. It tells every node
// which others are alive, whether it is in quorum itself, and what small state each
// node publishes. The protocol is SWIM with Lifeguard; the API is that of
// libopenstorage/gossip, with what was missing there.
//
// # Use
//
//	node := nekton.NewNode("10.0.0.7:9002", "node7", generation, intervals,
//		types.GOSSIP_VERSION_2, "my cluster", "rack1")
//	err := node.Start(types.GossipStartConfiguration{Nodes: seeds})
//	...
//	node.UpdateCluster(peers)           // who exists, and who has a vote
//	node.UpdateSelf("load", 0.7)        // what we publish
//	for e := range node.Events(ctx) {   // what happens
//		...
//	}
//	err = node.Stop(5 * time.Second)    // say goodbye, close everything
//
// [New] returns a [Gossiper], which is the original's interface, method by method.
// Its dynamic type is [*Node]; [NewNode] returns that at once.
//
// # Two tables
//
// The failure detector knows members: everyone who takes part, found by joining, and
// what is left of the dead. [Node.Members], [Node.GetNodes] and [MemberEvent] show
// them. The API shows known nodes: those that [Node.UpdateCluster] and
// [Node.AddNode] named. Only known nodes have a [types.NodeStatus], show their
// values, and count for quorum. A member that was never named is invisible there,
// and its values are replicated all the same, so that they are there when it is
// named.
//
// # Statuses
//
// The own status says whether this node is in quorum: UP, SUSPECT_NOT_IN_QUORUM for
// QuorumTimeout after the majority was lost, NOT_IN_QUORUM, and DOWN once it has
// left. The status of a peer is the verdict of the local failure detector: UP, DOWN,
// or SUSPECT_DOWN while its whole failure domain may merely be cut off. A peer that
// is itself out of quorum is still UP at its peers. See package quorum.
//
// # Values
//
// A node publishes a map of keys to values, which the others hold replicas of. Only
// the owner changes it. Changes spread with the gossip, and what gossip misses is
// repaired by comparing. Values are encoded when they are set and decoded when they
// are read, outside of all locks, so that everything that is returned is the
// caller's own. Basic types, slices, maps and times keep their Go types, and so do
// structs that are registered with [WithType].
//
// # A life
//
//	New ──▶ idle ──Start──▶ running ──Stop──▶ stopped ──Start──▶ running …
//	                  │        ▲
//	                  ▼        │ the own failure domain is activated
//	                waiting ───┘
//
// New does no I/O and starts nothing. Between Start and Stop a node has three
// goroutines (packets, streams, timer), one more if seeds are host names, and a
// bounded pool of streams. When Stop returns, all of them are gone, and so are
// sockets and timers. Values are kept; each Start begins a new life with a higher
// boot number, so that the others tell it from the one before.
//
// # Concurrency
//
// All methods may be called concurrently, at any time. One mutex guards the state
// machine, which does no I/O; sending, dialling, looking up names, encoding,
// decoding, logging and the hand-over of events happen outside of it. No code of the
// user runs under a lock of the node, and the protocol waits for nobody: a
// subscriber that does not keep up loses notifications, is told so, and loses no
// state. See [Node.Subscribe] for what is promised about events.
//
// # Errors
//
// What is wrong with the arguments of New or with options is the error of Start, all
// of it at once. Errors are typed where they have facts ([*JoinError],
// [*RefusedError], [*AddrError], [*LimitError] …) and sentinels where callers only
// branch ([ErrRunning], [ErrStopped], [ErrLeaveTimeout] …); each method says which,
// and what has changed. What comes from the network and is no good is counted by
// reason in [Stats], and changes nothing.
//
// # Where it differs from the original
//
//   - A bad address, an id that is too long, a negative interval is an error of
//     Start, and not a surprise.
//   - The node itself is always known, listed in UpdateCluster or not.
//   - Everything returned is a copy. What a peer says of its address, domain or vote
//     never changes what is configured here.
//   - A peer's status follows the state in which the failure detector holds it, not
//     each message about it, so that the dead stay dead.
//   - A leave that times out stops the node all the same.
//   - A conflict between two values is settled by generation and version, not by
//     wall clocks; on memberlist's wire, which knows of neither, by wall clocks.
//
// # Two wires
//
// Gossip version "v2" is spoken on nekton's own wire. Every other version, "v1" among
// them, is spoken on memberlist's, with the payloads of libopenstorage/gossip: a
// node lives in a cluster of that program as one of its own. What that wire cannot
// carry is not there: Ping, values between two push-pulls, refusals that the joiner is
// told of, acknowledged departures, and a restart at a new address before the old one
// is held dead. Values are gob: see [Node.SetSelf]. While a cluster moves from the one
// to the other, a node may speak both: see [WithBridge].
//
// # What it does not do
//
// It elects nobody, orders nothing and locks nothing: quorum here is a count of who
// is alive, not consensus. It encrypts only with [WithKeyring], and then trusts whoever
// has a key; without, run it on a network that you trust.
package nekton
