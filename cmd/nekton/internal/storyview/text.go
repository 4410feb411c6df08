package storyview

import (
	"fmt"
	"io"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nekton-go/nekton/sim/scenario"
)

// A Style is how things look. The zero Style has no colour.
type Style struct{ title, dim, command, good, odd, bad lipgloss.Style }

// Colour uses the colours that every terminal theme defines.
func Colour() Style {
	colour := func(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }
	return Style{
		title: colour("6").Bold(true), dim: lipgloss.NewStyle().Faint(true), command: lipgloss.NewStyle().Bold(true),
		good: colour("2"), odd: colour("3"), bad: colour("1"),
	}
}

// Text shows a story in lines.
type Text struct {
	w     io.Writer
	style Style
	width int
}

// NewText returns a view that writes to w. From a width of 100 columns on, contenders
// stand side by side; 0 means that there is no width to keep to.
func NewText(w io.Writer, style Style, width int) *Text { return &Text{w, style, width} }

// sideBySide is the width from which two columns can be read.
const sideBySide = 100

func (v *Text) printf(format string, args ...any) { fmt.Fprintf(v.w, format, args...) }

// Open shows the head of a story.
func (v *Text) Open(s *scenario.Story) {
	v.printf("%s\n\n", v.style.title.Render(strings.TrimSuffix(s.Name, ".txt")))
	for _, line := range s.Head {
		v.printf("  %s\n", line)
	}
	v.printf("\n")
}

// Block shows what came of a block.
func (v *Text) Block(r scenario.Result) {
	narrating := false
	for _, line := range r.Block.Lines {
		if !line.Comment {
			v.command(r, line)
		} else if narrating {
			v.printf("  %s\n", line.Text)
		} else {
			v.printf("\n  %s\n", line.Text)
		}
		narrating = line.Comment
	}
}

// Command shows a command before anything is told of it, for a trace.
func (v *Text) Command(l scenario.Line) {
	v.printf("%s %s\n", v.style.title.Render("▸"), v.style.command.Render(l.Text))
}

// command shows a command with what came of it.
func (v *Text) command(r scenario.Result, l scenario.Line) {
	mark := v.style.title.Render("▸")
	columns := make([][]string, len(r.Parts))
	told := 0
	for i, p := range r.Parts {
		for _, t := range p.Told {
			switch {
			case t.Line != l.Number:
			case t.Kind == "met":
				mark = v.style.good.Render("✓")
			default:
				if t.Kind == "unmet" {
					mark = v.style.bad.Render("✗")
				}
				columns[i] = append(columns[i], v.line(t))
				told++
			}
		}
	}
	v.printf("%s %s\n", mark, v.style.command.Render(l.Text))
	if told > 0 {
		v.columns(r, columns, strings.HasPrefix(l.Text, "with "))
	}
}

// columns shows what was told of each contender; those of whom nothing was told are
// left out of a command that was for one.
func (v *Text) columns(r scenario.Result, columns [][]string, one bool) {
	same := true
	for _, c := range columns {
		same = same && strings.Join(c, "\n") == strings.Join(columns[0], "\n")
	}
	if same {
		for _, line := range columns[0] {
			v.printf("  %s\n", line)
		}
		return
	}
	if v.width >= sideBySide && len(columns) == 2 && !one {
		v.printf("%s\n", v.beside(r, columns))
		return
	}
	for i, c := range columns {
		if one && len(c) == 0 {
			continue
		}
		v.printf("  %s\n", v.heading(r.Parts[i].Contender))
		if len(c) == 0 {
			c = []string{v.style.dim.Render("nothing")}
		}
		for _, line := range c {
			v.printf("    %s\n", line)
		}
	}
}

func (v *Text) heading(contender string) string { return v.style.title.Render("with " + contender) }

// beside puts two columns side by side.
func (v *Text) beside(r scenario.Result, columns [][]string) string {
	width := (v.width - 2) / 2
	var sides []string
	for i, c := range columns {
		if len(c) == 0 {
			c = []string{v.style.dim.Render("nothing")}
		}
		lines := append([]string{v.heading(r.Parts[i].Contender)}, c...)
		sides = append(sides, lipgloss.NewStyle().Width(width).PaddingLeft(2).Render(strings.Join(lines, "\n")))
	}
	return strings.TrimRight(lipgloss.JoinHorizontal(lipgloss.Top, sides...), "\n")
}

// Told shows one thing, for a trace.
func (v *Text) Told(contender string, t scenario.Told) {
	if t.Kind == "met" {
		return
	}
	if contender != "" {
		contender = v.style.dim.Render(contender + " ")
	}
	v.printf("  %s%s\n", contender, v.line(t))
}

// line is one thing that was told, in colour.
func (v *Text) line(t scenario.Told) string {
	text := t.String()
	style, ok := map[string]lipgloss.Style{
		"suspected": v.style.odd, "failed": v.style.bad, "refuted": v.style.good, "joined": v.style.good,
		"refutes": v.style.good, "reconnected": v.style.good, "cut-off": v.style.bad, "conflict": v.style.bad,
		"refused": v.style.bad, "unmet": v.style.bad, "packet": v.style.dim, "stream": v.style.dim,
		"push-pull": v.style.dim, "until": v.style.good,
	}[t.Kind]
	if ok {
		return style.Render(text)
	}
	return text
}

// Close shows how the story ended.
func (v *Text) Close(expectations int, err error) {
	v.printf("\n")
	switch {
	case err != nil:
		v.printf("%s %v\n", v.style.bad.Render("✗"), err)
	case expectations > 0:
		v.printf("%s\n", v.style.good.Render(fmt.Sprintf("✓ all %d expectations hold", expectations)))
	default:
		v.printf("%s\n", v.style.good.Render("✓ the end"))
	}
}
