package demo

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A Step is one step of the story, as told in advance.
type Step struct {
	// Name is a word by which a failure names the step.
	Name string
	// Title says what the step shows.
	Title string
	// Table says that the views of all nodes are worth a look when it is over.
	Table bool
}

// A Measurement is a duration that was predicted, and then taken.
type Measurement struct {
	// Name says what was measured.
	Name string
	// Took is the measured duration.
	Took time.Duration
	// Predicted is what theory says about it.
	Predicted Range
}

// An Expectation is what a step waits for.
type Expectation struct {
	Since     time.Duration // when it began to wait
	Predicted time.Duration // when it should be seen, at the latest
	Deadline  time.Duration // when the step fails
	What      string
}

// Outcome is how a step ended.
type Outcome struct {
	Step int
	// Took is the time from its beginning.
	Took time.Duration
	// Summary is what was observed, in one sentence.
	Summary string
	// Err is nil if everything was observed in time.
	Err error
}

// Opening is what there is to tell before the first step.
type Opening struct {
	Config Config
	Nodes  []types.NodeId
	Steps  []Step
}

// Ending is what there is to tell after the last.
type Ending struct {
	Took time.Duration
	// Err is nil if every step was observed; else it is a *StepError, or says
	// that the story was interrupted.
	Err error
}

// A View shows the story. Its methods are called from one goroutine, in the order
// of the story, and must not block for long: while they do, nobody looks at the
// cluster.
type View interface {
	// Open is called first, once.
	Open(Opening)
	// Begin is called when a step begins.
	Begin(at time.Duration, step int)
	// Observe tells one thing that happened.
	Observe(at time.Duration, text string)
	// Measure compares theory and practice.
	Measure(at time.Duration, m Measurement)
	// Expect says what the step waits for now.
	Expect(Expectation)
	// Look is called many times a second with a fresh picture. The view may keep
	// it, and must not write to it.
	Look(*Snapshot)
	// Finish is called when a step ends, well or not.
	Finish(at time.Duration, o Outcome)
	// Close is called last, once. The terminal is as it was before Open when it
	// returns.
	Close(Ending)
}

// A StepError says which step was not observed.
type StepError struct {
	// Step is its name, and Number its place, from 1.
	Step   string
	Number int
	// Want is what had to be seen, Within the time that it had, Seen what was
	// there instead.
	Want   string
	Within time.Duration
	Seen   string
	// Err is the error that ended the step, if it was not the time.
	Err error
}

// Error names the step, what it waited for, and what was seen.
func (e *StepError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("step %d, %s: %v", e.Number, e.Step, e.Err)
	}
	return fmt.Sprintf("step %d, %s: after %v still waiting for: %s; seen: %s", e.Number, e.Step, e.Within.Round(time.Millisecond), e.Want, e.Seen)
}

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }
