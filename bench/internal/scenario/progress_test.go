package scenario

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/result"
)

func TestATurnThatFailsIsWrittenAndTheOthersGoOn(t *testing.T) {
	var rows []result.Row
	p := Plan{Progress: io.Discard, Write: func(r result.Row) error { rows = append(rows, r); return nil }}
	broken := errors.New("no seed answered")
	p.turn("s", "c", "x", 0, func() (result.Row, error) { return result.Row{Values: map[string]float64{"cpu": 1}}, broken })
	p.turn("s", "c", "y", 0, func() (result.Row, error) { return result.Row{Values: map[string]float64{"cpu": 2}}, nil })
	if len(rows) != 2 || rows[0].Failed == "" || rows[0].Values != nil || rows[1].Values["cpu"] != 2 {
		t.Errorf("rows %+v", rows)
	}
	if len(p.failed) != 1 || !errors.Is(p.failed[0], broken) {
		t.Errorf("failures %v", p.failed)
	}
}

func TestNothingIsMeasuredThatCannotBeWritten(t *testing.T) {
	full := errors.New("no space left")
	p := Plan{Progress: io.Discard, Write: func(result.Row) error { return full }}
	turns := 0
	for range 2 {
		p.turn("s", "c", "x", 0, func() (result.Row, error) { turns++; return result.Row{}, nil })
	}
	if turns != 1 || !errors.Is(p.broken, full) {
		t.Errorf("%d turns, error %v", turns, p.broken)
	}
}

func TestTheRestIsEstimatedByHowTheEstimatesWereKept(t *testing.T) {
	p := begin([]part{{name: "a", expected: 4 * time.Minute, turns: 4}, {name: "b", expected: 4 * time.Minute, turns: 2}}, true)
	p.enter("b")
	p.done = 1
	// Six minutes of eight are expected to be over, and took thirteen.
	if got := p.left(13 * time.Minute); got != 4*time.Minute {
		t.Errorf("%v left, want 4 min", got)
	}
	if got := p.next(); !strings.Contains(got, "1/6") || !strings.Contains(got, "min left") {
		t.Errorf("it says %q", got)
	}
}
