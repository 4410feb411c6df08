package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/types"
)

func TestARumourCarriesWhatIsNewSinceItsBase(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	b.BeginReplica("a", Life{1, 0})
	set(t, a, "x", "1")
	set(t, a, "y", "2")
	m := merge(t, b, a.AppendRumour(nil, "a", 0, unlimited))
	if m != (Merged{ID: "a", Before: 0, News: true}) || show(b, "a") != "x=1 y=2" {
		t.Fatalf("%+v, %s", m, dump(b, "a"))
	}
	old := a.AppendRumour(nil, "a", 0, unlimited)
	set(t, a, "x", "3")
	a.Delete(0, wall, "y")
	rumour := a.AppendRumour(nil, "a", 2, unlimited)
	m = merge(t, b, rumour)
	if m != (Merged{ID: "a", Before: 2, News: true}) || show(b, "a") != "x=3" || a.Hash("a") != b.Hash("a") {
		t.Fatalf("%+v, %s", m, dump(b, "a"))
	}
	if m = merge(t, b, rumour); m.News || !m.Repeat || m.Before != 4 {
		t.Fatalf("the same rumour again: %+v", m)
	}
	if m = merge(t, b, old); m.News || m.Repeat {
		t.Fatalf("an older rumour: %+v", m)
	}
	if id, life, ok := About(rumour); string(id) != "a" || life != a.own.life || !ok {
		t.Fatalf("about %q", id)
	}
	if got := a.AppendRumour([]byte("prefix"), "a", 4, unlimited); string(got) != "prefix" {
		t.Fatalf("there is no news, but %x", got)
	}
	if got := a.AppendRumour(nil, "nobody", 0, unlimited); got != nil {
		t.Fatalf("news about nobody: %x", got)
	}
	check(t, b)
}

func TestADeltaIsCutOldestFirstWhereTheBudgetEnds(t *testing.T) {
	a := newStore(t, "a")
	for i := range 40 {
		set(t, a, fmt.Sprintf("k%02d", i), strings.Repeat("v", i))
	}
	whole := len(a.AppendRumour(nil, "a", 0, unlimited))
	previous := -1
	for budget := range whole + 10 {
		rumour := a.AppendRumour(nil, "a", 0, budget)
		if len(rumour) > budget {
			t.Fatalf("%d bytes for a budget of %d", len(rumour), budget)
		}
		b := newStore(t, "b")
		if len(rumour) > 0 {
			merge(t, b, rumour)
		}
		check(t, b)
		_, version, _ := b.Version("a")
		if b.Len("a") != int(version) || int(version) < previous {
			t.Fatalf("budget %d: %d keys at version %d, after %d", budget, b.Len("a"), version, previous)
		}
		previous = int(version)
		if complete := version == 40; version > 0 && b.Complete("a") != complete {
			t.Fatalf("version %d is complete: %v", version, b.Complete("a"))
		}
	}
	if previous != 40 {
		t.Fatalf("the whole record reached version %d", previous)
	}
}

func TestACutDeltaIsContinued(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	for i := range 100 {
		set(t, a, fmt.Sprintf("k%02d", i), "value")
	}
	rounds := 0
	for b.Hash("a") != a.Hash("a") {
		delta := a.AppendDelta(nil, "a", b.AppendDigest(nil, "a"), 300)
		if len(delta) == 0 || rounds > 100 {
			t.Fatalf("stuck in round %d at %s", rounds, dump(b, "a"))
		}
		if !merge(t, b, delta).News {
			t.Fatal("no progress")
		}
		rounds++
	}
	if b.Len("a") != 100 || rounds < 3 {
		t.Fatalf("%d keys in %d rounds", b.Len("a"), rounds)
	}
}

