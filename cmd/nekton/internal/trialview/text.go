package trialview

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/swim"
)

// A Style is how text looks. The zero value has no colour.
type Style struct{ title, dim, good, bad lipgloss.Style }

// Colour uses the colours that every terminal theme defines.
func Colour() Style {
	colour := func(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }
	return Style{title: colour("6").Bold(true), dim: lipgloss.NewStyle().Faint(true), good: colour("2"), bad: colour("1").Bold(true)}
}

// Effort is what a trial cost the machine that ran it.
type Effort struct {
	CPU  time.Duration
	Heap uint64 // the most that was in use, bytes; 0: not measured
}

// text writes sections of rows.
type text struct {
	w     io.Writer
	style Style
	rows  strings.Builder
	tabs  *tabwriter.Writer
}

func (t *text) section(name string) {
	t.flush()
	fmt.Fprintf(t.w, "\n%s\n", t.style.title.Render(name))
}

// row is a name, what was measured, and what it is to be compared with.
func (t *text) row(name, value, beside string) {
	if t.tabs == nil {
		t.tabs = tabwriter.NewWriter(&t.rows, 0, 0, 2, ' ', 0)
	}
	fmt.Fprintf(t.tabs, "  %s\t%s\t%s\n", name, value, beside)
}

// flush aligns the rows of a section. Colours come last: they have no width.
func (t *text) flush() {
	if t.tabs == nil {
		return
	}
	_ = t.tabs.Flush() // into a strings.Builder, which never fails
	for line := range strings.Lines(t.rows.String()) {
		fmt.Fprintln(t.w, strings.TrimRight(line, " \n"))
	}
	t.rows.Reset()
	t.tabs = nil
}

// Text tells what came of a trial.
func Text(w io.Writer, o *trial.Outcome, style Style, effort Effort) {
	t := &text{w: w, style: style}
	p := &o.Plan
	fmt.Fprintf(w, "%s\n", style.title.Render(Title(o)))
	fmt.Fprintf(w, "%s\n", Headline(o))
	t.forming(o)
	if o.Ended > 0 {
		t.faults(o)
		t.detection(o)
		t.accuracy(o)
		t.spreading(o)
		t.cost(o)
	}
	t.end(o)
	t.laws(o)
	if effort.CPU > 0 {
		total := o.NodeSeconds + float64(p.Nodes)*max(o.Formed, 0).Seconds()
		t.section("simulator")
		t.row("CPU", effort.CPU.Round(time.Millisecond).String(),
			fmt.Sprintf("%s node-seconds per CPU second", Group(total/effort.CPU.Seconds())))
		if effort.Heap > 0 {
			t.row("heap", Bytes(float64(effort.Heap)), fmt.Sprintf("%s per node", Bytes(float64(effort.Heap)/float64(p.Nodes))))
		}
		t.row("happened", Group(float64(o.Happened)), "packets, timers, streams, faults")
	}
	t.flush()
}

func (t *text) forming(o *trial.Outcome) {
	t.section("forming")
	if o.Formed < 0 {
		t.row("all list all", t.style.bad.Render("never"), fmt.Sprintf("given up after %v", o.Plan.Patience+o.Plan.Join))
		return
	}
	beside := "all started at once, through one seed"
	if o.Plan.Join > 0 {
		beside = fmt.Sprintf("started over %v, through one seed", o.Plan.Join)
	}
	t.row("all list all after", Seconds(o.Formed), beside)
}

func (t *text) faults(o *trial.Outcome) {
	if len(o.Struck) == 0 {
		return
	}
	t.section("faults")
	for _, s := range o.Struck {
		span := "for good"
		if s.Fault.For > 0 {
			span = "for " + Seconds(s.Fault.For)
		}
		t.row("at "+Seconds(s.From-o.Began), fmt.Sprintf("%s of %d", s.Fault.Kind, len(s.Nodes)), span)
	}
}

func (t *text) detection(o *trial.Outcome) {
	if len(o.Detections) == 0 {
		return
	}
	t.section(fmt.Sprintf("detection of %d crashes", len(o.Detections)))
	least, median, p99 := detection(&o.Plan)
	t.row("first verdict", quantiles(o.First()), fmt.Sprintf("predicted: least %s, p50 %s, p99 %s", Seconds(least), Seconds(median), Seconds(p99)))
	t.row("known to all", quantiles(o.Full()), "")
	if n := len(o.Detections) - len(o.First()); n > 0 {
		t.row("never found", fmt.Sprint(n), "the node was back, or the trial over, before")
	}
}

