// Package quorum decides whether this node may act for the cluster. It keeps the
// status of every known node, the own one included, and moves the own status
// from event to event. It does no I/O, reads no clock and starts nothing: events
// and time go in, statuses, deadlines and requests to ask somebody come out.
//
// # The own status
//
// A node is in quorum while it sees a majority of the quorum members alive. What
// exactly is counted is the provider's rule:
//
//	DEFAULT          alive >= members/2 + 1, over all domains
//	FAILURE_DOMAINS  the same over active domains only; a node whose own
//	                 domain is inactive is never in quorum
//	NOOP             always in quorum
//
// members are the quorum members of the last UpdateCluster. alive are the quorum
// members whose status is UP, NOT_IN_QUORUM or SUSPECT_NOT_IN_QUORUM; a peer that
// is itself out of quorum is still alive. Without members one alive member would
// be needed, so a cluster without members is never in quorum.
//
// From there the own status follows (q: in quorum, SUSPECT stands for
// SUSPECT_NOT_IN_QUORUM):
//
//	              q: SELF_ALIVE, NODE_ALIVE, UPDATE_CLUSTER_SIZE,
//	                 UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP
//	┌───────────────┐ ────────────────────────────────▶ ┌──────┐
//	│ NOT_IN_QUORUM │                                   │  UP  │
//	└───────────────┘                                   └──────┘
//	  ▲     │                 q: NODE_ALIVE, TIMEOUT,    ▲    │ not q: NODE_LEAVE,
//	  │     │                    UPDATE_CLUSTER_SIZE,    │    │   UPDATE_CLUSTER_SIZE,
//	  │     │                    UPDATE_…_ACTIVE_MAP     │    ▼   UPDATE_…_ACTIVE_MAP
//	  │     │ TIMEOUT and not q                       ┌─────────┐
//	  └─────┼─────────────────────────────────────────│ SUSPECT │
//	        │                                         └─────────┘
//	        │ SELF_LEAVE, also from UP and SUSPECT
//	        ▼
//	    ┌──────┐
//	    │ DOWN │ until the next Start
//	    └──────┘
//
// [Next] is this picture as a table. UP → SUSPECT arms the quorum timer, which
// raises TIMEOUT when QuorumTimeout is over. Recovery leaves the timer running:
// its TIMEOUT finds the node UP, and changes nothing.
//
// # The status of a peer
//
// A peer has the status that the local failure detector gives it: UP while it is
// held alive, DOWN once it failed or left. With FAILURE_DOMAINS a lost peer is
// not DOWN at once, for its whole domain may merely be cut off from here, and go
// on working behind the cut. So the other nodes of its domain are asked, by a
// [Check] that the owner of the machine carries out:
//
//	peer lost ──▶ domain inactive, or ours ───────────────▶ DOWN
//	          ├─▶ no sibling to ask ──────────────────────▶ SUSPECT_DOWN
//	          └─▶ ask siblings ──▶ one answers ───────────▶ DOWN
//	                           └─▶ none answers ──────────▶ SUSPECT_DOWN
//
//	SUSPECT_DOWN ──▶ probation over, we are UP ───────────▶ DOWN
//	             └─▶ probation over, we are not UP ───────▶ probation again
//
// Each of the verdicts in the first block raises NODE_LEAVE; until then the peer
// keeps the status it had. An alive peer is UP whatever went before: that ends
// its check and its probation. Neither SUSPECT_DOWN nor DOWN counts as alive, so
// the end of a probation needs no event.
//
// # Use
//
// [Machine] is driven by whoever owns the failure detector:
//
//	m := quorum.New("a", "east")
//	m.UpdateCluster(now, peers)
//	if err := m.Start(quorum.StartConfig{QuorumTimeout: time.Minute}); err != nil {
//		return err
//	}
//	m.HandleEvent(now, types.SELF_ALIVE) // we have joined
//	m.HandlePeerAlive(now, "b")          // the detector found b
//	for _, c := range m.TakeChanges() {
//		log.Printf("%v: %v → %v", c.ID, c.From, c.To)
//	}
//	for _, c := range m.TakeChecks() {
//		ping(c) // later: m.HandleSiblingAnswer(now, c.ID, sibling, answered)
//	}
//	at, ok := m.NextDeadline() // when to call m.HandleTimeout
//
// # Departures from libopenstorage/gossip
//
//   - Member counts given before Start are remembered; there they are lost, and a
//     lone node of five is UP.
//   - The own entry is never removed.
//   - A change of the own domain re-evaluates the quorum at once, and takes the
//     own vote along. There it waits for some later event.
//   - A domain dropped from the active map is a change of that map.
//   - Siblings are asked in parallel, and a peer that is alive again cancels the
//     question.
//   - Probation ends with the peer, and all deadlines end with Stop.
//   - A peer's status comes from what the detector holds true, never from a
//     message that the detector has not accepted.
//
// # What it does not do
//
// It does not elect anybody, and it does not agree with other nodes: every node
// judges by what it sees. It does not ping; it says who should be pinged. It
// keeps no timestamps; [Machine.Handled] tells its owner when the own one moves.
package quorum
