package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// clock prints a time of the story.
func clock(at time.Duration) string { return fmt.Sprintf("%6.2f", at.Seconds()) }

// predicted prints a range.
func predicted(r demo.Range) string {
	if r.Low == 0 {
		return "at most " + demo.Seconds(r.High)
	}
	return demo.Seconds(r.Low) + " to " + demo.Seconds(r.High)
}

// measurement prints what was measured beside what was predicted.
func measurement(m demo.Measurement) string {
	text := fmt.Sprintf("%s (predicted: %s)", demo.Seconds(m.Took), predicted(m.Predicted))
	if !m.Predicted.Contains(m.Took) {
		text += ", outside of the prediction"
	}
	return text
}

// headline says what is run.
func headline(o demo.Opening) string {
	in := o.Config.Intervals
	return fmt.Sprintf("%d nodes on loopback, probe %v, gossip %v, suspicion ×%d, quorum timeout %v",
		len(o.Nodes), in.ProbeInterval, in.GossipInterval, in.SuspicionMult, in.QuorumTimeout)
}

// verdict is the last line of the story.
func verdict(o demo.Opening, outcomes []demo.Outcome, e demo.Ending) string {
	if e.Err != nil {
		return "FAILED " + e.Err.Error()
	}
	return fmt.Sprintf("All %d steps were observed in %s.", len(outcomes), demo.Seconds(e.Took))
}

// theory is the table of measurements: what, how long, and what was predicted.
func theory(b *board, th theme) []string {
	if len(b.measures) == 0 {
		return nil
	}
	type row struct{ step, name, took, predicted string }
	rows := []row{{"step", "what", "took", "predicted"}}
	for _, m := range b.measures {
		rows = append(rows, row{b.opening.Steps[m.step].Name, m.Name, demo.Seconds(m.Took), predicted(m.Predicted)})
	}
	var w [4]int
	for _, r := range rows {
		for i, cell := range []string{r.step, r.name, r.took, r.predicted} {
			w[i] = max(w[i], len([]rune(cell)))
		}
	}
	var out []string
	for i, r := range rows {
		left := pad(r.step, w[0]) + "  " + pad(r.name, w[1]) + "  "
		right := "  " + pad(r.predicted, w[3])
		took := padLeft(r.took, w[2])
		switch {
		case i == 0:
			out = append(out, th.dim.Render(strings.TrimRight(left+took+right, " ")))
			continue
		case b.measures[i-1].Predicted.Contains(b.measures[i-1].Took):
			took = th.good.Render(took)
		default:
			took = th.odd.Render(took)
		}
		out = append(out, left+took+strings.TrimRight(th.dim.Render(strings.TrimRight(right, " ")), " "))
	}
	return out
}

func pad(s string, w int) string {
	return s + strings.Repeat(" ", max(0, w-len([]rune(s))))
}

func padLeft(s string, w int) string {
	return strings.Repeat(" ", max(0, w-len([]rune(s)))) + s
}
