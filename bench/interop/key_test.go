package interop

import (
	"bytes"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport/seal"
)

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
		w.alter(func(c *memberlist.Config) { c.GossipVerifyIncoming, c.GossipVerifyOutgoing = false, false })
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
