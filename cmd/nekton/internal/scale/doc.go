// Package scale measures how a cluster's costs grow with its size, and says from the
// law that fits the measurements what they are beyond the largest size that was
// simulated. It makes docs/scale.md.
//
// [Measure] forms a cluster of a size, all nodes at once through one seed, lets the news
// of that drain, watches it idle, lets nodes publish and crash, and weighs it:
//
//	forming ─▶ draining ─▶ idle ─▶ updates ─▶ crashes ─▶ memory
//
// A [Point] is what came of one size. Points are kept as JSON lines, so that the page can
// be written again without measuring again; [Page] writes it.
//
// # The laws
//
// Every quantity has a shape that follows from the protocol, and two numbers that are
// fitted to the measurements by least squares of relative errors ([Fit]):
//
//	idle packets and bytes     constant: one ping and one ack per period (SWIM §3.1)
//	update until all know      a + b ln n: push gossip (SWIM §4.1)
//	first verdict on a crash   a + b log10 n: the suspicion timeout (SWIM §4.2)
//	packets of an update       a + b log10 n per node: the retransmit limit (SWIM §4.1)
//	memory of a node           a + b n: it knows everybody
//	traffic of forming         a + b n per node: it learns everybody
//
// What is extrapolated is marked as such wherever it is shown.
//
// CPU time is that of the simulation: state machine, virtual network and queue, in one
// thread, without system calls. A node on real sockets pays for those on top; see the
// benchmarks.
package scale
