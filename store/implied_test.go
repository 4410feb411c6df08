package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
	"pgregory.net/rapid"
)

// Whether an empty record is held or implied by Config.LifeOf shows in nothing but the
// count of records.
func TestAnImpliedRecordIsLikeAnEmptyOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		met := map[types.NodeId]Life{}
		held := newStoreWith(t, Config{Self: "self", Generation: 1})
		implied := newStoreWith(t, Config{Self: "self", Generation: 1, LifeOf: func(id types.NodeId) (Life, bool) {
			life, ok := met[id]
			return life, ok
		}})
		owners := map[types.NodeId]*Store{}
		for _, id := range []types.NodeId{"a", "b"} {
			owners[id] = newStore(t, id)
		}
		both := func(do func(*Store) string) {
			t.Helper()
			if a, b := do(held), do(implied); a != b {
				t.Fatalf("held:    %s\nimplied: %s", a, b)
			}
		}
		var deltas [][]byte
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			id := rapid.SampledFrom([]types.NodeId{"a", "b"}).Draw(t, "id")
			owner := owners[id]
			switch rapid.IntRange(0, 7).Draw(t, "act") {
			case 0:
				set(t, owner, rapid.SampledFrom([]string{"x", "y"}).Draw(t, "key"), "v")
			case 1:
				life, _, _ := owner.Version(id)
				owner.BeginLife(Life{1, life.Boot + 1})
			case 2: // it is met
				life, _, _ := owner.Version(id)
				met[id] = life
				both(func(s *Store) string { s.BeginReplica(id, life); return "" })
			case 3: // and again, by another core that has met nobody yet
				if life, ok := met[id]; ok {
					both(func(s *Store) string { s.Keep(id, life); return "" })
					delete(met, id)
				}
			case 4:
				deltas = append(deltas, owner.AppendDelta(nil, id, nil, unlimited))
			case 5:
				if len(deltas) == 0 {
					continue
				}
				delta := rapid.SampledFrom(deltas).Draw(t, "delta")
				both(func(s *Store) string {
					m, err := s.Merge(0, delta)
					return fmt.Sprintf("%+v %v", m, err)
				})
			case 6:
				both(func(s *Store) string { s.Touch(id, wall.Add(time.Hour)); return "" })
			case 7:
				both(func(s *Store) string {
					shown, err := s.Overlay(id, wall.Add(2*time.Hour), map[types.StoreKey][]byte{"o": {1}}, false)
					return fmt.Sprint(shown, err)
				})
			}
			check(t, held)
			check(t, implied)
			for id, owner := range owners {
				digest := owner.AppendDigest(nil, id)
				both(func(s *Store) string {
					life, version, ok := s.Version(id)
					order, err := s.Compare(id, digest)
					return fmt.Sprintf("%s %v %d %v %v, hash %x, digest %x, delta %x and %x, order %d %v, %v %s", id, life, version, ok,
						s.Complete(id), s.Hash(id), s.AppendDigest(nil, id), s.AppendDelta(nil, id, nil, unlimited),
						s.AppendDelta(nil, id, digest, unlimited), order, err, s.Updated(id), show(s, id))
				})
			}
		}
	})
}

func TestWhatALifeHasPublishedMakesRoomForTheNext(t *testing.T) {
	life := Life{1, 0}
	s := newStoreWith(t, Config{Self: "self", LifeOf: func(id types.NodeId) (Life, bool) { return life, id == "a" }})
	a := newStore(t, "a")
	s.BeginReplica("a", life)
	if n := s.Stats().Records; n != 1 || s.Hash("a") != a.Hash("a") {
		t.Errorf("%d records, hash %x of nothing published, want %x", n, s.Hash("a"), a.Hash("a"))
	}
	set(t, a, "x", "1")
	merge(t, s, a.AppendDelta(nil, "a", s.AppendDigest(nil, "a"), unlimited))
	if n := s.Stats().Records; n != 2 || show(s, "a") != "x=1" {
		t.Errorf("%d records, %s", n, show(s, "a"))
	}
	life.Boot++
	s.BeginReplica("a", life)
	if st := s.Stats(); st.Records != 1 || st.Keys != 0 || st.Bytes != 0 || show(s, "a") != "" {
		t.Errorf("after the next life began: %+v", st)
	}
	if m := merge(t, s, a.AppendRumour(nil, "a", 0, unlimited)); m.News {
		t.Error("what the former life has published is news")
	}
}
