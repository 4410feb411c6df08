package store

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/nekton-go/nekton/internal/mpack"
)

// MaxDepth is how deep a value may be nested: slices, maps, structs, pointers and
// anys within each other.
const MaxDepth = 64

// Encode turns a value into bytes of its own. Equal values give equal bytes.
//
//	what is encoded                               is decoded as
//	──────────────────────────────────────────   ─────────────────────────────────
//	nil, a nil pointer                            nil
//	bool, string, the numbers incl. complex       the same value and type
//	[]byte; slices, maps of all of these, of      the same value and type; nil and
//	 any, and of each other                        empty stay different
//	time.Time                                     the same instant to the
//	                                               nanosecond, in UTC or at a fixed
//	                                               offset; no monotonic part
//	time.Duration                                 the same
//	a registered type                             the same
//	a pointer                                     what it points to
//	another named type                            its underlying type: int for
//	                                               type Level int
//	an array                                      a slice
//	another struct                                map[string]any of its exported
//	                                               fields, see [Registry.Register]
//
// This holds for the elements of slices and maps too: a []Level is decoded as
// []int, and a slice of pointers as []any.
//
// Errors: an [*UnencodableError] for channels, functions, and types that only a
// registration can explain; [ErrTooDeep]; a [*PanicError] or the error of the
// code of a type that speaks for itself. The value must not be changed meanwhile.
func (g *Registry) Encode(v any) (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, &PanicError{Op: "encode", Value: p}
		}
	}()
	e := encoder{registry: g}
	if err := e.any(reflect.ValueOf(v), 0); err != nil {
		return nil, err
	}
	return e.b, nil
}

// An encoder appends one value. Values are written in one of two ways. In the tight
// way the receiver knows the type: it is registered, or part of such a type. In the
// loose way it knows the descriptor only, so a struct is a map of anys.
type encoder struct {
	registry *Registry
	b        []byte
}

// any appends a value with its descriptor: [descriptor, value], or nil.
func (e *encoder) any(v reflect.Value, depth int) (err error) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			e.b = append(e.b, mpack.Nil)
			return nil
		}
		if depth++; depth > MaxDepth {
			return ErrTooDeep
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		e.b = append(e.b, mpack.Nil)
		return nil
	}
	var scratch [32]byte
	descriptor, err := e.registry.describe(scratch[:0], v.Type(), 0)
	if err != nil {
		return err
	}
	e.b = mpack.AppendStr(mpack.AppendArray(e.b, 2), descriptor)
	return e.value(v, true, depth+1)
}

// value appends a value without its descriptor.
func (e *encoder) value(v reflect.Value, loose bool, depth int) error {
	if depth > MaxDepth {
		return ErrTooDeep
	}
	t := v.Type()
	if loose && e.registry.registered(t) {
		loose = false
	}
	if t == timeType {
		e.time(v.Interface().(time.Time))
		return nil
	}
	if !loose {
		if how := customOf(t); how != notCustom {
			return e.custom(v, how)
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			e.b = append(e.b, mpack.True)
		} else {
			e.b = append(e.b, mpack.False)
		}
	case reflect.String:
		e.b = mpack.AppendStr(e.b, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.b = mpack.AppendInt(e.b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.b = mpack.AppendUint(e.b, v.Uint())
	case reflect.Float32:
		e.b = appendFloat32(e.b, float32(v.Float()))
	case reflect.Float64:
		e.b = appendFloat64(e.b, v.Float())
	case reflect.Complex64:
		c := complex64(v.Complex())
		e.b = appendFloat32(appendFloat32(mpack.AppendArray(e.b, 2), real(c)), imag(c))
	case reflect.Complex128:
		c := v.Complex()
		e.b = appendFloat64(appendFloat64(mpack.AppendArray(e.b, 2), real(c)), imag(c))
	case reflect.Slice, reflect.Array:
		return e.list(v, loose, depth)
	case reflect.Map:
		return e.mapping(v, loose, depth)
	case reflect.Interface:
		return e.any(v, depth)
	case reflect.Pointer:
		if loose {
			return e.any(v, depth)
		}
		if v.IsNil() {
			e.b = append(e.b, mpack.Nil)
			return nil
		}
		e.b = mpack.AppendArray(e.b, 1) // tells a nil pointer from one to nil
		return e.value(v.Elem(), false, depth+1)
	case reflect.Struct:
		return e.fields(v, loose, depth)
	default:
		return &UnencodableError{Type: t}
	}
	return nil
}

// list appends a slice or an array.
func (e *encoder) list(v reflect.Value, loose bool, depth int) error {
	if v.Kind() == reflect.Slice && v.IsNil() {
		e.b = append(e.b, mpack.Nil)
		return nil
	}
	if e.registry.plainBytes(v.Type()) {
		e.b = mpack.AppendBin(e.b, bytesOf(v))
		return nil
	}
	e.b = mpack.AppendArray(e.b, v.Len())
	for i := range v.Len() {
		if err := e.value(v.Index(i), loose, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// plainBytes reports whether t is written as bytes rather than as a list.
func (g *Registry) plainBytes(t reflect.Type) bool {
	return isBytes(t) && !g.registered(t.Elem()) && customOf(t.Elem()) == notCustom
}

// bytesOf is what v holds, a slice or array of some kind of byte.
func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Array && !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	return v.Bytes()
}

// mapping appends a map in the order of its encoded keys.
func (e *encoder) mapping(v reflect.Value, loose bool, depth int) error {
	if v.IsNil() {
		e.b = append(e.b, mpack.Nil)
		return nil
	}
	type pair struct{ key, whole []byte }
	pairs := make([]pair, 0, v.Len())
	inner := encoder{registry: e.registry}
	for it := v.MapRange(); it.Next(); {
		start := len(inner.b)
		if err := inner.value(it.Key(), loose, depth+1); err != nil {
			return err
		}
		middle := len(inner.b)
		if err := inner.value(it.Value(), loose, depth+1); err != nil {
			return err
		}
		pairs = append(pairs, pair{inner.b[start:middle], inner.b[start:]})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	e.b = mpack.AppendMap(e.b, len(pairs))
	for _, p := range pairs {
		e.b = append(e.b, p.whole...)
	}
	return nil
}

// fields appends a struct as a map from the names of its fields.
func (e *encoder) fields(v reflect.Value, loose bool, depth int) error {
	fields := e.registry.fieldsOf(v.Type())
	e.b = mpack.AppendMap(e.b, len(fields))
	for _, f := range fields {
		e.b = mpack.AppendStr(e.b, f.name)
		var err error
		if loose {
			err = e.any(v.Field(f.index), depth+1)
		} else {
			err = e.value(v.Field(f.index), false, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// time appends [seconds since 1970, nanoseconds, offset in seconds]; the offset is
// nil for UTC.
func (e *encoder) time(t time.Time) {
	e.b = mpack.AppendInt(mpack.AppendArray(e.b, 3), t.Unix())
	e.b = mpack.AppendUint(e.b, uint64(t.Nanosecond()))
	if t.Location() == time.UTC {
		e.b = append(e.b, mpack.Nil)
		return
	}
	_, offset := t.Zone()
	e.b = mpack.AppendInt(e.b, int64(offset))
}

// custom appends, as bytes, what a type says for itself.
func (e *encoder) custom(v reflect.Value, how custom) error {
	p := reflect.New(v.Type()) // methods may want an address
	p.Elem().Set(v)
	var b []byte
	var err error
	if how == customMsgpack {
		var buf bytes.Buffer
		err = p.Interface().(msgpack.CustomEncoder).EncodeMsgpack(msgpack.NewEncoder(&buf))
		b = buf.Bytes()
	} else {
		b, err = p.Interface().(encoding.BinaryMarshaler).MarshalBinary()
	}
	if err != nil {
		return &UnencodableError{Type: v.Type(), Reason: err.Error()}
	}
	e.b = mpack.AppendBin(e.b, b)
	return nil
}

func appendFloat32(b []byte, f float32) []byte {
	return binary.BigEndian.AppendUint32(append(b, mpack.Float32), math.Float32bits(f))
}

func appendFloat64(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, mpack.Float64), math.Float64bits(f))
}
