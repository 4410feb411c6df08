package gobwire

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// Values turns values into the bytes that a node keeps, and back, with the Go types
// that gob has: whatever it takes can travel in a state, and comes out as the peers get
// it. The zero value is ready for use.
//
// Go's basic types and their slices are written by a [store.Registry], which is faster
// and shorter; all others by gob itself, as it would write them into a state.
type Values struct{ basic store.Registry }

// The first byte of a value.
const (
	formBasic = iota // then as store.Registry writes it
	formGob          // then the gob of a box
)

// box makes gob send an interface, with the name of its type.
type box struct{ V any }

// Encode turns a value into bytes of its own. The value must not be changed meanwhile.
//
// Errors: an [*store.UnencodableError] for what gob does not take, mostly because
// gob.Register has not been told of the type; [store.ErrTooDeep]; a
// [*store.PanicError] when the code of a type that speaks for itself panics.
func (g *Values) Encode(v any) (b []byte, err error) {
	if isBasic(v) {
		b, err = g.basic.Encode(v)
		return append([]byte{formBasic}, b...), err
	}
	if tooDeep(reflect.ValueOf(v), store.MaxDepth) {
		return nil, store.ErrTooDeep
	}
	defer contain("encode", &err)
	buf := bytes.NewBuffer([]byte{formGob})
	if err := gob.NewEncoder(buf).Encode(box{v}); err != nil {
		return nil, &store.UnencodableError{Type: reflect.TypeOf(v), Reason: err.Error()}
	}
	state, err := EncodeState(types.NodeInfoMap{"": {Value: types.StoreMap{"": v}}})
	if err != nil {
		return nil, err
	}
	if !checkGob(state) {
		return nil, &store.UnencodableError{Type: reflect.TypeOf(v), Reason: "an interface in a struct holds others of types that occur nowhere else"}
	}
	return buf.Bytes(), nil
}

// Decode turns bytes that Encode has made into a value that shares nothing with them.
// Errors are those of [store.Registry.Decode] for what is broken, and those of the code
// of a type that speaks for itself.
func (g *Values) Decode(b []byte) (v any, err error) {
	if len(b) == 0 {
		return nil, store.ErrBadValue
	}
	switch b[0] {
	case formBasic:
		return g.basic.Decode(b[1:])
	case formGob:
		defer contain("decode", &err)
		var out box
		if err := gob.NewDecoder(bytes.NewReader(b[1:])).Decode(&out); err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrBadValue, err)
		}
		return out.V, nil
	}
	return nil, store.ErrBadValue
}

// Register tells gob, and with it the whole process, of the type of sample. The error
// says that gob does not take it: mostly that its name belongs to another type.
func Register(sample any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gobwire: register %T: %v", sample, p)
		}
	}()
	gob.Register(sample)
	return nil
}

// isBasic reports whether gob knows the type of v by itself, and a [store.Registry]
// gives it back exactly.
func isBasic(v any) bool {
	switch v.(type) {
	case nil, bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64,
		float32, float64, complex64, complex128,
		[]bool, []string, []int, []int8, []int16, []int32, []int64, []uint, []uint8, []uint16, []uint32, []uint64,
		[]float32, []float64, []complex64, []complex128:
		return true
	}
	return false
}

// tooDeep reports whether a value is nested deeper than room. Gob encodes by
// recursion, and would not survive a cycle.
func tooDeep(v reflect.Value, room int) bool {
	if room < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return !v.IsNil() && tooDeep(v.Elem(), room-1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && tooDeep(v.Field(i), room-1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if flat(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if tooDeep(v.Index(i), room-1) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if tooDeep(it.Key(), room-1) || tooDeep(it.Value(), room-1) {
				return true
			}
		}
	}
	return false
}

// flat reports whether values of a kind hold no others.
func flat(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }
