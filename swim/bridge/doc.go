// Package bridge makes one node a member of two groups: of one that speaks nekton's
// wire, and of one that speaks memberlist's, while a cluster moves from the one to the
// other. It does no I/O, as its two cores.
//
// # What it is
//
// A [Bridge] holds two [swim.Core] and has their methods. Whoever drives a core can
// drive a bridge: inputs go to the side that they are for, outputs come from both,
// marked where they need it ([swim.Batch.Wire], [swim.Dial.Wire]), and what is told
// about members is told once, by node:
//
//	            ┌──────────────── Bridge ───────────────┐
//	packets ──▶ │ first byte ─┬─▶ Core, nekton's wire   │ ──▶ packets, dials
//	streams ──▶ │             └─▶ Core, memberlist's    │     of either wire
//	            │  events of both ─▶ members, by node   │ ──▶ events
//	            └───────────────────────────────────────┘
//
// Which side a packet or a frame is for shows in its first byte: memberlist's message
// types are small numbers, and nothing of nekton's begins with one.
//
// # Who is alive
//
// A node may be known on both sides, under a name on each. It is held to be in the
// better of its two states: alive if either side holds it alive, else suspect if
// either does, else left if it said so on either, else dead. An event comes when
// that changes, so a node that restarts with one wire less, or more, is never
// reported dead as long as one side still sees it.
//
// What is told about a node (address, meta, stamp) is nekton's side's, if it is known
// there.
//
// # How nodes find each other
//
// A join tries each seed on both wires, and has succeeded when one side has let us in.
// A node that joins through a member of memberlist's side only would be alone on the
// other. But bridged members say so in their meta: an empty side joins the first
// bridged member that the other hears of, and after that they are seeds of healing,
// so that islands which formed apart find each other.
//
// # Concurrency
//
// A Bridge is not safe for concurrent use: whoever owns it holds one lock, as with a
// core.
package bridge
