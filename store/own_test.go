package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

func TestANewStoreHoldsItsEmptyRecord(t *testing.T) {
	s := newStore(t, "a")
	life, version, ok := s.Version("a")
	if life != (Life{1, 0}) || version != 0 || !ok || s.Hash("a") == 0 {
		t.Fatalf("version: %v %d %v, hash %x", life, version, ok, s.Hash("a"))
	}
	if s.Len("a") != 0 || !s.Updated("a").IsZero() || s.Keys() == nil {
		t.Fatalf("a new record is not empty: %s, updated %v, keys %v", show(s, "a"), s.Updated("a"), s.Keys())
	}
	check(t, s)
}

func TestAConfigReportsAllItsProblemsAtOnce(t *testing.T) {
	_, err := New(Config{Self: types.NodeId(strings.Repeat("x", MaxIDLen+1)), TombstoneTTL: -1, MaxKey: -1, MaxValue: -2, MaxRecord: -3, MaxRecords: -4})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, field := range []string{"Self", "TombstoneTTL", "MaxKey", "MaxValue", "MaxRecord is", "MaxRecords"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%q is not named in: %v", field, err)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a store without an id was made")
	}
}

func TestSettingAndDeletingRaiseTheVersion(t *testing.T) {
	s := newStore(t, "a")
	hashes := map[uint64]bool{s.Hash("a"): true}
	step := func(what string, version Version, shown string) {
		t.Helper()
		_, v, _ := s.Version("a")
		if v != version || show(s, "a") != shown {
			t.Fatalf("%s: version %d with %q, want %d with %q", what, v, show(s, "a"), version, shown)
		}
		if version > 0 && hashes[s.Hash("a")] {
			t.Fatalf("%s: the hash did not change", what)
		}
		hashes[s.Hash("a")] = true
		check(t, s)
	}
	set(t, s, "k", "1")
	step("first key", 1, "k=1")
	set(t, s, "j", "2")
	step("second key", 2, "j=2 k=1")
	set(t, s, "k", "3")
	step("changed key", 3, "j=2 k=3")
	set(t, s, "k", "3")
	step("the same value again is a change", 4, "j=2 k=3")
	if !s.Delete(0, wall, "k") {
		t.Fatal("k was not there")
	}
	step("deleted key", 5, "j=2")
	if _, ok := s.Get("a", "k"); ok {
		t.Fatal("a deleted key is shown")
	}
	set(t, s, "", "")
	step("empty key and value", 6, "= j=2")
	set(t, s, "k", "again")
	step("deleted key set again", 7, "= j=2 k=again")
	if st := s.Stats(); st.Changes != 7 || st.Keys != 3 || st.Tombstones != 0 {
		t.Fatalf("stats: %+v", st)
	}
}

func TestDeletingAnAbsentKeyChangesNothing(t *testing.T) {
	s := newStore(t, "a")
	set(t, s, "k", "1")
	s.Delete(0, wall, "k")
	before := dumpAll(s)
	if s.Delete(0, wall.Add(time.Hour), "k") || s.Delete(0, wall, "never") {
		t.Fatal("an absent key was deleted")
	}
	if dumpAll(s) != before {
		t.Fatalf("changed:\n%s\nbefore:\n%s", dumpAll(s), before)
	}
}

func TestTheStoreKeepsItsOwnCopyOfAValue(t *testing.T) {
	s := newStore(t, "a")
	value := []byte("one")
	if err := s.Set(wall, "k", value); err != nil {
		t.Fatal(err)
	}
	copy(value, "xxx")
	held, _ := s.Get("a", "k")
	if string(held) != "one" {
		t.Fatalf("the caller's slice is shared: %q", held)
	}
	set(t, s, "k", "two")
	if string(held) != "one" {
		t.Fatalf("a value that was handed out changed: %q", held)
	}
}

func TestAnUpdateIsTimedByTheOwnersClock(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	for _, at := range []time.Time{
		wall, wall.Add(-time.Hour), // clocks may jump
		time.Date(1970, 1, 1, 0, 0, 0, -1, time.UTC),
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if err := a.Set(at, "k", nil); err != nil {
			t.Fatal(err)
		}
		repair(t, a, b, "a")
		if !a.Updated("a").Equal(at) || !b.Updated("a").Equal(at) {
			t.Errorf("set at %v: owner says %v, replica %v", at, a.Updated("a"), b.Updated("a"))
		}
	}
	at := wall.Add(time.Minute)
	a.Delete(0, at, "k")
	if !a.Updated("a").Equal(at) {
		t.Error("a deletion is no update")
	}
	_ = a.Set(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "k", nil)
	if year := a.Updated("a").Year(); year != 2262 {
		t.Errorf("a far future became the year %d", year)
	}
}