func TestAnIncompleteReplicaLooksDifferentAndIsCompletedByItsEquals(t *testing.T) {
	// c is complete at version 4, b reached version 4 on the way to 6 and never
	// saw x, which c has at 3 and the owner changed at 5.
	a, b, c := newStore(t, "a"), newStore(t, "b"), newStore(t, "c")
	for _, key := range []string{"p", "q", "x", "r"} {
		set(t, a, key, "1")
	}
	repair(t, a, c, "a")
	set(t, a, "x", "2")
	set(t, a, "s", "1")
	merge(t, b, cutAt(t, a, 4))
	if show(b, "a") != "p=1 q=1 r=1" || b.Complete("a") || b.Hash("a") == c.Hash("a") || b.Stats().Incomplete != 1 {
		t.Fatalf("b: %s\nc: %s", dump(b, "a"), dump(c, "a"))
	}
	if order, err := c.Compare("a", b.AppendDigest(nil, "a")); order != 1 || err != nil {
		t.Fatalf("complete against incomplete: %d, %v", order, err)
	}
	if order, _ := b.Compare("a", c.AppendDigest(nil, "a")); order != -1 {
		t.Fatalf("incomplete against complete: %d", order)
	}

	// What b passes on is marked: d is not complete either.
	d := newStore(t, "d")
	repair(t, b, d, "a")
	if d.Complete("a") || d.Hash("a") != b.Hash("a") {
		t.Fatalf("d: %s", dump(d, "a"))
	}
	// The owner is gone; c brings b to where it is itself.
	repair(t, c, b, "a")
	if b.Hash("a") != c.Hash("a") || show(b, "a") != show(c, "a") || !b.Complete("a") {
		t.Fatalf("b: %s\nc: %s", dump(b, "a"), dump(c, "a"))
	}
	// Or the owner is there, and d goes on from where it is.
	repair(t, a, d, "a")
	if d.Hash("a") != a.Hash("a") || show(d, "a") != show(a, "a") {
		t.Fatalf("d: %s", dump(d, "a"))
	}
	check(t, b)
	check(t, d)
}

// cutAt is a's delta from base 0, cut at a version.
func cutAt(t *testing.T, a *Store, at Version) []byte {
	t.Helper()
	for budget := range 1000 {
		rumour := a.AppendRumour(nil, "a", 0, budget)
		if d, ok := parseDelta(rumour); ok && d.reached == at {
			return rumour
		}
	}
	t.Fatalf("no delta is cut at version %d", at)
	return nil
}

func TestOneExchangeCompletesAReplicaThatOvertookItsTeller(t *testing.T) {
	a, b, c := newStore(t, "a"), newStore(t, "b"), newStore(t, "c")
	for _, key := range []string{"p", "x", "q", "r"} {
		set(t, a, key, "1")
	}
	repair(t, a, c, "a") // complete at 4
	set(t, a, "x", "2")
	merge(t, b, cutAt(t, a, 3)) // at 3, on the way to 5
	repair(t, c, b, "a")
	if b.Hash("a") != c.Hash("a") || show(b, "a") != show(c, "a") {
		t.Fatalf("b: %s\nc: %s", dump(b, "a"), dump(c, "a"))
	}
}

func TestTheTimeOfAnUpdateDoesNotGoBackWithALateDelta(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	var late []byte
	for i := range 5 {
		if err := a.Set(wall.Add(time.Duration(i)), types.StoreKey(fmt.Sprint(i)), nil); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			late = a.AppendRumour(nil, "a", 2, unlimited)
		}
	}
	merge(t, b, cutAt(t, a, 2)) // on the way to 5
	merge(t, b, late)           // from when the owner was at 3
	if _, v, _ := b.Version("a"); v != 3 || !b.Updated("a").Equal(wall.Add(4)) || b.Complete("a") {
		t.Fatalf("updated %v: %s", b.Updated("a"), dump(b, "a"))
	}
}

func TestADeltaAboveWhatIsHeldIsAGap(t *testing.T) {
	a, b := newStore(t, "a"), newStore(t, "b")
	for range 3 {
		set(t, a, "k", "1")
	}
	rumour := a.AppendRumour(nil, "a", 2, unlimited)
	for _, prepare := range []func(){
		func() {}, // no record
		func() { b.BeginReplica("a", Life{1, 0}) },
		func() { b.Drop("a"); b.BeginReplica("a", Life{0, 9}) }, // an older life
	} {
		prepare()
		before := dumpAll(b)
		if m, err := b.Merge(0, rumour); err != ErrGap || m.News || m.ID != "a" {
			t.Fatalf("%+v, %v", m, err)
		}
		if dumpAll(b) != before {
			t.Fatalf("changed:\n%s", dumpAll(b))
		}
	}
	if b.Stats().Gaps != 3 {
		t.Fatalf("%+v", b.Stats())
	}
}

