package swim

import (
	"fmt"
	"reflect"
	"slices"
)

// Shared names the memory that two cores both can change. What is immutable by
// contract (meta, the configuration, errors) is left out.
func Shared(a, b *Core) []string {
	mine := map[uintptr]string{}
	walkMemory(reflect.ValueOf(a).Elem(), "core", func(at uintptr, path string) { mine[at] = path })
	var shared []string
	walkMemory(reflect.ValueOf(b).Elem(), "core", func(at uintptr, path string) {
		if _, both := mine[at]; both {
			shared = append(shared, path)
		}
	})
	slices.Sort(shared)
	return slices.Compact(shared)
}

func walkMemory(v reflect.Value, path string, visit func(uintptr, string)) {
	switch v.Type() {
	case reflect.TypeFor[Config](), reflect.TypeFor[Claim](), reflect.TypeFor[Event]():
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && (v.Elem().Kind() == reflect.Array || v.Elem().Type().PkgPath() == reflect.TypeFor[Core]().PkgPath()) {
			visit(v.Pointer(), path)
			walkMemory(v.Elem(), path, visit)
		}
	case reflect.Map:
		if v.Pointer() != 0 {
			visit(v.Pointer(), path)
		}
		for it := v.MapRange(); it.Next(); {
			walkMemory(it.Value(), path+"[]", visit)
		}
	case reflect.Slice:
		if v.Cap() > 0 && v.Type().Elem().Size() > 0 {
			visit(v.Pointer(), path)
		}
		for i := range v.Len() {
			walkMemory(v.Index(i), path+"[]", visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walkMemory(v.Field(i), fmt.Sprintf("%s.%s", path, v.Type().Field(i).Name), visit)
		}
	}
}
