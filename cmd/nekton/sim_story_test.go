package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// storyFile writes a story.
func storyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "story.txt")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSimRunPlaysAStoryAndExitsWithHowItEnded(t *testing.T) {
	for _, test := range []struct {
		name, story string
		code        int
		out, err    string
	}{
		{"a story that ends well", "# It ends well.\ncluster a b c\ncrash c\nuntil 60s agreed\nexpect a: c dead\n", exitOK, "✓ all 2 expectations hold", ""},
		{"an expectation that does not hold", "cluster a b\nexpect a: b dead\n", exitFailed, "NOT AS EXPECTED: a: b dead: for a, b is alive", ""},
		{"a command that is not there", "cluster a b\nexplode a\n", exitUsage, `story.txt:2: no command "explode"`, ""},
		{"a file that is no story", "# nothing\n", exitUsage, "", "no command in it"},
	} {
		code, out, stderr := command(t, "sim", "run", storyFile(t, test.story))
		if code != test.code || !strings.Contains(out, test.out) || !strings.Contains(stderr, test.err) {
			t.Errorf("%s: exits with %d, and says\n%s\n%s\nwant %d, %q, %q", test.name, code, out, stderr, test.code, test.out, test.err)
		}
	}
	if code, _, stderr := command(t, "sim", "run", "no-such-file"); code != exitFailed || !strings.Contains(stderr, "no-such-file") {
		t.Errorf("a missing file: %d, %q", code, stderr)
	}
	if code, _, stderr := command(t, "sim", "run"); code != exitUsage || !strings.Contains(stderr, "name the file of a story") {
		t.Errorf("no file: %d, %q", code, stderr)
	}
}

func TestSimReplayListsTheGalleryAndPlaysFromIt(t *testing.T) {
	code, out, _ := command(t, "sim", "replay")
	if code != exitOK || !strings.Contains(out, "memberlist-157 ") || strings.Count(out, "\n") < 20 {
		t.Fatalf("the list: %d\n%s", code, out)
	}
	code, out, _ = command(t, "sim", "replay", "memberlist-157")
	for _, want := range []string{"hashicorp/memberlist #157", "with memberlist\n", "with nekton\n", "✓ with nekton expect took under 2s"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exits with %d; no %q in\n%s", code, want, out)
		}
	}
	if code, _, stderr := command(t, "sim", "replay", "memberlist-0"); code != exitUsage || !strings.Contains(stderr, `no story "memberlist-0"`) {
		t.Errorf("an unknown story: %d, %q", code, stderr)
	}
	if code, _, stderr := command(t, "sim", "replay", "memberlist-157", "-nodes", "9"); code != exitUsage || !strings.Contains(stderr, "one size only") {
		t.Errorf("a size for a story without: %d, %q", code, stderr)
	}
	if code, out, _ := command(t, "sim", "replay", "memberlist-222", "-nodes", "6", "-only", "nekton"); code != exitOK || !strings.Contains(out, "n0..n5 list 6: n0..n5") {
		t.Errorf("six nodes, one contender: %d\n%s", code, out)
	}
}

func TestSimRunTellsEverythingInATraceAndObjectsForPrograms(t *testing.T) {
	path := storyFile(t, "cluster a b\ntell nothing\ncrash b\nuntil 60s agreed\n")
	code, out, _ := command(t, "sim", "run", "-trace", path)
	for _, want := range []string{"a -x b  ping", "a => b  stream-ping, refused", "b suspected, says a"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exits with %d; no %q in\n%s", code, want, out)
		}
	}
	code, out, _ = command(t, "sim", "run", "-json", path)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) < 3 {
		t.Fatalf("exits with %d\n%s", code, out)
	}
	for _, line := range lines {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil || o["type"] == nil {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func TestTheStoryInTheBookIsWhatComesOfIt(t *testing.T) {
	b, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(b), "\r\n", "\n")
	_, rest, ok := strings.Cut(page, "$ cat crash.txt\n")
	story, rest, ok2 := strings.Cut(rest, "\n$ nekton sim run crash.txt\n")
	shown, _, ok3 := strings.Cut(rest, "```")
	if !ok || !ok2 || !ok3 {
		t.Fatal("the page has no story")
	}
	path := filepath.Join(t.TempDir(), "crash.txt")
	if err := os.WriteFile(path, []byte(story), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := command(t, "sim", "run", path); code != exitOK || out != shown {
		t.Errorf("docs/simulator.md shows\n%s\nand what comes of it is, with exit status %d,\n%s", shown, code, out)
	}
}