func TestAHigherLifeReplacesTheRecordAndALowerOneIsIgnored(t *testing.T) {
	old, young, b := newStore(t, "a"), newStore(t, "a"), newStore(t, "b")
	for range 5 {
		set(t, old, "old", "1")
	}
	young.BeginLife(Life{1, 1})
	set(t, young, "young", "1")
	repair(t, old, b, "a")
	m := merge(t, b, young.AppendRumour(nil, "a", 0, unlimited))
	if m != (Merged{ID: "a", Before: 0, News: true}) || show(b, "a") != "young=1" {
		t.Fatalf("%+v, %s", m, dump(b, "a"))
	}
	if m = merge(t, b, old.AppendRumour(nil, "a", 0, unlimited)); m.News || show(b, "a") != "young=1" {
		t.Fatalf("an old life came back: %+v, %s", m, dump(b, "a"))
	}
	if order, _ := b.Compare("a", old.AppendDigest(nil, "a")); order != 1 {
		t.Fatal("a lower life is ahead")
	}
	b.BeginReplica("a", Life{1, 0})
	b.BeginReplica("a", Life{1, 1})
	if show(b, "a") != "young=1" {
		t.Fatal("a life that is not higher began")
	}
	b.BeginReplica("a", Life{2, 0})
	if life, v, _ := b.Version("a"); life != (Life{2, 0}) || v != 0 || b.Len("a") != 0 {
		t.Fatalf("after a higher life began: %s", dump(b, "a"))
	}
	check(t, b)
}

func TestComparingOrdersByLifeThenVersion(t *testing.T) {
	low, high := newStore(t, "a"), newStore(t, "a")
	b := newStore(t, "b")
	none := b.AppendDigest(nil, "a")
	if len(none) != 0 {
		t.Fatalf("a digest of nothing: %x", none)
	}
	set(t, high, "k", "1")
	for _, tt := range []struct {
		name   string
		s      *Store
		digest []byte
		want   int
	}{
		{"equal", low, newStore(t, "a").AppendDigest(nil, "a"), 0},
		{"we have a higher version", high, low.AppendDigest(nil, "a"), 1},
		{"they have a higher version", low, high.AppendDigest(nil, "a"), -1},
		{"they have nothing", low, none, 1},
		{"we have nothing", b, low.AppendDigest(nil, "a"), -1},
		{"nobody has anything", b, none, 0},
	} {
		if got, err := tt.s.Compare("a", tt.digest); got != tt.want || err != nil {
			t.Errorf("%s: %d, %v, want %d", tt.name, got, err, tt.want)
		}
	}
	if _, err := low.Compare("a", []byte{0x93, 1, 2}); !errors.Is(err, ErrMalformed) {
		t.Errorf("half a digest: %v", err)
	}
	high.BeginLife(Life{^uint64(0), ^uint64(0)})
	r := high.own
	r.version, r.goal = ^Version(0)-1, ^Version(0)
	if n := len(high.AppendDigest(nil, "a")); n != MaxDigestLen {
		t.Errorf("the longest digest has %d bytes, not %d", n, MaxDigestLen)
	}
}

