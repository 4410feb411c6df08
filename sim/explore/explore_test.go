package explore

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// size is which size of the suites is run: that of the environment variable, or quick.
func size() string {
	if s := os.Getenv("NEKTON_EXPLORE"); s != "" {
		return s
	}
	return "quick"
}

func TestEveryInvariantHoldsInEveryStateOfTheSuites(t *testing.T) {
	for _, s := range Suites() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			cfg, ok := s.At(size())
			if !ok {
				t.Fatalf("NEKTON_EXPLORE is %q, want quick, medium or large", size())
			}
			start := time.Now()
			r, err := Run(context.Background(), cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d states, %d transitions, depth %d, %d ends, %d in calm, %d node states, %d calls, %.1fs",
				r.States, r.Transitions, r.Depth, r.Ends, r.Calm, r.NodeStates, r.Calls, time.Since(start).Seconds())
			if r.Violation != nil {
				trace, err := Replay(cfg, r.Violation.Path)
				t.Fatalf("%v\n%v%v\nreplay: %s %s", r.Violation.Fault.String(), trace, err, s.Name, r.Violation.Path)
			}
			if !r.Complete {
				t.Error("it did not come to an end")
			}
		})
	}
}

func TestTheSameConfigurationFindsTheSame(t *testing.T) {
	cfg := Config{Nodes: 3, Timeouts: 4, Drops: 1, Crashes: 1, CalmEvery: 50}
	one, err := Run(context.Background(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Run(context.Background(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if one != other || one.States < 1000 {
		t.Errorf("%+v\n%+v", one, other)
	}
}

// unhealed are rules under which a way to a violation exists: without healing, nodes
// that hold each other dead never meet again.
func unhealed() Config {
	return Config{Nodes: 2, Timeouts: 8, Drops: 4, CalmEvery: 1, Swim: small(func(cfg *swim.Config) {
		cfg.SuspicionMult, cfg.HealInterval, cfg.GossipToTheDead = swim.Off, swim.Off, swim.Off
	})}
}

func TestAViolationIsFoundByTheShortestWayAndToldAgain(t *testing.T) {
	cfg := unhealed()
	r, err := Run(context.Background(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Violation
	if v == nil || v.Invariant != "calm" || r.Complete {
		t.Fatalf("%+v", r)
	}
	if v.Steps != len(strings.Split(v.Path, "-")) || r.Depth > v.Steps {
		t.Errorf("%d steps at depth %d: %s", v.Steps, r.Depth, v.Path)
	}
	trace, err := Replay(cfg, v.Path)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Fault == nil || *trace.Fault != v.Fault || len(trace.Steps) != v.Steps {
		t.Errorf("%v, want %v", trace, v)
	}
	// With fewer moves there is none: each of its budgets is needed.
	short := cfg
	short.Timeouts, short.Drops = strings.Count(v.Path, "t"), strings.Count(v.Path, "x")
	for _, less := range []func(*Config){func(c *Config) { c.Timeouts-- }, func(c *Config) { c.Drops-- }} {
		cfg := short
		less(&cfg)
		if r, err := Run(context.Background(), cfg, nil); err != nil || r.Violation != nil && r.Violation.Steps < v.Steps {
			t.Errorf("with less there is a shorter way: %+v, %v", r, err)
		}
	}
}

func TestAReplaySaysWhichStepCannotBeTaken(t *testing.T) {
	cfg := Config{Nodes: 2, Timeouts: 2}
	for path, want := range map[string]string{
		"ta-d7": "step 2", "ta-cb": "step 2", "zz": "step 1", "t": "step 1", "d": "step 1", "tq": "step 1", "dx": "step 1", "ta-d0.x": "step 2",
	} {
		if _, err := Replay(cfg, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %s", path, err, want)
		}
	}
	if trace, err := Replay(cfg, ""); err != nil || trace.Fault != nil || len(trace.Steps) != 0 {
		t.Errorf("the empty path: %v, %v", trace, err)
	}
}

func TestAnExplorationEndsWithItsContextAndItsLimit(t *testing.T) {
	cfg := Config{Nodes: 3, Timeouts: 8, Drops: 3}
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	r, err := Run(ctx, cfg, func(p Progress) {
		if calls++; calls == 3 {
			cancel()
		}
		if p.States < p.Done || p.Frontier < p.Done {
			t.Errorf("%+v", p)
		}
	})
	if !errors.Is(err, context.Canceled) || r.States == 0 || r.Complete {
		t.Errorf("%+v, %v", r, err)
	}
	cfg.MaxStates = 1000
	if r, err := Run(context.Background(), cfg, nil); err != nil || r.Complete || r.States < 1000 || r.States > 1100 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAConfigurationOutOfRangeIsRefused(t *testing.T) {
	bad := Config{
		Nodes: 7, Start: 3, Timeouts: -1, Deliveries: -1, Drops: 256, Duplicates: -1, Crashes: -1, Restarts: -1, Leaves: -1,
		Publishes: -1, Updates: -1, Stalls: 300, OneClock: true, Chance: -1, CalmEvery: -1,
		Swim: small(func(cfg *swim.Config) { cfg.NackAfter = 101 }),
	}
	_, err := Run(context.Background(), bad, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range []string{
		"Nodes", "Start", "Timeouts", "Deliveries", "Drops", "Duplicates", "Crashes", "Restarts", "Leaves", "Publishes",
		"Updates", "Stalls", "OneClock", "Chance", "CalmEvery",
	} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not named in %v", word, err)
		}
	}
	if _, err := Run(context.Background(), Config{Timeouts: 1, Swim: swim.Config{ProbeInterval: -7}}, nil); err == nil {
		t.Error("rules that package swim refuses are taken")
	}
}

func TestTheDeliveriesOfARunAreBounded(t *testing.T) {
	few, err := Run(context.Background(), Config{Timeouts: 4, Deliveries: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Run(context.Background(), Config{Timeouts: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if few.Depth > 6 || few.States >= all.States || few.Ends == 0 {
		t.Errorf("with two deliveries %+v, with all %+v", few, all)
	}
}

func TestEveryInvariantHasANameAndASentence(t *testing.T) {
	seen := map[string]bool{}
	for _, inv := range Invariants() {
		if inv.Name == "" || seen[inv.Name] || !strings.HasSuffix(inv.Sentence, ".") {
			t.Errorf("%+v", inv)
		}
		seen[inv.Name] = true
	}
}
