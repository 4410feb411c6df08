// Package chart draws figures as SVG: for the pages in docs, as files, and for the
// report of a simulation, as elements of a page.
//
// # Figures
//
// A [Plot] has two axes and any number of marks: [Line] (with a band around it, in
// steps, dashed for what was expected), [Dots], [Area], [Bins], [Bars], and to compare
// with, [HLine], [VLine] and [Window]. A [Timeline] has rows that are in one of several
// states over time. A [Sparkline] is a course without axes beside a number.
//
//	b, err := chart.File(chart.Plot{
//		Title: "Bytes sent per member",
//		X:     chart.Axis{Label: "members", Log: true},
//		Y:     chart.Axis{Label: "per second", Format: chart.Bytes},
//		Marks: []chart.Mark{
//			chart.Line{Name: "measured", Points: points},
//			chart.HLine{At: 155, Label: "memberlist, published"},
//		},
//	}, 0)
//
// [File] returns a file with title and card, to be referenced by a page in docs.
// [Inline] returns an element for a page that includes [Style] and, if it likes, [Script].
//
// # What a figure promises
//
//   - Equal figures give equal bytes, so that a changed picture is a diff to review.
//     Nothing depends on the order of a map, on time or on the fonts of this machine.
//   - It can be read on a light and on a dark page: colours are roles ([Color]) with a
//     value for each, and a file brings the card that it stands on.
//   - It needs nothing else: no font, no script, no network. Below 560 pixels it is
//     laid out for a phone.
//   - Linear axes begin at zero unless told otherwise ([Axis].Tight). Numbers that are
//     not finite, or not positive on a logarithmic axis, interrupt a line instead of
//     moving it.
//   - Names stand at the ends of lines where there is room, and in a legend otherwise. A
//     label is written where no other label is, and if possible no line; where there is
//     no such place it is left out, not painted over another. Labels of dots and windows
//     can be read by pointing at them too.
//   - What cannot be drawn is an error ([ErrInvalid]), not a wrong picture.
//
// How wide a text will be is estimated, since the reader's fonts are unknown; estimates
// are on the wide side.
//
// # For the script
//
// The area between the axes is an element of class plane, with attributes data-box (left,
// top, width, height in pixels) and data-x and data-y (first and last value, linear or log,
// format, distance of ticks). A series is a group of class s with data-k, its number in the
// figure, and data-n, its name; its key in the legend has the same data-k. A line that can
// be read has a path of class read.
//
// # Why not a library
//
// go-analyze/charts and gonum.org/v1/plot were tried with the first chart of the gallery.
// The former knows no numeric x axis (its ticks are labels of categories) and rounds
// coordinates to whole pixels; the latter draws good axes, but brings nine modules and
// 11 MB into a command, and writes fonts by name with the metrics of others. Both fix
// colours in the file, so that a figure is made for either a light or a dark page; and
// neither puts names at the ends of lines, keeps labels apart, or marks its series so that
// a page could read them. What is left of a chart without these is the arithmetic of axes,
// which is short.
//
// The package does no I/O and may be used by several goroutines at once. Only commands and
// tools use it: nothing that a user links draws.
package chart
