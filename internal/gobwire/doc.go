// Package gobwire holds the payloads that libopenstorage/gossip puts into
// memberlist's messages, so that a node can live among nodes of that program. They
// are gob, of three Go types that both sides have:
//
//	payload                    travels as                      Go type
//	────────────────────────   ─────────────────────────────   ─────────────────────
//	who a member is            meta of its alive claim         [types.NodeMetaInfo]
//	what everybody publishes   user state of a push-pull       [types.NodeInfoMap]
//	one value                  in the state, as an interface   any; see below
//
// Gob matches structs by the names of their fields, so it does not matter that the
// two programs have their types in different packages.
//
// # Values
//
// In the state, a value is an interface in a map. Gob sends Go's basic types, and
// slices of them, by their names; every other type has to be registered with
// gob.Register in both programs, under the same name. Nobody can read a state that
// holds a value of a type that is unknown to him: he loses all of that exchange, and
// nothing else.
//
// Between two exchanges a node keeps each value as bytes of its own (see [Values]),
// so that a value that cannot travel is refused when it is set and does not silence
// the others, and so that every reader gets a copy. Those bytes never leave the
// process.
//
// # Whom to trust
//
// Everything that is decoded comes from the network. A meta is bounded by what an
// alive claim may carry, a state by an argument. The decoder of a meta runs no code but
// the standard library's. A state is walked through before gob sees it (see check.go),
// because gob makes maps of whatever size a count says, and follows values as deep as
// they go: three hundred bytes can take all memory. What passes needs memory in
// proportion to its length, times the size of the largest registered type. Decoding it
// also runs what the program's registered types bring along; when that panics, the
// panic becomes an error.
//
// One kind of value does not pass: an interface in a field of a struct that holds an
// interface in turn, with a value of a type that occurs nowhere before it. Gob misreads
// it itself where the field is not known. It is refused when it is set.
//
// # Concurrency
//
// Functions and [Values] may be used from any number of goroutines. A [MetaReader]
// belongs to one. There is no I/O and no clock in here.
package gobwire
