package main

import (
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func TestTheReadmeShowsTheExampleThatIsRun(t *testing.T) {
	_, text, _ := strings.Cut(read(t, "../../README.md"), "```go\n")
	shown, _, ok := strings.Cut(text, "\n```")
	if !ok || !strings.Contains(shown, "func Example() {") {
		t.Fatalf("the README has no example in Go, but %q", shown)
	}
	if !strings.Contains(read(t, "../../example_test.go"), shown+"\n") {
		t.Errorf("the README's example is not the one in example_test.go:\n%s", shown)
	}
}

func TestTheReadmeShowsTheDemoAsItIs(t *testing.T) {
	code, out, _ := command(t, quickly...)
	if code != exitOK {
		t.Fatal(out)
	}
	readme := read(t, "../../README.md")
	// What does not depend on chance: the words, not the times.
	for _, words := range []string{"step 3 of 10 · detect: kill ", " is killed: its sockets close without a word", "→ first suspicion: ", "→ detection: ", "own status            health  load   reads", "All 10 steps were observed"} {
		if !strings.Contains(out, words) || !strings.Contains(readme, words) {
			t.Errorf("%q is printed: %v, is in the README: %v", words, strings.Contains(out, words), strings.Contains(readme, words))
		}
	}
}
