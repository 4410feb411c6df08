// Package report writes what a simulation found as one HTML page: what was done to the
// cluster, how soon it was noticed, how news spread, what was said wrongly, whether all
// agreed in the end, who was in quorum, what it cost, and which laws were checked.
//
// # Use
//
//	err := report.Write(file, &report.Page{
//		Title:    "1,000 nodes under ten percent loss",
//		Headline: "Every crash was known everywhere within eleven seconds.",
//		Command:  "nekton sim -nodes 1000 -loss 0.1 -seed 7 -for 10m",
//		Seed:     7,
//		Duration: 600,
//		Detection: &report.Detection{Crashes: 10, First: first, Full: full},
//	})
//
// A [Page] is data: the package chooses the charts, writes the sentence with the numbers
// below each heading, and leaves out what there is no data for. Figures of other kinds are
// added as a [Section], drawn by internal/chart.
//
// # The page
//
// It is one file without references: style, script, figures and data are inside, and
// nothing is loaded. Without scripts it shows everything; with them a pointer reads values
// off the lines, and legends switch series. It follows the reader's preference for light or
// dark, has a layout for phones, and can be printed. Each figure that is as wide as the page
// is in it twice, laid out for wide and for narrow screens, since letters that shrink with
// their figure cannot be read.
//
// The same page gives the same bytes. It holds no date and nothing of this machine, so that
// two runs of one seed can be compared with diff.
//
// # Data
//
// The element with the id nekton-data has the page as JSON, under the names of the fields of
// [Page]; times are seconds. Sections of More are not in it. With the page saved as
// report.html, the times of first detection are
//
//	grep -o '<script type="application/json".*</script>' report.html |
//		sed 's/<[^>]*>//g' | jq .Detection.First
//
// Whatever a caller writes into a page is text: names of members and the like are escaped.
package report
