// Package view shows the story of package demo: live in a terminal, as plain
// lines, or as JSON.
//
// # The three views
//
//	Live   a table that is repainted in place, with colour and progress
//	Plain  one line for each thing that happens; for pipes, logs and dumb terminals
//	JSON   one JSON object for each thing that happens; for programs
//
// All three are told the same things in the same order, see demo.View. None of
// them knows what a step means, or decides whether it succeeded.
//
// # How it is built
//
// What has been told so far is kept in a board, and drawing is a function of the
// board, the size of the terminal and a theme:
//
//	demo ──▶ board ──▶ frame (text) ──▶ terminal
//
// so that tests compare whole frames with golden files, without a terminal. Only
// Live touches one: it paints on the alternate screen, whole frames at a time and
// only what differs, inside a synchronised update where the terminal knows
// that, so that nothing flickers; Close puts everything back and leaves the last
// frame behind in the ordinary screen.
//
// # The table
//
// A row is a node that looks, a column a node that is looked at:
//
//	node  domain    gen  a1 a2 b1 b2 w  own status             health  load  reads
//	a1    a           1  ■  ✕  ●  ●  ●  UP                          0    42  5 of 5
//
// The symbols differ in shape, so that they can be told apart without colour.
// Columns that do not fit the width are left out, the least important first.
//
// # Concurrency
//
// Views are used by one goroutine, which is the one that tells the story.
package view
