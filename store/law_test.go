package store

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
	"pgregory.net/rapid"
)

// A history drives an owner at random and remembers what it looked like at every
// version: the plain model against which replicas are held.
type history struct {
	owner  *Store
	now    time.Duration
	states map[Life]map[Version]map[string]string
	boots  uint64
}

func newHistory(t failer) *history {
	h := &history{owner: newStoreWith(t, Config{Self: "o", Generation: 1, TombstoneTTL: time.Minute})}
	h.states = map[Life]map[Version]map[string]string{}
	h.remember()
	return h
}

func (h *history) remember() {
	life, version, _ := h.owner.Version("o")
	if h.states[life] == nil {
		h.states[life] = map[Version]map[string]string{}
	}
	h.states[life][version] = liveMap(h.owner, "o")
}

var genKey = rapid.StringMatching(`[a-f]`)

// act does one random thing to the owner.
func (h *history) act(t *rapid.T, restarts bool) {
	most := 9
	if restarts {
		most = 10
	}
	switch rapid.IntRange(0, most).Draw(t, "act") {
	case 0, 1, 2, 3, 4:
		key := genKey.Draw(t, "key")
		value := rapid.StringN(0, 3, 30).Draw(t, "value")
		if err := h.owner.Set(wall, types.StoreKey(key), []byte(value)); err != nil {
			t.Fatal(err)
		}
	case 5, 6, 7:
		h.owner.Delete(h.now, wall, types.StoreKey(genKey.Draw(t, "key")))
	case 8, 9:
		h.now += time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second
		h.owner.HandleTimeout(h.now)
	case 10:
		h.boots++
		h.owner.BeginLife(Life{1, h.boots})
	}
	h.remember()
	check(t, h.owner)
}

// hold fails the test unless the replica keeps laws 1 and 2 of doc.go.
func (h *history) hold(t *rapid.T, s *Store) {
	check(t, s)
	life, version, ok := s.Version("o")
	if !ok || !s.Complete("o") {
		return
	}
	want := h.states[life][version]
	if got := liveMap(s, "o"); !maps.Equal(got, want) {
		t.Fatalf("%v at %v version %d shows %v, the owner had %v\n%s", s, life, version, got, want, dump(s, "o"))
	}
}

// mark is what may only grow: life, version, and within a life the version of any
// key.
type mark struct {
	life    Life
	version Version
	keys    map[types.StoreKey]Version
}

func markOf(s *Store) mark {
	m := mark{keys: map[types.StoreKey]Version{}}
	if r := s.records["o"]; r != nil {
		m.life, m.version = r.life, r.version
		for key, e := range r.entries {
			m.keys[key] = e.version
		}
	}
	return m
}

func (m mark) mustNotExceed(t *rapid.T, s *Store) {
	n := markOf(s)
	if order := n.life.Compare(m.life); order < 0 || order == 0 && n.version < m.version {
		t.Fatalf("went back from %v %d to %v %d", m.life, m.version, n.life, n.version)
	} else if order > 0 {
		return
	}
	for key, v := range n.keys {
		if v < m.keys[key] {
			t.Fatalf("key %q went back from version %d to %d", key, m.keys[key], v)
		}
	}
}

// Whatever is lost, cut, repeated or reordered, and whoever tells whom, replicas
// keep the laws at every step; and when the owner repairs them they are equal.
func TestReplicasConverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		var replicas []*Store
		all := []*Store{h.owner}
		for i := range 3 {
			s, err := New(Config{Self: types.NodeId(fmt.Sprint(i)), TombstoneTTL: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			replicas = append(replicas, s)
			all = append(all, s)
		}
		var inFlight [][]byte
		deliver := func(s *Store, b []byte) {
			before, dumped := markOf(s), dumpAll(s)
			m, err := s.Merge(h.now, b)
			if err != nil && err != ErrGap {
				t.Fatalf("merge: %v", err)
			}
			if changed := dumpAll(s) != dumped; changed != m.News {
				t.Fatalf("news %v, but changed %v:\n%s\n%s", m.News, changed, dumped, dumpAll(s))
			}
			if m.Before != before.version && m.Before != 0 {
				t.Fatalf("before: %d, was %d", m.Before, before.version)
			}
			before.mustNotExceed(t, s)
			h.hold(t, s)
		}
		for range rapid.IntRange(10, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				h.act(t, true)
			case 2: // somebody sends a rumour
				s := rapid.SampledFrom(all).Draw(t, "sender")
				_, version, _ := s.Version("o")
				base := Version(rapid.Uint64Range(0, uint64(version)).Draw(t, "base"))
				budget := rapid.SampledFrom([]int{30, 45, 60, 90, unlimited}).Draw(t, "budget")
				if b := s.AppendRumour(nil, "o", base, budget); len(b) > 0 {
					inFlight = append(inFlight, b)
				}
			case 3: // one of those in flight arrives, and may arrive again
				if len(inFlight) > 0 {
					deliver(rapid.SampledFrom(replicas).Draw(t, "receiver"), rapid.SampledFrom(inFlight).Draw(t, "rumour"))
				}
			case 4: // anti-entropy between any two
				from := rapid.SampledFrom(all).Draw(t, "from")
				to := rapid.SampledFrom(replicas).Draw(t, "to")
				digest := to.AppendDigest(nil, "o")
				budget := rapid.SampledFrom([]int{30, 45, 60, 90, unlimited}).Draw(t, "budget")
				delta := from.AppendDelta(nil, "o", digest, budget)
				ahead, err := from.Compare("o", digest)
				if err != nil || len(delta) > 0 && ahead <= 0 {
					t.Fatalf("compare: %d, %v, but a delta of %d bytes", ahead, err, len(delta))
				}
				if len(delta) > budget {
					t.Fatalf("%d bytes for a budget of %d", len(delta), budget)
				}
				if len(delta) > 0 {
					hash := to.Hash("o")
					deliver(to, delta)
					if to.Hash("o") == hash {
						t.Fatalf("a delta made for a replica brought nothing:\n%s\n%s", dump(from, "o"), dump(to, "o"))
					}
				}
			case 5: // time passes at a replica
				h.now += time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second
				s := rapid.SampledFrom(replicas).Draw(t, "replica")
				hash := s.Hash("o")
				s.HandleTimeout(h.now)
				if s.Hash("o") != hash {
					t.Fatal("collecting changed the hash")
				}
				h.hold(t, s)
			}
		}
		for _, s := range replicas {
			if b := h.owner.AppendDelta(nil, "o", s.AppendDigest(nil, "o"), unlimited); len(b) > 0 {
				deliver(s, b)
			}
			if s.Hash("o") != h.owner.Hash("o") || !maps.Equal(liveMap(s, "o"), liveMap(h.owner, "o")) {
				t.Fatalf("after the repair:\n%s\n%s", dump(s, "o"), dump(h.owner, "o"))
			}
			if !s.Updated("o").Equal(h.owner.Updated("o")) {
				t.Fatalf("updated %v, owner %v", s.Updated("o"), h.owner.Updated("o"))
			}
		}
	})
}

