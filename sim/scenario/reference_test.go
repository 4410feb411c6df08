package scenario

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestEveryCommandIsInTheBookAsItIsUsed(t *testing.T) {
	b, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(b), `\|`, "|")
	for name, v := range verbs() {
		if !strings.Contains(page, "`"+v.usage+"`") {
			t.Errorf("docs/simulator.md does not say `%s` of %s", v.usage, name)
		}
	}
	for _, kind := range kinds() {
		if !strings.Contains(page, "`"+kind+"`") {
			t.Errorf("docs/simulator.md does not name the kind %s", kind)
		}
	}
	for short := range shortNames() {
		if !strings.Contains(page, "`"+short+"`") {
			t.Errorf("docs/simulator.md does not name the setting %s", short)
		}
	}
	for rules := range presets() {
		if !strings.Contains(page, "`"+rules+"`") {
			t.Errorf("docs/simulator.md does not name the rules %s", rules)
		}
	}
}

func TestEveryCommandIsPlayedByAStory(t *testing.T) {
	played := map[string]bool{}
	for _, dir := range []string{"testdata", "../gallery"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".txt") {
				continue
			}
			text, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(e.Name(), string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range s.Blocks {
				for _, l := range b.Lines {
					if words := strings.Fields(l.Text); !l.Comment && words[0] == "with" {
						played[words[2]] = true
					} else if !l.Comment {
						played[words[0]] = true
					}
				}
			}
		}
	}
	var missing []string
	for name := range verbs() {
		if !played[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("no story plays %s", strings.Join(missing, ", "))
	}
}
