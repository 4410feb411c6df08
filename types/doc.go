// Package types is the vocabulary that a program and nekton share: node ids,
// statuses, the small map that every node publishes, and the intervals that set
// the pace of the protocol.
//
// The names, and the unusual spelling of the constants, are those that users of
// libopenstorage/gossip know, so that a program changes its import path and
// compiles. Nothing here has behaviour beyond printing itself, and nothing here
// imports another package of nekton: every other package may use these words.
//
// # Two statuses
//
// Two things are called status and should not be confused:
//
//   - The own status of a node is the state of its quorum machine: UP,
//     SUSPECT_NOT_IN_QUORUM, NOT_IN_QUORUM or DOWN. See package quorum.
//   - The status of a peer is what the local failure detector holds true about
//     it: UP, DOWN or SUSPECT_DOWN. It is never taken over from another node. A
//     peer that is itself out of quorum is still UP here.
//
// # Concurrency
//
// All types are plain values. A map handed to nekton is copied; a map received
// from nekton belongs to the receiver.
package types
