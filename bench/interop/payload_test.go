package interop

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/types"
)

// introduce tells every node of ours that all members exist. The originals are told
// when they are made.
func (w *world) introduce() {
	update := map[types.NodeId]types.NodeUpdate{}
	for _, m := range w.members {
		update[types.NodeId(m.Name()[:len(m.Name())-len(version)])] = types.NodeUpdate{
			Addr: m.Addr().String(), QuorumMember: true,
		}
	}
	for _, o := range w.ours {
		o.UpdateCluster(update)
	}
}

// value is what is published, of each kind that gob knows without being told.
func values() map[string]any {
	return map[string]any{
		"int": -7, "uint64": uint64(1) << 63, "float64": 1.5, "bool": true, "string": "text",
		"bytes": []byte{0, 1, 255}, "strings": []string{"a", ""}, "ints": []int{1, -1}, "rune": 'x',
	}
}

// What either kind publishes arrives at the other, with its Go type, and what replaces
// it later does, too. Status follows the failure detector on both sides.
func TestValuesTravelBothWays(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.foreign = false // those publish nothing
		w.peers = []peer.NodeID{"n1", "n2", "m1", "m2"}
		w.grow(2, true)
		w.introduce()
		for round, suffix := range []string{"", " again"} {
			for name, v := range values() {
				if s, ok := v.(string); ok {
					v = s + suffix
				}
				w.ours[0].UpdateSelf(types.StoreKey(name), v)
				w.theirs[1].original.Set(peer.StoreKey(name), v)
			}
			w.eventually(5*time.Minute, func() string {
				for name, v := range values() {
					if s, ok := v.(string); ok {
						v = s + suffix
					}
					for _, m := range w.theirs {
						if got := m.original.Value("n1", peer.StoreKey(name)); !reflect.DeepEqual(got, v) {
							return fmt.Sprintf("round %d: %s sees n1's %s as %T %v", round, m.Name(), name, got, got)
						}
					}
					for _, o := range w.ours {
						if got := o.GetStoreKeyValue(types.StoreKey(name))["m2"].Value; !reflect.DeepEqual(got, v) {
							return fmt.Sprintf("round %d: %s sees m2's %s as %T %v", round, o.Name(), name, got, got)
						}
					}
				}
				return ""
			})
		}
		for _, m := range w.theirs {
			for _, id := range []peer.NodeID{"n1", "n2"} {
				if got := m.original.Status(id); got != peer.StatusUp {
					t.Errorf("%s shows %s as %d", m.Name(), id, got)
				}
			}
			if n := m.original.Undecodable(); n > 0 {
				t.Errorf("%s could not decode %d states", m.Name(), n)
			}
		}
		for _, o := range w.ours {
			for _, id := range []types.NodeId{"n1", "n2", "m1", "m2"} {
				info, err := o.GetLocalNodeInfo(id)
				if err != nil || id != o.NodeId() && info.Status != types.NODE_STATUS_UP {
					t.Errorf("%s shows %s as %v, %v", o.Name(), id, info.Status, err)
				}
			}
			if got := o.GetSelfStatus(); got != types.NODE_STATUS_UP {
				t.Errorf("%s is %v", o.Name(), got)
			}
		}
		w.calm()
	})
}

