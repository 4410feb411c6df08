package scenario_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/sim/scenario"
)

// The files of testdata are stories, with what came of them. When that changes on
// purpose, rewrite them, and review the difference like code:
//
//	go test ./sim/scenario -rewrite
//
// The flag is datadriven's.
func TestStories(t *testing.T) {
	rewrite := flag.Lookup("rewrite").Value.String() == "true"
	for _, path := range storyFiles(t) {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(path), "testdata/"), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tellAgain(t, path, rewrite)
		})
	}
}

// tellAgain plays a story and compares what comes of it with the file.
func tellAgain(t *testing.T, path string, rewrite bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	story, err := scenario.Parse(filepath.Base(path), string(text))
	if err != nil {
		t.Fatal(err)
	}
	var outputs [][]string
	err = story.Play(scenario.Options{}, func(r scenario.Result) {
		lines := r.Lines()
		if !rewrite && !slices.Equal(lines, r.Block.Expected) {
			t.Errorf("%s:%d: %s\ncame of it:\n%s\nexpected:\n%s", path, r.Block.Lines[0].Number, r.Block.Lines[0].Text,
				strings.Join(lines, "\n"), strings.Join(r.Block.Expected, "\n"))
		}
		outputs = append(outputs, lines)
	})
	if err != nil {
		t.Error(err)
	}
	if rewrite && len(outputs) == len(story.Blocks) {
		if err := os.WriteFile(path, []byte(story.Format(outputs)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
