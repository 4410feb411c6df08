package page

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// Render makes the page, and the charts by the names of their files in docs/img. raw is
// where the raw results lie, as the page should name them. Equal sets give equal bytes.
func Render(s result.Set, raw string) (text []byte, images map[string][]byte, err error) {
	images = map[string][]byte{}
	var b bytes.Buffer
	e := s.Environment
	fmt.Fprintf(&b, "# Benchmarks: nekton beside memberlist\n\n%s\n\n", intro)
	fmt.Fprintf(&b, "Machine: %s, kernel %s, load when it began %s. %s, nekton %s", e.Machine, e.Kernel, e.Load, e.Go, e.Revision)
	for _, name := range slices.Sorted(maps.Keys(e.Versions)) {
		fmt.Fprintf(&b, ", %s %s", name, e.Versions[name])
	}
	fmt.Fprintf(&b, ". Measured %s by `%s`; the raw results are in [%s](%s).\n\n", e.Began, e.Command, raw, raw)
	fmt.Fprintf(&b, "`make bench` repeats everything and writes this page; `make bench-quick` is a smoke test.\n\n")
	b.WriteString("## The table\n\n" + legend + "\n\n")
	missed := table(&b, s)
	fmt.Fprintf(&b, "\n## Where a goal is not met\n\n")
	if len(missed) == 0 {
		b.WriteString("Nowhere in this run.\n")
	}
	for _, m := range missed {
		fmt.Fprintf(&b, "- %s\n", m)
	}
	b.WriteString("\n## Charts\n\n")
	for _, c := range charts() {
		figure, ok := c.draw(s)
		if !ok {
			continue // not measured in this run
		}
		image, err := encode(figure)
		if err != nil {
			return nil, nil, fmt.Errorf("page: chart %s: %w", c.file, err)
		}
		images[c.file] = image
		fmt.Fprintf(&b, "![%s](img/%s)\n\n", figure.Title, c.file)
	}
	b.WriteString(fairness)
	b.WriteString("\n## Everything that was measured\n\n")
	b.WriteString("Medians over runs, in brackets the least and the greatest. Distributions: median / 90th percentile / greatest.\n\n")
	everything(&b, s)
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n'), images, nil
}

// table writes one line for each axis, and returns a sentence for each that missed its
// goal.
func table(b *bytes.Buffer, s result.Set) (missed []string) {
	b.WriteString("| | memberlist | compression off | floor | nekton v2 | goal | | memberlist / v2 | nekton v1 | memberlist / v1 |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	about := ""
	for _, a := range axes() {
		theirs, floor := a.of(s, side.Memberlist.String()), a.of(s, side.Floor)
		v2, v1 := a.of(s, side.NektonV2.String()), a.of(s, side.NektonV1.String())
		if a.v1 {
			v2, v1 = result.Spread{}, a.of(s, a.judged().String())
		}
		if theirs.Runs == 0 && v2.Runs == 0 && v1.Runs == 0 {
			continue
		}
		ours := v2
		if a.v1 {
			ours = v1
		}
		verdict := ""
		if met, judged := a.met(ours, floor, theirs); judged {
			verdict = "met"
			if !met {
				verdict = "**missed**"
				missed = append(missed, fmt.Sprintf("%s: %s, goal %s.", full(about, a.title), a.unit.write(ours.Median), a.bound()))
			}
		}
		if !strings.HasPrefix(a.title, "…") {
			about = a.title
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", a.title,
			a.cell(theirs), a.cell(a.of(s, side.Plain.String())), a.cell(floor), a.cell(v2), a.bound(), verdict,
			a.ratio(theirs, v2), a.cell(v1), a.ratio(theirs, v1))
	}
	return missed
}

// full is the title of a line that goes on from the one above.
func full(about, title string) string {
	if rest, ok := strings.CutPrefix(title, "… "); ok {
		return about + ", " + rest
	}
	return title
}

func (a axis) cell(v result.Spread) string {
	if v.Runs == 0 {
		return ""
	}
	return a.unit.write(v.Median)
}

func (a axis) ratio(theirs, ours result.Spread) string {
	switch {
	case theirs.Runs == 0 || ours.Runs == 0:
		return ""
	case ours.Median == 0 && theirs.Median == 0:
		return "1×"
	case ours.Median <= 0, a.unit == count && ours.Median < 0.005:
		return "∞"
	}
	return digits(theirs.Median/ours.Median) + "×"
}

// everything writes a table for each case.
func everything(b *bytes.Buffer, s result.Set) {
	var scenarios []string
	for _, r := range s.Rows {
		if !slices.Contains(scenarios, r.Scenario) {
			scenarios = append(scenarios, r.Scenario)
		}
	}
	for _, scenario := range scenarios {
		fmt.Fprintf(b, "### %s\n\n%s\n\n", scenario, explained(scenario))
		for _, name := range s.Cases(scenario) {
			oneCase(b, s, scenario, name)
		}
	}
}

func oneCase(b *bytes.Buffer, s result.Set, scenario, name string) {
	sides := s.Sides(scenario, name)
	values, samples := map[string]bool{}, map[string]bool{}
	for _, r := range s.Rows {
		if r.Scenario == scenario && r.Case == name {
			for v := range r.Values {
				values[v] = true
			}
			for v := range r.Samples {
				samples[v] = true
			}
		}
	}
	fmt.Fprintf(b, "| %s | %s |\n|%s\n", name, strings.Join(sides, " | "), strings.Repeat(" --- |", len(sides)+1))
	for _, v := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(b, "| %s |", v)
		for _, k := range sides {
			fmt.Fprintf(b, " %s |", spread(unitOf(v), s.Value(scenario, name, k, v)))
		}
		b.WriteString("\n")
	}
	for _, v := range slices.Sorted(maps.Keys(samples)) {
		fmt.Fprintf(b, "| %s |", v)
		for _, k := range sides {
			cell, u := "", unitOf(v)
			if all := s.Sample(scenario, name, k, v); len(all) > 0 {
				cell = fmt.Sprintf("%s / %s / %s of %d", u.write(result.Quantile(all, 0.5)), u.write(result.Quantile(all, 0.9)), u.write(all[len(all)-1]), len(all))
			}
			fmt.Fprintf(b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func spread(u unit, v result.Spread) string {
	switch {
	case v.Runs == 0:
		return ""
	case v.Runs == 1 || v.Least == v.Most:
		return u.write(v.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", u.write(v.Median), u.write(v.Least), u.write(v.Most))
}
