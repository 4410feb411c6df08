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
	fmt.Fprintf(&b, "Machine: %s, kernel %s, load averages when it began %s. %s, nekton at revision %s", e.Machine, e.Kernel, e.Load, e.Go, e.Revision)
	for _, name := range slices.Sorted(maps.Keys(e.Versions)) {
		fmt.Fprintf(&b, ", %s %s", name, e.Versions[name])
	}
	fmt.Fprintf(&b, ". Measured %s by `%s`; the raw results are in [%s](%s).\n\n", e.Began, e.Command, raw, raw)
	fmt.Fprintf(&b, "`make bench` repeats everything and writes this page; `make bench-quick` is a smoke test.\n\n")
	if failures := s.Failures(); len(failures) > 0 {
		b.WriteString("**Turns that failed, and have no figures here:**\n\n")
		for _, r := range failures {
			fmt.Fprintf(&b, "- %s, %s, %s, run %d: %s\n", r.Scenario, r.Case, r.Side, r.Run+1, r.Failed)
		}
		b.WriteString("\n")
	}
	b.WriteString("## The table\n\n" + legend + "\n\n")
	missed, behind := table(&b, s)
	list(&b, "Where a goal is not met", "Every goal is met in this run.", missed)
	list(&b, "Where memberlist is ahead", "On no line of the table.", behind)
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

func list(b *bytes.Buffer, title, none string, all []string) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if len(all) == 0 {
		b.WriteString(none + "\n")
	}
	for _, s := range all {
		fmt.Fprintf(b, "- %s\n", s)
	}
}

// table writes one line for each axis, and returns a paragraph for each that missed its
// goal, and for each on which memberlist's figure is the lower one.
func table(b *bytes.Buffer, s result.Set) (missed, behind []string) {
	b.WriteString("| | memberlist | compression off | floor | nekton v2 | memberlist / v2 | goal | | nekton v1 | memberlist / v1 |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | --- | --- | ---: | ---: |\n")
	about := ""
	for _, a := range axes() {
		theirs, plain, floor := a.of(s, a.rival().String()), a.of(s, side.Plain.String()), a.of(s, side.Floor)
		v2, v1 := a.of(s, side.NektonV2.String()), a.of(s, side.NektonV1.String())
		if a.v1 {
			v2, v1 = result.Spread{}, a.of(s, a.judged().String())
		}
		if !strings.HasPrefix(a.title, "…") {
			about, _, _ = strings.Cut(a.title, ", ")
		}
		if theirs.Runs == 0 && v2.Runs == 0 && v1.Runs == 0 {
			continue
		}
		plainV1 := a.of(s, side.NektonV1Plain.String())
		if plainV1.Runs == 0 {
			plainV1 = v1
		}
		title, ours := full(about, a.title), v2
		if a.v1 {
			ours = v1
		}
		verdict := ""
		if met, judged := a.met(ours, floor, theirs); judged {
			verdict = "met"
			if !met {
				verdict = "**missed**"
				missed = append(missed, strings.TrimSpace(fmt.Sprintf("**%s**: %s, goal %s. %s", title, a.unit.write(ours.Median), a.bound(), reason(title))))
			}
		}
		for _, x := range []struct {
			name, rival string
			v, theirs   result.Spread
		}{
			{"nekton v2", "memberlist", v2, theirs}, {"nekton v2", "memberlist with compression off", v2, plain},
			{"nekton v1", "memberlist", v1, theirs}, {"nekton v1", "memberlist with compression off on both sides", plainV1, plain},
		} {
			if a.behind(x.v, x.theirs) {
				behind = append(behind, strings.TrimSpace(fmt.Sprintf("**%s**: %s %s, %s %s. %s", title, x.name, a.cell(x.v), x.rival, a.cell(x.theirs), ahead(title, x.name))))
			}
		}
		least := a.cell(floor)
		if least != "" && s.Computed(a.scenario, a.name, side.Floor) != "" {
			least = "*" + least + "*"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", a.title,
			a.cell(a.of(s, side.Memberlist.String())), a.cell(plain), least, a.cell(v2), a.ratios(theirs, plain, v2, v2), a.bound(), verdict,
			a.cell(v1), a.ratios(theirs, plain, v1, plainV1))
	}
	return missed, behind
}

// behind reports whether our figure is worse than theirs, as readers see them.
func (a axis) behind(ours, theirs result.Spread) bool {
	return ours.Runs > 0 && theirs.Runs > 0 && ours.Median > theirs.Median && a.cell(ours) != a.cell(theirs)
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

// ratios is that of memberlist's figure, and in brackets that with compression off on
// both sides, where it was measured and differs.
func (a axis) ratios(theirs, plain, ours, oursPlain result.Spread) string {
	first, second := a.ratio(theirs, ours), a.ratio(plain, oursPlain)
	if second == "" || second == first {
		return first
	}
	return first + " (" + second + ")"
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
	for _, scenario := range s.Scenarios() {
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
	fmt.Fprintf(b, "| %s | %s |\n| --- |%s\n", name, strings.Join(sides, " | "), strings.Repeat(" ---: |", len(sides)))
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
	if how := s.Computed(scenario, name, side.Floor); how != "" {
		fmt.Fprintf(b, "\nThe floor is computed. %s%s.\n", strings.ToUpper(how[:1]), how[1:])
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
