package store

import (
	"iter"
	"slices"
	"testing"

	"github.com/nekton-go/nekton/types"
)

func TestQueriesAreSortedAndCountWhatIsHeld(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	for _, key := range []string{"z", "m", "b"} {
		set(t, a, key, "12")
	}
	set(t, b, "m", "")
	set(t, b, "c", "")
	b.Delete(0, wall, "c")
	repair(t, b, a, "b")
	a.BeginReplica("0", Life{})

	if got := a.IDs(); !slices.Equal(got, []types.NodeId{"0", "a", "b"}) {
		t.Errorf("ids: %v", got)
	}
	if got := a.Keys(); !slices.Equal(got, []types.StoreKey{"b", "m", "z"}) {
		t.Errorf("keys: %v", got)
	}
	if got := show(a, "a"); got != "b=12 m=12 z=12" {
		t.Errorf("entries: %s", got)
	}
	for key := range a.Entries("a") {
		if key != "b" {
			t.Errorf("the first key is %q", key)
		}
		break
	}
	if n := a.SizeOf("a"); n != 3*(1+2+16) {
		t.Errorf("size: %d", n)
	}
	if a.SizeOf("nobody") != 0 || a.Len("nobody") != 0 || show(a, "nobody") != "" || a.Complete("nobody") {
		t.Error("nobody has something")
	}
	if _, ok := a.Get("nobody", "k"); ok {
		t.Error("nobody has a key")
	}
	want := Stats{Records: 3, Keys: 4, Tombstones: 1, Bytes: 3*19 + 2*17, Changes: 3, Merges: 1}
	if got := a.Stats(); got != want {
		t.Errorf("stats: %+v, want %+v", got, want)
	}
	if got := a.String(); got != `store of "a": 3 records, 4 keys` {
		t.Error(got)
	}
}

func TestEntriesMayBeReadAfterTheStoreChanged(t *testing.T) {
	a := newStore(t, "a")
	set(t, a, "k", "1")
	next, stop := iter.Pull2(a.Entries("a"))
	defer stop()
	_, value, _ := next()
	set(t, a, "k", "2")
	if string(value) != "1" {
		t.Fatalf("a value changed under its reader: %q", value)
	}
}
