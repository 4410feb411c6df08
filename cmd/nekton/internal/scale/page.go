package scale

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/internal/chart"
)

// Names of what is written, below the directory of the documentation.
const (
	DataFile = "data/scale.jsonl"
	PageFile = "scale.md"
	imageDir = "img"
)

// ErrMark means that a page has no place for a table.
var ErrMark = errors.New("scale: the page has no such mark")

// WriteDocs writes the data, the charts, and the tables of the page below a directory.
// The rest of the page stays as it is.
func WriteDocs(dir string, points []*Point) error {
	if len(points) == 0 {
		return errors.New("scale: there are no points to write about")
	}
	var data strings.Builder
	if err := Write(&data, points); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, DataFile), []byte(data.String())); err != nil {
		return err
	}
	figures := Figures(points)
	for _, key := range slices.Sorted(maps.Keys(figures)) {
		svg, err := chart.File(figures[key], 0)
		if err != nil {
			return fmt.Errorf("scale: chart %q: %w", key, err)
		}
		if err := write(filepath.Join(dir, imageDir, "scale-"+key+".svg"), svg); err != nil {
			return err
		}
	}
	name := filepath.Join(dir, PageFile)
	page, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	for mark, table := range map[string]string{"measured": Measured(points), "fitted": Fitted(points)} {
		if page, err = replace(page, mark, table); err != nil {
			return err
		}
	}
	return write(name, page)
}

// replace puts text between the two marks of a name.
func replace(page []byte, mark, text string) ([]byte, error) {
	begin, end := "<!-- "+mark+": generated -->\n", "<!-- /"+mark+" -->"
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return nil, fmt.Errorf("%w: %q", ErrMark, mark)
	}
	return []byte(head + begin + "\n" + text + "\n" + end + tail), nil
}

func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	return nil
}
