package laws

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/nekton-go/nekton/swim"
)

// pages are all Markdown files of the project.
func pages(t *testing.T, m *module) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join(m.root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(m.root, name)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(rel)] = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		}
	}
	for _, name := range []string{"docs/protocol.md", "docs/tuning.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		if _, ok := all[name]; !ok {
			t.Fatalf("%s is missing", name)
		}
	}
	return all
}

var (
	fence    = regexp.MustCompile("(?ms)^```.*?^```")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	citation = regexp.MustCompile("`([A-Za-z][A-Za-z0-9_.]*)`\\s\\(([^()]*)\\)")
	quantity = regexp.MustCompile(`^(-?[0-9][0-9,]*(?:\.[0-9]+)?) ?([A-Za-zµ%]*)$`)
)

func TestLinksOfThePagesLeadSomewhere(t *testing.T) {
	m := load(t)
	all := pages(t, m)
	for name, text := range all {
		for _, match := range link.FindAllSubmatch(fence.ReplaceAll(text, nil), -1) {
			target := string(match[1])
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			page := name
			if file != "" {
				page = filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
				if _, err := os.Stat(filepath.Join(m.root, filepath.FromSlash(page))); err != nil {
					t.Errorf("%s links to %s, which does not exist", name, target)
					continue
				}
			}
			if anchor != "" && !hasHeading(all[page], anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", name, target, page)
			}
		}
	}
}

// hasHeading reports whether a page has a heading with an anchor, as GitHub forms it.
func hasHeading(page []byte, anchor string) bool {
	for _, match := range heading.FindAllSubmatch(fence.ReplaceAll(page, nil), -1) {
		var slug strings.Builder
		for _, r := range strings.ToLower(string(match[1])) {
			switch {
			case r == ' ':
				slug.WriteRune('-')
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				slug.WriteRune(r)
			}
		}
		if slug.String() == anchor {
			return true
		}
	}
	return false
}

func TestNumbersInThePagesAreThoseOfTheCode(t *testing.T) {
	m := load(t)
	all := pages(t, m)
	known := m.numbers(t)
	for _, name := range []string{"docs/protocol.md", "docs/tuning.md"} {
		text := fence.ReplaceAllString(string(all[name]), "")
		cited := 0
		for _, c := range citations(text) {
			value, isNumber := parseQuantity(c.value)
			if !isNumber {
				continue
			}
			cited++
			want, ok := known[c.name]
			switch c.column {
			case "WAN":
				want.value = preset(swim.WAN(), c.name, want.value)
			case "Local":
				want.value = preset(swim.Local(), c.name, want.value)
			}
			switch {
			case !ok:
				t.Errorf("%s: no field or constant is called %s", name, c.name)
			case want.ambiguous:
				t.Errorf("%s: several constants are called %s; name the package too", name, c.name)
			case value != want.value:
				t.Errorf("%s: %s is %s (%d) there, and %d in the code", name, c.name, c.value, value, want.value)
			}
		}
		if cited == 0 {
			t.Errorf("%s cites no number", name)
		}
	}
}

func TestEveryDefaultOfTheProtocolIsInTheTuningTable(t *testing.T) {
	m := load(t)
	rows := map[string]int{}
	for _, c := range citations(string(pages(t, m)["docs/tuning.md"])) {
		if c.column == "LAN" {
			rows[c.name]++
		}
	}
	defaults := m.defaults(t)
	for field := range defaults {
		if rows[field] != 1 {
			t.Errorf("docs/tuning.md has %d rows for swim.Config.%s, want 1", rows[field], field)
		}
	}
}

var suspicionTable = regexp.MustCompile(`^n, with α (\d+), β (\d+), period (.*)$`)

func TestSuspicionTimeoutsInThePagesAreThoseOfTheCode(t *testing.T) {
	m := load(t)
	checked := 0
	for _, table := range tables(string(pages(t, m)["docs/tuning.md"])) {
		setting := suspicionTable.FindStringSubmatch(table[0][0])
		if setting == nil {
			continue
		}
		mult, _ := parseQuantity(setting[1])
		maxMult, _ := parseQuantity(setting[2])
		period, ok := parseQuantity(setting[3])
		if !ok {
			t.Fatalf("the period of a table is %q", setting[3])
		}
		for _, row := range table[1:] {
			n, _ := parseQuantity(row[0])
			need := min(m.defaults(t)["SuspicionConfirmations"], n-2)
			for i, head := range table[0] {
				c, isColumn := strings.CutPrefix(head, "C = ")
				if !isColumn {
					continue
				}
				confirmations, ok := parseQuantity(c)
				if !ok {
					t.Fatalf("a column is headed %q", head)
				}
				want := "–"
				if confirmations == 0 || confirmations <= need {
					d := swim.SuspicionTimeout(int(mult), int(maxMult), int(n), time.Duration(period), int(confirmations), int(need))
					want = strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
				}
				if row[i] != want {
					t.Errorf("n = %d, C = %d: %s in the page, %s in the code", n, confirmations, row[i], want)
				}
				checked++
			}
		}
	}
	if checked == 0 {
		t.Error("docs/tuning.md has no table of suspicion timeouts")
	}
}

// A cited is a number in a page, with the name of what it is said to be.
type cited struct {
	name   string
	value  string
	column string // heading of the column, in a table
}

// citations are the numbers of a page, in running text and in tables.
func citations(text string) []cited {
	var all []cited
	for _, match := range citation.FindAllStringSubmatch(text, -1) {
		all = append(all, cited{name: match[1], value: strings.Join(strings.Fields(match[2]), " ")})
	}
	for _, table := range tables(text) {
		if head := table[0][0]; head != "field" && head != "constant" {
			continue
		}
		for i, column := range table[0] {
			switch column {
			case "default", "value", "LAN", "WAN", "Local":
				for _, row := range table[1:] {
					all = append(all, cited{strings.Trim(row[0], "`"), row[i], column})
				}
			}
		}
	}
	return all
}

// tables are the tables of a page: rows of cells, the headings first.
func tables(text string) [][][]string {
	var all [][][]string
	var table [][]string
	for _, line := range append(strings.Split(text, "\n"), "") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(table) > 1 {
				all = append(all, table)
			}
			table = nil
			continue
		}
		var row []string
		for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		if strings.Trim(strings.Join(row, ""), "-:") != "" {
			table = append(table, row)
		}
	}
	return all
}

// parseQuantity reads a number with its unit.
func parseQuantity(text string) (value int64, ok bool) {
	if text == "false" {
		return 0, true
	}
	match := quantity.FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	unit, ok := units[match[2]]
	if !ok {
		return 0, false
	}
	digits := strings.ReplaceAll(match[1], ",", "")
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return n * unit, true
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, false
	}
	return int64(f * float64(unit)), true
}

func TestQuantitiesAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"3": 3, "1,024": 1024, "500 ms": 5e8, "1 s": 1e9, "2.5 s": 25e8, "24 h": 24 * 3600e9, "80 %": 80,
		"1 Mi": 1 << 20, "64 KiB": 1 << 16, "255 B": 255, "false": 0,
	} {
		if got, ok := parseQuantity(text); !ok || got != want {
			t.Errorf("%q is read as %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "three", "K", "see below", "4 parsecs", "n - 2"} {
		if got, ok := parseQuantity(text); ok {
			t.Errorf("%q is read as %d, want no number", text, got)
		}
	}
	if fmt.Sprint(citations("waits `a.B`\n(5\ns), or `c` (later)")) != "[{a.B 5 s } {c later }]" {
		t.Error("citations in running text are not found")
	}
}
