package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// What a terminal is told. The names are xterm's.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J" // alternate screen, no cursor, no wrapping
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	beginUpdate = "\x1b[?2026h" // ignored where it is not known
	endUpdate   = "\x1b[?2026l"
	clearScreen = "\x1b[2J"
	clearLine   = "\x1b[K"
)

// frameTime is the shortest time between two frames.
const frameTime = 66 * time.Millisecond

// Live shows the story on a terminal, repainted in place.
type Live struct {
	w       io.Writer
	size    func() (width, height int)
	theme   theme
	board   board
	open    bool
	painted time.Duration
	shown   []string // the lines on the screen
	w0, h0  int      // its size when they were painted
}

// NewLive returns a view that paints on the terminal behind w, whose size is
// asked for before each frame. environ says which colours it has: TERM, COLORTERM,
// NO_COLOR and the like.
func NewLive(w io.Writer, environ []string, size func() (width, height int)) *Live {
	return &Live{w: colorprofile.NewWriter(w, environ), size: size, theme: colourful()}
}

// Open takes over the screen.
func (l *Live) Open(o demo.Opening) {
	l.board = newBoard(o)
	l.open = true
	io.WriteString(l.w, enterScreen)
}

// Begin repaints.
func (l *Live) Begin(at time.Duration, step int) {
	l.board.begin(at, step)
	l.paint()
}

// Observe adds a line to the next frame.
func (l *Live) Observe(at time.Duration, text string) { l.board.observe(at, text, lineObserved) }

// Measure adds a line to the next frame.
func (l *Live) Measure(at time.Duration, m demo.Measurement) { l.board.measure(at, m) }

// Expect moves the progress line in the next frame.
func (l *Live) Expect(e demo.Expectation) { l.board.expect = e }

// Look repaints, unless it just did.
func (l *Live) Look(s *demo.Snapshot) {
	l.board.look(s)
	if s.At-l.painted >= frameTime {
		l.paint()
	}
}

// Finish repaints.
func (l *Live) Finish(at time.Duration, o demo.Outcome) {
	l.board.finish(at, o)
	l.paint()
}

// Close gives the screen back, and leaves the report on it.
func (l *Live) Close(e demo.Ending) {
	if !l.open {
		return
	}
	l.open = false
	l.board.now, l.board.ending = e.Took, &e
	width, _ := l.size()
	io.WriteString(l.w, leaveScreen+strings.Join(report(&l.board, l.theme, width), "\n")+"\n")
}

// paint writes the lines that differ from those on the screen, in one piece.
func (l *Live) paint() {
	width, height := l.size()
	lines := frame(&l.board, l.theme, width, height)
	var out strings.Builder
	out.WriteString(beginUpdate)
	if width != l.w0 || height != l.h0 {
		l.shown, l.w0, l.h0 = nil, width, height
		out.WriteString(clearScreen)
	}
	for i := range max(len(lines), len(l.shown)) {
		switch {
		case i >= len(lines):
			fmt.Fprintf(&out, "\x1b[%d;1H%s", i+1, clearLine)
		case i >= len(l.shown) || lines[i] != l.shown[i]:
			fmt.Fprintf(&out, "\x1b[%d;1H%s%s", i+1, lines[i], clearLine)
		}
	}
	out.WriteString(endUpdate)
	l.shown, l.painted = slices.Clone(lines), l.board.now
	io.WriteString(l.w, out.String())
}
