package store

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/vmihailenco/msgpack/v5"
)

// A Registry turns Go values into bytes and back, see [Registry.Encode]. It holds
// the names under which types travel that are not Go's own.
//
// Register everything before the registry is shared. After that nothing in it
// changes, and any number of goroutines may use it.
type Registry struct {
	names map[reflect.Type]string
	types map[string]reflect.Type
	// fields of the structs that can be reached from registered types
	fields map[reflect.Type][]field
}

// MaxTypeName is the longest name of a registered type. Bytes.
const MaxTypeName = 128

// NewRegistry returns a registry that knows Go's own types.
func NewRegistry() *Registry {
	return new(Registry)
}

// Register gives the type of sample, or the type it points to, a name of 1 to
// [MaxTypeName] bytes without angle brackets. Values of that type, and pointers to
// them, are decoded as that type wherever the name is registered, and are an
// [*UnknownTypeError] elsewhere. All nodes of a cluster have to agree on the names.
//
// Any type will do; structs are the usual case. Exported fields travel by name, or
// by the name in a tag like `msgpack:"name"`; "-" leaves one out. A field that
// the receiver does not have is skipped, one that the sender does not have stays
// zero, so both may be added and removed over time. A type that has MarshalBinary
// and UnmarshalBinary, or msgpack's EncodeMsgpack and DecodeMsgpack, speaks for
// itself, also where it is a field.
//
// Doing the same again is no error. Errors: a bad name, a name or type that is
// taken, or an [*UnencodableError] naming the part that cannot travel. The registry
// is unchanged then.
func (g *Registry) Register(name string, sample any) error {
	t := reflect.TypeOf(sample)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case name == "" || len(name) > MaxTypeName || strings.ContainsAny(name, "<>"):
		return fmt.Errorf("store: type name %.140q: want 1 to %d bytes without < and >", name, MaxTypeName)
	case t == nil:
		return fmt.Errorf("store: register %q: nil has no type", name)
	}
	held, taken := g.types[name]
	if taken && held == t {
		return nil
	}
	if taken {
		return fmt.Errorf("store: register %v: the name %q belongs to %v", t, name, held)
	}
	if as, ok := g.names[t]; ok {
		return fmt.Errorf("store: register %v as %q: it is registered as %q", t, name, as)
	}
	found := make(map[reflect.Type][]field)
	if err := checkType(t, "", found); err != nil {
		return fmt.Errorf("store: register %q: %w", name, err)
	}
	if g.names == nil {
		g.names, g.types, g.fields = map[reflect.Type]string{}, map[string]reflect.Type{}, map[reflect.Type][]field{}
	}
	for t, fields := range found {
		if fields != nil {
			g.fields[t] = fields
		}
	}
	g.names[t], g.types[name] = name, t
	return nil
}

// A field is a field of a struct that travels.
type field struct {
	name  string
	index int
}

// fieldsOf lists the fields of a struct that travel.
func (g *Registry) fieldsOf(t reflect.Type) []field {
	if fields, ok := g.fields[t]; ok {
		return fields
	}
	return listFields(t)
}

func listFields(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, field{name, i})
	}
	// In the order of map keys, as a struct and the map it is decoded as have to
	// give the same bytes.
	slices.SortStableFunc(fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	return fields
}

// checkType reports whether values of a type can travel when the receiver knows
// the type too, and collects the fields of the structs on the way.
func checkType(t reflect.Type, path string, found map[reflect.Type][]field) error {
	if path == "" {
		path = t.String()
	}
	if _, ok := found[t]; ok || t == timeType || customOf(t) != notCustom {
		return nil
	}
	if t.Name() != "" {
		found[t] = nil // types may contain themselves
	}
	switch k := t.Kind(); k {
	case reflect.Slice, reflect.Array:
		return checkType(t.Elem(), path+"[]", found)
	case reflect.Pointer:
		return checkType(t.Elem(), path, found)
	case reflect.Map:
		return errors.Join(checkType(t.Key(), path+" key", found), checkType(t.Elem(), path+"[]", found))
	case reflect.Interface:
		return nil // what it holds is checked when it is encoded
	case reflect.Struct:
		fields := listFields(t)
		if len(fields) == 0 && t.NumField() > 0 {
			return &UnencodableError{Type: t, Reason: "no exported field at " + path}
		}
		found[t] = fields
		var errs []error
		names := make(map[string]bool)
		for _, f := range fields {
			if names[f.name] {
				errs = append(errs, &UnencodableError{Type: t, Reason: "two fields are called " + f.name})
			}
			names[f.name] = true
			errs = append(errs, checkType(t.Field(f.index).Type, path+"."+f.name, found))
		}
		return errors.Join(errs...)
	default:
		if _, ok := codeOf(k); !ok {
			return &UnencodableError{Type: t, Reason: "at " + path}
		}
		return nil
	}
}

// How a type that speaks for itself does it.
type custom uint8

const (
	notCustom custom = iota
	customBinary
	customMsgpack
)

var (
	binaryMarshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryUnmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	msgpackEncoder    = reflect.TypeFor[msgpack.CustomEncoder]()
	msgpackDecoder    = reflect.TypeFor[msgpack.CustomDecoder]()
)

func customOf(t reflect.Type) custom {
	if t.Name() == "" || t.Kind() == reflect.Interface {
		return notCustom
	}
	switch p := reflect.PointerTo(t); {
	case p.Implements(msgpackEncoder) && p.Implements(msgpackDecoder):
		return customMsgpack
	case p.Implements(binaryMarshaler) && p.Implements(binaryUnmarshaler):
		return customBinary
	}
	return notCustom
}

// An UnencodableError says which type has no encoding.
type UnencodableError struct {
	Type   reflect.Type
	Reason string // where it was found, or what to do; may be empty
}

// Error names the type.
func (e *UnencodableError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("store: cannot encode %v", e.Type)
	}
	return fmt.Sprintf("store: cannot encode %v: %s", e.Type, e.Reason)
}

// An UnknownTypeError says that a value has a type that is not registered here.
type UnknownTypeError struct{ Name string }

// Error names the type.
func (e *UnknownTypeError) Error() string {
	return fmt.Sprintf("store: a value has the type %q, which is not registered here", e.Name)
}

// A PanicError says that code of a value's type panicked while the value was
// encoded or decoded.
type PanicError struct {
	Op    string // "encode" or "decode"
	Value any    // what it panicked with
}

// Error prints the panic.
func (e *PanicError) Error() string { return fmt.Sprintf("store: panic in %s: %v", e.Op, e.Value) }

// Unwrap returns the panic, if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

var (
	// ErrTooDeep: a value is nested deeper than [MaxDepth], or is a cycle.
	ErrTooDeep = errors.New("store: value nested too deep")
	// ErrBadValue: bytes that are no value, or none that this platform can hold.
	ErrBadValue = errors.New("store: bad value")
)
