package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSimSwarmRunsManySeedsAndSaysWhatWasLookedAt(t *testing.T) {
	code, out, errs := command(t, "sim", "swarm", "-seeds", "40", "-from", "7", "-workers", "2")
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, want := range []string{"40 scenarios from seed 7", "every law held", "no resurrection", "one quorum"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if code, out, _ := command(t, "sim", "swarm", "-memberlist", "-seeds", "20"); code != exitOK || !strings.Contains(out, "every law held") {
		t.Errorf("on memberlist's wire: exit %d: %s", code, out)
	}
	if code, out, _ := command(t, "sim", "swarm", "-memberlist", "-seed", "5", "-print"); code != exitOK || !strings.Contains(out, "set memberlist-wire 1") {
		t.Errorf("on memberlist's wire: exit %d: %s", code, out)
	}
	if code, out, _ := command(t, "sim", "swarm", "-for", "300ms"); code != exitOK || strings.HasPrefix(out, "0 scenarios") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestSimSwarmReplaysASeedAndAFile(t *testing.T) {
	code, out, errs := command(t, "sim", "swarm", "-seed", "5", "-print", "-trace")
	if code != exitOK || !strings.HasPrefix(out, "seed 5\nnodes ") || !strings.Contains(out, " joined ") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	path := filepath.Join(t.TempDir(), "story.txt")
	if err := os.WriteFile(path, []byte("seed 1\nnodes 3\n5s crash n2\n30s restart n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs = command(t, "sim", "swarm", "-scenario", path, "-trace", "-packets")
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, want := range []string{"5.000  -- 5s crash n2", "failed n2", "in a new life", "n0 ▶ n1: ping", "every law held"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestSimSwarmMakesWhatBreaksALawSmaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "story.txt")
	story := "seed 2\nnodes 5\nset heal 2000\nset death-is-final 1\n4s set n1 by 80\n6s pause n0 for 30s\n7s crash n3\n"
	if err := os.WriteFile(path, []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "sim", "swarm", "-scenario", path, "-shrink", "100")
	if code != exitFailed || errs != "" {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, want := range []string{
		`law "completeness" broken at`, "replay with: go run ./cmd/nekton sim swarm -scenario " + path + " -trace", "The smallest scenario",
		"set death-is-final 1", "pause n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, "crash n3") || strings.Contains(out, "set heal") {
		t.Errorf("it is not small\n%s", out)
	}
}

func TestSimSwarmExplainsWhatItCannotDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.txt")
	if err := os.WriteFile(path, []byte("nodes 3\n1s dance n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"not both":         {"-seed", "1", "-scenario", path},
		"need -seed":       {"-trace"},
		"want 1 or more":   {"-workers", "0"},
		"want 0 or more":   {"-shrink", "-1"},
		"no action":        {"-scenario", path},
		"unknown command":  {"faster"},
		"invalid argument": {"-seeds", "many"},
		"scenario: open":   {"-scenario", path + "x"},
	} {
		code, _, errs := command(t, append([]string{"sim", "swarm"}, args...)...)
		if code == exitOK || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q; want %q", args, code, errs, want)
		}
	}
}
