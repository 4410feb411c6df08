package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
	"github.com/nekton-go/nekton/types"
)

func TestPlainTellsAStoryThatEndsWell(t *testing.T) {
	var out bytes.Buffer
	tell(NewPlain(&out), true)
	golden(t, "plain-well.txt", out.String())
}

func TestPlainNamesTheStepThatFailed(t *testing.T) {
	var out bytes.Buffer
	tell(NewPlain(&out), false)
	golden(t, "plain-failed.txt", out.String())
}

func TestPlainSaysWhereItWasInterrupted(t *testing.T) {
	var out bytes.Buffer
	interrupted(NewPlain(&out))
	golden(t, "plain-interrupted.txt", out.String())
}

func TestJSONPrintsOneObjectForEachThingThatHappens(t *testing.T) {
	for name, well := range map[string]bool{"json-well.jsonl": true, "json-failed.jsonl": false} {
		var out bytes.Buffer
		tell(NewJSON(&out), well)
		golden(t, name, out.String())
		for line := range strings.Lines(out.String()) {
			var o struct {
				At   *float64
				Type string
			}
			if err := json.Unmarshal([]byte(line), &o); err != nil || o.At == nil || o.Type == "" {
				t.Errorf("%s: %q is no object with at and type: %v", name, line, err)
			}
		}
	}
}

// boardAt is the board in the middle of the third step.
func boardAt() *board {
	l := NewLive(&bytes.Buffer{}, nil, func() (int, int) { return 80, 24 })
	l.Open(opening())
	l.Begin(0, 0)
	l.Observe(20*time.Millisecond, "a1 of domain a listens on 127.0.0.1:7001")
	l.Finish(320*time.Millisecond, demo.Outcome{Step: 0, Took: 320 * time.Millisecond, Summary: "5 nodes are one cluster"})
	l.Begin(1*s, 1)
	l.Measure(7*s, demo.Measurement{Name: "detection", Took: 3 * s, Predicted: demo.Range{Low: 2 * s, High: 5800 * time.Millisecond}})
	l.Finish(7*s, demo.Outcome{Step: 1, Took: 6 * s, Summary: "a2 was found dead after 6s, and everybody knew at once, which is more than fits into one line of this terminal"})
	l.Begin(7*s, 2)
	l.Expect(demo.Expectation{Since: 7 * s, Predicted: 9 * s, Deadline: 19 * s, What: "a1 and w SUSPECT_NOT_IN_QUORUM"})
	l.Look(picture())
	for i := range 30 {
		l.Observe(time.Duration(7100+10*i)*time.Millisecond, fmt.Sprintf("observation %d", i))
	}
	return &l.board
}

func TestAFrameShowsTableStepsAndLogAsFarAsTheyFit(t *testing.T) {
	for _, size := range []struct{ width, height int }{{100, 30}, {80, 24}, {60, 18}, {40, 12}, {20, 6}} {
		lines := frame(boardAt(), theme{}, size.width, size.height)
		if len(lines) > size.height {
			t.Errorf("%dx%d: %d lines", size.width, size.height, len(lines))
		}
		for _, l := range lines {
			if w := lipgloss.Width(l); w > size.width {
				t.Errorf("%dx%d: %q is %d columns wide", size.width, size.height, l, w)
			}
		}
		golden(t, fmt.Sprintf("frame-%dx%d.txt", size.width, size.height), strings.Join(lines, "\n")+"\n")
	}
}

func TestAStepThatIsLateSaysWhenItGivesUp(t *testing.T) {
	b := boardAt()
	b.now = 10 * s
	if got, want := progress(b, theme{}), "━━━━━─────────────── 3.0 and late, gives up after 12.0 s  a1 and w SUSPECT_NOT_IN_QUORUM"; got != want {
		t.Errorf("progress is %q, want %q", got, want)
	}
}

func TestAFrameHasTheSameTextWithAndWithoutColour(t *testing.T) {
	plain := frame(boardAt(), theme{}, 100, 30)
	coloured := frame(boardAt(), colourful(), 100, 30)
	for i := range coloured {
		if got := strings.TrimRight(stripped(coloured[i]), " "); got != plain[i] {
			t.Errorf("line %d is %q in colour, %q without", i, got, plain[i])
		}
	}
	if strings.Join(plain, "\n") == strings.Join(coloured, "\n") {
		t.Error("the theme has no colour")
	}
}

// stripped is text without what colours it.
func stripped(text string) string {
	for {
		from := strings.Index(text, "\x1b[")
		if from < 0 {
			return text
		}
		to := strings.IndexByte(text[from:], 'm')
		text = text[:from] + text[from+to+1:]
	}
}

func TestEveryWayToSeeANodeHasAMarkOfItsOwnInTheLegend(t *testing.T) {
	symbols := map[string]bool{}
	for _, m := range legend() {
		if symbols[m.symbol] {
			t.Errorf("two marks look like %q", m.symbol)
		}
		symbols[m.symbol] = true
		if lipgloss.Width(m.symbol) != 1 {
			t.Errorf("%q is not one column wide", m.symbol)
		}
	}
	for status := types.NODE_STATUS_INVALID; status <= types.NODE_STATUS_SUSPECT_DOWN; status++ {
		for held := demo.HeldUnknown; held <= demo.HeldLeft; held++ {
			if m := markOf(demo.PeerView{Status: status, Held: held}, false); !symbols[m.symbol] {
				t.Errorf("%v, %v: %q is not in the legend", status, held, m.symbol)
			}
		}
	}
}

func TestLivePutsTheTerminalBackWhateverHappened(t *testing.T) {
	for name, play := range map[string]func(demo.View){
		"well":        func(v demo.View) { tell(v, true) },
		"failed":      func(v demo.View) { tell(v, false) },
		"interrupted": interrupted,
	} {
		var out bytes.Buffer
		live := NewLive(&out, []string{"TERM=xterm-256color", "CLICOLOR_FORCE=1"}, func() (int, int) { return 80, 24 })
		play(live)
		text := out.String()
		if !strings.HasPrefix(text, enterScreen) {
			t.Errorf("%s: does not begin by taking over the screen: %.40q", name, text)
		}
		leave := strings.Index(text, leaveScreen)
		if leave < 0 || strings.Contains(text[leave+len(leaveScreen):], "\x1b[?") {
			t.Errorf("%s: the screen is not given back, or taken again", name)
		}
		if strings.Count(text, beginUpdate) != strings.Count(text, endUpdate) {
			t.Errorf("%s: an update has no end", name)
		}
		before := out.Len()
		live.Close(demo.Ending{})
		if out.Len() != before {
			t.Errorf("%s: a second Close writes again", name)
		}
	}
}

func TestLivePaintsOnlyTheLinesThatDiffer(t *testing.T) {
	var out bytes.Buffer
	live := NewLive(&out, []string{"TERM=xterm-256color", "CLICOLOR_FORCE=1"}, func() (int, int) { return 80, 30 })
	live.Open(opening())
	live.Begin(0, 0)
	live.Look(picture())
	out.Reset()
	live.paint()
	if got := out.String(); got != beginUpdate+endUpdate {
		t.Errorf("the same frame again paints %q", got)
	}
	live.Observe(7340*time.Millisecond, "one line more")
	out.Reset()
	live.paint()
	if got := strings.Count(out.String(), clearLine); got != 1 {
		t.Errorf("one line more paints %d lines:\n%q", got, out.String())
	}
}

func TestTheReportStaysOnTheScreen(t *testing.T) {
	b := boardAt()
	b.ending = &demo.Ending{Took: 12 * s, Err: &demo.StepError{Step: "lose-quorum", Number: 3, Want: "a1 SUSPECT_NOT_IN_QUORUM", Within: 5 * s, Seen: "a1 is UP"}}
	golden(t, "report.txt", strings.Join(report(b, theme{}, 100), "\n")+"\n")
}