// result is what a store has of the owner's record, tombstones aside: two replicas
// that collected at different times are equal.
func result(s *Store) string {
	life, version, ok := s.Version("o")
	return fmt.Sprint(life, version, ok, s.Complete("o"), liveMap(s, "o"), s.Hash("o"))
}

func mergeAll(t *rapid.T, deltas ...[]byte) *Store {
	s, err := New(Config{Self: "replica"})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range deltas {
		if _, err := s.Merge(0, b); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// wholes draws whole records of one owner at three moments of its history.
func wholes(t *rapid.T) [3][]byte {
	h := newHistory(t)
	var records [3][]byte
	for i := range records {
		for range rapid.IntRange(0, 10).Draw(t, "acts") {
			h.act(t, true)
		}
		records[i] = h.owner.AppendDelta(nil, "o", nil, unlimited)
	}
	perm := rapid.Permutation([]int{0, 1, 2}).Draw(t, "order")
	return [3][]byte{records[perm[0]], records[perm[1]], records[perm[2]]}
}

func TestMergingWholeRecordsIsCommutative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := wholes(t)
		if ab, ba := result(mergeAll(t, r[0], r[1])), result(mergeAll(t, r[1], r[0])); ab != ba {
			t.Fatalf("a b: %s\nb a: %s", ab, ba)
		}
	})
}

func TestMergingWholeRecordsIsAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := wholes(t)
		// a ∨ (b ∨ c): what b and c make together is sent as one record.
		bc := mergeAll(t, r[1], r[2]).AppendDelta(nil, "o", nil, unlimited)
		if left, right := result(mergeAll(t, r[0], r[1], r[2])), result(mergeAll(t, r[0], bc)); left != right {
			t.Fatalf("(a b) c: %s\na (b c): %s", left, right)
		}
	})
}

func TestMergingIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := wholes(t)
		s := mergeAll(t, r[0], r[1])
		before := dumpAll(s)
		for _, b := range r[:2] {
			if m, err := s.Merge(0, b); m.News || err != nil {
				t.Fatalf("news again: %+v, %v", m, err)
			}
		}
		if dumpAll(s) != before {
			t.Fatalf("changed:\n%s\nbefore:\n%s", dumpAll(s), before)
		}
	})
}

func TestMergingUncutDeltasIsCommutative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		grow := func() {
			for range rapid.IntRange(1, 8).Draw(t, "acts") {
				h.act(t, false)
			}
		}
		grow()
		start := h.owner.AppendDelta(nil, "o", nil, unlimited)
		_, v, _ := h.owner.Version("o")
		var deltas [][]byte
		for range 2 {
			grow()
			base := Version(rapid.Uint64Range(0, uint64(v)).Draw(t, "base"))
			if b := h.owner.AppendRumour(nil, "o", base, unlimited); len(b) > 0 {
				deltas = append(deltas, b)
			}
		}
		if len(deltas) < 2 {
			t.Skip("nothing happened")
		}
		ab := result(mergeAll(t, start, deltas[0], deltas[1]))
		ba := result(mergeAll(t, start, deltas[1], deltas[0]))
		if ab != ba {
			t.Fatalf("a b: %s\nb a: %s", ab, ba)
		}
	})
}

func TestHashesTellRecordsApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, id := range []types.NodeId{"a", "b", "ab", "aa"} {
		for g := range uint64(6) {
			for boot := range uint64(6) {
				for v := range Version(6) {
					for _, beyond := range []Version{0, 1} {
						r := &record{id: id, life: Life{g, boot}, version: v, goal: v + beyond}
						what := fmt.Sprint(id, r.life, v, beyond)
						if other, twice := seen[hashRecord(r)]; twice {
							t.Fatalf("%s and %s have one hash", other, what)
						}
						seen[hashRecord(r)] = what
					}
				}
			}
		}
	}
}
