package interop

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport/seal"
)

// A mode is how both libraries are set to frame what they send.
type mode struct {
	name       string
	compressed bool
	label      string
	key        []byte
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
	}
}

// use sets a world to a mode.
func (w *world) use(m mode) {
	w.foreign = m.foreign
	w.options = []nekton.Option{nekton.WithCompression(m.compressed), nekton.WithLabel(m.label)}
	w.tune = func(c *memberlist.Config) { c.EnableCompression, c.Label = m.compressed, m.label }
	if m.key != nil {
		w.encrypt(m.key)
	}
}

// encrypt gives each member a keyring of its own.
func (w *world) encrypt(key []byte) {
	w.secret = key
	tune := w.tune
	w.tune = func(c *memberlist.Config) {
		if tune != nil {
			tune(c)
		}
		ring, err := memberlist.NewKeyring(nil, key)
		if err != nil {
			w.t.Error(err)
			return
		}
		c.Keyring = ring
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

// Five minutes of memberlist's default pace, in virtual time: every node of both kinds
// lists every other, and nobody is suspected, in any framing and with both kinds as the
// seed.
func TestNobodyIsSuspectedInFiveMinutes(t *testing.T) {
	for i, m := range modes() {
		sizes := []int{3, 10}
		if m.compressed {
			sizes = sizes[:1] // memberlist spends nearly all of the time in compressing
		}
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%d+%d", m.name, size, size), func(t *testing.T) {
				t.Parallel()
				inMemory(t, peer.LAN(), func(w *world) {
					w.use(m)
					w.grow(size, (i+size)%2 == 0)
					w.rest(5 * time.Minute)
					w.meet()
					w.calm()
					w.complaints()
				})
			})
		}
	}
}

func TestFortyNodesLiveTogetherForFiveMinutes(t *testing.T) {
	for _, oursFirst := range []bool{true, false} {
		t.Run(fmt.Sprintf("ours first %v", oursFirst), func(t *testing.T) {
			t.Parallel()
			inMemory(t, peer.LAN(), func(w *world) {
				w.use(mode{compressed: oursFirst})
				w.grow(20, oursFirst)
				w.rest(5 * time.Minute)
				w.meet()
				w.calm()
				w.complaints()
			})
		})
	}
}

// On sockets the time is real, so it is short unless NEKTON_LONG=1 asks for five minutes.
func TestBothKindsLiveTogetherOnLoopback(t *testing.T) {
	d := 8 * time.Second
	if long() {
		d = 5 * time.Minute
	}
	for i, m := range modes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			onLoopback(t, peer.LAN(), func(w *world) {
				w.use(m)
				w.grow(3, i%2 == 0)
				w.rest(d)
				w.meet()
				w.calm()
			})
		})
	}
}

func TestFortyNodesLiveTogetherOnLoopback(t *testing.T) {
	if !long() {
		t.Skip("takes five minutes; NEKTON_LONG=1 runs it")
	}
	onLoopback(t, peer.LAN(), func(w *world) {
		w.grow(20, true)
		w.rest(5 * time.Minute)
		w.meet()
		w.calm()
	})
}

// A key is replaced on all nodes, one by one and step by step, and nobody is lost.
func TestAKeyIsReplacedWhileTheClusterRuns(t *testing.T) {
	for _, label := range []string{"", "east"} {
		t.Run("label "+label, func(t *testing.T) {
			inMemory(t, peer.LAN(), func(w *world) {
				old, fresh := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 16)
				w.use(mode{compressed: true, label: label, key: old})
				w.grow(4, true)
				for _, step := range []struct {
					name string
					do   func(keyring) error
				}{
					{"add", func(k keyring) error { return k.AddKey(fresh) }},
					{"use", func(k keyring) error { return k.UseKey(fresh) }},
					{"remove", func(k keyring) error { return k.RemoveKey(old) }},
				} {
					for _, k := range w.keyrings() {
						if err := step.do(k); err != nil {
							t.Fatalf("%s: %v", step.name, err)
						}
						w.rest(5 * time.Second)
					}
				}
				w.rest(2 * time.Minute)
				late := w.oursNamed("late", withKey(t, fresh))
				w.join(late)
				w.meet()
				w.calm()
				w.complaints()
			})
		})
	}
}

