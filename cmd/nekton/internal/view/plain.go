package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// Plain tells the story in lines of text, without colour.
type Plain struct {
	w     io.Writer
	board board
	why   string // the reason that was printed last
}

// NewPlain returns a view that writes to w. Errors of w are not reported: the
// demo judges the cluster, not the pipe.
func NewPlain(w io.Writer) *Plain { return &Plain{w: w} }

var _ demo.View = (*Plain)(nil)

func (p *Plain) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// Open prints what is run.
func (p *Plain) Open(o demo.Opening) {
	p.board = newBoard(o)
	p.printf("nekton demo · %s\n", headline(o))
}

// Begin prints the step.
func (p *Plain) Begin(at time.Duration, step int) {
	p.board.begin(at, step)
	s := p.board.opening.Steps[step]
	p.printf("\n%s  step %d of %d · %s: %s\n", clock(at), step+1, len(p.board.opening.Steps), s.Name, s.Title)
}

// Observe prints a line.
func (p *Plain) Observe(at time.Duration, text string) {
	p.board.observe(at, text, lineObserved)
	p.printf("%s    %s\n", clock(at), text)
}

// Measure prints a line.
func (p *Plain) Measure(at time.Duration, m demo.Measurement) {
	p.board.measure(at, m)
	p.printf("%s    → %s\n", clock(at), p.board.lines[len(p.board.lines)-1].text)
	if m.Predicted.Why != p.why { // it often is the same as the one before
		p.why = m.Predicted.Why
		p.printf("            (%s)\n", m.Predicted.Why)
	}
}

// Expect prints nothing: what happens is told when it happens.
func (p *Plain) Expect(demo.Expectation) {}

// Look keeps the picture for the end of the step.
func (p *Plain) Look(s *demo.Snapshot) { p.board.look(s) }

// Finish prints the table, if the step has one, and how it ended.
func (p *Plain) Finish(at time.Duration, o demo.Outcome) {
	p.board.finish(at, o)
	if p.board.picture != nil && (o.Err != nil || p.board.opening.Steps[o.Step].Table) {
		for _, l := range strings.Split(matrix(p.board.picture, theme{}, 0), "\n") {
			p.printf("          %s\n", strings.TrimRight(l, " "))
		}
	}
	if o.Err != nil {
		p.printf("%s  ✗ %v\n", clock(at), o.Err)
		return
	}
	p.printf("%s  ✓ %s\n", clock(at), o.Summary)
}

// Close prints theory and practice, and the verdict.
func (p *Plain) Close(e demo.Ending) {
	for i, l := range theory(&p.board, theme{}) {
		if i == 0 {
			p.printf("\nTheory and practice\n")
		}
		p.printf("  %s\n", l)
	}
	last := len(p.board.outcomes) - 1
	if e.Err != nil && last >= 0 && p.board.outcomes[last].Err != nil { // it was printed when it happened
		p.printf("\nFAILED in step %d, %s.\n", last+1, p.board.opening.Steps[last].Name)
		return
	}
	p.printf("\n%s\n", verdict(p.board.opening, p.board.outcomes, e))
}
