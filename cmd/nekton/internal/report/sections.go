package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/internal/chart"
)

// A section is a [Section] with what only the page's own have.
type section struct {
	Section
	id      string
	finding string // what this run showed, in numbers
	halves  bool   // figures stand side by side
	faults  []faultView
}

// sections are those that the page has data for, in the order of reading: what was
// done, what became of it, what it cost.
func (p *Page) sections() []section {
	var all []section
	if len(p.Faults) > 0 {
		all = append(all, p.faultSection())
	}
	if p.Detection != nil {
		all = append(all, p.detectionSection())
	}
	if p.Dissemination != nil {
		all = append(all, p.disseminationSection())
	}
	if p.FalsePositives != nil {
		all = append(all, p.falsePositiveSection())
	}
	if p.Convergence != nil {
		all = append(all, p.convergenceSection())
	}
	if p.Quorum != nil {
		all = append(all, p.quorumSection())
	}
	if p.Members != nil {
		all = append(all, p.memberSection())
	}
	if p.Traffic != nil {
		all = append(all, p.trafficSection())
	}
	for i, s := range p.More {
		all = append(all, section{Section: s, id: fmt.Sprintf("more-%d", i+1)})
	}
	return all
}

// clock is the axis of everything that happens during the run.
func (p *Page) clock() chart.Axis {
	return chart.Axis{Label: "simulated time", Format: chart.Seconds, Max: p.Duration}
}

// disturbed are the marks behind everything that happens during the run: when what was
// done to the cluster. What was never undone has its beginning marked only.
func (p *Page) disturbed() []chart.Mark {
	const labelled = 12 // with more of them, names would only be in the way
	var marks []chart.Mark
	for _, f := range p.Faults {
		w := chart.Window{From: f.From, To: f.To}
		if len(p.Faults) <= labelled {
			w.Label = f.Kind
		}
		if p.Duration > 0 && f.To >= p.Duration {
			w.To = f.From
		}
		marks = append(marks, w)
	}
	return marks
}

// A faultView is a row of the list of faults.
type faultView struct{ When, Kind, Who, What string }

func (p *Page) faultSection() section {
	s := section{id: "faults", Section: Section{
		Title:   "What was done to the cluster",
		Explain: "Faults are injected from outside; the nodes learn of them only by what they fail to hear. The same moments are shaded in the charts below.",
	}}
	f := chart.Timeline{Title: "Faults over time", X: p.clock(), States: []chart.State{{Name: "injected", Color: chart.Orange}}}
	// A moment is as wide as the eye needs to find it.
	moment := p.Duration / 250
	const rows = 16 // with more faults than that, those of one kind share a row
	for _, fault := range p.Faults {
		name := fault.Kind
		if len(p.Faults) <= rows && len(fault.Members) == 1 {
			name += " " + fault.Members[0]
		}
		i := slices.IndexFunc(f.Rows, func(r chart.Row) bool { return r.Name == name })
		if i < 0 {
			i = len(f.Rows)
			f.Rows = append(f.Rows, chart.Row{Name: name})
		}
		f.Rows[i].Spans = append(f.Rows[i].Spans, chart.Span{From: fault.From, To: max(fault.To, fault.From+moment), Note: fault.What})
		s.faults = append(s.faults, faultView{fault.when(p.Duration), fault.Kind, who(fault.Members), fault.What})
	}
	s.Figures = []chart.Figure{f}
	s.finding = count(len(p.Faults), "fault was", "faults were") + " injected."
	return s
}

func (f Fault) when(duration float64) string {
	switch {
	case f.To <= f.From:
		return "at " + chart.Seconds.Write(f.From)
	case duration > 0 && f.To >= duration:
		return "from " + chart.Seconds.Write(f.From)
	}
	return chart.Seconds.Write(f.From) + " to " + chart.Seconds.Write(f.To)
}

// who lists members, the first few by name.
func who(members []string) string {
	const named = 6
	switch n := len(members); {
	case n == 0:
		return "the network"
	case n > named:
		return fmt.Sprintf("%s and %d more", strings.Join(members[:named-1], ", "), n-named+1)
	}
	return strings.Join(members, ", ")
}

// count writes a number with what it counts.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(uint64(max(n, 0))) + " " + many
}

func (p *Page) memberSection() section {
	s := section{id: "members", Section: Section{
		Title:   "Members over time",
		Explain: "One row per member: what " + p.Members.observer() + " held of it. Where the dark line runs through a row, the node really did not run; colour without that line is an error of judgement, and the line before the colour is the time it took to notice.",
	}}
	states := []chart.State{
		{Name: string(Alive), Color: chart.Good, Pale: true}, {Name: string(Suspect), Color: chart.Warning}, {Name: string(Dead), Color: chart.Bad},
		{Name: string(Left), Color: chart.Cyan}, {Name: string(Unknown), Color: chart.Quiet, Pale: true}, {Name: string(Down), Color: chart.Ink},
	}
	// Only the states that occur are explained.
	used := map[State]bool{}
	for _, r := range p.Members.Rows {
		for _, span := range r.Spans {
			used[span.State] = true
		}
	}
	states = slices.DeleteFunc(states, func(st chart.State) bool { return !used[State(st.Name)] })
	f := chart.Timeline{Title: "State of each member", X: p.clock(), States: states}
	for _, r := range p.Members.Rows {
		row := chart.Row{Name: r.Name}
		for _, over := range []bool{false, true} {
			for _, span := range r.Spans {
				if (span.State == Down) == over {
					row.Spans = append(row.Spans, chart.Span{
						From: span.From, To: span.To, Note: span.Note, Over: over,
						State: slices.IndexFunc(states, func(st chart.State) bool { return st.Name == string(span.State) }),
					})
				}
			}
		}
		f.Rows = append(f.Rows, row)
	}
	s.Figures = []chart.Figure{f}
	return s
}

func (m *Members) observer() string {
	if m.Observer == "" {
		return "the others"
	}
	return m.Observer
}
