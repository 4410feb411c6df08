package page

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
	"github.com/nekton-go/nekton/internal/chart"
)

// picture is one chart of the page. draw has nothing to show if its scenario did not
// run.
type picture struct {
	file string
	draw func(result.Set) (chart.Plot, bool)
}

// charts are all of them, in the order of the page.
func charts() []picture {
	steady := func(n string) string { return "LAN, " + n + " members" }
	inSync := func(n string) string { return n + " members, 0 % differ" }
	return []picture{
		{"bench-packet.svg", packetChart},
		{"bench-steady.svg", sizes("steady", "cpu", 1e6, steady, chart.Plot{
			Title: "A cluster at rest on real sockets", Subtitle: "CPU of the whole process per node and second; most of it is the kernel's, as the floor shows",
			X: chart.Axis{Label: "nodes, logarithmic", Log: true}, Y: chart.Axis{Label: "microseconds per node and second"},
		})},
		{"bench-garbage.svg", garbageChart},
		{"bench-rest.svg", restChart},
		{"bench-table-cpu.svg", sizes("table", "cpu", 1, inSync, chart.Plot{
			Title: "A push-pull of two tables that agree", Subtitle: "CPU of both ends, by the size of the table",
			X: chart.Axis{Label: "members in the table, logarithmic", Log: true}, Y: chart.Axis{Label: "CPU, logarithmic", Log: true, Format: chart.Seconds},
		})},
		{"bench-table-bytes.svg", sizes("table", "traffic", 1, inSync, chart.Plot{
			Title: "What goes over the wire for it", Subtitle: "Bytes of a push-pull of two tables that agree, both ways",
			X: chart.Axis{Label: "members in the table, logarithmic", Log: true}, Y: chart.Axis{Label: "bytes, logarithmic", Log: true, Format: chart.Bytes},
		})},
		{"bench-table-differ.svg", differChart},
		{"bench-memory.svg", sizes("memory", "drained", 1, func(n string) string { return n + " members" }, chart.Plot{
			Title: "Heap for each member that a node knows", Subtitle: "With 32 bytes of metadata, when gossip has come to rest",
			X: chart.Axis{Label: "known members, logarithmic", Log: true}, Y: chart.Axis{Label: "bytes per member", Format: chart.Bytes},
		})},
		{"bench-join.svg", cdf("join", "", "time", "A new cluster: until every member lists every other", "Share of clusters that are complete by then. All join through one within 200 ms; virtual time", "seconds since the start")},
		{"bench-detect.svg", cdf("detect", "no loss", "first", "A killed node: until the first survivor knows", "Share of kills that somebody has noticed by then. No loss; virtual time", "seconds since the kill")},
		{"bench-spread.svg", cdf("detect", "no loss", "all", "A killed node: until the last survivor knows", "Share of kills that all have noticed by then. No loss; virtual time", "seconds since the kill")},
		{"bench-update.svg", cdf("update", "0 % loss", "all", "32 bytes published: until all members have them", "Share of updates that are everywhere by then; a curve that ends below 100% has lost some. No loss; virtual time", "seconds since the update")},
		{"bench-update-loss.svg", cdf("update", "20 % loss", "all", "32 bytes published, at 20 % loss: until all have them", "Share of updates that are everywhere by then; a curve that ends below 100% has lost some. Virtual time", "seconds since the update")},
		{"bench-false.svg", falseChart},
	}
}

func encode(p chart.Plot) ([]byte, error) { return chart.File(p, 0) }

// color is that of a side in all charts: memberlist's are warm, nekton's cold, and in
// lightness all differ.
func color(k string) chart.Color {
	switch k {
	case side.Memberlist.String():
		return chart.Orange
	case side.Plain.String():
		return chart.Ochre
	case side.NektonV2.String():
		return chart.Blue
	case side.NektonV1.String():
		return chart.Cyan
	case side.NektonV1Plain.String():
		return chart.Teal
	}
	return chart.Ink
}

