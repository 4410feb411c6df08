// Package swarm holds the laws of package sim against random scenarios: clusters of a
// few nodes, in which anything may happen at any time, and which must keep every law
// all the time, and come to agree when all is calm. A scenario that breaks a law is
// made smaller for as long as it breaks it, and printed as text that can be replayed.
//
//	s := swarm.Generate(42)              // from a seed
//	if r := swarm.Run(s, nil); r.Err != nil {
//		s = swarm.Shrink(s, 2000)
//		fmt.Print(s)                     // a few lines
//		swarm.Run(s, os.Stdout)          // with a trace
//	}
//
// # What happens
//
//	start          actions, at their times                      calm
//	├─────────────┼─────────────────────────────────────────┼──────────┬────────┬──────┤
//	nodes join     crashes, restarts, zombies, pauses, cuts, all agree  one      rest
//	               loss, writes, departures …                           leaves
//
// A [Scenario] is plain data: how many nodes, which settings depart from the defaults,
// and what happens when. The same scenario gives the same run, bit for bit. Node 0 is
// everybody's seed; it never moves, so that nodes that have all moved away from each
// other can meet again; and it is there in the end. All else may happen to it too.
//
// Among the settings are the limits (tiny frames, two tombstones, one incoming stream),
// the quorum rules, clocks that are wrong, and such rules of other protocols as keep
// the laws.
//
// # On memberlist's wire
//
// [Scenario.OnMemberlist] has a scenario happen on memberlist's wire. What that wire
// cannot stand is left out: clocks that are set, and processes that share a name. The
// laws that speak of versions of StoreMaps and of acknowledged departures are not looked
// at there; all others are the same.
//
// # Shrinking
//
// [Shrink] removes actions, first many and then few, settings and nodes; shortens and
// rounds times; and tries other seeds for the chance of the run where a smaller
// scenario does not fail with the first. What is left fails with the same law.
//
// # Concurrency
//
// Runs share nothing. [Hunt] spreads seeds over several workers.
package swarm
