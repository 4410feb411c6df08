package laws

import (
	"go/ast"
	"go/constant"
	"go/types"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// A number is what the code says about a name.
type number struct {
	value     int64
	ambiguous bool // packages disagree
}

// numbers are the defaults of swim.Config and all integer constants at package
// level, those by name, and by name with package. The defaults come first.
func (m *module) numbers(t *testing.T) map[string]number {
	t.Helper()
	all := map[string]number{}
	for _, s := range m.sorted() {
		for _, name := range s.types.Scope().Names() {
			c, ok := s.types.Scope().Lookup(name).(*types.Const)
			if !ok || c.Val().Kind() != constant.Int {
				continue
			}
			value, exact := constant.Int64Val(c.Val())
			if !exact {
				continue
			}
			pkg := path.Base(s.dir)
			if s.dir == "" {
				pkg = "nekton"
			}
			all[pkg+"."+name] = number{value: value}
			if other, taken := all[name]; taken && other.value != value {
				all[name] = number{ambiguous: true}
			} else {
				all[name] = number{value: value}
			}
		}
	}
	for field, value := range m.defaults(t) {
		all[field] = number{value: value}
	}
	return all
}

// defaults are what swim.Config.withDefaults puts in the place of zero: its calls
// of orDefault. Booleans are false.
func (m *module) defaults(t *testing.T) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	s := m.packages["swim"]
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			fun, ok := call.Fun.(*ast.Ident)
			if !ok || fun.Name != "orDefault" {
				return true
			}
			field, ok := call.Args[0].(*ast.UnaryExpr).X.(*ast.SelectorExpr)
			value := s.info.Types[call.Args[1]].Value
			if !ok || value == nil {
				t.Fatalf("%s: no field and constant", m.at(call))
			}
			all[field.Sel.Name], _ = constant.Int64Val(constant.ToInt(value))
			return true
		})
	}
	if len(all) == 0 {
		t.Fatal("swim.Config.withDefaults has no call of orDefault")
	}
	config := reflect.TypeFor[swim.Config]()
	for i := range config.NumField() {
		if f := config.Field(i); f.Type.Kind() == reflect.Bool {
			all[f.Name] = 0
		}
	}
	return all
}

// preset is the value of a field in a preset, which takes the default for what it
// does not set.
func preset(cfg swim.Config, field string, otherwise int64) int64 {
	if f := reflect.ValueOf(cfg).FieldByName(field); f.IsValid() && f.CanInt() && f.Int() != 0 {
		return f.Int()
	}
	return otherwise
}

var (
	documentedDefault = regexp.MustCompile(`\bDefault ([0-9][0-9,.]*(?: ?(?:ms|s|min|h|B|KiB|MiB|Ki|Mi))?)\b`)
	documentedLink    = regexp.MustCompile(`\[([A-Za-z.]+)\], ([0-9][0-9,.]*(?: ?(?:ms|s|min|h|B|KiB|MiB|Ki|Mi))?)\b`)
)

// Comments state defaults as numbers, because nobody wants to look them up. So they
// are looked up here.
func TestDefaultsInCommentsAreThoseOfTheCode(t *testing.T) {
	m := load(t)
	known := m.numbers(t)
	defaults := m.defaults(t)
	eachField(m, func(record, field string, doc string, at ast.Node) {
		doc = strings.Join(strings.Fields(doc), " ")
		if match := documentedDefault.FindStringSubmatch(doc); match != nil && (record == "swim.Config" || record == "nekton.Protocol") {
			value, ok := parseQuantity(strings.TrimRight(match[1], "."))
			if !ok || value != defaults[field] {
				t.Errorf("%s: the comment of %s.%s says %q, the code %d", m.at(at), record, field, match[0], defaults[field])
			}
		} else if _, ours := defaults[field]; ours && defaults[field] != 0 && (record == "swim.Config" || record == "nekton.Protocol") {
			t.Errorf("%s: the comment of %s.%s does not say the default", m.at(at), record, field)
		}
		for _, match := range documentedLink.FindAllStringSubmatch(doc, -1) {
			value, ok := parseQuantity(strings.TrimRight(match[2], "."))
			if want, isKnown := known[match[1]]; isKnown && (!ok || value != want.value) {
				t.Errorf("%s: the comment of %s.%s says that %s is %s; it is %d", m.at(at), record, field, match[1], match[2], want.value)
			}
		}
	})
}

// eachField visits the documented fields of all structs, which are called by their
// package and name.
func eachField(m *module, visit func(record, field, doc string, at ast.Node)) {
	for _, s := range m.sorted() {
		for _, file := range s.files {
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if record, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range record.Fields.List {
						for _, name := range f.Names {
							visit(file.Name.Name+"."+spec.Name.Name, name.Name, f.Doc.Text()+" "+f.Comment.Text(), f)
						}
					}
				}
				return true
			})
		}
	}
}
