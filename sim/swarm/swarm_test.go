package swarm_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/swarm"
)

var (
	first = flag.Uint64("swarm.from", 1, "the first seed")
	count = flag.Uint64("swarm.seeds", 400, "how many seeds to run")
)

func TestASwarmKeepsEveryLawAndAgreesWhenCalm(t *testing.T) {
	find, tally := swarm.Hunt(context.Background(), swarm.Seeds{From: *first, Count: *count, Workers: runtime.GOMAXPROCS(0)}, nil)
	if find != nil {
		small := swarm.Shrink(find.Scenario, 2000)
		result := swarm.Run(small, nil)
		t.Fatalf("seed %d: %v\nreplay with: go run ./cmd/nekton sim swarm -seed %d -trace\nas small as could be: %v\n%s",
			find.Scenario.Seed, find.Result.Err, find.Scenario.Seed, result.Err, small)
	}
	for _, l := range sim.Laws() {
		if tally.Checks[l.Name] == 0 && *count >= 400 {
			t.Errorf("law %q was never looked at", l.Name)
		}
	}
	t.Logf("%d seeds, %d actions, %v of nodes' time", tally.Seeds, tally.Actions, tally.NodeTime.Round(time.Second))
}

// The generations, boots and versions that some laws speak of do not exist there, and
// departures are not acknowledged.
func TestASwarmOnMemberlistsWireKeepsTheLawsThatHoldThere(t *testing.T) {
	seeds := swarm.Seeds{From: *first, Count: *count / 4, Workers: runtime.GOMAXPROCS(0), Memberlist: true}
	find, tally := swarm.Hunt(context.Background(), seeds, nil)
	if find != nil {
		small := swarm.Shrink(find.Scenario, 2000)
		result := swarm.Run(small, nil)
		t.Fatalf("seed %d: %v\nreplay with: go run ./cmd/nekton sim swarm -memberlist -seed %d -trace\nas small as could be: %v\n%s",
			find.Scenario.Seed, find.Result.Err, find.Scenario.Seed, result.Err, small)
	}
	without := []string{"store forward", "store truth", "departure"}
	for _, l := range sim.Laws() {
		if tally.Checks[l.Name] == 0 && *count >= 400 && !slices.Contains(without, l.Name) {
			t.Errorf("law %q was never looked at", l.Name)
		}
	}
	t.Logf("%d seeds, %d actions, %v of nodes' time", tally.Seeds, tally.Actions, tally.NodeTime.Round(time.Second))
}

func TestAScenarioIsPutOnMemberlistsWireOnce(t *testing.T) {
	for seed := range uint64(200) {
		s := swarm.Generate(seed)
		before := s.String()
		once := s.OnMemberlist()
		twice := once.OnMemberlist()
		if s.String() != before || once.String() != twice.String() || !strings.Contains(once.String(), "memberlist-wire 1") {
			t.Fatalf("seed %d:\n%s\nbecame\n%s\nand then\n%s", seed, before, once, twice)
		}
		for _, a := range once.Actions {
			if a.Kind == swarm.Zombie || a.Kind == swarm.Skew {
				t.Errorf("seed %d has a %s", seed, a.Kind)
			}
		}
	}
}

// The stories are what random scenarios found, as small as they could be made.
func TestWhatWasFoundOnceStaysFixed(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatal("there are no stories", err)
	}
	for _, path := range stories {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := swarm.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if r := swarm.Run(s, nil); r.Err != nil {
				t.Errorf("%v\n%s", r.Err, text)
			}
		})
	}
}

func TestTheSameScenarioGivesTheSameTrace(t *testing.T) {
	for seed := range uint64(20) {
		var traces [2]strings.Builder
		for i := range traces {
			swarm.Run(swarm.Generate(seed), &swarm.Trace{Out: &traces[i], Packets: true})
		}
		if traces[0].String() != traces[1].String() {
			t.Errorf("seed %d: two runs differ", seed)
		}
		if traces[0].Len() < 1000 {
			t.Errorf("seed %d: nothing happened:\n%s", seed, traces[0].String())
		}
	}
}

func TestATraceChangesNothing(t *testing.T) {
	for seed := range uint64(20) {
		var trace strings.Builder
		with := swarm.Run(swarm.Generate(seed), &swarm.Trace{Out: &trace})
		if without := swarm.Run(swarm.Generate(seed), nil); with.Happened != without.Happened || with.Took != without.Took {
			t.Errorf("seed %d: %d things in %v, and %d in %v with a trace", seed, without.Happened, without.Took, with.Happened, with.Took)
		}
	}
}

func TestWhatAHuntFindsDoesNotDependOnTheWorkers(t *testing.T) {
	var want swarm.Tally
	for workers := 1; workers <= 3; workers++ {
		find, tally := swarm.Hunt(context.Background(), swarm.Seeds{From: 5, Count: 30, Workers: workers}, nil)
		if workers == 1 {
			want = tally
		}
		if find != nil || tally.Seeds != 30 || tally.Happened != want.Happened || tally.NodeTime != want.NodeTime {
			t.Errorf("%d workers: %v, %+v", workers, find, tally)
		}
	}
}

