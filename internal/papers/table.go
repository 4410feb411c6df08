package papers

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Table is one of the page. Below it stands where its figures come from.
type Table struct {
	Head []string
	Rows [][]string
	// From are the results that it shows; Where is their experiment. Empty: it is
	// theory alone.
	From  Selection
	Where string
}

// Row adds a row.
func (t *Table) Row(cells ...string) { t.Rows = append(t.Rows, cells) }

// use notes that a selection is shown, and returns it.
func (t *Table) use(s Selection) Selection {
	t.From = append(t.From, s...)
	return s
}

// Markdown is the table, and a line that says which seeds, how many runs and which
// configurations.
func (t *Table) Markdown() string {
	var b strings.Builder
	row := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	row(t.Head)
	rule := make([]string, len(t.Head))
	for i := range rule {
		if rule[i] = "---:"; i == 0 {
			rule[i] = "---"
		}
	}
	row(rule)
	for _, r := range t.Rows {
		row(r)
	}
	if t.Where == "" {
		return b.String()
	}
	var setups []string
	for _, r := range t.From {
		if !slices.Contains(setups, r.Setup) {
			setups = append(setups, r.Setup)
		}
	}
	fmt.Fprintf(&b, "\n<sub>%d runs, seeds %s; configurations: %s, [in full](#configurations); raw: [%s.jsonl](results/%s.jsonl)</sub>\n",
		t.From.Runs(), t.From.Seeds(), strings.Join(setups, "; "), t.Where, t.Where)
	return b.String()
}

// number is a figure with so many decimals, or a dash if there is none.
func number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// digits is a figure with three digits.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100 || v == 0:
		return number(v, 0)
	case a >= 10:
		return number(v, 1)
	case a >= 1:
		return number(v, 2)
	}
	return number(v, 3)
}

// percent is a share of a whole.
func percent(part, whole float64, decimals int) string {
	s := number(100*part/whole, decimals)
	if s == "–" {
		return s
	}
	return s + " %"
}

// slashed joins figures.
func slashed(decimals int, values ...float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = number(v, decimals)
	}
	return strings.Join(parts, " / ")
}
