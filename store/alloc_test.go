package store

import (
	"fmt"
	"testing"
)

// What happens on every ping and packet allocates nothing.
func TestTheHotPathDoesNotAllocate(t *testing.T) {
	a, b := newStore(t, "owner"), newStore(t, "b")
	for i := range 20 {
		set(t, a, fmt.Sprintf("key-%d", i), "a value of some length")
	}
	rumour := a.AppendRumour(nil, "owner", 10, unlimited)
	merge(t, b, a.AppendRumour(nil, "owner", 0, unlimited))
	digest := b.AppendDigest(nil, "owner")
	buf := make([]byte, 0, 1400)
	for name, f := range map[string]func(){
		"Hash":         func() { _ = b.Hash("owner") },
		"AppendRumour": func() { buf = a.AppendRumour(buf[:0], "owner", 10, 700) },
		"AppendDigest": func() { buf = a.AppendDigest(buf[:0], "owner") },
		"Compare":      func() { _, _ = b.Compare("owner", digest) },
		"AppendDelta":  func() { buf = a.AppendDelta(buf[:0], "owner", digest, 1400) },
		"About":        func() { _, _, _ = About(rumour) },
		"Merge of known news": func() {
			if m, err := b.Merge(0, rumour); m.News || err != nil {
				t.Fatal(m, err)
			}
		},
		"Version":       func() { _, _, _ = b.Version("owner") },
		"Get":           func() { _, _ = b.Get("owner", "key-3") },
		"NextDeadline":  func() { _, _ = b.NextDeadline() },
		"HandleTimeout": func() { b.HandleTimeout(0) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
