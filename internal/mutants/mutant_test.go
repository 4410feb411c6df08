package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

func TestEveryMutantStillHasItsPlaceInTheCode(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range All() {
		if seen[m.Name] || m.Name == "" || !strings.HasSuffix(m.Sentence, ".") {
			t.Errorf("mutant %q: %q", m.Name, m.Sentence)
		}
		seen[m.Name] = true
		b, err := m.Apply(root)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.File, b, 0); err != nil {
			t.Errorf("mutant %s is no Go: %v", m.Name, err)
		}
	}
	if len(seen) < 20 {
		t.Errorf("there are %d mutants", len(seen))
	}
}

func TestAMutantWhoseTextIsGoneFailsLoudly(t *testing.T) {
	m := All()[0]
	m.Old = "this does not occur"
	var patch *PatchError
	if _, err := m.Apply(root); !errors.As(err, &patch) || patch.Found != 0 {
		t.Errorf("%v", err)
	}
	m.Old = "\n"
	if _, err := m.Apply(root); !errors.As(err, &patch) || patch.Found < 2 {
		t.Errorf("%v", err)
	}
}

func TestAnOverlayReplacesOneFile(t *testing.T) {
	dir, m := t.TempDir(), All()[0]
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Overlay(dir, abs, m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Replace map[string]string }
	if err := json.Unmarshal(b, &o); err != nil || len(o.Replace) != 1 {
		t.Fatalf("%s: %v", b, err)
	}
	for original, file := range o.Replace {
		was, err1 := os.ReadFile(original)
		is, err2 := os.ReadFile(file)
		if err1 != nil || err2 != nil || bytes.Equal(was, is) || !bytes.Contains(is, []byte(m.New)) {
			t.Errorf("%s: %v %v", original, err1, err2)
		}
	}
}
