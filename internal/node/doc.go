// Package node is one whole member of a cluster, without I/O: the protocol
// (package swim), the statuses and quorum (package quorum) and the StoreMap
// (package store), and what follows from what between them. The façade drives it
// with sockets and a real clock, a simulator with a virtual network and a virtual
// clock; neither adds a rule of its own.
//
// # What is wired here
//
//		a packet ──▶ swim.Core ──Joined, Failed, Left──▶ quorum.Machine ──status──▶ events
//		                 │ ▲                                  │ ▲
//		      rumours,   │ │ hash, rumour,     which siblings │ │ did one
//		      deltas     ▼ │ digest, delta     to ask?        ▼ │ answer?
//		              store.Store                         swim.Core.Ping
//
//	  - A peer's status follows the state in which the failure detector holds it,
//	    never the messages that were heard about it: a stale "alive" about a dead
//	    peer changes nothing.
//	  - The store rides along with membership: the core compares and spreads records
//	    without understanding them (see rider).
//	  - A check of a failure domain is a ping to every sibling of a lost peer, in
//	    parallel; one ping answers all checks that ask for the same sibling.
//	  - A status that the application writes over that of a live peer lasts until the
//	    next push-pull interval is over.
//
// # Two tables
//
// The failure detector knows members: whoever is alive in the cluster, and what
// is left of the dead. The API shows known nodes: those that UpdateCluster and
// AddNode named. A member that was never named is invisible in the API and does
// not count for quorum, but its record is replicated, so that it is there when it
// is named.
//
// # A life
//
//	New ──▶ idle ──Start──▶ waiting ──Open──▶ running ──Leave──▶ leaving
//	          ▲                │                 │                  │
//	          └──────────────Close◀──────────────┴──────────────────┘
//
// A node waits while its own failure domain is inactive: it has a status and no
// sockets. Each Open begins a new life with a higher boot, and a new failure
// detector; the store is kept, and the machine begins at NOT_IN_QUORUM.
//
// # Contract
//
// As for swim.Core: inputs and commands take the time, outputs are drained after
// each of them, nothing happens in between. now is monotonic; the wall clock, which
// SetWall tells, may jump, and is read only for boots and for LastUpdateTs. Nothing here is safe for concurrent
// use.
package node
