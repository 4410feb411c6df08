// Package gallery is a collection of famous failures: what users of cluster membership
// libraries have reported in public, each as a story of package sim/scenario that is
// named after the report. Where the rule that is to blame is known and small, the story
// is played twice, with the rules of the library in question and with nekton's, so that
// both outcomes stand side by side.
//
//	story, err := gallery.Story("memberlist-222")
//	if err != nil { … }
//	err = story.Play(scenario.Options{}, show)
//
// The stories are files of this directory, and are part of the program that links the
// package: "nekton sim replay memberlist-222" needs nothing else. docs/simulator.md lists
// them all: what users hit, and what happens here.
//
// # How to read them
//
// A contender that is called memberlist is nekton's core with the rules of memberlist in
// the place of its own, see [swim.Memberlist] and [swim.Rules]: it says which rule makes
// the difference, not how that library performs. Wire, StoreMaps and quorum are nekton's
// in both cases.
//
// Stories are small enough to be played by every test run. Those about size have a
// parameter: "nekton sim replay memberlist-311 -nodes 1000" plays it among more.
//
// # How to add one
//
// Write NAME.txt: a head whose first sentence says what users hit, with the report and
// what happens; commands; and an expectation for everything that is to hold. Then
//
//	go test ./sim/gallery -rewrite
//
// fills in what came of it, to be reviewed. A row in docs/simulator.md is wanted, too: a
// test holds that none is missing.
//
// Nothing here has state; everything may be used by several goroutines.
package gallery