// kinds are the sides in the order of legends.
func kinds() []string {
	return []string{
		side.Memberlist.String(), side.Plain.String(), side.NektonV1.String(), side.NektonV2.String(), side.Floor,
	}
}

// legendName is how a side is called in a chart.
func legendName(k string) string {
	if k == side.Plain.String() {
		return "memberlist, compression off"
	}
	return k
}

// group is a group of bars: a value of one case.
type group struct{ name, scenario, of, value string }

// bars compares sides in groups. What was not measured has no bar, as zero has none.
func bars(s result.Set, groups []group, scale float64) (chart.Bars, bool) {
	var b chart.Bars
	var there []group
	for _, g := range groups {
		if len(s.Sides(g.scenario, g.of)) > 0 {
			there = append(there, g)
			b.Groups = append(b.Groups, g.name)
		}
	}
	for _, k := range kinds() {
		series := chart.Series{Name: legendName(k), Color: color(k)}
		any := false
		for _, g := range there {
			v := s.Value(g.scenario, g.of, k, g.value)
			any = any || v.Runs > 0
			series.Values = append(series.Values, v.Median*scale)
		}
		if any {
			b.Series = append(b.Series, series)
		}
	}
	return b, len(there) > 0 && len(b.Series) > 0
}

func packetChart(s result.Set) (chart.Plot, bool) {
	b, ok := bars(s, []group{
		{"ping and ack", "packet", "ping", "cpu"},
		{"the same, encrypted", "packet", "ping, encrypted", "cpu"},
		{"gossip about 20", "packet", "gossip of 20", "cpu"},
		{"the same, encrypted", "packet", "gossip of 20, encrypted", "cpu"},
		{"20 new keys", "packet", "20 new keys", "cpu"},
	}, 1e6)
	return chart.Plot{
		Title: "What one packet costs", Subtitle: "CPU without sockets, on one processor. 20 new keys: on memberlist's wire a push-pull, both ends",
		Y: decades(b, chart.Axis{Label: "microseconds, logarithmic"}), Marks: []chart.Mark{b},
	}, ok
}

func garbageChart(s result.Set) (chart.Plot, bool) {
	var groups []group
	for _, name := range s.Cases("steady") {
		if n, ok := strings.CutPrefix(name, "LAN, "); ok && !strings.HasPrefix(n, "encrypted") {
			groups = append(groups, group{strings.Replace(n, "members", "nodes", 1), "steady", name, "bytes"})
		}
	}
	b, ok := bars(s, groups, 1)
	return chart.Plot{
		Title: "Garbage of a cluster at rest on real sockets", Subtitle: "Bytes allocated per node and second",
		Y: decades(b, chart.Axis{Label: "bytes, logarithmic", Format: chart.Bytes}), Marks: []chart.Mark{b},
	}, ok
}

func restChart(s result.Set) (chart.Plot, bool) {
	var groups []group
	for _, name := range s.Cases("rest") {
		groups = append(groups, group{strings.Replace(name, "members", "nodes", 1), "rest", name, "cpu"})
	}
	b, ok := bars(s, groups, 1e6)
	return chart.Plot{
		Title: "A cluster at rest in virtual time", Subtitle: "CPU of the protocol per node and second, without kernel and wake-ups",
		Y: decades(b, chart.Axis{Label: "microseconds, logarithmic"}), Marks: []chart.Mark{b},
	}, ok
}

func differChart(s result.Set) (chart.Plot, bool) {
	var groups []group
	for _, d := range []string{"0", "1", "10"} {
		groups = append(groups, group{d + " % of 10,000 differ", "table", "10000 members, " + d + " % differ", "cpu"})
	}
	b, ok := bars(s, groups, 1e3)
	return chart.Plot{
		Title: "A push-pull of 10,000 members", Subtitle: "CPU of both ends, by how many rows are newer at one of them",
		Y: decades(b, chart.Axis{Label: "milliseconds, logarithmic"}), Marks: []chart.Mark{b},
	}, ok
}

