package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/sim/explore"
	"github.com/nekton-go/nekton/swim"
)

func TestSimExploreCountsStatesSuiteBySuite(t *testing.T) {
	code, out, errs := command(t, "sim", "explore", "pair-stall", "trio-leave")
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[1], "pair-stall ") || !strings.HasPrefix(lines[2], "trio-leave ") ||
		!strings.HasPrefix(lines[3], "all ") || !strings.Contains(lines[4], "every invariant held") {
		t.Fatalf("told:\n%s", out)
	}
	if states := strings.Fields(lines[1])[1]; len(states) < 4 {
		t.Errorf("%s states", states)
	}
}

func TestSimExploreGoesOneWayAgain(t *testing.T) {
	code, out, errs := command(t, "sim", "explore", "-replay", "ta-d0", "pair-loss")
	if code != exitOK || !strings.Contains(out, "1. a: ") || !strings.Contains(out, "delivered") || !strings.Contains(out, "every invariant holds") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
}

func TestSimExploreExplainsWhatItCannotDo(t *testing.T) {
	for want, args := range map[string][]string{
		"want quick, medium, large": {"-size", "huge"},
		`no suite "pair"`:           {"pair"},
		"name of one suite":         {"-replay", "ta"},
		"step 1":                    {"-replay", "zz", "pair-loss"},
	} {
		code, _, errs := command(t, append([]string{"sim", "explore"}, args...)...)
		if code == exitOK || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q; want %q", args, code, errs, want)
		}
	}
}

// Without healing, nodes that hold each other dead never meet again.
func TestSimExploreTellsTheShortestWayToWhatDoesNotHold(t *testing.T) {
	rules := explore.Small()
	rules.SuspicionMult, rules.HealInterval, rules.GossipToTheDead = swim.Off, swim.Off, swim.Off
	suite := explore.Suite{Name: "unhealed", Quick: explore.Config{Timeouts: 8, Drops: 4, CalmEvery: 1, Swim: rules}}
	var out bytes.Buffer
	e := exploration{streams: streams{out: &out, err: &out}, size: "quick", plain: true}
	var told toldError
	if err := e.run(context.Background(), []explore.Suite{suite}); !errors.As(err, &told) {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"unhealed ", "  1. ", "calm: ", "replay with: go run ./cmd/nekton sim explore -size quick -replay t"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
}
