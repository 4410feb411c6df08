package chart_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/internal/chart"
)

var rewrite = flag.Bool("rewrite", false, "write the figures of testdata anew; look at them before committing")

// A figure that looks different is a diff here. To see one, open the file.
func TestFiguresLookAsReviewed(t *testing.T) {
	all := gallery()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, size := range []struct {
			suffix string
			width  int
		}{{"", 0}, {"-narrow", 380}} {
			file := filepath.Join("testdata", name+size.suffix+".svg")
			t.Run(name+size.suffix, func(t *testing.T) {
				got, err := chart.File(all[name], size.width)
				if err != nil {
					t.Fatal(err)
				}
				if *rewrite {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
				if !bytes.Equal(got, want) {
					t.Errorf("differs from %s near %q; run with -rewrite and look at it", file, difference(string(got), string(want)))
				}
			})
		}
	}
}

// difference is where got first differs from want.
func difference(got, want string) string {
	n := 0
	for n < min(len(got), len(want)) && got[n] == want[n] {
		n++
	}
	from := max(0, n-60)
	return strings.ToValidUTF8(got[from:min(len(got), n+60)], "?")
}
