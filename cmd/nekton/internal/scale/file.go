package scale

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Write writes points as JSON lines.
func Write(w io.Writer, points []*Point) error {
	e := json.NewEncoder(w)
	for _, p := range points {
		if err := e.Encode(p); err != nil {
			return fmt.Errorf("scale: %w", err)
		}
	}
	return nil
}

// Read reads what Write has written.
func Read(r io.Reader) ([]*Point, error) {
	var points []*Point
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		p := new(Point)
		if err := json.Unmarshal(lines.Bytes(), p); err != nil {
			return nil, fmt.Errorf("scale: line %d: %w", n, err)
		}
		points = append(points, p)
	}
	return points, lines.Err()
}
