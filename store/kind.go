package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Every value travels with the descriptor of its Go type, a short text:
//
//	b bool   i int    a int8   c int16   d int32   e int64    f float32   h complex64
//	s string u uint   v uint8  w uint16  x uint32  y uint64   g float64   k complex128
//	B []byte          T time.Time        D time.Duration      A any
//	[ slice, then its element        { map, then its key and element      <name> a registered type
//
// So "i" is an int, "{s[i" a map[string][]int and "[A" a []any. Only what stands in
// an any has a descriptor of its own.
const (
	codeBytes    = 'B'
	codeTime     = 'T'
	codeDuration = 'D'
	codeAny      = 'A'
	codeSlice    = '['
	codeMapType  = '{'
	codeNamed    = '<'
	codeNamedEnd = '>'

	// maxTypeDepth is how deep slices and maps may be nested within the type of a
	// value. The runtime keeps every type forever that reflection puts together.
	// Seventeen kinds of key and twenty of element make some 10⁵ types at this
	// depth, which a hostile peer may well send; one level more makes millions.
	maxTypeDepth = 3
	// maxDescriptor is the longest descriptor. Bytes.
	maxDescriptor = (maxTypeDepth + 1) * (MaxTypeName + 3)
)

// basics are the kinds that are Go's own, and their codes.
var basics = [...]struct {
	kind reflect.Kind
	code byte
	typ  reflect.Type
}{
	{reflect.Bool, 'b', reflect.TypeFor[bool]()},
	{reflect.String, 's', reflect.TypeFor[string]()},
	{reflect.Int, 'i', reflect.TypeFor[int]()},
	{reflect.Int8, 'a', reflect.TypeFor[int8]()},
	{reflect.Int16, 'c', reflect.TypeFor[int16]()},
	{reflect.Int32, 'd', reflect.TypeFor[int32]()},
	{reflect.Int64, 'e', reflect.TypeFor[int64]()},
	{reflect.Uint, 'u', reflect.TypeFor[uint]()},
	{reflect.Uint8, 'v', reflect.TypeFor[uint8]()},
	{reflect.Uint16, 'w', reflect.TypeFor[uint16]()},
	{reflect.Uint32, 'x', reflect.TypeFor[uint32]()},
	{reflect.Uint64, 'y', reflect.TypeFor[uint64]()},
	{reflect.Float32, 'f', reflect.TypeFor[float32]()},
	{reflect.Float64, 'g', reflect.TypeFor[float64]()},
	{reflect.Complex64, 'h', reflect.TypeFor[complex64]()},
	{reflect.Complex128, 'k', reflect.TypeFor[complex128]()},
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[[]byte]()
	anyType      = reflect.TypeFor[any]()
)

func codeOf(k reflect.Kind) (byte, bool) {
	for i := range basics {
		if basics[i].kind == k {
			return basics[i].code, true
		}
	}
	return 0, false
}

// isBytes reports whether t is a slice or array of bytes, whatever its name.
func isBytes(t reflect.Type) bool {
	k := t.Kind()
	return (k == reflect.Slice || k == reflect.Array) && t.Elem().Kind() == reflect.Uint8
}

// describe appends the descriptor of the type as which values of t are decoded.
func (g *Registry) describe(b []byte, t reflect.Type, depth int) ([]byte, error) {
	if name, ok := g.names[t]; ok {
		return append(append(append(b, codeNamed), name...), codeNamedEnd), nil
	}
	switch t {
	case timeType:
		return append(b, codeTime), nil
	case durationType:
		return append(b, codeDuration), nil
	}
	if code, ok := codeOf(t.Kind()); ok {
		return append(b, code), nil
	}
	composite := t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map ||
		t.Kind() == reflect.Struct
	if composite && depth == maxTypeDepth {
		return nil, &UnencodableError{Type: t, Reason: fmt.Sprintf(
			"slices and maps nested more than %d deep in one type; register the outermost type", maxTypeDepth)}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if isBytes(t) && !g.registered(t.Elem()) {
			return append(b, codeBytes), nil
		}
		return g.describe(append(b, codeSlice), t.Elem(), depth+1)
	case reflect.Map:
		if !g.isKey(t.Key()) {
			return nil, &UnencodableError{Type: t, Reason: "keys have to be numbers, strings, booleans, any, or registered"}
		}
		b, err := g.describe(append(b, codeMapType), t.Key(), depth+1)
		if err != nil {
			return nil, err
		}
		return g.describe(b, t.Elem(), depth+1)
	case reflect.Interface, reflect.Pointer:
		return append(b, codeAny), nil // may be nil
	case reflect.Struct:
		if t.NumField() > 0 && len(g.fieldsOf(t)) == 0 {
			return nil, &UnencodableError{Type: t, Reason: "no exported field; register the type"}
		}
		return append(b, codeMapType, 's', codeAny), nil
	}
	return nil, &UnencodableError{Type: t}
}

func (g *Registry) registered(t reflect.Type) bool {
	_, ok := g.names[t]
	return ok
}

func (g *Registry) isKey(t reflect.Type) bool {
	_, basic := codeOf(t.Kind())
	return basic || g.registered(t) || t.Kind() == reflect.Interface
}

// parseType reads the descriptor of one type, and returns what follows it.
func (g *Registry) parseType(s string, depth int) (t reflect.Type, rest string, err error) {
	bad := func() (reflect.Type, string, error) {
		return nil, "", fmt.Errorf("%w: type %.40q", ErrBadValue, s)
	}
	if s == "" {
		return bad()
	}
	code, rest := s[0], s[1:]
	if depth == maxTypeDepth && (code == codeSlice || code == codeMapType) {
		return bad()
	}
	switch code {
	case codeBytes:
		return bytesType, rest, nil
	case codeTime:
		return timeType, rest, nil
	case codeDuration:
		return durationType, rest, nil
	case codeAny:
		return anyType, rest, nil
	case codeNamed:
		name, rest, ok := strings.Cut(rest, string(codeNamedEnd))
		if !ok {
			return bad()
		}
		if t, ok = g.types[name]; !ok {
			return nil, "", &UnknownTypeError{Name: strings.Clone(name)}
		}
		return t, rest, nil
	case codeSlice:
		elem, rest, err := g.parseType(rest, depth+1)
		if err != nil {
			return nil, "", err
		}
		return reflect.SliceOf(elem), rest, nil
	case codeMapType:
		key, rest, err := g.parseType(rest, depth+1)
		if err != nil {
			return nil, "", err
		}
		if !g.isKey(key) || !key.Comparable() {
			return bad()
		}
		elem, rest, err := g.parseType(rest, depth+1)
		if err != nil {
			return nil, "", err
		}
		return reflect.MapOf(key, elem), rest, nil
	}
	for i := range basics {
		if basics[i].code == code {
			return basics[i].typ, rest, nil
		}
	}
	return bad()
}
