// Package storyview shows stories of package sim/scenario while they are played: as text
// for people, in colour where there is a terminal, or as JSON for programs.
//
// # Text
//
// The head of the story comes first, then its narration and commands in the order in
// which they are played, each command with what came of it:
//
//	memberlist-222 · Halves that were apart for an hour meet again …
//
//	▸ cut 50%|rest
//	▸ run 1h
//	    3600.000  failed 72, push-pull 320
//	✓ expect n0: n7 dead
//
// When a story has contenders, and their outcomes differ, each is told under its name:
// one beside the other where the terminal is wide enough, else one after the other.
// What is the same for all is told once.
//
// A trace is told as it happens, one contender after the other within each command,
// since it may be far too long to be kept.
//
// # JSON
//
// One object a line. "type" says what it is:
//
//	story    name, title, contenders' outcomes follow
//	command  line, text
//	told     t (seconds since the story began), contender, line, kind, node, about, by, text
//	end      ok, error
//
// # Concurrency
//
// A view is used by one goroutine. Errors of the writer are not reported: what counts is
// how the story ends.
package storyview
