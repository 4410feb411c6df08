package interop

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// A rotation replaces the key of a cluster again and again, for as long as a test runs:
// the new one is added at all members, then used by all, then the old one is removed
// from all. One member takes one step every beat, so that at nearly every moment two
// members differ.
type rotation struct {
	stop  chan struct{}
	group sync.WaitGroup

	mu     sync.Mutex
	rings  []keyring // of all members that there ever were
	keys   [2][]byte // the old one, the new one
	using  bool      // the new one is used by some, and known to all
	rounds int       // keys that were removed everywhere
}

// beat is the time between two steps. What was sent before one has arrived at the next.
const beat = 500 * time.Millisecond

// rotate starts replacing the keys of a world. Tests with time of their own only.
func (w *world) rotate(first []byte) *rotation {
	r := &rotation{stop: make(chan struct{}), keys: [2][]byte{first, successor(first)}}
	r.group.Go(r.run)
	w.closers = append(w.closers, func() error {
		close(r.stop)
		r.group.Wait()
		return nil
	})
	return r
}

// successor is another key of the same length.
func successor(key []byte) []byte {
	return bytes.Repeat([]byte{key[0] + 1}, len(key))
}

func (r *rotation) run() {
	for {
		old, fresh := r.keys[0], r.keys[1]
		if !r.all(func(k keyring) error { return k.AddKey(fresh) }) {
			return
		}
		r.change(func() { r.using = true })
		if !r.all(func(k keyring) error { return k.UseKey(fresh) }) {
			return
		}
		if !r.all(func(k keyring) error { return k.RemoveKey(old) }) {
			return
		}
		r.change(func() { r.keys, r.using, r.rounds = [2][]byte{fresh, successor(fresh)}, false, r.rounds+1 })
	}
}

// all takes a step at every member, those that come meanwhile included, and reports
// whether there is more to do.
func (r *rotation) all(step func(keyring) error) bool {
	for i := 0; ; i++ {
		select {
		case <-r.stop:
			return false
		case <-time.After(beat):
		}
		r.mu.Lock()
		done := i >= len(r.rings)
		if !done {
			if err := step(r.rings[i]); err != nil {
				panic(err) // no ring misses a step
			}
		}
		r.mu.Unlock()
		if done {
			return true
		}
	}
}

func (r *rotation) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// enlist makes the ring of a new member, by make, of the keys that it needs now.
func (r *rotation) enlist(make func(keys [][]byte) (keyring, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, err := make(r.current())
	if err == nil {
		r.rings = append(r.rings, k)
	}
	return err
}

// now are the keys of somebody who comes now, that to encrypt with first.
func (r *rotation) now() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current()
}

func (r *rotation) current() [][]byte {
	keys := slices.Clone(r.keys[:])
	if r.using {
		slices.Reverse(keys)
	}
	return keys
}

func (r *rotation) done() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rounds
}

// What the framing of that name is worth: keys do change while its tests run.
func TestARotationReplacesManyKeys(t *testing.T) {
	t.Parallel()
	for _, m := range modes() {
		if !m.rotates {
			continue
		}
		inMemory(t, peer.LAN(), func(w *world) {
			w.use(m)
			w.grow(3, true)
			w.rest(5 * time.Minute)
			if got := w.rotation.done(); got < 20 {
				t.Errorf("%d keys were replaced", got)
			}
			w.calm()
			w.complaints()
		})
	}
}