func (t *text) accuracy(o *trial.Outcome) {
	t.section("accuracy")
	t.row("suspicions", Group(float64(o.Events[swim.EventSuspected])), "at all nodes together, true ones included")
	t.row("refuted", Group(float64(o.Events[swim.EventRefuted])), "seen by those who had suspected")
	t.row("failures", Group(float64(o.Events[swim.EventFailed])), "verdicts of all nodes together")
	t.row("  about healthy nodes", Group(float64(o.False)), "FP in the Lifeguard paper")
	t.row("  … by healthy nodes", Group(float64(o.FalseHealthy)), "FP- in the Lifeguard paper")
}

func (t *text) spreading(o *trial.Outcome) {
	last, incomplete := o.Spreads()
	if len(last)+incomplete == 0 {
		return
	}
	t.section(fmt.Sprintf("spreading of %d updates", len(last)+incomplete))
	t.row("known to all", quantiles(last), "predicted: "+Seconds(spreading(&o.Plan)))
	if incomplete > 0 {
		t.row("did not reach all", fmt.Sprint(incomplete), "of those who were up when it was made")
	}
}

func (t *text) cost(o *trial.Outcome) {
	t.section("cost per node and second")
	per := func(v uint64) float64 { return float64(v) / o.NodeSeconds }
	t.row("packets", fmt.Sprintf("%.2f", per(o.Traffic.PacketsOut)), fmt.Sprintf("idle: %.2f", idlePackets(&o.Plan)))
	t.row("bytes in packets", Bytes(per(o.Traffic.BytesOut)), "payload; 28 more per packet on IPv4")
	t.row("streams", fmt.Sprintf("%.4f", per(o.Traffic.StreamsOpened)), fmt.Sprintf("%d in all", o.Traffic.StreamsOpened))
	t.row("bytes in streams", Bytes(per(o.Traffic.StreamBytesOut)), "")
	peak := peaks(o.Samples)
	t.row("worst second", Bytes(peak.Bytes.Max+peak.StreamBytes.Max), fmt.Sprintf("any node; p99 of nodes %s", Bytes(peak.Bytes.P99+peak.StreamBytes.P99)))
	t.row("longest queue", fmt.Sprintf("%d pieces of news", peak.Queued), "at any node")
}

// peaks are the highest values of all samples, each for itself.
func peaks(samples []sim.Sample) sim.Sample {
	var peak sim.Sample
	for _, s := range samples {
		peak.Bytes.Max, peak.Bytes.P99 = max(peak.Bytes.Max, s.Bytes.Max), max(peak.Bytes.P99, s.Bytes.P99)
		peak.StreamBytes.Max = max(peak.StreamBytes.Max, s.StreamBytes.Max)
		peak.StreamBytes.P99 = max(peak.StreamBytes.P99, s.StreamBytes.P99)
		peak.Queued = max(peak.Queued, s.Queued)
		peak.Health = max(peak.Health, s.Health)
		peak.Views = max(peak.Views, s.Views)
	}
	return peak
}

func (t *text) end(o *trial.Outcome) {
	if o.Formed < 0 {
		if d := o.Disagreement; d != nil {
			t.row("one reason", reason(d), "")
		}
		return
	}
	t.section("in the end")
	if o.Rested >= 0 {
		t.row("views agree", t.style.good.Render("yes"), "after "+Seconds(o.Rested)+" of rest; StoreMaps are equal")
	} else {
		t.row("views agree", t.style.bad.Render("no"), fmt.Sprintf("after %v of rest", o.Plan.Patience))
		if d := o.Disagreement; d != nil {
			t.row("one reason", reason(d), "")
		}
	}
}

// laws tells how often the laws were looked at, and which was broken.
func (t *text) laws(o *trial.Outcome) {
	if o.Checks == nil {
		return
	}
	total := uint64(0)
	for _, c := range o.Checks {
		total += c.Times
	}
	t.section("laws of the protocol")
	t.row("looked at", Group(float64(total)), fmt.Sprintf("times, %d laws", len(o.Checks)))
	if v := o.Violation; v != nil {
		t.row(t.style.bad.Render("broken"), v.Error(), "")
	} else {
		t.row("broken", t.style.good.Render("none"), "")
	}
}

// reason says how a view differs from the truth.
func reason(d *sim.Disagreement) string {
	is, held := "does not run", "does not know"
	if d.Up {
		is = "runs"
	}
	if d.Known {
		held = "holds " + d.State.String() + " of"
	}
	return fmt.Sprintf("%s %s %s, which %s", d.Observer, held, d.Subject, is)
}
