package page

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/scenario"
	"github.com/nekton-go/nekton/bench/internal/side"
)

func row(scenario, name, k, value string, v float64) result.Row {
	return result.Row{Scenario: scenario, Case: name, Side: k, Values: map[string]float64{value: v}}
}

func TestNumbersAreWrittenWithThreeDigitsAndTheirUnit(t *testing.T) {
	for _, c := range []struct {
		u    unit
		v    float64
		want string
	}{
		{seconds, 150e-9, "150 ns"}, {seconds, 9.83e-6, "9.83 µs"}, {seconds, 0.0766, "76.6 ms"}, {seconds, 8.97, "8.97 s"},
		{seconds, 0, "0"}, {octets, 300, "300 B"}, {octets, 1280000, "1.28 MB"}, {octets, 147319, "147 kB"}, {count, 63, "63"},
		{count, 0.0001, "0"}, {count, 0.05, "0.05"}, {count, 12345, "12,345"}, {seconds, 0.9999e-6, "1 µs"}, {seconds, 1e-10, "0.1 ns"},
	} {
		if got := c.u.write(c.v); got != c.want {
			t.Errorf("%v is written %q, want %q", c.v, got, c.want)
		}
	}
}

func TestAGoalIsJudgedByAllItsBounds(t *testing.T) {
	one := func(v float64) result.Spread { return result.Spread{Least: v, Median: v, Most: v, Runs: 1} }
	for _, c := range []struct {
		name              string
		a                 axis
		v, floor, theirs  result.Spread
		wantMet, wantKnow bool
	}{
		{"below the most", axis{most: 2}, one(1), one(0), one(9), true, true},
		{"above the most", axis{most: 2}, one(3), one(0), one(9), false, true},
		{"none", axis{none: true}, one(0.0001), one(0), one(9), true, true},
		{"not none", axis{none: true}, one(1), one(0), one(9), false, true},
		{"near the floor", axis{floor: 1.25}, one(12), one(10), one(9), true, true},
		{"far above the floor", axis{floor: 1.25}, one(13), one(10), one(9), false, true},
		{"without a floor", axis{floor: 1.25}, one(13), result.Spread{}, one(9), false, false},
		{"ten times less", axis{times: 10}, one(0.9), one(0), one(9), true, true},
		{"not ten times less", axis{times: 10}, one(1), one(0), one(9), false, true},
		{"without a goal", axis{}, one(1), one(0), one(9), false, false},
		{"not measured", axis{most: 2}, result.Spread{}, one(0), one(9), false, false},
	} {
		if met, judged := c.a.met(c.v, c.floor, c.theirs); met != c.wantMet || judged != c.wantKnow {
			t.Errorf("%s: met %v, judged %v", c.name, met, judged)
		}
	}
}

func TestThePageShowsRatiosAndWhatWasMissed(t *testing.T) {
	s := result.Set{Environment: result.Environment{Go: "go1.25", Versions: map[string]string{"memberlist": "v0.7.0"}}}
	s.Rows = append(s.Rows,
		row("packet", "ping", side.Memberlist.String(), "cpu", 10e-6), row("packet", "ping", side.NektonV2.String(), "cpu", 0.2e-6),
		row("packet", "ping", side.NektonV1.String(), "cpu", 0.25e-6),
		row("udp", "ping", side.NektonV2.String(), "cpu", 10e-6), row("udp", "ping", side.Floor, "cpu", 9e-6),
	)
	computed := row("packet", "ping", side.Floor, "mallocs", 0)
	computed.Computed = "by thinking"
	s.Rows = append(s.Rows, computed, row("packet", "ping", side.Memberlist.String(), "mallocs", 0), row("packet", "ping", side.NektonV2.String(), "mallocs", 2),
		result.Row{Scenario: "rest", Case: "64 members", Side: side.Memberlist.String(), Run: 1, Failed: "no seed answered"})
	s.Rows[0].Samples = map[string][]float64{"time": {3, 1, 2}}
	text, images, err := Render(s, "data/x.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| ping→ack without sockets, CPU | 10 µs |  |  | 200 ns | 50× | ≤ 150 ns | **missed** | 250 ns | 40× |",
		"- **ping→ack without sockets, CPU**: 200 ns, goal ≤ 150 ns.",
		"| ≤ 1.15 × floor | met |", "| … allocations | 0 |  | *0* | 2 | 0× |", "**ping→ack without sockets, allocations**: nekton v2 2, memberlist 0.",
		"The floor is computed. By thinking.", "- rest, 64 members, memberlist, run 2: no seed answered", "](img/bench-packet.svg)", "2 s / 2.8 s / 3 s of 3", "(data/x.jsonl)",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if len(images) != 1 {
		t.Errorf("%d charts, want one", len(images))
	}
	d := xml.NewDecoder(strings.NewReader(string(images["bench-packet.svg"])))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryReasonIsThatOfALine(t *testing.T) {
	titles, about := map[string]bool{}, ""
	for _, a := range axes() {
		if !strings.HasPrefix(a.title, "…") {
			about, _, _ = strings.Cut(a.title, ", ")
		}
		if title := full(about, a.title); titles[title] {
			t.Errorf("two lines are called %q", title)
		} else {
			titles[title] = true
		}
	}
	for _, w := range reasons() {
		for _, title := range w.titles {
			if !titles[title] {
				t.Errorf("no line is called %q", title)
			}
		}
	}
}

// A line without a figure would be missing on the page, and nobody would notice.
func TestEveryLineIsMeasuredByThePlan(t *testing.T) {
	cases := map[string]bool{}
	p := scenario.Plan{Size: scenario.Full(), Progress: io.Discard}
	p.List(func(scenario, name, side string, run int) { cases[scenario+"/"+name+"/"+side] = true })
	for _, a := range axes() {
		sides := []string{a.rival().String(), a.judged().String()}
		if strings.Contains(a.name, "simulator") { // where memberlist does not run
			sides = sides[1:]
		}
		for _, k := range sides {
			if !cases[a.scenario+"/"+a.name+"/"+k] {
				t.Errorf("%s: %s has no turn in %s, %s", a.title, k, a.scenario, a.name)
			}
		}
	}
}

func TestAFigureIsBehindOnlyIfReadersSeeIt(t *testing.T) {
	a := axis{figure: figure{unit: seconds}}
	for _, tt := range []struct {
		ours, theirs result.Spread
		want         bool
	}{
		{result.Spread{Runs: 1, Median: 2}, result.Spread{Runs: 1, Median: 1}, true},
		{result.Spread{Runs: 1, Median: 1}, result.Spread{Runs: 1, Median: 2}, false},
		{result.Spread{Runs: 1, Median: 1.00001}, result.Spread{Runs: 1, Median: 1}, false},
		{result.Spread{Runs: 1, Median: 2}, result.Spread{}, false},
		{result.Spread{}, result.Spread{Runs: 1}, false},
	} {
		if got := a.behind(tt.ours, tt.theirs); got != tt.want {
			t.Errorf("%+v beside %+v: behind %v", tt.ours, tt.theirs, got)
		}
	}
}