func TestTheOwnRecordIsNeverMerged(t *testing.T) {
	ours, theirs := newStore(t, "a"), newStore(t, "a")
	set(t, ours, "k", "ours")
	before := dumpAll(ours)
	echo := ours.AppendRumour(nil, "a", 0, unlimited)
	if m, err := ours.Merge(0, echo); m.News || err != nil {
		t.Fatalf("our own news came back: %+v, %v", m, err)
	}
	set(t, theirs, "k", "theirs")
	set(t, theirs, "k", "theirs")
	_, err := ours.Merge(0, theirs.AppendRumour(nil, "a", 0, unlimited))
	var own *OwnRecordError
	if !errors.Is(err, ErrOwnRecord) || !errors.As(err, &own) || own.Version != 2 {
		t.Fatalf("a higher version: %v", err)
	}
	theirs.BeginLife(Life{3, 4})
	if _, err = ours.Merge(0, theirs.AppendRumour(nil, "a", 0, unlimited)); !errors.As(err, &own) || own.Life != (Life{3, 4}) {
		t.Fatalf("a higher life: %v", err)
	}
	ours.BeginReplica("a", Life{9, 9})
	ours.Drop("a")
	if dumpAll(ours) != before {
		t.Fatalf("changed:\n%s", dumpAll(ours))
	}
}

// raw builds a delta as a hostile peer may.
func raw(id string, base, reached, beyond, floor uint64, entries ...any) []byte {
	b := mpack.AppendStr(mpack.AppendArray(nil, deltaFields), id)
	for _, n := range []uint64{1, 0, base, reached, beyond, floor, 0} {
		b = mpack.AppendUint(b, n)
	}
	b = mpack.AppendArray(b, len(entries))
	for _, e := range entries {
		switch e := e.(type) {
		case string:
			b = mpack.AppendStr(b, e)
		case int:
			b = mpack.AppendUint(b, uint64(e))
		case []byte:
			b = mpack.AppendBin(b, e)
		case nil:
			b = append(b, mpack.Nil)
		}
	}
	return b
}

func TestBadDeltasAreRefusedWhole(t *testing.T) {
	value := []byte("v")
	long := strings.Repeat("k", 300)
	for _, tt := range []struct {
		name  string
		delta []byte
		want  error
	}{
		{"nothing", nil, ErrMalformed},
		{"no array", []byte{0xc0}, ErrMalformed},
		{"short array", []byte{0x91, 0xa1, 'x'}, ErrMalformed},
		{"no id", raw("", 0, 1, 0, 0), ErrMalformed},
		{"long id", raw(long, 0, 1, 0, 0), ErrMalformed},
		{"reached below base", raw("x", 2, 1, 0, 0), ErrMalformed},
		{"goal overflows", raw("x", 0, ^uint64(0), 1, 0), ErrMalformed},
		{"floor above reached", raw("x", 0, 1, 0, 2), ErrMalformed},
		{"cut below the floor", raw("x", 0, 2, 1, 1, "k", 2, value), ErrMalformed},
		{"base below the floor", raw("x", 1, 3, 0, 2, "k", 3, value), ErrMalformed},
		{"no triples", raw("x", 0, 1, 0, 0, "k", 1), ErrMalformed},
		{"version above reached", raw("x", 0, 1, 0, 0, "k", 2, value), ErrMalformed},
		{"version zero", raw("x", 0, 1, 0, 0, "k", 0, value), ErrMalformed},
		{"versions not rising", raw("x", 0, 9, 0, 0, "k", 2, value, "j", 2, value), ErrMalformed},
		{"a key twice", raw("x", 0, 9, 0, 0, "k", 1, value, "j", 2, value, "k", 3, nil), ErrMalformed},
		{"key is a number", raw("x", 0, 9, 0, 0, 7, 1, value), ErrMalformed},
		{"value is a number", raw("x", 0, 9, 0, 0, "k", 1, 7), ErrMalformed},
		{"more follows", append(raw("x", 0, 9, 0, 0, "k", 1, value), 0), ErrMalformed},
		{"cut off", raw("x", 0, 9, 0, 0, "k", 1, value)[:14], ErrMalformed},
		{"a long key", raw("x", 0, 9, 0, 0, "k", 1, value, long, 2, value), ErrKeyTooLong},
		{"a large value", raw("x", 0, 9, 0, 0, "k", 1, value, "j", 2, make([]byte, 101)), ErrValueTooLarge},
		{"a large record", raw("x", 0, 9, 0, 0, "k", 1, make([]byte, 100), "j", 2, make([]byte, 100)), ErrRecordTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStoreWith(t, Config{Self: "a", MaxValue: 100, MaxRecord: 200})
			merge(t, s, raw("y", 0, 1, 0, 0, "k", 1, value))
			before := dumpAll(s)
			if m, err := s.Merge(0, tt.delta); !errors.Is(err, tt.want) || m.News {
				t.Fatalf("%+v, %v, want %v", m, err, tt.want)
			}
			if dumpAll(s) != before {
				t.Fatalf("changed:\n%s\nbefore:\n%s", dumpAll(s), before)
			}
			if s.Stats().Refused != 1 {
				t.Fatalf("%+v", s.Stats())
			}
		})
	}
}