func TestANewLifeKeepsTheKeysOfTheOldOne(t *testing.T) {
	s := newStore(t, "a")
	set(t, s, "x", "1")
	set(t, s, "y", "2")
	set(t, s, "x", "3")
	set(t, s, "z", "4")
	s.Delete(0, wall, "z")
	s.BeginLife(Life{1, 500})
	life, version, _ := s.Version("a")
	if life != (Life{1, 500}) || version != 2 || show(s, "a") != "x=3 y=2" || s.Stats().Tombstones != 0 {
		t.Fatalf("after BeginLife: %s", dump(s, "a"))
	}
	check(t, s)
	b := newStore(t, "b")
	repair(t, s, b, "a")
	if show(b, "a") != "x=3 y=2" || b.Hash("a") != s.Hash("a") {
		t.Fatalf("replica: %s", dump(b, "a"))
	}
	before := dumpAll(s)
	s.BeginLife(Life{1, 500})
	s.BeginLife(Life{0, 900})
	if dumpAll(s) != before {
		t.Fatal("a life that is not higher began")
	}
}

func TestAnEmptyNewLifeNeedsNoTransfer(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	set(t, a, "k", "1")
	a.Delete(0, wall, "k")
	a.BeginLife(Life{1, 7})
	b.BeginReplica("a", Life{1, 7})
	if a.Hash("a") != b.Hash("a") {
		t.Fatalf("hashes differ:\n%s\n%s", dump(a, "a"), dump(b, "a"))
	}
	if delta := a.AppendDelta(nil, "a", b.AppendDigest(nil, "a"), unlimited); len(delta) != 0 {
		t.Fatalf("there is nothing to send, got %x", delta)
	}
}

func TestWhatIsOverALimitIsRefusedAndChangesNothing(t *testing.T) {
	cfg := Config{Self: "a", MaxKey: 4, MaxValue: 50, MaxRecord: 200}
	for _, tt := range []struct {
		name  string
		key   string
		value int
		limit error
		size  int
	}{
		{"a long key", "fifty", 1, ErrKeyTooLong, 5},
		{"a large value", "k", 51, ErrValueTooLarge, 51},
		{"a large record", "new", 50, ErrRecordTooLarge, 2*(2+50+16) + 3 + 50 + 16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStoreWith(t, cfg)
			set(t, s, "k1", strings.Repeat("x", 50))
			set(t, s, "k2", strings.Repeat("x", 50))
			before := dumpAll(s)
			err := s.Set(wall.Add(1), types.StoreKey(tt.key), make([]byte, tt.value))
			var limit *LimitError
			if !errors.Is(err, tt.limit) || !errors.As(err, &limit) || limit.Size != tt.size || limit.ID != "a" {
				t.Fatalf("err = %v, want %v with size %d", err, tt.limit, tt.size)
			}
			if !strings.Contains(err.Error(), `"a"`) || dumpAll(s) != before {
				t.Fatalf("%v\n%s\nbefore:\n%s", err, dumpAll(s), before)
			}
		})
	}
	s := newStoreWith(t, cfg)
	set(t, s, "four", strings.Repeat("x", 50)) // exactly at the limits
	check(t, s)
}

func TestTombstonesMakeRoomForNewKeys(t *testing.T) {
	a := newStoreWith(t, Config{Self: "a", MaxRecord: 100})
	b := newStoreWith(t, Config{Self: "b", MaxRecord: 100})
	for i := range 50 {
		key := types.StoreKey(string(rune('A' + i)))
		if err := a.Set(wall, key, make([]byte, 40)); err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
		repair(t, a, b, "a")
		check(t, a)
		check(t, b)
		a.Delete(0, wall, key)
		repair(t, a, b, "a")
		check(t, b)
	}
	if a.Stats().Collected == 0 || show(b, "a") != show(a, "a") {
		t.Fatalf("a: %s\nb: %s", dump(a, "a"), dump(b, "a"))
	}
	// Everything that is left is tombstones: one key may fill the record.
	if err := a.Set(wall, "k", make([]byte, 100-1-entryOverhead)); err != nil {
		t.Fatal(err)
	}
	check(t, a)
}
