package interop

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/types"
)

// old is a member of the memberlist of 2016, below an original.
type old struct {
	*peer.Old
	original *peer.Original
}

func (m *old) Name() string                       { return m.Old.Name }
func (m *old) Addr() netip.AddrPort               { return m.Old.Addr }
func (m *old) Join(seeds ...netip.AddrPort) error { return join(m.Memberlist, seeds) }
func (m *old) Kill()                              { _ = m.Shutdown() }
func (m *old) Gone(name string) time.Time         { return m.Departed(name) }
func (m *old) Accusations() []string              { return m.Journal.Accusations() }
func (m *old) Log() string                        { return m.Journal.String() }

func (m *old) Leave() error {
	if err := m.Memberlist.Leave(10 * time.Second); err != nil {
		return err
	}
	return m.Shutdown()
}

// oldNamed makes a node as libopenstorage/gossip would.
func (w *world) oldNamed(id string) *old {
	w.t.Helper()
	o := peer.NewOriginal(peer.NodeID(id), cluster, version, w.peers...)
	m, err := peer.StartOld(o, w.pace)
	if err != nil {
		w.t.Fatal(err)
	}
	node := &old{m, o}
	w.members = append(w.members, node)
	return node
}

// Nodes of ours and of the memberlist of 2016 are one cluster: both as the seed, values
// both ways, a member of each kind killed and found out, one of each kind leaves. What
// we send them is what they understand.
func TestMembersOf2016LiveWithOurs(t *testing.T) {
	for _, oursFirst := range []bool{true, false} {
		name := "they are the seed"
		if oursFirst {
			name = "we are the seed"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onLoopback(t, old2016(), func(w *world) {
				w.peers = []peer.NodeID{"n0", "n1", "n2", "o0", "o1", "o2"}
				var olds []*old
				for i := range 3 {
					id := string(rune('0' + i))
					if oursFirst {
						w.join(w.oursNamed("n" + id))
					}
					o := w.oldNamed("o" + id)
					olds = append(olds, o)
					w.join(o)
					if !oursFirst {
						w.join(w.oursNamed("n" + id))
					}
				}
				w.meet()
				w.introduce()
				var modern counter // what only later releases understand
				unknown := map[byte]bool{peer.TypeNack: true, peer.TypeChecksum: true, peer.TypeLabel: true}
				w.site.Links.Watch(func(s peer.Sent) {
					for _, o := range olds {
						if s.To == o.Addr() && len(s.Bytes) > 0 && unknown[s.Bytes[0]] && !s.Stream {
							modern.add()
						}
					}
				})

				w.ours[0].UpdateSelf("k", []string{"from", "nekton"})
				olds[0].original.Set("k", []string{"from", "2016"})
				w.eventually(time.Minute, func() string {
					for _, o := range olds {
						if v, _ := o.original.Value("n0", "k").([]string); len(v) != 2 || v[1] != "nekton" {
							return o.Name() + " does not see our value"
						}
						if got := o.original.Status("n1"); got != peer.StatusUp {
							return o.Name() + " does not show n1 as up"
						}
					}
					for _, n := range w.ours {
						if v, _ := n.GetStoreKeyValue("k")["o0"].Value.([]string); len(v) != 2 || v[1] != "2016" {
							return n.Name() + " does not see their value"
						}
						if info, _ := n.GetLocalNodeInfo("o1"); info.Status != types.NODE_STATUS_UP {
							return n.Name() + " does not show o1 as up"
						}
					}
					return ""
				})

				for _, victim := range []member{w.ours[2], olds[2]} {
					victim.Kill()
					w.drop(victim)
					w.meet()
				}
				for _, leaver := range []member{w.ours[1], olds[1]} {
					if err := leaver.Leave(); err != nil {
						t.Errorf("%s leaves: %v", leaver.Name(), err)
					}
					w.drop(leaver)
					w.meet()
				}
				w.site.Links.Watch(nil)
				if n := modern.get(); n > 0 {
					t.Errorf("%d packets that a member of 2016 does not understand", n)
				}
				for _, o := range olds {
					if lines := o.Journal.Lines("checksum", "not supported", "Failed to decode", "Failed to receive and", "Invalid"); len(lines) > 0 {
						t.Errorf("%s complains: %s", o.Name(), lines[0])
					}
					if n := o.original.Undecodable(); n > 0 {
						t.Errorf("%s could not decode %d states", o.Name(), n)
					}
				}
			})
		})
	}
}

// old2016 is a pace for sockets on a busy machine.
func old2016() peer.Pace {
	return peer.Pace{
		Probe: 300 * time.Millisecond, ProbeTimeout: 200 * time.Millisecond, Gossip: 20 * time.Millisecond,
		PushPull: 500 * time.Millisecond, SuspicionMult: 4,
	}
}

// Packets to a member of 2016 are lost. It is saved by stream pings, which it
// understands. Asked to relay, it is not asked for nacks, which it does not.
func TestAMemberOf2016IsReachedByStreamPings(t *testing.T) {
	t.Parallel()
	onLoopback(t, old2016(), func(w *world) {
		w.options = []nekton.Option{nekton.WithCompression(false)}
		w.join(w.oursNamed("n0"))
		o := w.oldNamed("o0")
		w.join(o)
		w.join(w.oursNamed("n1"))
		w.meet()
		var streams counter
		w.site.Links.Watch(func(s peer.Sent) {
			if s.Stream && s.To == o.Addr() && len(s.Bytes) > 0 {
				streams.add()
			}
		})
		w.site.Links.Block(func(_, to netip.AddrPort) bool { return to == o.Addr() }, nil)
		n := w.ours[0]
		w.eventually(time.Minute, func() string {
			if n.Stats().Protocol.StreamAcks < 5 {
				return "no five stream pings were answered"
			}
			return ""
		})
		// Now it is a relay between two of ours.
		var asked, nacks counter
		w.site.Links.Watch(func(s peer.Sent) {
			if !s.Stream && s.To == o.Addr() && s.Bytes[0] == peer.TypeIndirectPing {
				asked.add()
				if !bytes.Contains(s.Bytes, []byte("\xa4Nack\xc2")) {
					nacks.add()
				}
			}
		})
		between := func(from, to netip.AddrPort) bool { return from != o.Addr() && to != o.Addr() }
		w.site.Links.Block(between, nil)
		w.eventually(time.Minute, func() string {
			if asked.get() < 3 {
				return "it was not asked to relay three times"
			}
			return ""
		})
		w.site.Links.Block(nil, nil)
		w.site.Links.Watch(nil)
		if nacks.get() > 0 {
			t.Errorf("%d of %d ping-reqs want a nack of it", nacks.get(), asked.get())
		}
		for _, m := range w.members {
			for _, other := range w.members {
				if !m.Gone(other.Name()).IsZero() {
					t.Errorf("%s held %s dead", m.Name(), other.Name())
				}
			}
		}
		w.meet()
	})
}
