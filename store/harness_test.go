package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A failer is a test of package testing or of rapid.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// wall is some wall time; tests add to it what they need.
var wall = time.Date(2024, 5, 6, 7, 8, 9, 10, time.UTC)

// unlimited is a budget that cuts nothing.
const unlimited = 1 << 30

func newStore(t failer, id types.NodeId) *Store {
	t.Helper()
	return newStoreWith(t, Config{Self: id, Generation: 1})
}

func newStoreWith(t failer, cfg Config) *Store {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(t failer, s *Store, key, value string) {
	t.Helper()
	if err := s.Set(wall, types.StoreKey(key), []byte(value)); err != nil {
		t.Fatalf("set %q: %v", key, err)
	}
}

func merge(t failer, s *Store, delta []byte) Merged {
	t.Helper()
	m, err := s.Merge(0, delta)
	if err != nil {
		t.Fatalf("merge: %v", err)
	}
	return m
}

// repair is one round of anti-entropy about id: a digest to from, a delta back.
func repair(t failer, from, to *Store, id types.NodeId) {
	t.Helper()
	if delta := from.AppendDelta(nil, id, to.AppendDigest(nil, id), unlimited); len(delta) > 0 {
		merge(t, to, delta)
	}
}

// show is the live map of a record: "k=v k=v".
func show(s *Store, id types.NodeId) string {
	var parts []string
	for key, value := range s.Entries(id) {
		parts = append(parts, fmt.Sprintf("%s=%s", key, value))
	}
	return strings.Join(parts, " ")
}

// dump is everything a store knows about a record, for comparing before and after.
func dump(s *Store, id types.NodeId) string {
	r := s.records[id]
	if r == nil {
		return "none"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v v%d goal %d floor %d updated %d hash %x:", r.life, r.version, r.goal, r.floor, r.updated, r.hash)
	for e := r.oldest; e != nil; e = e.next {
		fmt.Fprintf(&b, " %q@%d=%q,%v", e.key, e.version, e.value, e.deleted)
	}
	return b.String()
}

// dumpAll is everything a store knows.
func dumpAll(s *Store) string {
	var b strings.Builder
	for _, id := range s.IDs() {
		fmt.Fprintf(&b, "%s: %s\n", id, dump(s, id))
	}
	fmt.Fprintf(&b, "live %d bytes %d tombs %d overlays %d", s.live, s.bytes, s.tombs.n, len(s.overlays))
	return b.String()
}

// check fails the test if an invariant of record.go does not hold.
func check(t failer, s *Store) {
	t.Helper()
	live, bytes, tombs := 0, 0, map[*entry]bool{}
	for id, r := range s.records {
		if r.id != id || r.floor > r.version || r.version > r.goal {
			t.Fatalf("%s: %s", id, dump(s, id))
		}
		if r == s.own && !r.complete() {
			t.Fatalf("own record is incomplete: %s", dump(s, id))
		}
		n, size, alive, dead, last := 0, 0, 0, 0, Version(0)
		for e := r.oldest; e != nil; e = e.next {
			if e.record != r || r.entries[e.key] != e || e.version <= last || e.version > r.version {
				t.Fatalf("%s: entry %q@%d: %s", id, e.key, e.version, dump(s, id))
			}
			last = e.version
			n++
			size += e.size()
			if e.deleted {
				tombs[e] = true
				dead += e.size()
			} else {
				alive++
			}
		}
		if n != len(r.entries) || size != r.bytes || alive != r.live || dead != r.dead || size > s.cfg.MaxRecord {
			t.Fatalf("%s: %d entries of %d, %d bytes of %d, %d live of %d, limit %d",
				id, n, len(r.entries), size, r.bytes, alive, r.live, s.cfg.MaxRecord)
		}
		if r.hash != hashRecord(r) {
			t.Fatalf("%s: hash is stale", id)
		}
		live += alive
		bytes += size
	}
	if live != s.live || bytes != s.bytes {
		t.Fatalf("store counts %d keys and %d bytes, has %d and %d", s.live, s.bytes, live, bytes)
	}
	since := time.Duration(-1 << 63)
	n := 0
	for e := s.tombs.first; e != nil; e = e.nextTomb {
		if !tombs[e] || e.since < since {
			t.Fatalf("tombstone %q of %q is out of place", e.key, e.record.id)
		}
		since = e.since
		n++
	}
	if n != len(tombs) || n != s.tombs.n {
		t.Fatalf("%d tombstones listed, %d counted, %d in records", n, s.tombs.n, len(tombs))
	}
}

func liveMap(s *Store, id types.NodeId) map[string]string {
	m := map[string]string{}
	for key, value := range s.Entries(id) {
		m[string(key)] = string(value)
	}
	return m
}
