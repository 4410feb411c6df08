package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

type fields = map[types.StoreKey][]byte

func overlaid(t *testing.T, s *Store, id types.NodeId, at time.Time, m fields, force bool) bool {
	t.Helper()
	ok, err := s.Overlay(id, at, m, force)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestAnOverlayIsSeenHereOnlyAndUntilTheOwnerSpeaks(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	set(t, a, "k", "owner")
	repair(t, a, b, "a")
	hash, digest := b.Hash("a"), b.AppendDigest(nil, "a")

	if overlaid(t, b, "a", wall, fields{"o": []byte("1")}, false) {
		t.Fatal("what is not strictly later was shown")
	}
	if !overlaid(t, b, "a", wall.Add(1), fields{"o": []byte("1")}, false) {
		t.Fatal("what is later was not shown")
	}
	if show(b, "a") != "o=1" || b.Len("a") != 1 || !b.Updated("a").Equal(wall.Add(1)) {
		t.Fatalf("shown: %s at %v", show(b, "a"), b.Updated("a"))
	}
	if _, ok := b.Get("a", "k"); ok {
		t.Fatal("the owner's key shows through: an overlay replaces, it does not unite")
	}
	if got := b.Keys(); !slices.Equal(got, []types.StoreKey{"o"}) {
		t.Fatalf("keys: %v", got)
	}
	if b.Hash("a") != hash || string(b.AppendDigest(nil, "a")) != string(digest) {
		t.Fatal("an overlay shows in hash or digest")
	}
	c := newStore(t, "c")
	merge(t, c, b.AppendRumour(nil, "a", 0, unlimited))
	if show(c, "a") != "k=owner" {
		t.Fatalf("an overlay was sent: %s", show(c, "a"))
	}
	if overlaid(t, b, "a", wall.Add(1), fields{}, false) || !overlaid(t, b, "a", wall.Add(2), fields{"p": nil}, false) {
		t.Fatal("overlays follow each other by their time")
	}
	merge(t, b, a.AppendRumour(nil, "a", 0, unlimited)) // known
	if show(b, "a") != "p=" {
		t.Fatal("old news ended the overlay")
	}
	if err := a.Set(wall.Add(-time.Hour), "k", []byte("2")); err != nil { // a slow clock
		t.Fatal(err)
	}
	repair(t, a, b, "a")
	if show(b, "a") != "k=2" || !b.Updated("a").Equal(wall.Add(-time.Hour)) || b.Stats().Overlays != 0 {
		t.Fatalf("the owner spoke, but: %s at %v", show(b, "a"), b.Updated("a"))
	}
}

func TestAnOverlayCanBeForcedAndNeedsNoRecord(t *testing.T) {
	b := newStore(t, "b")
	if overlaid(t, b, "a", time.Time{}, fields{"k": nil}, false) || !overlaid(t, b, "a", time.Time{}, fields{"k": nil}, true) {
		t.Fatal("only force shows an overlay without a time")
	}
	if show(b, "a") != "k=" || b.Hash("a") != 0 || len(b.IDs()) != 1 || b.Len("a") != 1 {
		t.Fatalf("%s, %v", show(b, "a"), b.IDs())
	}
	b.BeginReplica("a", Life{1, 1})
	if b.Len("a") != 0 {
		t.Fatal("a new life did not end the overlay")
	}
	overlaid(t, b, "a", wall, fields{"k": nil}, true)
	b.Drop("a")
	if b.Len("a") != 0 || b.Stats().Overlays != 0 {
		t.Fatal("dropped, but still there")
	}
}

func TestTheOwnRecordCannotBeCovered(t *testing.T) {
	a := newStore(t, "a")
	set(t, a, "k", "1")
	if overlaid(t, a, "a", wall.Add(time.Hour), fields{}, true) || show(a, "a") != "k=1" {
		t.Fatal("the own record was covered")
	}
}

func TestAnOverlayIsCopiedAndLimited(t *testing.T) {
	b := newStoreWith(t, Config{Self: "b", MaxKey: 4, MaxValue: 50, MaxRecord: 100})
	value := []byte("one")
	m := fields{"k": value}
	overlaid(t, b, "a", wall, m, false)
	copy(value, "xxx")
	m["j"] = nil
	if show(b, "a") != "k=one" {
		t.Fatalf("the caller's map is shared: %s", show(b, "a"))
	}
	for _, tt := range []struct {
		m    fields
		want error
	}{
		{fields{"fifty": nil}, ErrKeyTooLong},
		{fields{"k": make([]byte, 51)}, ErrValueTooLarge},
		{fields{"k": make([]byte, 50), "j": make([]byte, 50)}, ErrRecordTooLarge},
	} {
		if ok, err := b.Overlay("a", wall.Add(1), tt.m, true); ok || !errors.Is(err, tt.want) {
			t.Errorf("%v, %v, want %v", ok, err, tt.want)
		}
	}
	if show(b, "a") != "k=one" {
		t.Fatalf("an error changed: %s", show(b, "a"))
	}
}

func TestTouchMovesTheTimeHereOnly(t *testing.T) {
	a, b, c := newStore(t, "a"), newStore(t, "b"), newStore(t, "c")
	set(t, a, "k", "1")
	repair(t, a, b, "a")
	b.Touch("a", wall.Add(time.Hour)) // a clock that is ahead
	if !b.Updated("a").Equal(wall.Add(time.Hour)) || show(b, "a") != "k=1" || !slices.Equal(b.Keys(), []types.StoreKey{"k"}) {
		t.Fatalf("%v, %s", b.Updated("a"), show(b, "a"))
	}
	repair(t, b, c, "a")
	if !c.Updated("a").Equal(wall) {
		t.Fatal("a local time was sent")
	}
	if overlaid(t, b, "a", wall.Add(time.Minute), fields{}, false) {
		t.Fatal("the rule compares with the local time")
	}
	set(t, a, "k", "2") // at an earlier time: it arrives all the same (B20)
	repair(t, a, b, "a")
	if show(b, "a") != "k=2" || !b.Updated("a").Equal(wall) {
		t.Fatalf("%s at %v", show(b, "a"), b.Updated("a"))
	}
	overlaid(t, b, "a", wall.Add(1), fields{"o": nil}, false)
	b.Touch("a", wall.Add(2))
	if show(b, "a") != "o=" || !b.Updated("a").Equal(wall.Add(2)) {
		t.Fatal("a touch ended the overlay")
	}
}

func TestPublishedIsTheWordOfTheOwnerAlone(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	is := func(want time.Time, known bool) {
		t.Helper()
		if at, ok := b.Published("a"); !at.Equal(want) || ok != known {
			t.Errorf("published %v, %v; want %v, %v", at, ok, want, known)
		}
	}
	is(time.Time{}, false)
	set(t, a, "k", "owner")
	repair(t, a, b, "a")
	is(wall, true)
	b.Touch("a", wall.Add(time.Hour))
	is(wall, true)
	overlaid(t, b, "a", wall.Add(2*time.Hour), fields{"o": nil}, false)
	is(time.Time{}, false)
}
