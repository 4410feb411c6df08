package view

import (
	"encoding/json"
	"io"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
)

// JSON tells the story as one JSON object a line. Every object has "at", seconds
// since the beginning, and "type":
//
//	start     nodes, steps, intervals
//	step      step, number, title
//	observed  step, text
//	measured  step, name, seconds, low, high, why, as_predicted
//	passed    step, seconds, summary
//	failed    step, seconds, error
//	end       ok, error
//
// Numbers named low, high and seconds are seconds.
type JSON struct {
	enc   *json.Encoder
	board board
}

// NewJSON returns a view that writes to w. Errors of w are not reported: the
// demo judges the cluster, not the pipe.
func NewJSON(w io.Writer) *JSON { return &JSON{enc: json.NewEncoder(w)} }

var _ demo.View = (*JSON)(nil)

// object is one line. Fields are in the order in which they are printed.
type object struct {
	At          float64           `json:"at"`
	Type        string            `json:"type"`
	Step        string            `json:"step,omitempty"`
	Number      int               `json:"number,omitempty"`
	Title       string            `json:"title,omitempty"`
	Nodes       []string          `json:"nodes,omitempty"`
	Steps       []string          `json:"steps,omitempty"`
	Intervals   map[string]string `json:"intervals,omitempty"`
	Suspicion   int               `json:"suspicion_mult,omitempty"`
	Text        string            `json:"text,omitempty"`
	Name        string            `json:"name,omitempty"`
	Seconds     *float64          `json:"seconds,omitempty"`
	Low         *float64          `json:"low,omitempty"`
	High        *float64          `json:"high,omitempty"`
	Why         string            `json:"why,omitempty"`
	AsPredicted *bool             `json:"as_predicted,omitempty"`
	Summary     string            `json:"summary,omitempty"`
	OK          *bool             `json:"ok,omitempty"`
	Error       string            `json:"error,omitempty"`
}

func (j *JSON) print(at time.Duration, o object) {
	o.At = *number(at)
	// A map of strings, numbers and booleans always encodes; what the writer says
	// is not ours to judge.
	_ = j.enc.Encode(o)
}

// number is a duration in seconds, to the millisecond.
func number(d time.Duration) *float64 {
	s := float64(d.Round(time.Millisecond)/time.Millisecond) / 1000
	return &s
}

func (j *JSON) stepName() string {
	if j.board.step < 0 || j.board.step >= len(j.board.opening.Steps) {
		return ""
	}
	return j.board.opening.Steps[j.board.step].Name
}

// Open prints start.
func (j *JSON) Open(o demo.Opening) {
	j.board = newBoard(o)
	in := o.Config.Intervals
	line := object{Type: "start", Suspicion: in.SuspicionMult, Intervals: map[string]string{
		"probe": in.ProbeInterval.String(), "probe_timeout": in.ProbeTimeout.String(), "gossip": in.GossipInterval.String(),
		"push_pull": in.PushPullInterval.String(), "quorum_timeout": in.QuorumTimeout.String(),
	}}
	for _, id := range o.Nodes {
		line.Nodes = append(line.Nodes, string(id))
	}
	for _, s := range o.Steps {
		line.Steps = append(line.Steps, s.Name)
	}
	j.print(0, line)
}

// Begin prints step.
func (j *JSON) Begin(at time.Duration, step int) {
	j.board.begin(at, step)
	s := j.board.opening.Steps[step]
	j.print(at, object{Type: "step", Step: s.Name, Number: step + 1, Title: s.Title})
}

// Observe prints observed.
func (j *JSON) Observe(at time.Duration, text string) {
	j.print(at, object{Type: "observed", Step: j.stepName(), Text: text})
}

// Measure prints measured.
func (j *JSON) Measure(at time.Duration, m demo.Measurement) {
	ok := m.Predicted.Contains(m.Took)
	j.print(at, object{
		Type: "measured", Step: j.stepName(), Name: m.Name, Seconds: number(m.Took),
		Low: number(m.Predicted.Low), High: number(m.Predicted.High), Why: m.Predicted.Why, AsPredicted: &ok,
	})
}

// Expect prints nothing.
func (j *JSON) Expect(demo.Expectation) {}

// Look prints nothing.
func (j *JSON) Look(*demo.Snapshot) {}

// Finish prints passed or failed.
func (j *JSON) Finish(at time.Duration, o demo.Outcome) {
	line := object{Type: "passed", Step: j.stepName(), Seconds: number(o.Took), Summary: o.Summary}
	if o.Err != nil {
		line.Type, line.Error = "failed", o.Err.Error()
	}
	j.print(at, line)
}

// Close prints end.
func (j *JSON) Close(e demo.Ending) {
	ok := e.Err == nil
	line := object{Type: "end", OK: &ok}
	if e.Err != nil {
		line.Error = e.Err.Error()
	}
	j.print(e.Took, line)
}
