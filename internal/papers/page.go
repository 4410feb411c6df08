package papers

import (
	"bytes"
	_ "embed" // for the page's text
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/nekton-go/nekton/internal/chart"
)

// The prose of the page. Tables and charts are put in by name.
//
//go:embed results.md.tmpl
var text string

// A Page is docs/results.md and its pictures.
type Page struct {
	Markdown []byte
	// Images are by file name.
	Images map[string][]byte
}

// Render makes the page from what has been measured.
func Render(d Data) (*Page, error) {
	p := &Page{Images: map[string][]byte{}}
	tables, charts := allTables(), allCharts()
	t, err := template.New("results").Funcs(template.FuncMap{
		"table": func(name string) (string, error) {
			make, ok := tables[name]
			if !ok {
				return "", fmt.Errorf("no table is called %q", name)
			}
			t := make(d)
			return strings.TrimRight(t.Markdown(), "\n"), nil
		},
		"chart": func(name string) (string, error) {
			make, ok := charts[name]
			if !ok {
				return "", fmt.Errorf("no chart is called %q", name)
			}
			figure := make(d)
			image, err := chart.File(figure, 0)
			if err != nil {
				return "", err
			}
			file := "results-" + name + ".svg"
			p.Images[file] = image
			return fmt.Sprintf("![%s](img/%s)", figure.Title, file), nil
		},
		"configurations": d.configurations,
	}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("papers: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, nil); err != nil {
		return nil, fmt.Errorf("papers: %w", err)
	}
	p.Markdown = b.Bytes()
	return p, nil
}

// Write writes the page below docs, and removes pictures that it has no more.
func (p *Page) Write(docs string) error {
	img := filepath.Join(docs, "img")
	if err := os.MkdirAll(img, 0o755); err != nil {
		return fmt.Errorf("papers: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(img, "results-*.svg"))
	if err != nil {
		return fmt.Errorf("papers: %w", err)
	}
	for _, name := range old {
		if _, ok := p.Images[filepath.Base(name)]; ok {
			continue
		}
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("papers: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Images)) {
		if err := os.WriteFile(filepath.Join(img, name), p.Images[name], 0o644); err != nil {
			return fmt.Errorf("papers: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(docs, "results.md"), p.Markdown, 0o644); err != nil {
		return fmt.Errorf("papers: %w", err)
	}
	return nil
}

// configurations lists all setups and what they are.
func (d Data) configurations() string {
	all := map[string]string{}
	for _, f := range d {
		maps.Copy(all, f.Settings)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "- **%s**: %s\n", name, all[name])
	}
	return strings.TrimRight(b.String(), "\n")
}

// allTables are the tables that the page can show, by name.
func allTables() map[string]func(Data) Table {
	all := map[string]func(Data) Table{}
	for _, some := range []map[string]func(Data) Table{
		theoryTables(), swimTables(), lossTables(), lifeguardTables(), rapidTables(), epidemicTables(),
		{"goals": goalsTable, "probing": probingTable},
	} {
		maps.Copy(all, some)
	}
	return all
}

// allCharts are the charts, by name.
func allCharts() map[string]func(Data) chart.Plot {
	all := map[string]func(Data) chart.Plot{}
	for _, some := range []map[string]func(Data) chart.Plot{
		swimCharts(), {"tradeoff": tradeoffChart, "probing": probingChart}, rapidCharts(), epidemicCharts(),
	} {
		maps.Copy(all, some)
	}
	return all
}
