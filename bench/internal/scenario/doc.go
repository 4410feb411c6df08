// Package scenario holds what the sides are put through: each scenario is written
// once, does the same to every side, and reports figures as rows of package result.
//
// # How a scenario is run
//
// A [Plan] holds how large the scenarios are and how often they are repeated. In each
// run the sides take turns, so that what changes on the machine in the course of minutes
// changes for all of them. Nothing else runs in the process meanwhile; before each turn
// the heap is collected. Scenarios of one packet use one processor (GOMAXPROCS=1): with
// two, idle workers of the collector burn the second one, which says more about the
// machine than about the libraries.
//
// # What is counted
//
// CPU is that of the whole process, by getrusage, user and system; allocations and heap
// are the runtime's. Packets and bytes are counted where they are handed to the socket
// or to the network in memory. Times in virtual scenarios are those of the bubble's
// clock.
package scenario
