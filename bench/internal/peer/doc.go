// Package peer runs members of other libraries beside nekton's, for tests and
// benchmarks: hashicorp/memberlist v0.7.0, the memberlist of 2016 that
// libopenstorage/gossip was built with, and a stranger that writes memberlist's
// messages byte by byte.
//
// # Where they live
//
// A [Site] is either the loopback interface or a network in memory. On loopback,
// members of memberlist use its own transport and nekton uses its own sockets, so that
// nothing between the two is ours. In memory, both use one network that waits on
// channels only: inside a testing/synctest bubble minutes pass in milliseconds, and no
// busy machine can make a member look dead.
//
//	site := peer.InMemory()
//	m, err := site.Start("m1", netip.AddrPort{}, peer.LAN(), nil)
//	n := nekton.NewNode(site.Addr().String(), …, nekton.WithTransport(site.Listen))
//
// Everything that members send passes the [Links] of their site, where paths are
// blocked and traffic is watched. Members of 2016 are the exception: that release
// knows no transport but its own sockets.
//
// # What they tell
//
// memberlist does not tell its application whom it suspects, nor whether a member that
// is gone has failed or left. The first is in what it logs, which a [Journal] keeps.
// The second is in its table, which a [Stranger] asks for.
//
// # What is above them
//
// An [Original] is the part of libopenstorage/gossip above memberlist that other
// members notice: the metadata and state that it puts on the wire in gob, which it
// takes in, and whom it refuses. Its types are written from what it sends, and apart
// from nekton's.
package peer
