package papers

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A File is the results of one experiment, as they are kept: JSON lines, first the
// setups, then the results, in a fixed order.
type File struct {
	// Settings is the configuration of each setup, in words.
	Settings map[string]string
	Results  []Result
}

// ReadFile reads the results of an experiment below dir. A file that is not there has
// none.
func ReadFile(dir, experiment string) (File, error) {
	f := File{Settings: map[string]string{}}
	b, err := os.ReadFile(path(dir, experiment))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("papers: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, len(b)+1)
	for lines.Scan() {
		var head struct {
			Setup    string `json:"setup"`
			Settings string `json:"settings"`
		}
		var r Result
		if err := errors.Join(json.Unmarshal(lines.Bytes(), &head), json.Unmarshal(lines.Bytes(), &r)); err != nil {
			return f, fmt.Errorf("papers: results of %s: %w", experiment, err)
		}
		if r.Values == nil {
			f.Settings[head.Setup] = head.Settings
		} else {
			f.Results = append(f.Results, r)
		}
	}
	return f, nil
}

func path(dir, experiment string) string { return filepath.Join(dir, experiment+".jsonl") }

// Merge takes in new results, each in the place of one of the same setup and point.
func (f *File) Merge(tasks []Task, results []Result) {
	for _, t := range tasks {
		f.Settings[t.Setup.Name] = t.Setup.Settings()
	}
	for _, r := range results {
		f.Results = slices.DeleteFunc(f.Results, func(o Result) bool {
			return o.Setup == r.Setup && o.Point.compare(r.Point) == 0
		})
		f.Results = append(f.Results, r)
	}
	slices.SortFunc(f.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Setup, b.Setup), a.Point.compare(b.Point))
	})
}

// WriteFile keeps the results of an experiment below dir.
func (f *File) WriteFile(dir, experiment string) error {
	var b bytes.Buffer
	names := make([]string, 0, len(f.Settings))
	for name := range f.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	for _, name := range names {
		if err := out.Encode(map[string]string{"setup": name, "settings": f.Settings[name]}); err != nil {
			return fmt.Errorf("papers: %w", err)
		}
	}
	for _, r := range f.Results {
		if err := out.Encode(r); err != nil {
			return fmt.Errorf("papers: results of %s: %w", experiment, err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("papers: %w", err)
	}
	if err := os.WriteFile(path(dir, experiment), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("papers: %w", err)
	}
	return nil
}