func TestNewFieldsAtTheEndAreSkipped(t *testing.T) {
	s := newStore(t, "a")
	delta := raw("x", 0, 1, 0, 0, "k", 1, []byte("v"))
	delta[0]++
	delta = append(delta, 0x92, 0xa1, 'n', 0xc0)
	if merge(t, s, delta); show(s, "x") != "k=v" {
		t.Fatal(dump(s, "x"))
	}
	digest := append([]byte{0x95, 1, 0, 1, 1}, 0x80)
	if order, err := s.Compare("x", digest); order != 0 || err != nil {
		t.Fatalf("%d, %v", order, err)
	}
}

func TestAFloodOfTombstonesIsOverTheLimit(t *testing.T) {
	s := newStoreWith(t, Config{Self: "a", MaxRecord: 1000})
	var entries []any
	for i := range 100 {
		entries = append(entries, fmt.Sprint(i), i+1, nil)
	}
	if _, err := s.Merge(0, raw("x", 0, 100, 0, 0, entries...)); !errors.Is(err, ErrRecordTooLarge) {
		t.Fatalf("err = %v", err)
	}
}

func TestThereIsRoomForSoManyRecords(t *testing.T) {
	s := newStoreWith(t, Config{Self: "a", MaxRecords: 2})
	merge(t, s, raw("x", 0, 1, 0, 0, "k", 1, []byte("v")))
	if _, err := s.Merge(0, raw("y", 0, 1, 0, 0)); !errors.Is(err, ErrTooManyRecords) {
		t.Fatalf("err = %v", err)
	}
	s.BeginReplica("y", Life{})
	s.BeginReplica("", Life{})
	if len(s.IDs()) != 2 {
		t.Fatalf("%v", s.IDs())
	}
	s.Drop("x")
	s.BeginReplica(types.NodeId(strings.Repeat("x", 256)), Life{})
	merge(t, s, raw("y", 0, 1, 0, 0, "k", 1, []byte("v")))
	if s.Hash("x") != 0 || show(s, "y") != "k=v" || s.Stats().Bytes != 18 {
		t.Fatal(dumpAll(s))
	}
	check(t, s)
}

func TestTombstonesAreCollectedWithoutAnyoneNoticing(t *testing.T) {
	s := newStoreWith(t, Config{Self: "a", TombstoneTTL: time.Minute})
	if _, ok := s.NextDeadline(); ok {
		t.Fatal("a deadline without a tombstone")
	}
	set(t, s, "x", "1")
	set(t, s, "y", "1")
	set(t, s, "z", "1")
	s.Delete(10*time.Second, wall, "x")
	s.Delete(20*time.Second, wall, "y")
	hash := s.Hash("a")
	if at, ok := s.NextDeadline(); at != 70*time.Second || !ok {
		t.Fatalf("deadline %v", at)
	}
	s.HandleTimeout(70*time.Second - 1)
	if s.Stats().Tombstones != 2 {
		t.Fatal("collected too soon")
	}
	s.HandleTimeout(70 * time.Second)
	if at, _ := s.NextDeadline(); s.Stats().Tombstones != 1 || at != 80*time.Second || s.own.floor != 4 {
		t.Fatal(dumpAll(s))
	}
	s.HandleTimeout(time.Hour)
	if _, ok := s.NextDeadline(); ok || s.own.floor != 5 || s.Hash("a") != hash || show(s, "a") != "z=1" {
		t.Fatal(dumpAll(s))
	}
	if st := s.Stats(); st.Collected != 2 || st.Tombstones != 0 {
		t.Fatalf("%+v", st)
	}
	check(t, s)
}

