package laws

import (
	"errors"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const modulePath = "github.com/nekton-go/nekton"

// A module is the parsed source of everything that belongs to the main module.
type module struct {
	root     string
	fset     *token.FileSet
	packages map[string]*source // by directory below root, "" for the root
}

// A source is one package: its production files, checked, and its tests, parsed.
type source struct {
	dir   string
	files []*ast.File
	tests []*ast.File
	types *types.Package
	info  types.Info
}

// load returns the module, which is read once for all tests. Nobody changes it.
func load(t *testing.T) *module {
	t.Helper()
	m, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var loadOnce = sync.OnceValues(parseModule)

// parseModule reads the module around the working directory. Directories that the go
// command ignores are skipped, and so are modules inside the module.
func parseModule() (*module, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	m := &module{root: root, fset: token.NewFileSet(), packages: map[string]*source{}}
	err = filepath.WalkDir(m.root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != m.root && ignored(name, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(m.fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(m.root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		if dir == "." {
			dir = ""
		}
		s := m.packages[dir]
		if s == nil {
			s = &source{dir: dir}
			m.packages[dir] = s
		}
		if strings.HasSuffix(name, "_test.go") {
			s.tests = append(s.tests, file)
		} else {
			s.files = append(s.files, file)
		}
		return nil
	})
	for dir := range m.packages {
		m.check(dir)
	}
	return m, err
}

func ignored(dir, base string) bool {
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no go.mod above the working directory")
		}
	}
	return "", err
}

// check type-checks a package and those it imports. What is wrong with it is the
// compiler's business: files for different platforms contradict each other, and
// most of the standard library is missing.
func (m *module) check(dir string) *types.Package {
	s := m.packages[dir]
	if s.types != nil {
		return s.types
	}
	s.info = types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Defs:  map[*ast.Ident]types.Object{},
		Uses:  map[*ast.Ident]types.Object{},
	}
	conf := types.Config{Importer: importer{m}, Error: func(error) {}}
	s.types, _ = conf.Check(path.Join(modulePath, dir), m.fset, s.files, &s.info)
	return s.types
}

// importer finds the packages of the module, an outline of time, and nothing of
// anything else.
type importer struct{ module *module }

var versionSuffix = regexp.MustCompile(`^v[0-9]+$`)

func (im importer) Import(name string) (*types.Package, error) {
	if dir, ok := ownDir(name); ok && im.module.packages[dir] != nil {
		return im.module.check(dir), nil
	}
	base := path.Base(name)
	if versionSuffix.MatchString(base) {
		base = path.Base(path.Dir(name))
	}
	p := types.NewPackage(name, base)
	if name == "time" {
		duration := types.NewNamed(types.NewTypeName(0, p, "Duration", nil), types.Typ[types.Int64], nil)
		p.Scope().Insert(duration.Obj())
		for unit, ns := range units {
			if unit := timeConstants[unit]; unit != "" {
				p.Scope().Insert(types.NewConst(0, p, unit, duration, constant.MakeInt64(ns)))
			}
		}
	}
	p.MarkComplete()
	return p, nil
}

var timeConstants = map[string]string{
	"ns": "Nanosecond", "µs": "Microsecond", "ms": "Millisecond", "s": "Second", "min": "Minute", "h": "Hour",
}

// ownDir is the directory of an import path within the module.
func ownDir(importPath string) (dir string, own bool) {
	if importPath == modulePath {
		return "", true
	}
	return strings.CutPrefix(importPath, modulePath+"/")
}

// name is how messages call a package.
func (s *source) name() string {
	if s.dir == "" {
		return "the root package"
	}
	return s.dir
}

// all are the production files and the tests.
func (s *source) all() []*ast.File { return slices.Concat(s.files, s.tests) }

// imports are the paths that files import, sorted, each once.
func imports(files []*ast.File) []string {
	var all []string
	for _, file := range files {
		for _, spec := range file.Imports {
			all = append(all, strings.Trim(spec.Path.Value, `"`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sorted returns all packages in the order of their directories.
func (m *module) sorted() []*source {
	var all []*source
	for _, s := range m.packages {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *source) int { return strings.Compare(a.dir, b.dir) })
	return all
}

// at is the position of a node, relative to the module.
func (m *module) at(n ast.Node) string {
	p := m.fset.Position(n.Pos())
	if rel, err := filepath.Rel(m.root, p.Filename); err == nil {
		p.Filename = filepath.ToSlash(rel)
	}
	return p.String()
}

// packageOf is the import path behind the x of x.Sel, "" if x is no package.
func (s *source) packageOf(sel *ast.SelectorExpr) string {
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := s.info.Uses[id].(*types.PkgName); ok {
			return p.Imported().Path()
		}
	}
	return ""
}
