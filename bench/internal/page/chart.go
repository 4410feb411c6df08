package page

import (
	"math"

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
	return []picture{
		{"bench-packet.svg", packetChart},
		{"bench-steady.svg", steadyChart},
		{"bench-rest.svg", restChart},
		{"bench-table.svg", tableChart},
		{"bench-memory.svg", memoryChart},
		{"bench-join.svg", cdf("join", "", "time", "A new cluster: until every member lists every other", "Share of clusters that are complete; virtual time, all start at once and join through one", "seconds since the start")},
		{"bench-detect.svg", cdf("detect", "no loss", "first", "A killed node: until the first survivor knows", "Share of kills that are noticed; virtual time, no loss", "seconds since the kill")},
		{"bench-spread.svg", cdf("detect", "no loss", "all", "A killed node: until the last survivor knows", "Share of kills that all have noticed; virtual time, no loss", "seconds since the kill")},
		{"bench-update.svg", cdf("update", "0 % loss", "all", "32 bytes published: until all members have them", "Share of updates that are everywhere; virtual time, no loss", "seconds since the update")},
		{"bench-false.svg", falseChart},
	}
}

func encode(p chart.Plot) ([]byte, error) { return chart.File(p, 0) }

// color is that of a side in all charts.
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

// bars compares sides by one value in several cases.
func bars(s result.Set, scenario, value string, cases, names, sides []string, scale float64) (chart.Bars, bool) {
	var b chart.Bars
	var there []string
	for i, c := range cases {
		if len(s.Sides(scenario, c)) > 0 {
			there = append(there, c)
			b.Groups = append(b.Groups, names[i])
		}
	}
	for _, k := range sides {
		series := chart.Series{Name: k, Color: color(k)}
		any := false
		for _, c := range there {
			v := s.Value(scenario, c, k, value)
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
	b, ok := bars(s, "packet", "cpu", []string{"ping", "gossip of 20"}, []string{"ping and ack", "gossip about 20 members"}, kinds(), 1e6)
	return chart.Plot{
		Title: "What one packet costs", Subtitle: "CPU without sockets, one processor; logarithmic",
		Y: chart.Axis{Label: "microseconds", Log: true}, Marks: []chart.Mark{b},
	}, ok
}

func kinds() []string {
	return []string{
		side.Memberlist.String(), side.Plain.String(), side.NektonV1.String(), side.NektonV2.String(), side.Floor,
	}
}

func steadyChart(s result.Set) (chart.Plot, bool) {
	var cases, names []string
	for _, n := range []string{"16", "64", "128", "256"} {
		cases, names = append(cases, "LAN, "+n+" members"), append(names, n+" nodes")
	}
	b, ok := bars(s, "steady", "cpu", cases, names, kinds(), 1e6)
	return chart.Plot{
		Title: "A cluster at rest on real sockets", Subtitle: "CPU of the whole process per node and second: most of it is the kernel's",
		Y: chart.Axis{Label: "microseconds"}, Marks: []chart.Mark{b},
	}, ok
}

func restChart(s result.Set) (chart.Plot, bool) {
	cases := s.Cases("rest")
	b, ok := bars(s, "rest", "cpu", cases, cases, kinds(), 1e6)
	return chart.Plot{
		Title: "A cluster at rest in virtual time", Subtitle: "CPU of the protocol per node and second, without kernel and wake-ups; logarithmic",
		Y: chart.Axis{Label: "microseconds", Log: true}, Marks: []chart.Mark{b},
	}, ok
}

func tableChart(s result.Set) (chart.Plot, bool) {
	cases := []string{"10000 members, 0 % differ", "10000 members, 1 % differ", "10000 members, 10 % differ"}
	b, ok := bars(s, "table", "cpu", cases, []string{"in sync", "1 % differ", "10 % differ"}, kinds(), 1e3)
	return chart.Plot{
		Title: "A push-pull of 10,000 members", Subtitle: "CPU of both ends; logarithmic",
		Y: chart.Axis{Label: "milliseconds", Log: true}, Marks: []chart.Mark{b},
	}, ok
}

func memoryChart(s result.Set) (chart.Plot, bool) {
	cases := s.Cases("memory")
	b, ok := bars(s, "memory", "drained", cases, cases, kinds(), 1)
	return chart.Plot{
		Title: "Heap per known member", Subtitle: "With 32 bytes of metadata, when gossip has come to rest",
		Y: chart.Axis{Label: "bytes"}, Marks: []chart.Mark{b},
	}, ok
}

func falseChart(s result.Set) (chart.Plot, bool) {
	cases := []string{"20 % loss, no stream pings", "20 % loss, streams too"}
	b, ok := bars(s, "detect", "false deaths", cases, cases, kinds(), 1)
	return chart.Plot{
		Title: "Members that live and were declared dead", Subtitle: "Events among 64 members under loss, in the same virtual time",
		Y: chart.Axis{Label: "false deaths"}, Marks: []chart.Mark{b},
	}, ok
}

// cdf draws a distribution, a line for each side. Without a name it is that of the
// first case.
func cdf(scenario, name, sample, title, subtitle, label string) func(result.Set) (chart.Plot, bool) {
	return func(s result.Set) (chart.Plot, bool) {
		name := name
		if cases := s.Cases(scenario); name == "" && len(cases) > 0 {
			name = cases[0]
		}
		p := chart.Plot{Title: title, Subtitle: subtitle, X: chart.Axis{Label: label}, Y: chart.Axis{Format: chart.Percent, Max: 1}}
		least, most := math.Inf(1), 0.0
		for _, k := range kinds() {
			all := s.Sample(scenario, name, k, sample)
			if len(all) == 0 {
				continue
			}
			least, most = min(least, all[0]), max(most, all[len(all)-1])
			p.Marks = append(p.Marks, chart.Line{Name: k, Points: chart.CDF(all, total(s, scenario, name, k, len(all))), Step: true, Color: color(k)})
		}
		if least > 0 && most > 20*least {
			p.X.Log = true
			p.X.Label += ", logarithmic"
		}
		return p, len(p.Marks) > 0
	}
}

// total is how many samples there would be if none were missing.
func total(s result.Set, scenario, name, k string, samples int) int {
	if v := s.Value(scenario, name, k, "updates"); v.Runs > 0 {
		return max(samples, int(v.Median)*v.Runs)
	}
	return samples
}
