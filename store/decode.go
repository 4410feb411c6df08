package store

import (
	"bytes"
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/nekton-go/nekton/internal/mpack"
)

// What decoding may allocate besides the bytes themselves: a base, and a number of
// bytes for each byte of input. The most demanding honest value of Go's own types is a
// list of nil slices, with 24 bytes of memory for each byte.
const (
	decodeBase  = 1 << 20
	decodeRatio = 64
)

// Decode turns what [Registry.Encode] made back into a value. The value is the
// caller's and shares nothing with b.
//
// The bytes may be hostile: whatever they are, memory is bounded by their length
// and there is no panic. Errors: [ErrBadValue], also for a number that does not fit
// a type of this platform; [ErrTooDeep]; an [*UnknownTypeError]; a [*PanicError] or
// the error of the code of a type that speaks for itself.
func (g *Registry) Decode(b []byte) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = nil, &PanicError{Op: "decode", Value: p}
		}
	}()
	d := decoder{reader: reader{b: b}, registry: g, room: decodeBase + decodeRatio*uint64(len(b))}
	value, err := d.any(0)
	switch {
	case err != nil:
		return nil, err
	case d.bad || len(d.b) > 0:
		return nil, fmt.Errorf("%w: %d bytes are not one value", ErrBadValue, len(b))
	case !value.IsValid():
		return nil, nil
	}
	return value.Interface(), nil
}

type decoder struct {
	reader
	registry *Registry
	room     uint64 // bytes that may still be allocated
}

// charge takes n things of some size from what may be allocated.
func (d *decoder) charge(n int, size uintptr) error {
	want := uint64(n) * uint64(size) // n is bounded by the input, size by the program
	if want > d.room {
		return fmt.Errorf("%w: it would need too much memory", ErrBadValue)
	}
	d.room -= want
	return nil
}

// any reads a value with its descriptor. The result is invalid for nil.
func (d *decoder) any(depth int) (reflect.Value, error) {
	if d.null() {
		return reflect.Value{}, nil
	}
	if n := d.array(); n != 2 {
		return reflect.Value{}, fmt.Errorf("%w: no type", ErrBadValue)
	}
	t, rest, err := d.registry.parseType(string(d.blob(maxDescriptor)), 0)
	if err != nil {
		return reflect.Value{}, err
	}
	if rest != "" {
		return reflect.Value{}, fmt.Errorf("%w: %.40q follows a type", ErrBadValue, rest)
	}
	if err := d.charge(1, t.Size()); err != nil {
		return reflect.Value{}, err
	}
	v := reflect.New(t).Elem()
	return v, d.value(v, depth+1)
}

// value reads a value of the type of v into v.
func (d *decoder) value(v reflect.Value, depth int) error {
	if depth > MaxDepth {
		return ErrTooDeep
	}
	t := v.Type()
	if t == timeType {
		return d.time(v)
	}
	if how := customOf(t); how != notCustom {
		return d.custom(v, how)
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.bool())
	case reflect.String:
		v.SetString(string(d.blob(len(d.b))))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := d.int()
		if v.OverflowInt(n) {
			return fmt.Errorf("%w: %d does not fit %v", ErrBadValue, n, t)
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := d.uint()
		if v.OverflowUint(n) {
			return fmt.Errorf("%w: %d does not fit %v", ErrBadValue, n, t)
		}
		v.SetUint(n)
	case reflect.Float32:
		v.SetFloat(float64(d.float32()))
	case reflect.Float64:
		v.SetFloat(d.float64())
	case reflect.Complex64, reflect.Complex128:
		return d.complex(v)
	case reflect.Slice:
		return d.slice(v, depth)
	case reflect.Array:
		return d.fixedArray(v, depth)
	case reflect.Map:
		return d.mapping(v, depth)
	case reflect.Interface:
		return d.iface(v, depth)
	case reflect.Pointer:
		return d.pointer(v, depth)
	case reflect.Struct:
		return d.fields(v, depth)
	default:
		return fmt.Errorf("%w: no values of %v travel", ErrBadValue, t)
	}
	return d.fault()
}

// fault turns what the reader met into an error.
func (d *decoder) fault() error {
	if d.bad {
		return fmt.Errorf("%w: cut off, or not of its type", ErrBadValue)
	}
	return nil
}

func (d *decoder) float32() float32 {
	if d.code() != mpack.Float32 {
		d.fail()
	}
	return math.Float32frombits(uint32(d.fixed(4)))
}

func (d *decoder) float64() float64 {
	if d.code() != mpack.Float64 {
		d.fail()
	}
	return math.Float64frombits(d.fixed(8))
}

func (d *decoder) complex(v reflect.Value) error {
	if d.array() != 2 {
		d.fail()
	}
	if v.Kind() == reflect.Complex64 {
		re, im := d.float32(), d.float32()
		v.SetComplex(complex128(complex(re, im)))
	} else {
		re, im := d.float64(), d.float64()
		v.SetComplex(complex(re, im))
	}
	return d.fault()
}

func (d *decoder) time(v reflect.Value) error {
	if d.array() != 3 {
		d.fail()
	}
	sec, nsec := d.int(), d.uint()
	zone, offset := time.UTC, int64(0)
	if !d.null() {
		offset = d.int()
		zone = time.FixedZone("", int(offset))
	}
	const day = 24 * 60 * 60
	if d.bad || nsec >= 1e9 || offset <= -day || offset >= day {
		return fmt.Errorf("%w: no time", ErrBadValue)
	}
	v.Set(reflect.ValueOf(time.Unix(sec, int64(nsec)).In(zone)))
	return nil
}

// custom lets a type read what it said for itself.
func (d *decoder) custom(v reflect.Value, how custom) error {
	b := bytes.Clone(d.blob(len(d.b)))
	if err := d.fault(); err != nil {
		return err
	}
	var err error
	if how == customMsgpack {
		dec := msgpack.NewDecoder(bytes.NewReader(b))
		err = v.Addr().Interface().(msgpack.CustomDecoder).DecodeMsgpack(dec)
	} else {
		err = v.Addr().Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
	}
	if err != nil {
		return fmt.Errorf("%w: %v: %w", ErrBadValue, v.Type(), err)
	}
	return nil
}
