package laws

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// The table of rules in docs/tuning.md says which preset has which. It is compared
// with the presets.
func TestTheTableOfRulesIsThatOfThePresets(t *testing.T) {
	presets := []swim.Rules{
		swim.Prototype2002().Rules, swim.PaperSWIM().Rules,
		swim.PaperLifeguard(swim.FullLifeguard).Rules, swim.Memberlist().Rules,
	}
	rows := map[string]int{}
	for _, table := range tables(string(pages(t, load(t))["docs/tuning.md"])) {
		if table[0][0] != "rule" {
			continue
		}
		for _, row := range table[1:] {
			name := strings.Trim(row[0], "`")
			rows[name]++
			for i, rules := range presets {
				field := reflect.ValueOf(rules).FieldByName(name)
				if !field.IsValid() {
					t.Errorf("docs/tuning.md: there is no rule %s", name)
					break
				}
				if said := row[3+i] != ""; said != field.Bool() {
					t.Errorf("docs/tuning.md: column %s says %v of %s, the code %v", table[0][3+i], said, name, field.Bool())
				}
			}
		}
	}
	all := reflect.TypeFor[swim.Rules]()
	for i := range all.NumField() {
		if name := all.Field(i).Name; rows[name] != 1 {
			t.Errorf("docs/tuning.md has %d rows for the rule %s, want 1", rows[name], name)
		}
	}
}
