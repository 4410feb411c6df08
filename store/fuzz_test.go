package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// No bytes make Merge panic, exceed a limit, or change anything without saying so;
// and what was taken in can be told to others.
func FuzzMerge(f *testing.F) {
	a := newStore(f, "x")
	set(f, a, "k", "1")
	set(f, a, "j", "2")
	a.Delete(0, wall, "k")
	f.Add(a.AppendRumour(nil, "x", 0, unlimited), a.AppendRumour(nil, "x", 1, unlimited))
	f.Add(a.AppendRumour(nil, "x", 0, 40), raw("x", 0, 9, 0, 8, "j", 9, nil))
	f.Add(raw("y", 3, 4, 0, 0), raw("y", 0, 4, 2, 0, "k", 1, []byte("v"), "l", 3, nil))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		s := newStoreWith(t, Config{Self: "a", MaxKey: 20, MaxValue: 100, MaxRecord: 400, MaxRecords: 3, TombstoneTTL: time.Minute})
		for i, b := range [][]byte{first, second, first} {
			now := time.Duration(i) * time.Minute
			before := dumpAll(s)
			m, err := s.Merge(now, b)
			if changed := dumpAll(s) != before; changed != m.News || err != nil && changed {
				t.Fatalf("news %v, error %v, changed %v", m.News, err, changed)
			}
			if id, _, ok := About(b); err == nil && (!ok || string(id) != string(m.ID)) {
				t.Fatalf("about %q, merged %q", id, m.ID)
			}
			check(t, s)
			if i == 1 {
				s.HandleTimeout(now)
				check(t, s)
			}
		}
		other := newStoreWith(t, Config{Self: "b", MaxKey: 20, MaxValue: 100, MaxRecord: 400})
		for _, id := range s.IDs() {
			delta := s.AppendDelta(nil, id, nil, unlimited)
			if id == other.own.id {
				continue
			}
			if len(delta) == 0 {
				if s.Complete(id) {
					t.Fatalf("nothing to say about %q: %s", id, dump(s, id))
				}
				continue
			}
			merge(t, other, delta)
			check(t, other)
			if s.Hash(id) != other.Hash(id) || show(s, id) != show(other, id) {
				t.Fatalf("sent:\n%s\narrived:\n%s", dump(s, id), dump(other, id))
			}
		}
	})
}

// No bytes make Compare or AppendDelta panic, and both agree on who is ahead.
func FuzzDigest(f *testing.F) {
	a := newStore(f, "x")
	f.Add(a.AppendDigest(nil, "x"))
	set(f, a, "k", "1")
	f.Add(a.AppendDigest(nil, "x"))
	f.Add([]byte{0x94, 1, 0, 1, 9})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newStore(t, "x")
		set(t, s, "k", "1")
		set(t, s, "j", "1")
		order, err := s.Compare("x", b)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatal(err)
		}
		delta := s.AppendDelta(nil, "x", b, unlimited)
		if ahead := err == nil && order > 0; ahead != (len(delta) > 0) {
			t.Fatalf("%x: order %d, error %v, delta %x", b, order, err, delta)
		}
		if len(delta) > 0 {
			if _, ok := parseDelta(delta); !ok {
				t.Fatalf("made a delta that cannot be read: %x", delta)
			}
		}
		if order, err := s.Compare("nobody", b); err == nil && (order != -1) != (len(b) == 0) {
			t.Fatalf("against no record: %d", order)
		}
	})
}

// No bytes make Decode panic or allocate without bound; and what was decoded
// encodes again, to something that decodes to the same.
func FuzzDecodeValue(f *testing.F) {
	g := testRegistry(f)
	for _, v := range []any{
		nil, 1, -1, "text", []byte{1}, 1.5, 1i, wall, time.Second, []any{1, nil}, map[string][]int{"a": {1}},
		map[any]any{1: "a"}, disk{Extra: point{1, 2}, Next: &disk{}}, grid{}, tree{{}}, packed{1, 2}, failure{"x"},
	} {
		b, err := g.Encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := g.Decode(b)
		var panicked *PanicError
		if errors.As(err, &panicked) && !strings.Contains(err.Error(), "on purpose") {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		first, err := g.Encode(v)
		if err != nil {
			var bad *UnencodableError
			if errors.As(err, &panicked) || errors.As(err, &bad) && strings.Contains(err.Error(), "on purpose") {
				return // a failure that fails as it says
			}
			t.Fatalf("%x is %T %v, which has no encoding: %v", b, v, v, err)
		}
		again, err := g.Decode(first)
		if err != nil {
			t.Fatalf("%x became %x: %v", b, first, err)
		}
		if second, err := g.Encode(again); err != nil || string(second) != string(first) {
			t.Fatalf("%x became %x, then %x, %v", b, first, second, err)
		}
	})
}

// What a store accepts, it can publish.
func FuzzSet(f *testing.F) {
	f.Add("key", []byte("value"), "", []byte(nil))
	f.Fuzz(func(t *testing.T, k1 string, v1 []byte, k2 string, v2 []byte) {
		cfg := Config{Self: "a", MaxKey: 40, MaxValue: 300, MaxRecord: 400}
		s := newStoreWith(t, cfg)
		for range 2 {
			_ = s.Set(wall, types.StoreKey(k1), v1)
			s.Delete(0, wall, types.StoreKey(k2))
			_ = s.Set(wall, types.StoreKey(k2), v2)
			check(t, s)
		}
		cfg.Self = "b"
		other := newStoreWith(t, cfg)
		if delta := s.AppendDelta(nil, "a", nil, unlimited); len(delta) > 0 {
			merge(t, other, delta)
		}
		if show(s, "a") != show(other, "a") || s.Hash("a") != other.Hash("a") {
			t.Fatalf("%s\n%s", dump(s, "a"), dump(other, "a"))
		}
	})
}
