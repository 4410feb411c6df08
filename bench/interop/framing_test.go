package interop

import (
	"bytes"
	"testing"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/swim"
)

// A mode is how both libraries are set to frame what they send.
type mode struct {
	name       string
	compressed bool
	label      string
	key        []byte
	rotates    bool // the key is replaced again and again, see rotation
	foreign    bool // their members say nothing of version and cluster
}

func modes() []mode {
	key := func(size int) []byte { return bytes.Repeat([]byte{7}, size) }
	return []mode{
		{name: "plain", foreign: true},
		{name: "compressed", compressed: true},
		{name: "encrypted with AES-128", compressed: true, key: key(16)},
		{name: "encrypted with AES-192", key: key(24), foreign: true},
		{name: "labelled", label: "east", foreign: true},
		{name: "labelled and encrypted with AES-256", compressed: true, label: "east", key: key(32)},
		{name: "encrypted with keys that change", key: key(32), rotates: true},
	}
}

// inEachFraming runs a test in a bubble of virtual time for every mode.
func inEachFraming(t *testing.T, pace peer.Pace, test func(*world)) {
	for _, m := range modes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, pace, func(w *world) {
				w.use(m)
				test(w)
				w.misread()
			})
		})
	}
}

// use sets a world to a mode.
func (w *world) use(m mode) {
	w.foreign, w.keys, w.rotation = m.foreign, nil, nil
	w.options = []nekton.Option{nekton.WithCompression(m.compressed), nekton.WithLabel(m.label)}
	w.tune = func(c *memberlist.Config) { c.EnableCompression, c.Label = m.compressed, m.label }
	w.envelope = peer.Envelope{Label: m.label, Compressed: m.compressed}
	switch {
	case m.rotates:
		w.rotation = w.rotate(m.key)
		w.encrypt(w.rotation.now)
	case m.key != nil:
		w.encrypt(func() [][]byte { return [][]byte{m.key} })
	}
}

// encrypt gives each member a keyring of its own, with the keys of its moment.
func (w *world) encrypt(keys func() [][]byte) {
	w.keys, w.envelope.Keys = keys, keys
	w.alter(func(c *memberlist.Config) {
		err := w.enlist(func(keys [][]byte) (keyring, error) {
			ring, err := memberlist.NewKeyring(keys, keys[0])
			c.Keyring = ring
			return ring, err
		})
		if err != nil {
			w.t.Error(err)
		}
	})
}

// alter adds a change to the configuration of their members.
func (w *world) alter(change func(*memberlist.Config)) {
	before := w.tune
	w.tune = func(c *memberlist.Config) {
		if before != nil {
			before(c)
		}
		change(c)
	}
}

// enlist makes a keyring, which is part of the rotation if there is one.
func (w *world) enlist(make func(keys [][]byte) (keyring, error)) error {
	if w.rotation != nil {
		return w.rotation.enlist(make)
	}
	_, err := make(w.keys())
	return err
}

// misread fails the test if a node of ours could not take off what was around a packet,
// or not read what was in it.
func (w *world) misread() {
	w.t.Helper()
	for _, o := range w.ours {
		drops := o.Stats().Protocol.Drops
		for _, reason := range []swim.Drop{
			swim.DropLabel, swim.DropUnauthenticated, swim.DropKey, swim.DropChecksum, swim.DropCompression, swim.DropMalformed,
		} {
			if n := drops[reason]; n > 0 {
				w.t.Errorf("%s has dropped %d packets or messages: %v", o.Name(), n, reason)
			}
		}
	}
}

// complaints fails the test if anybody did not understand what another has sent.
func (w *world) complaints() {
	w.t.Helper()
	for _, m := range w.theirs {
		if lines := m.Journal.Complaints(); len(lines) > 0 {
			w.t.Errorf("%s complains %d times, first: %s", m.Name(), len(lines), lines[0])
		}
	}
	for _, o := range w.ours {
		for reason, n := range o.Stats().Protocol.Drops {
			if n > 0 {
				w.t.Errorf("%s has dropped %d packets or messages: reason %d", o.Name(), n, reason)
			}
		}
	}
}
