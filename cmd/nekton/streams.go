package main

import (
	"io"
	"os"

	"charm.land/lipgloss/v2"
	"golang.org/x/term"
)

// streams are where the program writes.
type streams struct {
	out, err io.Writer
}

// terminal returns the file behind out, if that is a terminal which can be
// painted on.
func (s streams) terminal() (*os.File, bool) {
	f, ok := s.out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil, false
	}
	lipgloss.EnableLegacyWindowsANSI(f)
	return f, true
}

// errIsTerminal reports whether err is a terminal, where progress can be shown.
func (s streams) errIsTerminal() bool {
	f, ok := s.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// The size of a terminal that does not tell.
const (
	usualWidth  = 80
	usualHeight = 24
)

// sizeOf asks a terminal for its size, each time anew: windows are resized.
func sizeOf(f *os.File) func() (width, height int) {
	return func() (int, int) {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 1 || height < 1 {
			return usualWidth, usualHeight
		}
		return width, height
	}
}
