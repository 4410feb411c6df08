package trial_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

func run(t *testing.T, plan trial.Plan) *trial.Outcome {
	t.Helper()
	o, err := trial.Run(context.Background(), plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !o.OK() {
		t.Fatalf("formed %v, rested %v, %+v, %v", o.Formed, o.Rested, o.Disagreement, o.Violation)
	}
	return o
}

func TestATrialFindsItsCrashesSpreadsItsUpdatesAndAgreesInTheEnd(t *testing.T) {
	o := run(t, trial.Plan{
		Nodes: 32, For: 3 * time.Minute, Seed: 1, Quorum: true, Laws: true,
		Faults: []trial.Fault{{Kind: trial.Crash, Count: 3, For: time.Minute, At: 10 * time.Second}},
	})
	if len(o.First()) != 3 || len(o.Full()) != 3 || o.False != 0 {
		t.Errorf("%d crashes found, %d by all, %d false", len(o.First()), len(o.Full()), o.False)
	}
	for _, d := range o.Detections {
		if d.Suspected <= 0 || d.First < d.Suspected || d.All < d.First || d.Missing != 0 {
			t.Errorf("%+v", d)
		}
	}
	if last, incomplete := o.Spreads(); len(last) < 30 || incomplete != 0 || last[len(last)/2] > time.Second {
		t.Errorf("%d updates, %d incomplete", len(last), incomplete)
	}
	if len(o.Samples) != 180 || o.NodeSeconds < 180*29 || o.NodeSeconds > 180*32 || o.Traffic.PacketsOut == 0 {
		t.Errorf("%d samples, %v node-seconds", len(o.Samples), o.NodeSeconds)
	}
}

func TestEveryKindOfFaultBeginsEndsAndIsGotOver(t *testing.T) {
	for _, kind := range trial.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			o := run(t, trial.Plan{
				Nodes: 9, For: 70 * time.Second, Seed: 2, Laws: true,
				Faults: []trial.Fault{{Kind: kind, Count: 3, For: 30 * time.Second, At: 5 * time.Second}},
			})
			if len(o.Struck) != 1 || len(o.Struck[0].Nodes) != 3 {
				t.Fatalf("struck %+v", o.Struck)
			}
			if s := o.Struck[0]; kind != trial.Restart && s.To-s.From != 30*time.Second {
				t.Errorf("from %v to %v", s.From, s.To)
			}
			if o.Samples[len(o.Samples)-1].Listed.Min != 9 {
				t.Errorf("in the end some list %+v", o.Samples[len(o.Samples)-1].Listed)
			}
		})
	}
}

func TestOnePlanAndOneSeedGiveOneOutcome(t *testing.T) {
	plan := trial.Plan{
		Nodes: 16, For: time.Minute, Seed: 3, Network: &virtual.Network{
			Link:          virtual.Link{Loss: 0.1, Delay: virtual.Exponential{Min: time.Millisecond, Mean: time.Millisecond}},
			StreamTimeout: 10 * time.Second,
		},
		Faults: []trial.Fault{{Kind: trial.Pause, Share: 0.25, For: 5 * time.Second, At: -1}, {Kind: trial.Crash, Count: 1, At: -1}},
	}
	a, b := run(t, plan), run(t, plan)
	if !reflect.DeepEqual(a.Samples, b.Samples) || a.Happened != b.Happened || !reflect.DeepEqual(a.Struck, b.Struck) {
		t.Error("two runs of one plan differ")
	}
}

func TestFaultsThatSayNoTimeComeInTurn(t *testing.T) {
	o := run(t, trial.Plan{Nodes: 8, For: time.Minute, Seed: 4, Faults: []trial.Fault{
		{Kind: trial.Crash, Count: 1, At: -1}, {Kind: trial.Leave, Count: 1, At: -1}, {Kind: trial.Pause, Count: 1, For: time.Second, At: -1},
	}})
	for i, s := range o.Struck {
		if want := time.Duration(i+1) * 10 * time.Second; s.From-o.Began != want {
			t.Errorf("%s came after %v, want %v", s.Fault.Kind, s.From-o.Began, want)
		}
	}
}

func TestAFaultIsReadAsItIsWritten(t *testing.T) {
	for _, s := range []string{"3", "16x8s", "50%x1m0s", "1x20s@1m30s", "2@0s", "12.5%"} {
		f, err := trial.ParseFault(trial.Pause, s)
		if err != nil || f.String() != s {
			t.Errorf("%q is read as %+v, written %q: %v", s, f, f.String(), err)
		}
	}
	for _, s := range []string{"", "x", "3x", "axb", "3@", "3@soon", "q%"} {
		if f, err := trial.ParseFault(trial.Pause, s); err == nil || !strings.Contains(err.Error(), "COUNT") {
			t.Errorf("%q is read as %+v, %v", s, f, err)
		}
	}
}

func TestAPlanThatCannotBeIsRefusedWithAllReasons(t *testing.T) {
	_, err := trial.Run(context.Background(), trial.Plan{
		Nodes: -1, For: -time.Second, Value: -1, Network: &virtual.Network{Link: virtual.Link{Loss: 2}},
		Faults: []trial.Fault{{Kind: "flood", Count: 1}},
	}, nil)
	for _, want := range []string{"-1 nodes", "negative", "-1 bytes", "loss of 2", "flood"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	for _, f := range []trial.Fault{
		{Kind: trial.Crash, Count: 64}, {Kind: trial.Crash, Count: 65, For: time.Second}, {Kind: trial.Pause, Share: 1.5},
		{Kind: trial.Pause, Count: 1, At: time.Hour}, {Kind: trial.Pause},
	} {
		if err := (trial.Plan{Faults: []trial.Fault{f}}).Validate(); err == nil {
			t.Errorf("%+v is taken", f)
		}
	}
	if _, err := trial.Run(context.Background(), trial.Plan{Nodes: 4, Swim: swim.Config{NackAfter: 101}}, nil); err == nil {
		t.Error("a protocol that cannot be is taken")
	}
}

func TestATrialEndsWithItsContextAndTellsHowFarItIs(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	var told []string
	_, err := trial.Run(ctx, trial.Plan{Nodes: 4, For: time.Hour}, func(phase string, now, of time.Duration) {
		if line := fmt.Sprint(phase, " of ", of); len(told) == 0 || told[len(told)-1] != line {
			told = append(told, line)
		}
		if phase == "observing" && now > time.Minute {
			cancel(stop)
		}
	})
	if !errors.Is(err, stop) || fmt.Sprint(told) != "[forming of 10m0s observing of 1h0m0s]" {
		t.Errorf("%v; told %q", err, told)
	}
}

func TestAClusterThatCannotFormIsTold(t *testing.T) {
	n := virtual.DefaultNetwork()
	n.Link.Loss = 1
	o, err := trial.Run(context.Background(), trial.Plan{Nodes: 3, Patience: 5 * time.Second, Network: &n, HardStart: true}, nil)
	if err != nil || o.OK() || o.Formed >= 0 || o.Disagreement == nil {
		t.Errorf("%+v, %v", o, err)
	}
}