func TestEveryKindOfActionAndEverySettingComesUp(t *testing.T) {
	kinds, set := map[swarm.Kind]bool{}, map[string]bool{}
	for seed := range uint64(3000) {
		s := swarm.Generate(seed)
		for _, a := range s.Actions {
			kinds[a.Kind] = true
		}
		for _, x := range s.Settings {
			set[x.Name] = true
		}
		if !slices.IsSortedFunc(s.Actions, func(a, b swarm.Action) int { return int(a.At - b.At) }) {
			t.Fatalf("seed %d: not in the order of time", seed)
		}
	}
	for _, k := range swarm.Kinds() {
		if !kinds[k] {
			t.Errorf("no seed has a %s", k)
		}
	}
	for _, name := range swarm.Settings() {
		unset := name == "death-is-final" || name == "trust-hearsay" || name == "memberlist-wire"
		if unset == set[name] {
			t.Errorf("seeds set %s: %v", name, set[name])
		}
	}
}

// scenarios are made up by seed, and then changed in ways that no seed would.
func scenarios(t *rapid.T) swarm.Scenario {
	s := swarm.Generate(rapid.Uint64().Draw(t, "seed"))
	s.Nodes = rapid.IntRange(1, 64).Draw(t, "nodes")
	for i := range s.Actions {
		a := &s.Actions[i]
		a.Kind = rapid.SampledFrom(swarm.Kinds()).Draw(t, "kind")
		a.At = time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "at"))
		a.For = time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "for"))
		a.By = rapid.Int64().Draw(t, "by")
		if rapid.Bool().Draw(t, "nobody") {
			a.Who, a.Whom = nil, nil
		}
	}
	return s
}

func TestTheTextOfAScenarioIsReadBackAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scenarios(t)
		text := s.String()
		read, err := swarm.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if read.String() != text {
			t.Fatalf("read back as\n%s\nand was\n%s", read, text)
		}
	})
}

func TestParsingExplainsWhatMakesNoSense(t *testing.T) {
	for text, want := range map[string]string{
		"nodes 0":                         "want 1 to 64",
		"nodes 3\nset pace 1":             `no setting "pace"`,
		"nodes 3\nset heal n1 1":          "names it",
		"nodes 3\nset domain 1":           "names it",
		"nodes 3\nhello":                  "line 2",
		"nodes 3\n1s dance n1":            `no action "dance"`,
		"nodes 3\n1s crash n1 to n2":      "want / nodes",
		"nodes 3\n1s crash n1 for":        "lacks its value",
		"nodes 3\nsoon crash n1":          "invalid duration",
		"nodes 3\n1s loss by many for 1s": "invalid syntax",
		"nodes 3\n1s split n1 / n2,x":     "want n and a number",
		"nodes 3\n-1s crash n1":           "negative",
	} {
		if _, err := swarm.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	s, err := swarm.Parse("# a comment\n\nseed 3\nnodes 2 # two\n1.5s loss n0 / n1 by 30 for 2s\n")
	if err != nil || s.String() != "seed 3\nnodes 2\n1.5s loss n0 / n1 by 30 for 2s\n" {
		t.Errorf("%v\n%s", err, s)
	}
}

// What fails here is known: a split while n2 is down.
func TestAScenarioIsShrunkToWhatMatters(t *testing.T) {
	fails := func(s *swarm.Scenario) bool {
		down := false
		for _, a := range s.Actions {
			switch {
			case a.Kind == swarm.Crash && slices.Contains(a.Who, 2):
				down = true
			case a.Kind == swarm.Restart:
				down = false
			case a.Kind == swarm.Split && a.For >= time.Second && down && s.Nodes >= 3:
				return true
			}
		}
		return false
	}
	shrunk := 0
	for seed := uint64(1); shrunk < 10; seed++ {
		s := swarm.Generate(seed)
		if !fails(&s) {
			continue
		}
		shrunk++
		small := swarm.Minimize(s, 5000, fails)
		if !fails(&small) || len(small.Actions) != 2 || len(small.Settings) != 0 || small.Nodes > 4 ||
			len(small.Actions[1].Who) > 1 || len(small.Actions[1].Whom) > 1 || small.Actions[0].At > time.Second {
			t.Errorf("seed %d is still\n%s", seed, small)
		}
	}
}

// A rule of memberlist's breaks a law, and a few lines are enough to show it: third
// parties bring back whom everybody else has forgotten.
func TestARuleThatBreaksALawIsFoundAndShrunk(t *testing.T) {
	for seed := uint64(1); ; seed++ {
		s := swarm.Generate(seed)
		s.Settings = append(s.Settings,
			swarm.Setting{Name: "trust-hearsay", Node: -1, Value: 1}, swarm.Setting{Name: "tombstone-ttl", Node: -1, Value: 5000})
		r := swarm.Run(s, nil)
		if r.Err == nil && seed < 500 {
			continue
		}
		small := swarm.Shrink(s, 1500)
		again := swarm.Run(small, nil)
		if law := "first-hand return"; r.Name() != law || again.Name() != law || len(small.Settings) > 6 || len(small.Actions) > 6 {
			t.Errorf("seed %d: %v; shrunk: %v\n%s", seed, r.Err, again.Err, small)
		}
		return
	}
}

func TestWhatBreaksNothingIsNotShrunk(t *testing.T) {
	s := swarm.Generate(3)
	if small := swarm.Shrink(s, 100); small.String() != s.String() {
		t.Errorf("a scenario that breaks nothing became\n%s", small)
	}
}
