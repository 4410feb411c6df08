package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// hasty tells the story in seconds.
func hasty(nodes int) Config {
	return Config{
		Nodes: nodes,
		Intervals: types.GossipIntervals{
			GossipInterval:   20 * time.Millisecond,
			PushPullInterval: 500 * time.Millisecond,
			ProbeInterval:    100 * time.Millisecond,
			ProbeTimeout:     40 * time.Millisecond,
			QuorumTimeout:    300 * time.Millisecond,
			SuspicionMult:    3,
		},
		Seed: 7,
		// Enough for a slow machine under the race detector.
		Patience: 3 * time.Second,
	}
}

// A recorder is a view that writes down what it is told, and lets the test act.
type recorder struct {
	opening  Opening
	begun    []string
	outcomes []Outcome
	measured map[string]bool
	log      []string
	ending   *Ending
	onBegin  func(step string)
}

func (r *recorder) Open(o Opening) { r.opening, r.measured = o, map[string]bool{} }
func (r *recorder) Begin(_ time.Duration, step int) {
	name := r.opening.Steps[step].Name
	r.begun = append(r.begun, name)
	r.log = append(r.log, "-- "+name)
	if r.onBegin != nil {
		r.onBegin(name)
	}
}
func (r *recorder) Observe(at time.Duration, text string) {
	r.log = append(r.log, fmt.Sprintf("%.3f %s", at.Seconds(), text))
}
func (r *recorder) Measure(at time.Duration, m Measurement) {
	r.measured[m.Name] = true
	r.log = append(r.log, fmt.Sprintf("%.3f measured %s: %v, predicted %v to %v", at.Seconds(), m.Name, m.Took, m.Predicted.Low, m.Predicted.High))
}
func (r *recorder) Expect(Expectation)                      {}
func (r *recorder) Look(*Snapshot)                          {}
func (r *recorder) Finish(_ time.Duration, outcome Outcome) { r.outcomes = append(r.outcomes, outcome) }
func (r *recorder) Close(e Ending)                          { r.ending = &e }

// stepNames is the story.
var stepNames = []string{"form", "publish", "detect", "lose-quorum", "timeout", "heal", "deactivate", "reactivate", "leave", "stop"}

func TestTheStoryIsObservedStepByStep(t *testing.T) {
	sizes := []int{3, 4, 5}
	if os.Getenv("NEKTON_LONG") != "" {
		sizes = []int{3, 4, 5, 6, 7, 8, 9}
	}
	for _, nodes := range sizes {
		t.Run(fmt.Sprintf("%d nodes", nodes), func(t *testing.T) {
			r := &recorder{}
			if err := Run(t.Context(), hasty(nodes), r); err != nil {
				t.Fatalf("%v\n%s", err, strings.Join(r.log, "\n"))
			}
			if !slices.Equal(r.begun, stepNames) {
				t.Errorf("the steps are %q, want %q", r.begun, stepNames)
			}
			for i, o := range r.outcomes {
				if o.Step != i || o.Err != nil || o.Summary == "" || o.Took <= 0 {
					t.Errorf("outcome %d is %+v", i, o)
				}
			}
			if len(r.outcomes) != len(stepNames) || r.ending == nil || r.ending.Err != nil {
				t.Errorf("%d outcomes, ending %+v", len(r.outcomes), r.ending)
			}
			for _, name := range []string{"one update everywhere", "detection", "dissemination of the death", "quorum lost everywhere", "time in SUSPECT_NOT_IN_QUORUM", "leave acknowledged"} {
				if !r.measured[name] {
					t.Errorf("%q was not measured", name)
				}
			}
			if n := nodeGoroutines(); n != 0 {
				t.Errorf("%d goroutines are left:\n%s", n, nodeStacks())
			}
		})
	}
}

func TestAClusterThatDetectsNothingFailsInTheStepThatNeedsIt(t *testing.T) {
	cfg := hasty(3)
	cfg.Patience = 300 * time.Millisecond
	cfg.Intervals.ProbeInterval = 0 // which Validate refuses: no failure detection
	r := &recorder{}
	err := Run(t.Context(), cfg, r)
	var step *StepError
	if !errors.As(err, &step) {
		t.Fatalf("error is %v, want a *StepError\n%s", err, strings.Join(r.log, "\n"))
	}
	if step.Step != "detect" || step.Number != 3 || step.Want != "somebody suspects a1" || !strings.Contains(step.Seen, "w: alive") {
		t.Errorf("the step is %+v", step)
	}
	if !strings.HasPrefix(err.Error(), "step 3, detect: ") {
		t.Errorf("the message is %q", err)
	}
	if last := r.outcomes[len(r.outcomes)-1]; last.Err == nil || len(r.outcomes) != 3 || r.ending.Err == nil {
		t.Errorf("the view was told %+v, %+v", last, r.ending)
	}
	if n := nodeGoroutines(); n != 0 {
		t.Errorf("%d goroutines are left after a failure:\n%s", n, nodeStacks())
	}
}

func TestANodeThatDiesBehindTheStorysBackIsNoticed(t *testing.T) {
	plan := seats(3)
	r := &recorder{}
	cfg := hasty(3)
	cfg.Patience = 300 * time.Millisecond
	s := &story{cfg: cfg, cast: castOf(plan), cluster: newCluster(cfg, plan), view: r, began: time.Now(), values: map[types.NodeId]types.StoreMap{}}
	r.onBegin = func(step string) {
		if step == "publish" {
			s.cluster.member("w").node.Stop(0)
		}
	}
	var step *StepError
	if err := s.tell(t.Context(), s.scenes()); !errors.As(err, &step) || step.Step != "publish" || !strings.Contains(step.Seen, "w reads") {
		t.Errorf("the error is %v, want the step publish to see that w reads nothing", err)
	}
}

func TestAnInterruptedStorySaysWhereAndLeavesNothingBehind(t *testing.T) {
	for _, at := range []string{"form", "detect", "heal"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the reader had enough")
		r := &recorder{onBegin: func(step string) {
			if step == at {
				cancel(reason)
			}
		}}
		err := Run(ctx, hasty(3), r)
		if !errors.Is(err, reason) || !strings.Contains(err.Error(), at) {
			t.Errorf("interrupted in %s: the error is %v", at, err)
		}
		if r.ending == nil {
			t.Errorf("interrupted in %s: the view was not closed", at)
		}
		if n := nodeGoroutines(); n != 0 {
			t.Errorf("interrupted in %s: %d goroutines are left", at, n)
		}
		cancel(nil)
	}
}
