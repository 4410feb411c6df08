// Package explore visits every state that a small cluster can reach.
//
// A test runs a protocol in one order; a swarm of them, in many. For two or three
// nodes, a handful of timers and a handful of faults, it can be done in all: each
// packet in flight may be the next to arrive, or be lost, or arrive twice; each node's
// clock may be the next to move; each node may crash, restart, leave, at each moment.
// What is run is package swim itself, with the v2 codec, and not a model of it. Every
// state is checked against [Invariants]; the first that violates one is reported with
// the shortest way to it.
//
//	cfg := explore.Config{Nodes: 3, Timeouts: 6, Drops: 2, Crashes: 1}
//	r, err := explore.Run(ctx, cfg, nil)
//	if r.Violation != nil {
//		trace, err := explore.Replay(cfg, r.Violation.Path)
//		fmt.Println(trace, err)
//	}
//
// # The space
//
// A state is what each node is, what is on its way, and what may still happen. The
// budgets of a [Config] bound it: so many timers may fire, so many packets be lost.
// They are all that bounds it; below them, nothing is left out that is not listed
// under "What is not covered".
//
// Each node has a clock of its own, which moves to the node's next deadline when a
// timer fires and stands still otherwise. So clocks drift as they like, and a verdict
// may not rest on what two clocks show. A prompt network ([Config.Late] is 0) delivers
// or loses everything before the next timer fires; the drops that are left then say how
// often a node can be missed. With Late, packets outlive timers, and losing one is
// nothing else than leaving it on its way.
//
// Chance is enumerated: a random choice among few is followed into each of its
// outcomes, see [Config.Chance].
//
// # How it is done
//
// A core is deterministic, can be cloned, and can be encoded with times relative to
// its clock. So a core is called once for each state it can be in and each input, and
// what came of it is remembered: a state of the cluster is then a few numbers, and a
// move a look-up. Two nodes at different times of day are in one state if nothing but
// the time tells them apart, which is why there are thousands of states of a node
// below millions of states of the cluster. A test walks the same ways with cores of
// its own, and finds that what is remembered is what they do.
//
// States are told apart by 128 bits of SHA-256. The exploration is breadth first, on
// one goroutine, and depends on the configuration alone.
//
// # What is not covered
//
//   - Nodes are not interchangeable here: a and b are different, although a permutation
//     of names would lead to the same violation. That costs time only.
//   - What arrives, arrives at a moment at which a timer of the receiver has just fired,
//     or at the start. Moments in between differ only in round-trip times, which decide
//     nothing under [Small], and in whether fingerprints have been still for long enough.
//   - What is due at once, such as a gossip round after a silence, is done at once:
//     no other packet comes in between.
//   - Moments that are chosen at random within an interval are its beginning. Clocks
//     that stand still make up for it.
//   - A node has one address; nodes of other clusters do not occur; the wall clock is
//     unknown, so that no boot is too far ahead.
//   - What becomes of a state in calm ([Config.CalmEvery]) is tried in one way, not all.
//
// The quorum and the store are not part of it: the state that rides along is a number
// per node. What is in package sim runs whole nodes, at random.
package explore
