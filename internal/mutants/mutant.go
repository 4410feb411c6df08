package mutants

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Mutant is one deliberate bug.
type Mutant struct {
	// Name is a few words with dashes.
	Name string
	// Sentence says what the code does instead of what it should.
	Sentence string
	// File is its path in the module, with slashes.
	File string
	// Old occurs in it exactly once; New takes its place.
	Old, New string
}

// A PatchError means that the text of a mutant does not occur exactly once in its file:
// the code has changed, and the mutant must follow.
type PatchError struct {
	Mutant, File string
	Found        int
}

// Error says which.
func (e *PatchError) Error() string {
	return fmt.Sprintf("mutant %s: its text occurs %d times in %s, want once: write it anew", e.Mutant, e.Found, e.File)
}

// Apply returns the file as the mutant has it. The error is a *PatchError, or says why
// the file cannot be read. root is the directory of the module.
func (m *Mutant) Apply(root string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.File)))
	if err != nil {
		return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	if n := strings.Count(text, m.Old); n != 1 {
		return nil, &PatchError{m.Name, m.File, n}
	}
	return []byte(strings.Replace(text, m.Old, m.New, 1)), nil
}

// Overlay writes the mutant's file and an overlay for the go command into dir, and
// returns the path of the overlay.
func Overlay(dir, root string, m Mutant) (string, error) {
	changed, err := m.Apply(root)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	replace := map[string]map[string]string{"Replace": {filepath.Join(root, filepath.FromSlash(m.File)): file}}
	b, err := json.Marshal(replace)
	if err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		return "", fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	return overlay, nil
}