// decades makes an axis logarithmic that ends at powers of ten, with room for the numbers
// above bars.
func decades(b chart.Bars, a chart.Axis) chart.Axis {
	a.Log = true
	least, most := math.Inf(1), 0.0
	for _, series := range b.Series {
		for _, v := range series.Values {
			if v > 0 {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	if most > 0 {
		a.Min, a.Max = math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most*1.5)))
	}
	return a
}

func falseChart(s result.Set) (chart.Plot, bool) {
	var groups []group
	for _, g := range []group{
		{"20 % loss, no stream pings", "detect", "20 % loss, no stream pings", "false deaths"},
		{"20 % loss, streams too", "detect", "20 % loss, streams too", "false deaths"},
		{"16 of 128 hang for 8 s", "blocked", "16 of 128, 8s", "false"},
		{"those that hang, too early", "blocked", "16 of 128, 8s", "premature"},
	} {
		if len(s.Sides(g.scenario, g.of)) > 0 {
			groups = append(groups, g)
		}
	}
	b, ok := bars(s, groups, 1)
	b.Series = slices.DeleteFunc(b.Series, func(x chart.Series) bool { return x.Name == side.Floor }) // none, as all know
	return chart.Plot{
		Title: "Members that live and were declared dead", Subtitle: "Verdicts of single members, in the same virtual time for each side; no bar: none",
		Y: chart.Axis{Label: "false deaths"}, Marks: []chart.Mark{b},
	}, ok
}

// sizes draws a value over sizes, a line for each side. The name of a case is what of
// makes of the size.
func sizes(scenario, value string, scale float64, of func(n string) string, p chart.Plot) func(result.Set) (chart.Plot, bool) {
	return func(s result.Set) (chart.Plot, bool) {
		p := p
		for _, k := range kinds() {
			var points []chart.Point
			for _, n := range []int{16, 64, 128, 256, 1000, 10000, 50000} {
				if v := s.Value(scenario, of(strconv.Itoa(n)), k, value); v.Runs > 0 {
					points = append(points, chart.Point{X: float64(n), Y: v.Median * scale})
				}
			}
			if len(points) > 1 {
				p.Marks = append(p.Marks, chart.Line{Name: legendName(k), Points: points, Color: color(k), Dash: k == side.Floor})
			}
		}
		return p, len(p.Marks) > 0
	}
}

// cdf draws a distribution, a line for each side. Without a name it is that of the
// first case.
func cdf(scenario, name, sample, title, subtitle, label string) func(result.Set) (chart.Plot, bool) {
	return func(s result.Set) (chart.Plot, bool) {
		name := name
		if cases := s.Cases(scenario); name == "" && len(cases) > 0 {
			name = cases[0]
		}
		p := chart.Plot{Title: title, Subtitle: subtitle, X: chart.Axis{Label: label}, Y: chart.Axis{Label: "share", Format: chart.Percent, Max: 1}}
		least, most := math.Inf(1), 0.0
		for _, k := range kinds() {
			all := s.Sample(scenario, name, k, sample)
			switch {
			case len(all) == 0:
				continue
			case k == side.Floor:
				p.Marks = append(p.Marks, chart.VLine{At: all[0], Label: "floor"})
			default:
				p.Marks = append(p.Marks, chart.Line{Name: legendName(k), Points: chart.CDF(all, total(s, scenario, name, k, len(all))), Step: true, Color: color(k)})
				most = max(most, all[len(all)-1])
			}
			least = min(least, all[0])
		}
		if least > 0 && most > 20*least {
			p.X.Log = true
			p.X.Label += ", logarithmic"
		}
		return p, most > 0
	}
}

// total is how many samples there would be if none were missing.
func total(s result.Set, scenario, name, k string, samples int) int {
	if v := s.Value(scenario, name, k, "updates"); v.Runs > 0 {
		return max(samples, int(v.Median)*v.Runs)
	}
	return samples
}
