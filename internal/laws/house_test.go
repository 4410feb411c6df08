package laws

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageIsDocumentedInDocGo(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		if len(s.files) == 0 {
			continue
		}
		name, file := s.files[0].Name.Name, "doc.go"
		start := "Package " + name + " "
		if name == "main" {
			// The comment of a command is read where the command begins.
			file, start = "main.go", ""
		}
		documented := false
		for _, f := range s.files {
			base := filepath.Base(m.fset.Position(f.Package).Filename)
			if f.Doc == nil {
				continue
			}
			if base != file && base != "doc.go" {
				t.Errorf("%s: a package comment outside %s", m.at(f.Doc), file)
			}
			documented = documented || strings.HasPrefix(f.Doc.Text(), start)
		}
		if !documented {
			t.Errorf("%s has no comment in %s that begins %q", s.name(), file, start)
		}
	}
}

func TestEverythingExportedIsDocumented(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		for _, f := range s.files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() && d.Doc == nil && receiverIsExported(d) && !wellKnown(d) {
						t.Errorf("%s: %s has no comment", m.at(d), d.Name.Name)
					}
				case *ast.GenDecl:
					checkSpecs(t, m, d)
				}
			}
		}
	}
}

// checkSpecs wants a comment for each exported type. For constants and variables
// one may serve the group, or those of a group that follow it.
func checkSpecs(t *testing.T, m *module, d *ast.GenDecl) {
	said := d.Doc != nil
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && (d.Doc == nil || len(d.Specs) > 1) {
				t.Errorf("%s: type %s has no comment", m.at(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			said = said || spec.Doc != nil
			if spec.Names[0].IsExported() && !said && spec.Comment == nil {
				t.Errorf("%s: %s has no comment", m.at(spec), spec.Names[0].Name)
			}
		}
	}
}

// wellKnown reports whether a method does what everybody knows from its name.
func wellKnown(fn *ast.FuncDecl) bool {
	return fn.Recv != nil && slices.Contains([]string{"Error", "String", "Unwrap", "Is"}, fn.Name.Name)
}

// receiverIsExported reports whether a function can be seen from outside.
func receiverIsExported(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	e := fn.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func TestNoFileIsForLeftovers(t *testing.T) {
	leftovers := []string{"util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff"}
	m := load(t)
	for _, s := range m.sorted() {
		if slices.Contains(leftovers, filepath.Base(s.dir)) {
			t.Errorf("package %s is named after nothing in particular", s.dir)
		}
		for _, f := range s.all() {
			name := filepath.Base(m.fset.Position(f.Package).Filename)
			stem := strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test")
			if slices.Contains(leftovers, stem) {
				t.Errorf("%s is named after nothing in particular", m.at(f))
			}
		}
	}
}

func TestNothingHappensWhenAPackageIsLinked(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		for _, f := range s.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: an init function", m.at(fn))
				}
			}
		}
	}
}

func TestNothingIsLeftForLater(t *testing.T) {
	later := regexp.MustCompile(`\b(` + strings.Join([]string{"TO" + "DO", "FIX" + "ME", "XXX", "HACK"}, "|") + `)\b`)
	m := load(t)
	for _, s := range m.sorted() {
		for _, f := range s.all() {
			for _, group := range f.Comments {
				for _, c := range group.List {
					if word := later.FindString(c.Text); word != "" {
						t.Errorf("%s: %s: do it, or describe it in an issue", m.at(c), word)
					}
				}
			}
		}
	}
}

// Inside a bubble of testing/synctest, sleeping is how virtual time passes; files
// that use it are left alone.
func TestTestsDoNotSleepOnTheRealClock(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		for _, f := range s.tests {
			if slices.Contains(imports([]*ast.File{f}), "testing/synctest") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
					if id, ok := sel.X.(*ast.Ident); ok && id.Name == "time" {
						t.Errorf("%s: sleeps; poll with a deadline instead", m.at(sel))
					}
				}
				return true
			})
		}
	}
}
