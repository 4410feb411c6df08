// Package virtual is a clock, a network and processes on it, all of them virtual:
// a discrete-event simulation in which whole hours pass in milliseconds, and one
// seed determines everything that happens.
//
// # What runs on it
//
// A [Machine] is anything that does no I/O of its own: it takes inputs with a time
// stamp, and hands out what it wants done. The production state machine of a node
// is one, so what is simulated is the code that runs, down to the bytes of every
// packet.
//
// A [World] has one clock. Whatever is going to happen waits in one queue, ordered
// by time, and things of the same time in the order in which they were decided. A
// [Host] is one process: a machine, its address, its own idea of the time, and what
// is wrong with it.
//
//	      ┌───────────────── World ──────────────────┐
//	      │  queue of occurrences, one clock, one seed│
//	      └───┬──────────────────────────────────┬────┘
//	   Host a │ deliver, wake                    │ Host b
//	┌─────────┴────────┐   Link: delay, loss, …  ├──────────────────┐
//	│ Clock  Machine   ├────── datagrams ───────▶│ Clock  Machine   │
//	│ inbox  fault     │◀───── streams ─────────▶│ inbox  fault     │
//	└──────────────────┘   Cut: who reaches whom └──────────────────┘
//
// # The network
//
// A [Link] says how a datagram travels: delay, loss, duplication, reordering. There
// is one for everybody, one on top for each host and direction, and one instead of
// it for a pair. A [Cut] stops everything from some hosts to others: two cuts make a
// partition, one makes it one-way. A host has an uplink of limited bandwidth if it is
// told so.
//
// Streams are not perfect here either. A segment that is lost is sent again after a
// time that doubles, as a kernel does it, the first one after a second; a stream that
// takes longer than its timeout breaks. The process at the other end that is gone
// refuses, the machine that is gone says nothing at all.
//
// # What can be wrong with a process
//
//   - [Host.Crash] ends it; [Host.Vanish] ends the machine that it runs on.
//   - [Host.Pause] freezes it: inputs wait, and all timers are late at once, as after
//     a collector's pause, a stopped process, a suspended machine.
//   - [Host.Hold] lets it compute but not communicate, see [HoldRun] and [HoldStall].
//   - [Host.Starve] gives it the processor in slices.
//   - [Host.Slow] makes every input take time.
//   - Its [Clock] may be wrong (skew) and run fast or slow (drift).
//
// # Promises
//
// The same seed and the same calls give the same run, bit for bit: on every machine,
// in every release that does not say otherwise. Nothing here reads a clock, starts a
// goroutine or knows a global. A World is not safe for concurrent use; worlds share
// nothing, so that many of them can run side by side.
//
// What is not modelled: the processor (an input takes no time unless [Host.Slow] says
// so), queues inside the network, and the congestion control of streams.
package virtual
