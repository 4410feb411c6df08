package laws

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// A package-level variable is an error, a table, an embedded file or directory, or the
// proof that a type has an interface. Anything else is state that two nodes in one
// process would share.
func TestPackageLevelVariablesAreErrorsAndTables(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		for _, f := range s.files {
			for _, d := range f.Decls {
				decl, ok := d.(*ast.GenDecl)
				if !ok || decl.Tok != token.VAR {
					continue
				}
				for _, spec := range decl.Specs {
					spec := spec.(*ast.ValueSpec)
					if s.embedded(decl, spec) {
						continue
					}
					for i, name := range spec.Names {
						if name.Name != "_" && (i >= len(spec.Values) || !s.constantLike(spec.Values[i])) {
							t.Errorf("%s: variable %s is neither an error nor a table", m.at(name), name.Name)
						}
					}
				}
			}
		}
	}
}

// embedded reports whether a variable is the text of a file, or a directory, which the compiler puts
// there. The compiler wants it to be a variable of a package.
func (s *source) embedded(decl *ast.GenDecl, spec *ast.ValueSpec) bool {
	doc := spec.Doc
	if doc == nil {
		doc = decl.Doc
	}
	if doc == nil || len(spec.Values) != 0 {
		return false
	}
	t := s.info.TypeOf(spec.Type)
	readOnly := t != nil && types.Identical(t, types.Typ[types.String])
	if sel, ok := spec.Type.(*ast.SelectorExpr); ok {
		readOnly = s.packageOf(sel)+"."+sel.Sel.Name == "embed.FS"
	}
	return readOnly && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// constantLike reports whether a value is what a constant would be, if Go had
// constants of its type.
func (s *source) constantLike(value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.CompositeLit:
		switch v.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			return true
		}
		return s.ofBasics(v)
	case *ast.CallExpr:
		fun := v.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		sel, ok := fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		switch s.packageOf(sel) + "." + sel.Sel.Name {
		case "reflect.TypeFor", "reflect.TypeOf", "errors.New", "fmt.Errorf", "regexp.MustCompile", "net/netip.MustParseAddr", "net/netip.MustParsePrefix":
			return true
		}
	}
	return false
}

// ofBasics reports whether an expression is a struct of numbers, texts, truths and
// functions.
func (s *source) ofBasics(e ast.Expr) bool {
	t := s.info.TypeOf(e)
	if t == nil {
		return false
	}
	record, ok := t.Underlying().(*types.Struct)
	for i := 0; ok && i < record.NumFields(); i++ {
		switch field := record.Field(i).Type().Underlying().(type) {
		case *types.Basic:
			ok = field.Kind() != types.Invalid
		case *types.Signature:
		default:
			ok = false
		}
	}
	return ok
}

func TestNobodyWritesToAPackageLevelVariable(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		written := func(e ast.Expr) {
			if v := s.globalIn(e); v != "" {
				t.Errorf("%s: writes to %s", m.at(e), v)
			}
		}
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					if n.Tok != token.DEFINE {
						for _, lhs := range n.Lhs {
							written(lhs)
						}
					}
				case *ast.IncDecStmt:
					written(n.X)
				case *ast.RangeStmt:
					if n.Tok == token.ASSIGN {
						written(n.Key)
						if n.Value != nil {
							written(n.Value)
						}
					}
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						written(n.X) // its address lets others write
					}
				case *ast.CallExpr:
					if id, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 {
						if b, ok := s.info.Uses[id].(*types.Builtin); ok && slices.Contains([]string{"clear", "delete", "copy"}, b.Name()) {
							written(n.Args[0])
						}
					}
				}
				return true
			})
		}
	}
}

// globalIn is the package-level variable that an expression such as v, v.f, v[i] or
// pkg.V is a part of, "" if there is none.
func (s *source) globalIn(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if path := s.packageOf(x); path != "" {
				if types.Universe.Lookup(x.Sel.Name) == nil && !isType(s, x) {
					return path + "." + x.Sel.Name
				}
				return ""
			}
			e = x.X
		case *ast.Ident:
			if v, ok := s.info.Uses[x].(*types.Var); ok && v.Parent() == s.types.Scope() {
				return x.Name
			}
			return ""
		default:
			return "" // a call or a literal: a value of its own
		}
	}
}

// isType reports whether pkg.Name is known to be a type or constant.
func isType(s *source, sel *ast.SelectorExpr) bool {
	switch s.info.Uses[sel.Sel].(type) {
	case *types.TypeName, *types.Const:
		return true
	}
	return false
}
