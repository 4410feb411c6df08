package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// command runs the program within this process.
func command(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, streams{out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestWhatMakesNoSenseIsSaidAndExitsWithTwo(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "name a command: demo, agent or sim"},
		{[]string{"dmeo"}, `unknown command "dmeo"`},
		{[]string{"demo", "-nodes", "2"}, "2 nodes cannot show the story: want 3 to 9"},
		{[]string{"demo", "--nodes=12"}, "12 nodes cannot show the story"},
		{[]string{"demo", "-probe", "0s"}, "without probes no failure is ever detected"},
		{[]string{"demo", "-probe", "soon"}, "soon"},
		{[]string{"demo", "-plain", "-json"}, "-plain and -json exclude each other"},
		{[]string{"demo", "-fast"}, "unknown flag"},
		{[]string{"demo", "now"}, `unknown command "now"`},
		{[]string{"agent"}, "-id is missing"},
		{[]string{"agent", "-id", "a"}, "-bind is missing"},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-quorum", "most"}, `quorum rule "most" is not one of`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-members", "b"}, `member "b" is not id=host:port`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-members", "b=127.0.0.1:1"}, `-members does not name "a"`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-members", "a=127.0.0.1:1,a=127.0.0.1:2"}, `member "a" is named twice`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-set", "red"}, `value "red" is not key=value`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-log", "loud"}, `-log "loud" is not one of`},
		{[]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-leave-timeout", "-1s"}, "-leave-timeout -1s is negative"},
	} {
		code, _, stderr := command(t, test.args...)
		if code != exitUsage || !strings.Contains(stderr, test.want) {
			t.Errorf("nekton %s: exits with %d and says %q, want %d and %q", strings.Join(test.args, " "), code, stderr, exitUsage, test.want)
		}
	}
}

func TestHelpNamesEveryFlagAndExitsWithZero(t *testing.T) {
	for name, flags := range map[string][]string{
		"demo":  {"nodes", "probe", "timeout", "gossip", "push-pull", "suspicion-mult", "quorum-timeout", "seed", "pace", "json", "plain"},
		"agent": {"id", "bind", "join", "cluster", "domain", "gen", "version", "advertise", "quorum", "members", "metrics", "log"},
	} {
		code, out, _ := command(t, name, "-help")
		if code != exitOK {
			t.Errorf("%s -help exits with %d", name, code)
		}
		for _, f := range flags {
			if !strings.Contains(out, "--"+f+" ") {
				t.Errorf("%s -help does not name -%s", name, f)
			}
		}
	}
}

func TestOneDashIsAsGoodAsTwo(t *testing.T) {
	got := twoDashes([]string{"demo", "-nodes", "5", "-seed=-3", "--json", "-h", "-5s", "--", "-plain"})
	want := []string{"demo", "--nodes", "5", "--seed=-3", "--json", "-h", "-5s", "--", "-plain"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// quickly are flags with which the demo takes two seconds.
var quickly = []string{"demo", "-nodes", "3", "-pace", "0", "-probe", "100ms", "-timeout", "40ms", "-gossip", "20ms", "-push-pull", "500ms", "-quorum-timeout", "300ms"}

func TestTheDemoPrintsLinesWhereThereIsNoTerminalAndExitsWithZero(t *testing.T) {
	code, out, stderr := command(t, quickly...)
	if code != exitOK || stderr != "" {
		t.Fatalf("exits with %d, and says %q:\n%s", code, stderr, out)
	}
	for _, want := range []string{"step 1 of 10 · form", "w is NOT_IN_QUORUM", "goroutines of nodes: ", "Theory and practice", "All 10 steps were observed"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not printed:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("terminal escapes are printed where there is no terminal")
	}
}

func TestTheDemoAsJSONEndsWithOK(t *testing.T) {
	code, out, stderr := command(t, append(slices.Clone(quickly), "-json", "-seed", "3")...)
	if code != exitOK || stderr != "" {
		t.Fatalf("exits with %d, and says %q:\n%s", code, stderr, out)
	}
	passed := 0
	var last struct {
		Type string
		OK   bool
	}
	for line := range strings.Lines(out) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if last.Type == "passed" {
			passed++
		}
	}
	if passed != 10 || last.Type != "end" || !last.OK {
		t.Errorf("%d steps passed, and the last line is %+v", passed, last)
	}
}

func TestAnInterruptedDemoExitsWithOne(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"demo", "-plain"}, streams{out: &stdout, err: &stderr})
	if code != exitFailed || !strings.Contains(stdout.String(), "FAILED interrupted in step") {
		t.Errorf("exits with %d:\n%s", code, stdout.String())
	}
}
