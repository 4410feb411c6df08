package storyview

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/sim/scenario"
)

const story = `# Two kinds of patience. The second is shorter.
contender patient mult=8
contender hasty mult=2
cluster a b c
----

# c goes.
# It does not come back.
tell briefly only=(failed)
crash c
run 60s
expect a+b: c dead
with hasty show deaths
----
`

// play shows the story in a view.
func play(t *testing.T, width int, style Style) string {
	t.Helper()
	s, err := scenario.Parse("patience.txt", story)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	v := NewText(&out, style, width)
	v.Open(s)
	err = s.Play(scenario.Options{}, v.Block)
	v.Close(1, err)
	return out.String()
}

func TestPlainTextTellsContendersOneAfterTheOther(t *testing.T) {
	got := play(t, 0, Style{})
	want := regexp.MustCompile(`^patience

  Two kinds of patience. The second is shorter.

▸ contender patient mult=8
▸ contender hasty mult=2
▸ cluster a b c

  c goes.
  It does not come back.
▸ tell briefly only=\(failed\)
▸ crash c
▸ run 60s
  with patient
     [ 0-9.]+  c failed at .*
  with hasty
     [ 0-9.]+  c failed at .*
✓ expect a\+b: c dead
▸ with hasty show deaths
  with hasty
    deaths 2

✓ all 1 expectations hold
$`)
	if !want.MatchString(got) {
		t.Errorf("got\n%s", got)
	}
}

func TestAWideTerminalShowsContendersSideBySide(t *testing.T) {
	got := play(t, 120, Style{})
	if !regexp.MustCompile(`(?m)^  with patient +with hasty *$`).MatchString(got) {
		t.Errorf("got\n%s", got)
	}
	for _, line := range strings.Split(got, "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
}

func TestAFailedExpectationIsMarked(t *testing.T) {
	s, err := scenario.Parse("x.txt", "cluster a b\nexpect a: b dead\n")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	v := NewText(&out, Style{}, 0)
	err = s.Play(scenario.Options{}, v.Block)
	v.Close(0, err)
	for _, want := range []string{"✗ expect a: b dead\n", "NOT AS EXPECTED: a: b dead: for a, b is alive\n", "✗ x.txt:2: expect a: b dead: for a, b is alive\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestEveryLineOfJSONSaysWhatItIs(t *testing.T) {
	s, err := scenario.Parse("patience.txt", story)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	v := NewJSON(&out)
	v.Open(s)
	err = s.Play(scenario.Options{Stream: func(c string, told scenario.Told) { v.Told(c, told) }}, func(scenario.Result) {})
	v.Command(s.Line(3))
	v.Close(1, errors.Join(err))
	types := map[string]int{}
	dec := json.NewDecoder(strings.NewReader(out.String()))
	for dec.More() {
		var o object
		if err := dec.Decode(&o); err != nil {
			t.Fatal(err)
		}
		types[o.Type]++
		if o.Type == "told" && (o.Kind == "" || o.Text == "" || o.Line == 0 || o.Contender == "") {
			t.Errorf("%+v", o)
		}
	}
	if types["story"] != 1 || types["told"] < 4 || types["command"] != 1 || types["end"] != 1 {
		t.Errorf("%v", types)
	}
}
