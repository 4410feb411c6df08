package view

import (
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// A board holds what has been told so far. It is all that a frame is drawn from.
type board struct {
	opening  demo.Opening
	now      time.Duration
	step     int // the one that runs; -1 before the first
	started  time.Duration
	outcomes []demo.Outcome
	expect   demo.Expectation
	lines    []line
	measures []measured
	picture  *demo.Snapshot
	ending   *demo.Ending
}

// line is one thing that happened.
type line struct {
	at   time.Duration
	text string
	kind lineKind
}

type lineKind uint8

const (
	lineObserved lineKind = iota
	lineMeasured
	lineMissed // measured, and not as predicted
)

// measured is a measurement with the step in which it was taken.
type measured struct {
	step int
	demo.Measurement
}

// keepLines is how many lines are kept for drawing: more than any terminal shows.
const keepLines = 200

func newBoard(o demo.Opening) board { return board{opening: o, step: -1} }

func (b *board) begin(at time.Duration, step int) {
	b.now, b.step, b.started, b.expect = at, step, at, demo.Expectation{}
}

func (b *board) observe(at time.Duration, text string, kind lineKind) {
	b.now = at
	b.lines = append(b.lines, line{at, text, kind})
	if len(b.lines) > keepLines {
		b.lines = append(b.lines[:0], b.lines[len(b.lines)-keepLines:]...)
	}
}

func (b *board) measure(at time.Duration, m demo.Measurement) {
	b.measures = append(b.measures, measured{b.step, m})
	kind := lineMeasured
	if !m.Predicted.Contains(m.Took) {
		kind = lineMissed
	}
	b.observe(at, m.Name+": "+measurement(m), kind)
}

func (b *board) look(s *demo.Snapshot) { b.now, b.picture = s.At, s }

func (b *board) finish(at time.Duration, o demo.Outcome) {
	b.now = at
	b.outcomes = append(b.outcomes, o)
}

// finished returns how a step ended; false if it has not.
func (b *board) finished(step int) (demo.Outcome, bool) {
	if step < len(b.outcomes) {
		return b.outcomes[step], true
	}
	return demo.Outcome{}, false
}