func TestAReplicaBelowTheFloorGetsTheWholeRecord(t *testing.T) {
	a := newStoreWith(t, Config{Self: "a", TombstoneTTL: time.Minute})
	away, late := newStore(t, "b"), newStore(t, "c")
	set(t, a, "doomed", "1")
	set(t, a, "kept", "1")
	repair(t, a, away, "a")
	a.Delete(0, wall, "doomed")
	repair(t, a, late, "a") // holds the tombstone
	set(t, a, "new", "1")
	a.HandleTimeout(time.Hour)

	if got := a.AppendRumour(nil, "a", 2, 30); got != nil {
		t.Fatalf("a whole record was cut: %x", got)
	}
	merge(t, away, a.AppendRumour(nil, "a", 2, unlimited))
	if show(away, "a") != "kept=1 new=1" || away.Hash("a") != a.Hash("a") {
		t.Fatalf("the deleted key stayed: %s", dump(away, "a"))
	}
	repair(t, a, late, "a")
	if show(late, "a") != "kept=1 new=1" || late.Stats().Tombstones != 1 {
		t.Fatalf("a replica at the floor needs no more than a delta: %s", dump(late, "a"))
	}
	// The floor travels on: who gets it from the replica is safe as well.
	if away.records["a"].floor != 3 {
		t.Fatal(dump(away, "a"))
	}
	check(t, away)
	check(t, late)
}

// The cases (a), (b) and (c) of doc.go.
func TestADeletedKeyDoesNotComeBack(t *testing.T) {
	type stores struct{ a, b, c *Store }
	setUp := func() stores {
		ttl := time.Minute
		s := stores{newStore(t, "a"), newStoreWith(t, Config{Self: "b", TombstoneTTL: ttl}), newStoreWith(t, Config{Self: "c", TombstoneTTL: ttl})}
		set(t, s.a, "k", "1")
		set(t, s.a, "x", "1")
		repair(t, s.a, s.b, "a")
		repair(t, s.a, s.c, "a")
		s.a.Delete(0, wall, "k")
		repair(t, s.a, s.b, "a")
		s.b.HandleTimeout(time.Hour) // b has forgotten that k was deleted
		return s
	}
	absent := func(s *Store) {
		t.Helper()
		if _, ok := s.Get("a", "k"); ok {
			t.Fatalf("k is back: %s", dump(s, "a"))
		}
		check(t, s)
	}
	t.Run("told by one that still has it", func(t *testing.T) {
		s := setUp()
		merge(t, s.b, s.c.AppendRumour(nil, "a", 0, unlimited))
		absent(s.b)
	})
	t.Run("at one that still has it", func(t *testing.T) {
		s := setUp()
		repair(t, s.b, s.c, "a")
		absent(s.c)
	})
	t.Run("told by one that missed the deletion", func(t *testing.T) {
		s := setUp()
		for i := range 10 { // k is set again at the end, far away
			set(t, s.a, fmt.Sprintf("n%d", i), "1")
		}
		set(t, s.a, "k", "2")
		// c goes on from version 2 and is cut before k: it still shows k=1.
		digest := s.c.AppendDigest(nil, "a")
		merge(t, s.c, s.a.AppendDelta(nil, "a", digest, 60))
		if value, _ := s.c.Get("a", "k"); string(value) != "1" || s.c.Complete("a") {
			t.Fatalf("not the situation that was meant: %s", dump(s.c, "a"))
		}
		merge(t, s.b, s.c.AppendRumour(nil, "a", 0, unlimited))
		absent(s.b)
		d := newStore(t, "d")
		repair(t, s.b, d, "a")
		absent(d)
		repair(t, s.a, s.b, "a")
		if show(s.b, "a") != show(s.a, "a") {
			t.Fatalf("b: %s", dump(s.b, "a"))
		}
	})
}
