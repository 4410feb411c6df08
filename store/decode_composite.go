package store

import (
	"fmt"
	"reflect"
)

// How values that contain values are read. A count is compared with what may be
// allocated before anything is.

func (d *decoder) slice(v reflect.Value, depth int) error {
	if d.null() {
		return nil
	}
	t := v.Type()
	if d.registry.plainBytes(t) {
		p := d.blob(len(d.b))
		s := reflect.MakeSlice(t, len(p), len(p))
		copy(s.Bytes(), p)
		v.Set(s)
		return d.fault()
	}
	n := d.array()
	if err := d.charge(n, t.Elem().Size()); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(t, n, n))
	for i := range n {
		if err := d.value(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	return d.fault()
}

func (d *decoder) fixedArray(v reflect.Value, depth int) error {
	wrong := func(n int) error {
		return fmt.Errorf("%w: %d elements for %v", ErrBadValue, n, v.Type())
	}
	if d.registry.plainBytes(v.Type()) {
		p := d.blob(len(d.b))
		if len(p) != v.Len() {
			return wrong(len(p))
		}
		copy(v.Slice(0, v.Len()).Bytes(), p)
		return d.fault()
	}
	n := d.array()
	if n != v.Len() {
		return wrong(n)
	}
	for i := range n {
		if err := d.value(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	return d.fault()
}

func (d *decoder) mapping(v reflect.Value, depth int) error {
	if d.null() {
		return nil
	}
	t := v.Type()
	n := d.pairs()
	if err := d.charge(n, t.Key().Size()+t.Elem().Size()); err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(t, n))
	for range n {
		key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.value(key, depth+1); err != nil {
			return err
		}
		if !key.Comparable() {
			return fmt.Errorf("%w: a key of %v cannot be compared", ErrBadValue, t)
		}
		if v.MapIndex(key).IsValid() {
			return fmt.Errorf("%w: a key of %v stands twice", ErrBadValue, t)
		}
		if err := d.value(elem, depth+1); err != nil {
			return err
		}
		v.SetMapIndex(key, elem)
	}
	return d.fault()
}

// iface reads what stands in an interface: any, or one that a registered type has
// as a field.
func (d *decoder) iface(v reflect.Value, depth int) error {
	inner, err := d.any(depth)
	switch {
	case err != nil:
		return err
	case !inner.IsValid():
	case inner.Type().AssignableTo(v.Type()):
		v.Set(inner)
	default:
		return fmt.Errorf("%w: %v is no %v", ErrBadValue, inner.Type(), v.Type())
	}
	return d.fault()
}

func (d *decoder) pointer(v reflect.Value, depth int) error {
	if d.null() {
		return nil
	}
	if d.array() != 1 {
		return fmt.Errorf("%w: no %v", ErrBadValue, v.Type())
	}
	elem := v.Type().Elem()
	if err := d.charge(1, elem.Size()); err != nil {
		return err
	}
	p := reflect.New(elem)
	v.Set(p)
	return d.value(p.Elem(), depth+1)
}

func (d *decoder) fields(v reflect.Value, depth int) error {
	fields := d.registry.fieldsOf(v.Type())
	for range d.pairs() {
		name := d.blob(len(d.b))
		index := -1
		for _, f := range fields {
			if f.name == string(name) {
				index = f.index
				break
			}
		}
		if index < 0 {
			d.skip(1) // a field of another version of the program
			continue
		}
		if err := d.value(v.Field(index), depth+1); err != nil {
			return err
		}
	}
	return d.fault()
}
