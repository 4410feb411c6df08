package view

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// minLog is how many lines of what happened are shown at least, where the height
// allows.
const minLog = 4

// frame draws the board in at most height lines of at most width columns. Every
// line is cut to the width, so that a terminal never wraps one.
func frame(b *board, th theme, width, height int) []string {
	lines := head(b, th, width)
	body := body(b, th, width)
	steps := stepLines(b, th, width)

	// What is fixed comes first; the steps then get what they need but minLog,
	// and the log gets the rest.
	room := height - len(lines) - len(body)
	if room < 3 { // too low for everything: the table is what matters
		lines, room = nil, height-len(body)
	}
	lines = append(lines, body...)
	if room > 1 {
		around := min(len(steps), max(1, room-1-min(minLog, room/2)))
		// The one that runs is shown, and the one after it where there is room.
		from := b.step - around + 1
		if around > 1 {
			from++
		}
		from = min(max(0, from), len(steps)-around)
		lines = append(lines, "")
		lines = append(lines, steps[from:from+around]...)
		room -= 1 + around
	}
	if room > 2 {
		lines = append(lines, "")
		lines = append(lines, logLines(b, th, room-1)...)
	}
	return cut(lines, width, height)
}

// report is what stays on the screen when the story is over: the last frame in
// full, and theory and practice.
func report(b *board, th theme, width int) []string {
	lines := append(head(b, th, width), body(b, th, width)...)
	lines = append(lines, "")
	lines = append(lines, stepLines(b, th, width)...)
	if t := theory(b, th); len(t) > 0 {
		lines = append(append(lines, "", " "+th.title.Render("theory and practice")), indent(t)...)
	}
	lines = cut(lines, width, len(lines))
	if b.ending != nil { // in full: it names what is wrong
		style := th.good
		if b.ending.Err != nil {
			style = th.bad
		}
		lines = append(lines, "", " "+style.Render(verdict(b.opening, b.outcomes, *b.ending)))
	}
	return lines
}

func head(b *board, th theme, width int) []string {
	return []string{
		spread(" "+th.title.Render("nekton demo"), th.strong.Render(fmt.Sprintf("%.1f s ", b.now.Seconds())), width),
		" " + th.dim.Render(headline(b.opening)),
		"",
	}
}

// body is the table with its legend.
func body(b *board, th theme, width int) []string {
	if b.picture == nil {
		return nil
	}
	lines := indent(strings.Split(matrix(b.picture, th, max(1, width-1)), "\n"))
	return append(lines, "", " "+legendLine(th))
}

// stepLines is one line for each step: done, running or to come.
func stepLines(b *board, th theme, width int) []string {
	names := 0
	for _, s := range b.opening.Steps {
		names = max(names, len(s.Name))
	}
	out := make([]string, 0, len(b.opening.Steps))
	for i, s := range b.opening.Steps {
		name := pad(s.Name, names)
		o, done := b.finished(i)
		switch {
		case done && o.Err == nil:
			out = append(out, spread(" "+th.good.Render("✓ "+name)+"  "+o.Summary, th.dim.Render(demo.Seconds(o.Took)+" "), width))
		case done:
			out = append(out, spread(" "+th.bad.Render("✗ "+name)+"  "+o.Err.Error(), "", width))
		case i == b.step:
			out = append(out, " "+th.odd.Render("▶ "+name)+"  "+progress(b, th))
		default:
			out = append(out, " "+th.dim.Render("· "+name+"  "+s.Title))
		}
	}
	return out
}

// barWidth is the length of the progress line.
const barWidth = 20

// progress shows how much of the predicted time has passed, and what the step waits
// for. When it is late, it shows how much is left until the step fails.
func progress(b *board, th theme) string {
	e := b.expect
	full, of, bar := e.Predicted, "of at most", th.own
	if b.now > e.Predicted {
		full, of, bar = e.Deadline, "and late, gives up after", th.odd
	}
	if full <= e.Since {
		return ""
	}
	part := float64(b.now-e.Since) / float64(full-e.Since)
	done := int(min(1, max(0, part)) * barWidth)
	times := fmt.Sprintf("%.1f %s %.1f s", (b.now - e.Since).Seconds(), of, (full - e.Since).Seconds())
	return bar.Render(strings.Repeat("━", done)) + th.dim.Render(strings.Repeat("─", barWidth-done)+" "+times) + "  " + e.What
}

// logLines is what happened last, the newest at the bottom.
func logLines(b *board, th theme, n int) []string {
	lines := b.lines[max(0, len(b.lines)-n):]
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		text := l.text
		switch l.kind {
		case lineMeasured:
			text = th.good.Render("→ " + text)
		case lineMissed:
			text = th.odd.Render("→ " + text)
		}
		out = append(out, th.dim.Render(clock(l.at))+"  "+text)
	}
	return out
}

func indent(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = " " + l
	}
	return out
}

// spread puts left and right at the two ends of a line; left is cut where there
// is no room for both.
func spread(left, right string, width int) string {
	room := width - lipgloss.Width(right)
	if room < 1 {
		return left
	}
	if lipgloss.Width(left) > room-1 {
		left = lipgloss.NewStyle().MaxWidth(max(1, room-1)).Render(left)
	}
	return left + strings.Repeat(" ", max(0, room-lipgloss.Width(left))) + right
}

// cut keeps lines and columns that the terminal has.
func cut(lines []string, width, height int) []string {
	if len(lines) > height {
		lines = lines[:max(0, height)]
	}
	style := lipgloss.NewStyle().MaxWidth(max(1, width))
	out := make([]string, len(lines))
	for i, l := range lines {
		if lipgloss.Width(l) > width {
			l = style.Render(l)
		}
		out[i] = strings.TrimRight(l, " ")
	}
	return out
}

var _ demo.View = (*Live)(nil)
