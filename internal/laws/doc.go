// Package laws has no code. Its tests hold what the pages of the project promise
// about the code, wherever a machine can: whoever breaks a law learns it from
// `go test`, not from a reader.
//
// # What is held
//
// The layers (layers_test.go). Every package has a place in one table, which says
// what of this module it may import, and which modules of others. hashicorp is in
// none. A program that links the library gets msgpack, x/sync and the standard
// library, counted through all dependencies, and nothing that draws.
//
// Purity (purity_test.go). swim, both wires, quorum, store, internal/node, internal/gobwire and
// internal/mpack do no I/O: no sockets, files, environment or logs; no clock and no
// timers; no goroutines, channels or locks; no random source but the one that they
// are given.
//
// Globals (globals_test.go). No package-level variable that anybody writes to, and
// none whose value could change under its name, but for the texts of embedded files:
// two nodes live in one process.
//
// The house (house_test.go). Every package is documented in doc.go, and everything
// that is exported where it stands. There is no init function, no file for leftovers
// (util, helpers, common), no "to do" in the code, and no test that sleeps on the
// real clock.
//
// Comments (numbers_test.go). A default in the comment of a field is the one in the
// code.
//
// The pages (pages_test.go). Links lead somewhere. Every default in docs/tuning.md
// and docs/protocol.md is the one in the code, every field of swim.Config with a
// default is in the table, and the suspicion timeouts are those that
// swim.SuspicionTimeout computes.
//
// # How a page states a number
//
// A number is cited with the name of what it is, so that the test finds both:
//
//	`ProbeTimeout` (500 ms)       a default of swim.Config
//	`maxRelays` (1024)            a constant of some package
//	`store.MaxIDLen` (255 B)      the same, when several packages have the name
//
// and so is a row of a table whose first column is headed "field" or "constant", in
// the columns "default", "value", "LAN", "WAN" and "Local". Units: ms, s, min, h;
// B, KiB, MiB; Ki, Mi; %.
//
// # How it reads the code
//
// Files are parsed and type-checked one package at a time, for all platforms at once
// and without looking outside the module: the standard library is a set of empty
// packages, except that time has its durations. That is enough to know what a name
// refers to and what a constant is worth, needs no network, and takes a fraction of
// a second. Only the test of what is linked asks the go command.
//
// # Use
//
//	go test ./internal/laws
//
// A new package fails until it has its line in the table of layers_test.go; give it
// one, and its row in docs/architecture.md.
package laws
