// Package swim is group membership as a deterministic state machine: SWIM (Das,
// Gupta, Motivala, DSN 2002) with the Lifeguard extensions (Dadgar, Phillips,
// Currey, arXiv:1707.00788v2), written to be read beside the papers.
//
// # The model
//
// A [Core] is one member's view of the group. It opens no socket, starts no
// goroutine, reads no clock and knows no randomness but its [Rand]. Everything that
// happens to it is a call with a time; everything it wants is an output that the
// owner drains after each call:
//
//	                  HandlePacket, HandleTimeout, Step …
//	 sockets, timers ────────────────────────────────────▶ ┌──────┐
//	                                                       │ Core │
//	 sockets, dialers ◀──────────────────────────────────── └──────┘
//	                  TakePackets, TakeDials, TakeEvents, NextDeadline
//
//	core, err := swim.New(cfg, now)
//	id := core.Join(now, seeds)
//	for {
//		core.TakePackets(&batch)   // send these
//		core.TakeDials(&dials)     // open these streams; Begin and Step move frames
//		core.TakeEvents(&events)   // who joined, is suspected, failed, left …
//		at, ok := core.NextDeadline()
//		… wait for a packet, a frame, or at …
//		core.HandlePacket(now, from, packet)  // or
//		core.HandleTimeout(now)
//	}
//
// so that the code that runs in production runs unchanged in a simulator, every
// failure is replayed from a seed, and one lock in the owner guards a whole node.
//
// # A protocol period
//
// Once per ProbeInterval a member pings one other (SWIM §3.1), the next of a
// shuffled list (§4.3). Without an ack to three pings it asks k others to ping for
// it, and tries a stream. Without any ack when ProbeTimeout and that round are over,
// the member becomes suspect (§4.2). It has a limited time to refute by raising its
// incarnation, which gets shorter with every independent accuser (Lifeguard
// §IV-B); then it is dead. What changes is disseminated on pings and acks and in
// gossip rounds, λ log n times by each (§4.1). See probe.go, indirect.go, suspicion.go,
// refute.go, precedence.go, dissemination.go, health.go, relay.go.
//
// # Identity
//
// A claim carries a [Stamp]: generation, boot and incarnation. The first two say
// which run of a process it is about, the third is the papers'. Claims about one
// name are ordered by stamp and state alone; the table above supersedes says which
// wins. Only the member itself makes a higher stamp.
//
// # Anti-entropy
//
// Gossip misses a few per cent. A fingerprint of the tables rides on every ping and
// ack, so that members that agree know it for free, and others compare what differs
// on a stream. See fingerprint.go, pushpull.go and exchange.go. A [Rider] takes its
// own state along on all of this; the core sees bytes.
//
// # Departures from the papers
//
//   - Death is not final (SWIM §4.2 has it so): a member that was wrongly declared
//     dead, or restarted, comes back by a higher stamp. Groups would otherwise never
//     heal.
//   - A death counts at the held stamp or above, not at any incarnation: a delayed
//     packet could otherwise kill who has refuted since. And who hears of a death
//     gives the member most of the shortest suspicion timeout first: a member that
//     is half cut off could otherwise have the group declared dead.
//   - Evidence that loses still raises the held stamp, so that no stale alive fits
//     between the two.
//   - A member whose whole round brought no packet from anyone is cut off: it pings
//     all, waits no longer than the minimum, and keeps its verdicts to itself.
//   - Local health stretches how long a probe waits, not the period: a slow member
//     still probes everyone in turn.
//   - Accusers count only while we hold them alive ourselves.
//   - The members share one permutation instead of each having its own, as long as
//     they agree: everyone is probed once per period (coordinate.go), and whoever does
//     not ping in its turn is probed at once by who waits for it (silence.go).
//   - Gossip goes along a graph that all share, and a copy that is heard counts like
//     one that is sent (spread.go).
//   - Within a period a direct ping is repeated, at times learnt from round trips:
//     they decide when to ask again, never when to judge.
//   - log10 and max(1, log10 n), as in memberlist, not ln; durations are rounded to
//     milliseconds so that traces are equal everywhere.
//   - The seeds and the dead are tried again for ever (heal.go), and whoever leaves is
//     acknowledged (leave.go); the papers say nothing of either.
//
// [Rules] has the rules of the papers, and of memberlist, as switches.
//
// # What callers may rely on
//
// A Core is not safe for concurrent use, and time must not go backwards between
// calls. It keeps no slice that it is given. Bytes from the network are never
// trusted: what is malformed changes nothing and is counted by [Drop]. Memory is
// bounded by MaxMembers, MaxTombstones and the limits beside the code. For one
// member, [EventJoined] precedes all other events. The path from ping to ack
// allocates nothing.
//
// # What it does not do
//
// It does not encrypt, compress or authenticate: the transport does, outside. It
// does not decide on quorum. It does not order events between members.
package swim
