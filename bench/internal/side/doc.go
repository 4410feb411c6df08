// Package side puts the libraries that are compared behind one interface, so that
// each scenario is written once and every side does the same work: memberlist as it
// comes and with compression off, nekton on memberlist's wire and on its own.
//
// # What is equal
//
// A [Setup] is the only thing that a member is made of: intervals, suspicion
// multiplier, key, known peers, medium. What it does not name is each library's
// default, and these agree: three indirect probes, gossip to three, retransmit
// multiplier 4, packets of 1400 bytes, suspicions up to six times as long, stream
// pings on. Nothing is logged: memberlist gets a logger that discards, nekton none.
//
// A [Medium] carries what a member sends. On [Loopback], memberlist uses its own
// transport and nekton its own sockets, both behind wrappers that count bytes. A
// [Feed] has no sockets at all: each library is handed packets through its own
// transport interface as fast as it takes them.
package side
