// Package store holds the small maps that the nodes of a cluster publish, and the
// rules by which replicas of them meet.
//
// Each node writes only its own map; everyone else holds a replica. So there is
// never a conflict, only old and new, and the question is how little has to be
// sent. A record is a map with its place in time:
//
//	(id, (generation, boot), version, floor, {key → (version, value or tombstone)})
//
// Records of one id compare by (generation, boot), its [Life], and then by
// [Version], which the owner raises with every change. A higher life begins with an
// empty map. No clock is compared: the wall time of the owner's last change only
// travels along, to be shown.
//
// # Use
//
//	s, err := store.New(store.Config{Self: "a", Generation: 1})
//	...
//	err = s.Set(wall, "color", []byte("red"))      // the own record; the caller has the clocks
//	b := s.AppendRumour(nil, "a", 0, 1400)         // news for others
//	merged, err := peer.Merge(now, b)              // at a peer
//	if peer.Hash("a") != s.Hash("a") {             // something was lost:
//		digest := peer.AppendDigest(nil, "a")      // what the peer has
//		b = s.AppendDelta(nil, "a", digest, 1<<20) // what it lacks
//	}
//
// # How news travels
//
// A delta lists the entries between two versions, base and reached, see
// [Store.AppendRumour]. It applies to a replica at base or above; below, it is
// [ErrGap] and anti-entropy repairs the rest: hashes differ, so digests are
// exchanged, so a delta is sent that fits. What fits no packet is cut, oldest
// entries first, so that what arrives is useful at once.
//
// The replica that took in a cut delta is incomplete. It knows the version it is
// still missing (its goal), tells everyone to whom it passes the news on, and
// hashes differently from a complete replica of the same version. For each key it
// shows the owner's latest entry, or an older one if the latest is among those to
// come. Its whole record is never sent; only what it has learnt above some base.
//
// # The laws
//
//  1. Two complete replicas at the same life and version show the same live keys:
//     those of the owner at that version.
//  2. A replica never goes back: neither its (life, version), nor, within a life,
//     the version of any key.
//  3. A deleted key never comes back unless the owner sets it again.
//  4. Merging whole records, and merging uncut deltas that apply, is commutative,
//     associative and idempotent. With cut deltas this holds for life and version,
//     and for the keys once the replica is complete.
//
// Why they hold. Let v be a replica's version, g ≥ v its goal, and consider the
// owner's last change of each key up to version g. The replica keeps this
// invariant: if that change is at or below v, the replica holds it, or it was a
// deletion that the replica has collected. A delta from base ≤ v to r > v, cut at
// goal G, has all last changes up to G in (base, r]. Taking in those above v, and
// max(g, G) as goal, restores the invariant at r: what lies at or below v was
// there already. When v = g the invariant says law 1. Entries at or below v are
// never taken in, which is law 2.
//
// # Tombstones
//
// A deleted key leaves a tombstone, so that replicas learn of it. Every node
// collects tombstones after [Config.TombstoneTTL], the owner of a record and those
// who replicate it, each at its own time; or sooner, when a record is full. The
// record's floor is the highest version collected. Versions and hashes do not
// change.
//
// Three collections could bring a deleted key back, and do not. (a) A replica
// collects and then hears from one that still has the key: all collected
// tombstones are at or below its version, and nothing at or below its version is
// taken in. (b) A sender collects and then tells a replica that still has the key:
// that replica is below the sender's floor, so it gets the whole record, which
// replaces what it has. (c) A sender that missed a deletion sends its whole record
// to one that collected it: a sender that misses something below its version is
// incomplete, and sends no whole record.
//
// # Hostile bytes
//
// [Store.Merge] accepts all of a delta or nothing, and checks it against the
// limits of [Config] before it keeps any of it. What it cannot check is whether the
// owner really said so: members trust each other, and a keyring keeps others out.
// Our own record is exempt: no merge changes it, see [OwnRecordError].
//
// # Values
//
// A [Store] holds bytes. A [Registry] makes them from Go values, with their types,
// and is used outside of the lock that guards the store.
//
// # Concurrency
//
// The store does no I/O, reads no clock, starts no goroutine and locks nothing:
// whoever owns it holds one lock. Values that it returns never change.
package store
