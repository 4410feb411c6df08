package chart

import (
	_ "embed" // of the script
	"fmt"
	"strings"
)

// A Color names a role, not a value: what it looks like depends on whether the reader
// prefers a light or a dark page.
type Color uint8

// The colours. Auto takes the first of the next eight that no other series of the
// figure has; they differ in lightness as well as in hue, so that neighbours can be
// told apart without seeing colour. The rest have a meaning.
const (
	Auto Color = iota
	Blue
	Orange
	Teal
	Pink
	Violet
	Ochre
	Cyan
	Brick

	Ink     // what was expected: closed forms, published values
	Quiet   // background: single runs behind their median, what is switched off
	Good    // alive, in quorum, reached
	Warning // suspect, about to be judged
	Bad     // dead, out of quorum, violated
	colors
)

// shade is a colour on both backgrounds.
type shade struct{ class, light, dark string }

// shades are indexed by Color.
var shades = [colors]shade{
	Auto:    {"", "", ""},
	Blue:    {"blue", "#2563c4", "#6ca6f8"},
	Orange:  {"orange", "#d2690e", "#f2a65e"},
	Teal:    {"teal", "#0f8a74", "#45c8ab"},
	Pink:    {"pink", "#b83280", "#ee8bc4"},
	Violet:  {"violet", "#6a4bc4", "#ae9bf7"},
	Ochre:   {"ochre", "#8d6f00", "#d8bd4a"},
	Cyan:    {"cyan", "#0b7fa3", "#5cc6e2"},
	Brick:   {"brick", "#93402b", "#e08a70"},
	Ink:     {"ink", "#4b535d", "#aeb7c2"},
	Quiet:   {"quiet", "#a7afb8", "#5a636e"},
	Good:    {"good", "#2f9461", "#4db884"},
	Warning: {"warning", "#e09b00", "#eeb13c"},
	Bad:     {"bad", "#b3261e", "#ef6b62"},
}

// class is the CSS class that gives an element this colour as its currentColor.
func (c Color) class() string { return shades[c].class }

// next is the first automatic colour that is not taken. After eight they repeat.
func next(taken map[Color]bool) Color {
	for c := Blue; c <= Brick; c++ {
		if !taken[c] {
			return c
		}
	}
	return Blue + Color(len(taken))%(Brick-Blue+1)
}

// theme is everything in a figure that is not a series.
type theme struct{ surface, border, grid, axis, text, strong string }

func light() theme {
	return theme{surface: "#ffffff", border: "#d9dee3", grid: "#e8ebee", axis: "#9aa3ad", text: "#59626c", strong: "#1c2128"}
}

func dark() theme {
	return theme{surface: "#161b22", border: "#30363d", grid: "#262c34", axis: "#5d6772", text: "#9ba5b0", strong: "#e8ecf0"}
}

// fonts are those that systems bring with them: a figure loads nothing.
const fonts = `system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif`

// Style returns the style sheet of inline figures, with that of the readings that
// [Script] shows. Include it once in a page that has any. All its rules are for the
// classes nk and nk-tip.
func Style() string {
	var b strings.Builder
	b.WriteString(sheet())
	l, d := light(), dark()
	b.WriteString("svg.nk{display:block;width:100%;height:auto;overflow:visible}.nk .key[role=switch]{cursor:pointer}\n")
	b.WriteString(".nk-tip{position:fixed;z-index:9;pointer-events:none;padding:7px 10px;border-radius:6px;font:12px/1.5 " + fonts + ";font-variant-numeric:tabular-nums;box-shadow:0 2px 10px #0003}\n")
	b.WriteString(".nk-tip b,.nk-tip span{display:block;white-space:nowrap}.nk-tip i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}.nk-tip em{float:right;margin-left:18px;font-style:normal;font-weight:600}\n")
	fmt.Fprintf(&b, ".nk-tip{background:%s;color:%s;border:1px solid %s}.nk-tip[hidden]{display:none}\n", l.surface, l.strong, l.border)
	fmt.Fprintf(&b, "@media screen and (prefers-color-scheme:dark){.nk-tip{background:%s;color:%s;border-color:%s}}\n", d.border, d.strong, d.axis)
	return b.String()
}

// Script returns a script for pages with inline figures: the values under the pointer,
// and legends that switch series off and on. It loads nothing and changes nothing but
// the figures; without it they show all that they have.
func Script() string { return script }

//go:embed chart.js
var script string

// sheet is what a figure needs wherever it is.
func sheet() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".nk{font-family:%s;font-size:12px;font-variant-numeric:tabular-nums}\n", fonts)
	b.WriteString(".nk .h{font-size:16px;font-weight:600}.nk .m{font-size:11px}.nk .b{font-weight:600}\n")
	b.WriteString(".nk .over{opacity:.5}.nk .off{opacity:.25}.nk .s.off{display:none}\n")
	b.WriteString(".nk .halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}\n")
	b.WriteString(".nk .b,.nk .s text{fill:currentColor}\n")
	light().rules(&b)
	for _, s := range shades[1:] {
		fmt.Fprintf(&b, ".nk .%s{color:%s}", s.class, s.light)
	}
	b.WriteString("\n@media screen and (prefers-color-scheme:dark){\n")
	dark().rules(&b)
	for _, s := range shades[1:] {
		fmt.Fprintf(&b, ".nk .%s{color:%s}", s.class, s.dark)
	}
	b.WriteString("\n}\n")
	return b.String()
}

func (t theme) rules(b *strings.Builder) {
	fmt.Fprintf(b, ".nk .card{fill:%s;stroke:%s}.nk .halo{stroke:%s}.nk .hole{stroke:%s}", t.surface, t.border, t.surface, t.surface)
	fmt.Fprintf(b, ".nk .g{stroke:%s}.nk .a{stroke:%s}.nk .t,.nk .s .v{fill:%s}.nk .h{fill:%s}\n", t.grid, t.axis, t.text, t.strong)
}
