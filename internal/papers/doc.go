// Package papers repeats published experiments on the simulator: those of SWIM (Das,
// Gupta, Motivala, DSN 2002), Lifeguard (Dadgar, Phillips, Currey, arXiv:1707.00788v2)
// and others, with the rules of the paper first, which proves the simulator, and then
// with nekton's own, which is what users get. What comes of it is docs/results.md.
//
//	make papers                                # run what is for every day, write the page
//	go run ./cmd/papers -only swim-load        # one experiment
//	go run ./cmd/papers -render                # only the page, from the results kept
//
// # What is where
//
//   - theory*.go has the formulas and models of the papers: pure functions, held
//     against published tables by tests. A model is a second implementation of the
//     rules, as plain as can be, where there is no closed form.
//   - An [Experiment] is a set of [Task]s; a task is some runs of one [Setup] (a
//     configuration under a name) at one [Point] of the parameters. swim_*.go,
//     lifeguard*.go, rapid_*.go, scuttlebutt.go and demers.go are the experiments.
//   - [Run] does tasks on all processors. Every run has a seed of its own and shares
//     nothing, so the results do not depend on how many there are. Setups have the same
//     seeds at the same point.
//   - A [File] keeps the [Result]s of one experiment as JSON lines, below docs/results:
//     the values themselves, not their means, so that a table can be changed without
//     running anything.
//   - [Render] puts tables (tables_*.go) and charts into the text (results.md.tmpl).
//
// # What a number of the page is worth
//
// Published figures carry a tag: [P] is printed in the paper, [F] read off a figure, [D]
// derived from printed ones. "Predicted" comes from theory, "published" from the paper,
// everything else from the results, and below every table stand the seeds, the number of
// runs and the configurations. What is compared ran at the same seeds.
//
// # Metrics
//
// A period is the protocol period of the run. First probe, suspicion and detection count
// from the crash, or the start of the anomaly, to the first ping that is sent to the
// member, the first other member that suspects it, the first that declares it failed;
// full dissemination to the last healthy member that does. A false positive (FP) is one
// such declaration, at any member, about a member that had no fault; FP- one at a member
// that had none either. Messages are datagrams and frames on streams, bytes their
// payload. Percentiles are nearest rank over all pairs of run and member, and are not
// given where there are too few.
package papers
