// Package scenario reads stories about clusters from text files, and plays them on the
// simulator: a few commands, and what came of them. A story is documentation that is
// checked: it is read like a page of a book, and the test fails when it is no longer
// what happens.
//
//	# A live member cut off from one prober is saved by indirect probes (SWIM §3.1).
//	#   a ──✕──▶ b,   a ──▶ c ──▶ b
//	cluster a b c period=1s timeout=300ms
//	cut a->b
//	run 60s
//	expect agreed
//	----
//	ok
//
// docs/simulator.md is the reference of the language. This is how it is built.
//
// # Files
//
// A story is a sequence of blocks. A block is one command or more, a separator, and up
// to the next empty line what was told while they ran; without a separator nothing in
// particular is expected. Lines that begin with # are narration. The form is that of
// cockroachdb/datadriven, and the tests hold that both read the same from all stories.
// datadriven itself cannot be used here: it brings package testing and global flags
// into every program that links it.
//
//	story, err := scenario.Parse("leave.txt", text)
//	if err != nil { … }
//	err = story.Play(scenario.Options{}, func(r scenario.Result) {
//		for _, line := range r.Lines() {
//			fmt.Println(line)
//		}
//	})
//
// # Stages
//
// A story is played on a stage: one [sim.Cluster] with all that the story has said about
// it. A story with contenders is played on one stage for each of them, command by
// command: the same cluster, the same seed, the same faults, and different rules. What
// was told of each stands one after the other in the block, or once if it is the same.
//
// # What is told
//
// Every event of the failure detector, of quorum and of what is published is told in one
// line, with the time since the cluster was formed; packets only if asked for. Long
// stories count instead. What is told has a structure ([Told]), so that programs need
// not parse it.
//
// Commands that wait for something (until) or want something to be true (expect) do not
// end the story when it is not: they say so in its text, and [Story.Play] returns an
// *[UnmetError] at the end. Everything else that is wrong with a story is a
// *[SyntaxError] with its line.
//
// # Promises
//
// The same story with the same options tells the same, bit for bit, on every platform.
// Nothing here reads a clock or a file, or starts a goroutine; playing a story blocks
// until it is over or [Options.Progress] says that it is enough. A [Story] may be played
// by several goroutines at the same time.
package scenario