// keyring is what the keyrings of both libraries have in common.
type keyring interface {
	AddKey([]byte) error
	UseKey([]byte) error
	RemoveKey([]byte) error
}

// keyrings are those of all members, in order of their making.
func (w *world) keyrings() []keyring {
	var all []keyring
	for _, m := range w.members {
		switch m := m.(type) {
		case *ours:
			all = append(all, m.keys)
		case *theirs:
			all = append(all, m.Config.Keyring)
		}
	}
	return all
}

func withKey(t *testing.T, key []byte) nekton.Option {
	ring, err := seal.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return nekton.WithKeyring(ring)
}

// A cluster in clear is moved to encryption without losing anybody, by the flags that
// both libraries have for it.
func TestAClusterIsMovedToEncryptionWhileItRuns(t *testing.T) {
	inMemory(t, peer.LAN(), func(w *world) {
		key := bytes.Repeat([]byte{3}, 32)
		w.use(mode{key: key})
		tune := w.tune
		w.tune = func(c *memberlist.Config) {
			tune(c)
			c.GossipVerifyIncoming, c.GossipVerifyOutgoing = false, false
		}
		w.policy = seal.Accepted
		w.grow(3, false)
		clear := w.inClear()
		w.rest(time.Minute)
		if clear() == 0 {
			t.Error("the policy Accepted sends in clear, but nothing was")
		}
		// memberlist reads its flags without a lock: they are for restarts. So our side
		// moves on while theirs still sends in clear.
		for _, o := range w.ours {
			if err := o.keys.SetPolicy(seal.Preferred); err != nil {
				t.Fatal(err)
			}
			w.rest(10 * time.Second)
		}
		w.rest(2 * time.Minute)
		w.meet()
		w.calm()
	})
}

// inClear counts packets in clear from now on: those that begin with the type of
// something that neither an encrypted packet nor a single ping begins with.
func (w *world) inClear() func() int {
	var count counter
	w.site.Links.Watch(func(s peer.Sent) {
		if !s.Stream && (s.Bytes[0] == peer.TypeCompound || s.Bytes[0] == peer.TypeChecksum) {
			count.add()
		}
	})
	return count.get
}

// Whoever has another label or key stays out, on both sides, and disturbs nobody.
func TestWhoHasAnotherLabelOrKeyStaysOut(t *testing.T) {
	key, wrong := bytes.Repeat([]byte{4}, 16), bytes.Repeat([]byte{5}, 16)
	for _, c := range []struct {
		name         string
		right, wrong mode
	}{
		{"label", mode{label: "east"}, mode{label: "west"}},
		{"no label", mode{label: "east"}, mode{}},
		{"key", mode{key: key}, mode{key: wrong}},
		{"no key", mode{key: key}, mode{}},
		{"a key nobody has", mode{}, mode{key: key}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inMemory(t, peer.LAN(), func(w *world) {
				w.use(c.right)
				w.grow(2, true)
				settled := append([]member(nil), w.members...)
				w.secret = nil
				w.use(c.wrong)
				for _, outsider := range []member{w.oursNamed("x"), w.theirsNamed("y")} {
					for _, seed := range settled[:2] {
						if err := outsider.Join(seed.Addr()); err == nil {
							t.Errorf("%s joins through %s", outsider.Name(), seed.Name())
						}
						if o, ok := outsider.(*ours); ok {
							_ = o.Stop(0) // so that it can be started again
						}
					}
					w.drop(outsider)
					defer outsider.Kill()
				}
				w.rest(time.Minute)
				w.meet()
				w.calm()
			})
		})
	}
}
