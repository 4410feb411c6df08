// Package trial answers a question about one cluster: how does it do, of that size, at
// those settings, on that network, when these things happen to it? It is what
// "nekton sim -nodes 1000 -loss 0.1 …" runs.
//
// A [Plan] says what is tried. [Run] forms the cluster, does to it what the plan says
// while nodes publish updates, lets it come to rest, and returns an [Outcome]: how long
// forming took, when each crash was found, what was false, how updates spread, what it
// cost, whether all agreed in the end, and whether every law of package sim held.
//
//	plan := trial.Plan{Nodes: 1000, For: 10 * time.Minute, Seed: 7}
//	plan.Faults = []trial.Fault{{Kind: trial.Crash, Count: 3}, {Kind: trial.Pause, Count: 16, For: 8 * time.Second}}
//	outcome, err := trial.Run(ctx, plan, nil)
//
// The phases of a trial, in virtual time:
//
//	forming            observing: Plan.For                      coming to rest
//	├─────────────────┼────────────────────────────────────────┼───────────────────┤
//	nodes join         updates, faults in their places          until views agree,
//	until all agree                                             or Plan.Patience ends
//
// One plan and one seed give one outcome, on every machine.
//
// A trial measures one run. Whoever wants distributions of rare things runs many, with
// other seeds; package internal/papers does so.
package trial
