package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSimTellsWhatCameOfACluster(t *testing.T) {
	code, out, errs := command(t, "sim", "-nodes", "12", "-for", "70s", "-crash", "2", "-loss", "0.05", "-seed", "3")
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"12 nodes for 1m10s, 5 % loss, crash 2, seed 3", "all list all after", "detection of 2 crashes", "predicted: least",
		"about healthy nodes", "spreading of", "packets", "views agree  yes",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestSimWritesOneObjectAndOnePageWhichRepeatTheRun(t *testing.T) {
	page := filepath.Join(t.TempDir(), "out.html")
	args := []string{"sim", "-nodes", "8", "-for", "40s", "-pause", "2x5s@10s", "-quorum", "-seed", "4"}
	code, out, errs := command(t, append(args, "-json", "-report", page)...)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var got struct {
		Nodes  int      `json:"nodes"`
		Formed *float64 `json:"formed_s"`
		Faults []struct {
			Kind  string   `json:"kind"`
			Nodes []string `json:"nodes"`
		} `json:"faults"`
		Samples []any `json:"samples"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Nodes != 8 || got.Formed == nil || len(got.Faults) != 1 || len(got.Faults[0].Nodes) != 2 || len(got.Samples) != 40 {
		t.Errorf("%+v", got)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if want := "nekton sim -nodes 8 -for 40s -seed 4 -quorum -pause 2x5s@10s"; !bytes.Contains(html, []byte(want)) {
		t.Errorf("the page does not say %q", want)
	}
}

func TestSimRunsTheRulesOfOthersAtTheirPace(t *testing.T) {
	for _, rules := range []string{"memberlist", "swim", "lifeguard"} {
		if code, out, errs := command(t, "sim", "-nodes", "6", "-for", "30s", "-rules", rules); code != exitOK {
			t.Errorf("%s: exit %d: %s%s", rules, code, out, errs)
		}
	}
}

func TestSimExplainsWhatItCannotDo(t *testing.T) {
	for want, args := range map[string][]string{
		"COUNTxDURATION":     {"-crash", "often"},
		"there are nekton":   {"-rules", "raft"},
		"-3 nodes":           {"-nodes", "-3"},
		"loss of 7":          {"-loss", "7"},
		"unknown command":    {"faster"},
		"leaves nothing":     {"-nodes", "4", "-crash", "4"},
		"invalid argument":   {"-for", "long"},
		"is not within":      {"-for", "1m", "-crash", "1@2m"},
		"partition of 9 nod": {"-nodes", "8", "-partition", "9x1s"},
	} {
		code, _, errs := command(t, append([]string{"sim"}, args...)...)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q; want %q", args, code, errs, want)
		}
	}
	code, out, _ := command(t, "sim", "-nodes", "4", "-loss", "1", "-for", "20s")
	if code != exitFailed || !strings.Contains(out, "views agree  no") || !strings.Contains(out, "one reason") {
		t.Errorf("a cluster that cannot agree: exit %d\n%s", code, out)
	}
}