// The identity that a node of ours sends is the gob of the original's type, and so is
// the state.
func TestIdentityAndStateAreWhatTheOriginalSends(t *testing.T) {
	inMemory(t, peer.LAN(), func(w *world) {
		w.grow(1, true)
		w.introduce()
		w.ours[0].UpdateSelf("k", "v")
		s := w.stranger()
		table, state, err := s.PushPull(w.ours[0].Addr(), nil, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		var meta peer.NodeMetaInfo
		if err := gob.NewDecoder(bytes.NewReader(table["n1v1"].Meta)).Decode(&meta); err != nil {
			t.Fatal(err)
		}
		if meta.Id != "n1" || meta.ClusterId != cluster || meta.GossipVersion != version || meta.LastUpdateTs.IsZero() {
			t.Errorf("the meta is %+v", meta)
		}
		if got := table["n1v1"].Vsn; !bytes.Equal(got, []byte{1, 5, 2, 0, 0, 0}) {
			t.Errorf("the versions are %v", got)
		}
		var infos peer.NodeInfoMap
		if err := gob.NewDecoder(bytes.NewReader(state)).Decode(&infos); err != nil {
			t.Fatal(err)
		}
		if infos["n1"].Value["k"] != "v" || infos["n1"].Id != "n1" {
			t.Errorf("the state is %+v", infos)
		}
	})
}

// Nodes of another cluster, or of another gossip version, are refused by both kinds, as
// seeds and as joiners. Neither side lists the other.
func TestOtherClustersAndVersionsAreRefusedOnBothSides(t *testing.T) {
	for _, c := range []struct{ name, cluster, version string }{
		{"cluster", "other", version},
		{"version", cluster, "v9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inMemory(t, peer.LAN(), func(w *world) {
				w.grow(2, true)
				strange := peer.NewOriginal("x", c.cluster, c.version)
				m, err := w.site.Start(strange.Name(), w.site.Addr(), w.pace, strange.Install)
				if err != nil {
					t.Fatal(err)
				}
				defer m.Shutdown()
				node := nekton.NewNode(w.site.Addr().String(), "y", 1, types.GossipIntervals{ProbeInterval: time.Second,
					ProbeTimeout: time.Second / 2, GossipInterval: time.Second / 5}, c.version, c.cluster, "",
					nekton.WithTransport(w.site.Listen))
				defer node.Stop(0)
				for _, seed := range []member{w.ours[0], w.theirs[0]} {
					if err := join(m.Memberlist, []addr{seed.Addr()}); err == nil {
						t.Errorf("memberlist joins %s", seed.Name())
					}
					if err := node.Start(startAt(seed)); err == nil {
						t.Errorf("nekton joins %s", seed.Name())
					}
					_ = node.Stop(0)
				}
				w.rest(time.Minute)
				w.meet()
				w.calm()
				if got := m.Present(); len(got) != 1 {
					t.Errorf("the refused member lists %v", got)
				}
			})
		})
	}
}

// A plain cluster of memberlist, whose members tell neither version nor cluster, is
// closed to a node that was not told to expect it.
func TestForeignMembersAreRefusedUnlessExpected(t *testing.T) {
	inMemory(t, peer.LAN(), func(w *world) {
		w.foreign = true
		first := w.theirsNamed("m1")
		w.join(first)
		w.foreign = false
		closed := w.oursNamed("n1")
		w.drop(closed)
		defer closed.Kill()
		if err := closed.Join(first.Addr()); err == nil {
			t.Error("the node joins what it was not told to expect")
		}
		w.foreign = true
		w.join(w.oursNamed("n2"))
		w.drop(first)
		if got := w.ours[1].Present(); len(got) < 2 {
			t.Errorf("the open node lists %v", got)
		}
		w.members = append(w.members, first)
	})
}

// Metadata of theirs changes while the cluster runs; ours with a new start, at the same
// address, before anybody has noticed the old one's end. What a node of ours changes
// while it runs travels as its values.
func TestMetadataTravelsBothWays(t *testing.T) {
	inEachFraming(t, peer.LAN(), func(w *world) {
		w.foreign = true
		metas := map[string]*changing{}
		w.alter(func(c *memberlist.Config) {
			metas[c.Name] = &changing{}
			c.Delegate = metas[c.Name]
		})
		w.grow(3, false)
		s := w.stranger()
		updated := w.theirs[1]
		for _, meta := range []string{"one", "two", ""} {
			metas[updated.Name()].set(meta)
			if err := updated.UpdateNode(10 * time.Second); err != nil {
				t.Fatal(err)
			}
			for _, m := range w.members {
				w.eventually(time.Minute, func() string {
					if got := w.row(s, m, updated.Name()); string(got.Meta) != meta {
						return fmt.Sprintf("%s tells %q, want %q", m.Name(), got.Meta, meta)
					}
					return ""
				})
			}
		}

		o := w.ours[1]
		at, before := o.Addr(), w.theirs[0].Meta(o.Name())
		o.Kill()
		w.drop(o)
		again := w.oursAt("n2", at, 5)
		w.join(again)
		w.meet()
		for _, m := range w.theirs {
			w.eventually(time.Minute, func() string {
				var meta peer.NodeMetaInfo
				got := m.Meta(again.Name())
				if err := gob.NewDecoder(bytes.NewReader(got)).Decode(&meta); err != nil || bytes.Equal(got, before) {
					return fmt.Sprintf("%s still has the old metadata: %+v, %v", m.Name(), meta, err)
				}
				return ""
			})
		}
		w.meet()
	})
}
