// Package demo tells the story of a cluster, with real nodes on the loopback
// interface: nekton demo.
//
// # The story
//
//	form         nodes in two failure domains and a witness become one cluster
//	publish      each reads what the others publish; an update and a deletion are timed
//	detect       one is killed without a word; the others find out, and agree
//	lose-quorum  a whole domain is killed; who is left is SUSPECT_NOT_IN_QUORUM
//	timeout      nobody returns; who is left is NOT_IN_QUORUM
//	heal         the killed come back, with a higher generation and elsewhere
//	deactivate   a domain is declared inactive, and its nodes leave the quorum
//	reactivate   and come back
//	leave        a node leaves in peace; the others acknowledge
//	stop         everything stops; no goroutine and no socket is left
//
// # How it is told
//
// One goroutine tells the story. It acts on the cluster, and then looks at it every
// Resolution until what has to follow is seen, or a deadline has passed:
//
//	act ──▶ look ──▶ Snapshot ──▶ condition holds? ──yes──▶ measure, next
//	          ▲                        │ no
//	          └────────────────────────┘
//
// A Snapshot is what the nodes themselves hold true, each for itself, read through
// the library's API. A step is believed when a condition on snapshots holds, and
// nothing else; a step that fails says what it waited for, and what was seen. So
// conditions are pure functions that are tested on snapshots made by hand, and a view
// needs nothing but the snapshots and the words that it is told.
//
// # Theory and practice
//
// What is measured is compared with a Range that follows from the formulas of the
// protocol (predict.go). A measurement outside of it is shown as such and does not
// fail a step: the machine may be busy. A deadline does, which is far beyond.
//
// # Concurrency
//
// Run may be called several times, also concurrently, but the last step counts the
// goroutines of all nodes of the process, and takes those of others for a leak.
package demo
