package view

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// A column of the table: its head, its cell for a node, and how it is coloured.
// Columns with a higher rank are left out first where the width does not suffice.
type column struct {
	head  string
	rank  int
	right bool
	cell  func(n *demo.NodeView) string
	style func(n *demo.NodeView) lipgloss.Style
	gap   int // columns of space to the right, if not one
}

// matrix draws all nodes × their views of each other, at most width wide; any
// width if it is 0.
func matrix(s *demo.Snapshot, th theme, width int) string {
	columns := columnsOf(s, th)
	for {
		out := draw(s, th, columns)
		if width == 0 || lipgloss.Width(out) <= width {
			return out
		}
		worst := 0
		for i, c := range columns {
			if c.rank > columns[worst].rank {
				worst = i
			}
		}
		if columns[worst].rank == 0 {
			return lipgloss.NewStyle().MaxWidth(width).Render(out)
		}
		columns = append(columns[:worst:worst], columns[worst+1:]...)
	}
}

func columnsOf(s *demo.Snapshot, th theme) []column {
	plain := func(*demo.NodeView) lipgloss.Style { return lipgloss.NewStyle() }
	dim := func(*demo.NodeView) lipgloss.Style { return th.dim }
	columns := []column{
		{head: "node", cell: func(n *demo.NodeView) string { return string(n.ID) }, style: func(*demo.NodeView) lipgloss.Style { return th.strong }},
		{head: "domain", rank: 3, cell: domainCell, style: func(n *demo.NodeView) lipgloss.Style {
			if n.Inactive {
				return th.bad
			}
			return th.dim
		}},
		{head: "gen", rank: 4, right: true, gap: 2, cell: func(n *demo.NodeView) string {
			if n.Generation == 0 {
				return ""
			}
			return strconv.FormatUint(n.Generation, 10)
		}, style: dim},
	}
	for i := range s.Nodes {
		columns = append(columns, column{
			head: string(s.Nodes[i].ID),
			cell: func(n *demo.NodeView) string {
				if i >= len(n.Peers) {
					return ""
				}
				return markOf(n.Peers[i], n.ID == s.Nodes[i].ID).symbol
			},
			style: func(n *demo.NodeView) lipgloss.Style {
				if i >= len(n.Peers) {
					return th.dim
				}
				return markOf(n.Peers[i], n.ID == s.Nodes[i].ID).style(th)
			},
		})
	}
	columns[len(columns)-1].gap = 2
	return append(columns,
		column{head: pad("own status", statusWidth), cell: statusCell, style: func(n *demo.NodeView) lipgloss.Style {
			switch n.Phase {
			case demo.PhaseRunning:
				return th.styleOf(n.Own)
			case demo.PhaseKilled:
				return th.bad
			}
			return th.dim
		}},
		column{head: "health", rank: 2, gap: 2, right: true, cell: func(n *demo.NodeView) string { return running(n, strconv.Itoa(n.Health)) },
			style: func(n *demo.NodeView) lipgloss.Style {
				if n.Health > 0 {
					return th.odd
				}
				return th.dim
			}},
		column{head: "load", rank: 6, gap: 2, right: true, cell: func(n *demo.NodeView) string { return running(n, ownLoad(s, n)) }, style: plain},
		column{head: "reads", rank: 5, right: true, cell: func(n *demo.NodeView) string { return running(n, readCell(n)) }, style: plain},
	)
}

func draw(s *demo.Snapshot, th theme, columns []column) string {
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = c.head
	}
	t := table.New().
		Headers(heads...).
		Border(lipgloss.NormalBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).
		BorderStyle(th.dim).
		StyleFunc(func(row, col int) lipgloss.Style {
			style := th.dim
			if row != table.HeaderRow {
				style = columns[col].style(&s.Nodes[row])
			}
			if columns[col].right {
				style = style.Align(lipgloss.Right)
			}
			return style.PaddingRight(max(1, columns[col].gap))
		})
	for i := range s.Nodes {
		cells := make([]string, len(columns))
		for j, c := range columns {
			cells[j] = c.cell(&s.Nodes[i])
		}
		t.Row(cells...)
	}
	return t.Render()
}

// running is text for nodes that run, and nothing for others.
func running(n *demo.NodeView, text string) string {
	if n.Phase != demo.PhaseRunning {
		return ""
	}
	return text
}

func domainCell(n *demo.NodeView) string {
	if n.Inactive {
		return n.Domain + " off"
	}
	return n.Domain
}

func statusCell(n *demo.NodeView) string {
	if n.Phase != demo.PhaseRunning {
		return n.Phase.String()
	}
	return demo.Short(n.Own)
}

// statusWidth is the width of the longest own status. The column always has it, so
// that the table stands still when statuses change.
const statusWidth = len("SUSPECT_NOT_IN_QUORUM")

// ownLoad is the value that a node publishes under "load", as it reads it itself.
func ownLoad(s *demo.Snapshot, n *demo.NodeView) string {
	_, i, ok := s.Node(n.ID)
	if !ok || i >= len(n.Peers) {
		return ""
	}
	if load, ok := n.Peers[i].Values[demo.LoadKey]; ok {
		return fmt.Sprint(load)
	}
	return "–"
}

// readCell counts the nodes whose values a node can read.
func readCell(n *demo.NodeView) string {
	reads := 0
	for _, p := range n.Peers {
		if len(p.Values) > 0 {
			reads++
		}
	}
	return fmt.Sprintf("%d of %d", reads, len(n.Peers))
}

// legendLine explains the marks.
func legendLine(th theme) string {
	var words []string
	for _, m := range legend() {
		words = append(words, m.style(th).Render(m.symbol)+" "+th.dim.Render(m.meaning))
	}
	return strings.Join(words, "  ")
}
