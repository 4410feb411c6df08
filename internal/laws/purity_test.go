package laws

import (
	"go/ast"
	"go/types"
	"slices"
	"testing"
)

// pure are the packages without I/O, clock, chance or concurrency of their own.
// Whatever they do follows from what they are given, so that a run can be repeated,
// and driven on a virtual clock.
func pure() []string {
	return []string{"swim", "swim/wirev1", "swim/wirev2", "swim/bridge", "quorum", "store", "internal/node", "internal/mpack", "internal/gobwire", "sim/scenario"}
}

// impure are packages of the standard library that bring one of these in, with
// everything below them but the exceptions.
func impure() (packages, exceptions []string) {
	return []string{
		"bufio", "C", "context", "crypto/rand", "embed", "expvar", "flag", "io/fs", "io/ioutil", "log", "math/rand",
		"net", "os", "path/filepath", "plugin", "runtime", "sync", "syscall", "testing", "unique", "unsafe", "weak",
	}, []string{"net/netip"}
}

// given are packages that do I/O only with what they are given, by the pure packages
// that are given it.
func given(dir string) []string {
	if dir == "swim/wirev1" {
		return []string{"bufio"} // memberlist's streams tell only those who read them where a message ends
	}
	return nil
}

// clock are the names in package time that read the clock or wait.
func clock() []string {
	return []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Timer", "Ticker"}
}

// output are the functions of package fmt that write to the standard output, or read.
func output() []string {
	return []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"}
}

// eachPure runs a test on every pure package.
func eachPure(t *testing.T, test func(t *testing.T, m *module, s *source)) {
	m := load(t)
	for _, dir := range pure() {
		t.Run(dir, func(t *testing.T) {
			s := m.packages[dir]
			if s == nil || len(s.files) == 0 {
				t.Fatal("there is no such package")
			}
			test(t, m, s)
		})
	}
}

func TestPurePackagesImportNothingThatDoesIO(t *testing.T) {
	packages, exceptions := impure()
	eachPure(t, func(t *testing.T, _ *module, s *source) {
		for _, path := range imports(s.files) {
			if slices.Contains(exceptions, path) || slices.Contains(given(s.dir), path) {
				continue
			}
			for _, p := range packages {
				if within(path, p) {
					t.Errorf("imports %s", path)
				}
			}
		}
	})
}

func TestPurePackagesReadNoClock(t *testing.T) {
	eachPure(t, func(t *testing.T, m *module, s *source) {
		eachSelector(s, func(sel *ast.SelectorExpr, path string) {
			if path == "time" && slices.Contains(clock(), sel.Sel.Name) {
				t.Errorf("%s: time.%s; the time is an argument", m.at(sel), sel.Sel.Name)
			}
		})
	})
}

func TestPurePackagesPrintNothing(t *testing.T) {
	eachPure(t, func(t *testing.T, m *module, s *source) {
		eachSelector(s, func(sel *ast.SelectorExpr, path string) {
			if path == "fmt" && slices.Contains(output(), sel.Sel.Name) {
				t.Errorf("%s: fmt.%s", m.at(sel), sel.Sel.Name)
			}
		})
		for id, used := range s.info.Uses {
			if b, ok := used.(*types.Builtin); ok && (b.Name() == "print" || b.Name() == "println") {
				t.Errorf("%s: %s", m.at(id), b.Name())
			}
		}
	})
}

func TestPurePackagesStartNothingAndWaitForNothing(t *testing.T) {
	eachPure(t, func(t *testing.T, m *module, s *source) {
		for _, file := range s.files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s: starts a goroutine", m.at(n))
				case *ast.ChanType, *ast.SelectStmt, *ast.SendStmt:
					t.Errorf("%s: uses a channel", m.at(n))
				}
				return true
			})
		}
	})
}

// eachSelector calls visit for every use of another package's name.
func eachSelector(s *source, visit func(sel *ast.SelectorExpr, path string)) {
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if path := s.packageOf(sel); path != "" {
					visit(sel, path)
				}
			}
			return true
		})
	}
}
