package swim_test

import (
	"reflect"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// Every field is in one of the lists of Add: a new one must not be forgotten.
func TestStatsAddUpFieldByField(t *testing.T) {
	fill := func(by int) (s swim.Stats) {
		v := reflect.ValueOf(&s).Elem()
		for i, field := range reflect.VisibleFields(v.Type()) {
			switch f := v.FieldByIndex(field.Index); f.Kind() {
			case reflect.Struct:
				// Its fields follow.
			case reflect.Uint64:
				f.SetUint(uint64(by * (i + 1)))
			case reflect.Int:
				f.SetInt(int64(by * (i + 1)))
			case reflect.Array:
				for k := range f.Len() {
					f.Index(k).SetUint(uint64(by * (i + 1) * (k + 1)))
				}
			default:
				t.Fatalf("%s: what is the sum of a %v?", field.Name, f.Kind())
			}
		}
		return s
	}
	got, want := fill(1), fill(3)
	got.Add(fill(2))
	want.Health, want.RetransmitLimit = fill(2).Health, fill(2).RetransmitLimit
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
