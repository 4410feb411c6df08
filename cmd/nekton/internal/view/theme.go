package view

import (
	"charm.land/lipgloss/v2"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
	"github.com/nekton-go/nekton/types"
)

// A theme is how things look. The zero theme has no colour.
type theme struct {
	title, dim, strong       lipgloss.Style
	good, odd, bad, cut, own lipgloss.Style
}

// colourful uses the sixteen colours that every terminal theme defines, so that
// it looks right on dark and on light ones.
func colourful() theme {
	colour := func(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }
	return theme{
		title:  colour("6").Bold(true),
		dim:    lipgloss.NewStyle().Faint(true),
		strong: lipgloss.NewStyle().Bold(true),
		good:   colour("2"),
		odd:    colour("3"),
		bad:    colour("1"),
		cut:    colour("5"),
		own:    colour("6"),
	}
}

// A mark is how one node sees another.
type mark struct {
	symbol  string
	meaning string
	style   func(theme) lipgloss.Style
}

var (
	markSelf    = mark{"■", "itself", func(t theme) lipgloss.Style { return t.own }}
	markUp      = mark{"●", "UP", func(t theme) lipgloss.Style { return t.good }}
	markSuspect = mark{"◐", "suspected", func(t theme) lipgloss.Style { return t.odd }}
	markDown    = mark{"✕", "DOWN", func(t theme) lipgloss.Style { return t.bad }}
	markCut     = mark{"◌", "SUSPECT_DOWN", func(t theme) lipgloss.Style { return t.cut }}
	markLeft    = mark{"←", "left", func(t theme) lipgloss.Style { return t.own }}
	markUnknown = mark{"·", "unknown", func(t theme) lipgloss.Style { return t.dim }}
)

// legend is every mark, in the order in which it is explained.
func legend() []mark {
	return []mark{markSelf, markUp, markSuspect, markDown, markCut, markLeft, markUnknown}
}

// markOf chooses the mark for what one node holds true about another.
func markOf(p demo.PeerView, self bool) mark {
	switch {
	case self:
		return markSelf
	case p.Held == demo.HeldLeft:
		return markLeft
	case p.Status == types.NODE_STATUS_UP && p.Held == demo.HeldSuspect:
		return markSuspect
	case p.Status == types.NODE_STATUS_UP:
		return markUp
	case p.Status == types.NODE_STATUS_SUSPECT_DOWN:
		return markCut
	case p.Status == types.NODE_STATUS_DOWN:
		return markDown
	}
	return markUnknown
}

// styleOf is the colour of an own status.
func (t theme) styleOf(s types.NodeStatus) lipgloss.Style {
	switch s {
	case types.NODE_STATUS_UP:
		return t.good
	case types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM:
		return t.odd
	case types.NODE_STATUS_NOT_IN_QUORUM, types.NODE_STATUS_DOWN:
		return t.bad
	}
	return t.dim
}
