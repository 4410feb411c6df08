package scenario_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/nekton-go/nekton/sim/scenario"
)

func TestDatadrivenReadsTheSameFromAllStories(t *testing.T) {
	for _, path := range storyFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		story, err := scenario.Parse(path, string(text))
		if err != nil {
			t.Fatal(err)
		}
		blocks := story.Blocks
		datadriven.RunTestFromString(t, string(text), func(t *testing.T, d *datadriven.TestData) string {
			if len(blocks) == 0 {
				t.Fatalf("%s: one more block at %s", path, d.Pos)
			}
			b := blocks[0]
			blocks = blocks[1:]
			var commands []string
			for _, l := range b.Lines {
				if !l.Comment {
					commands = append(commands, l.Text)
				}
			}
			if first, _, _ := strings.Cut(commands[0], " "); d.Cmd != first {
				t.Errorf("%s: %s: the command is %q, not %q", path, d.Pos, d.Cmd, first)
			}
			if input := strings.Join(commands[1:], "\n"); d.Input != input {
				t.Errorf("%s: %s: then follow\n%s\nnot\n%s", path, d.Pos, d.Input, input)
			}
			if expected := strings.Join(b.Expected, "\n") + "\n"; d.Expected != expected {
				t.Errorf("%s: %s: expected is\n%s\nnot\n%s", path, d.Pos, d.Expected, expected)
			}
			return d.Expected
		})
		if len(blocks) > 0 {
			t.Errorf("%s: datadriven does not see the last %d blocks", path, len(blocks))
		}
	}
}

// storyFiles are the stories of this package.
func storyFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"testdata/*.txt", "testdata/memberlist/*.txt"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no stories %s: %v", pattern, err)
		}
		all = append(all, paths...)
	}
	return all
}

func TestAStoryHasAHeadBlocksAndNarration(t *testing.T) {
	const text = `# How a and b meet. It is short.
#   a ── b
cluster a b
run 1s   # a comment of no importance
----
ok

# Then b goes.
crash b
----
one
two

# That was all.
`
	s, err := scenario.Parse("meeting.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	if s.Title() != "How a and b meet." || len(s.Head) != 2 || s.Head[1] != "  a ── b" {
		t.Errorf("title %q, head %q", s.Title(), s.Head)
	}
	if len(s.Blocks) != 2 || len(s.Blocks[0].Lines) != 2 || !slices.Equal(s.Blocks[1].Expected, []string{"one", "two"}) {
		t.Fatalf("blocks %+v", s.Blocks)
	}
	if l := s.Blocks[1].Lines; !l[0].Comment || l[0].Text != "Then b goes." || l[1].Text != "crash b" || l[1].Number != 9 {
		t.Errorf("lines %+v", l)
	}
	if got := s.Format([][]string{{"ok"}, {"one", "two"}}); got != text {
		t.Errorf("written again it is\n%s", got)
	}
}

func TestMistakesAreReportedWithTheirLine(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		line int
		says string
	}{
		"an empty file":                      {"# nothing\n", 1, "no command"},
		"a separator without a command":      {"# a\n----\nok\n", 2, "without a command"},
		"an unknown command":                 {"cluster a b\n\nexplode a\n", 3, `no command "explode"`},
		"a command before the cluster":       {"run 1s\n", 1, "no cluster yet"},
		"a node that is not there":           {"cluster a b\ncrash c\n", 2, `no node "c"`},
		"a setting that is not there":        {"cluster a b colour=red\n", 1, "no such setting"},
		"a setting that the command ignores": {"cluster a b\ncrash a now=yes\n", 2, `no setting "now"`},
		"a word too few":                     {"cluster a b\npublish\n", 2, "want: publish"},
		"a bad time":                         {"cluster a b\nrun soon\n", 2, "invalid duration"},
		"a bad range":                        {"cluster a b\ncrash a..b\n", 2, "no range"},
		"a bad cut":                          {"cluster a b\ncut a-b\n", 2, "want A->B"},
		"a bad condition":                    {"cluster a b\nexpect a: b tired\n", 2, "no state and no status"},
		"an unknown metric":                  {"cluster a b\nexpect joy over 3\n", 2, `no metric "joy"`},
		"a peak that nobody watches":         {"cluster a b\nshow queue-peak\n", 2, "mark"},
		"an unknown parameter":               {"cluster nodes=$nodes\n", 1, "no parameter $nodes"},
		"an unknown contender":               {"contender a\ncluster x y\nwith b run 1s\n", 3, `no contender "b"`},
		"a late contender":                   {"cluster x y\ncontender a\n", 2, "before anything else"},
		"unknown rules":                      {"cluster a b rules=chess\n", 1, "memberlist"},
		"an open parenthesis":                {"cluster a b\nrestart a seeds=(b\n", 2, "not closed"},
		"an event that is not there":         {"cluster a b\ntell events only=(sung)\n", 2, "no kind of event"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scenario.Parse("story.txt", tt.text)
			if err == nil {
				err = s.Play(scenario.Options{}, func(scenario.Result) {})
			}
			var syntax *scenario.SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != tt.line || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v; want line %d, and %q", err, tt.line, tt.says)
			}
		})
	}
}
