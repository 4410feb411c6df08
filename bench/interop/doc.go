// Package interop holds the tests that put nekton's nodes of gossip version v1 and
// members of memberlist into one cluster. It has no code of its own: see its tests, and
// package peer for how the other side is run.
//
// Most tests run in memory, on the virtual time of testing/synctest, where five minutes
// of forty nodes take seconds. Some run on loopback as well, for what a network in
// memory cannot show; NEKTON_LONG=1 makes those that watch for false suspicions last
// for five minutes.
package interop
