package side

import (
	"io"
	"log"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// theirs is a member of memberlist.
type theirs struct {
	*memberlist.Memberlist
	addr     netip.AddrPort
	original *peer.Original // nil without Setup.Store

	mu   sync.Mutex
	meta []byte
}

func (k Kind) startMemberlist(s Setup) (Member, error) {
	m := &theirs{}
	c := memberlist.DefaultLANConfig()
	c.Name = s.ID + "v1" // as nekton's nodes of that version are called
	c.ProbeInterval, c.ProbeTimeout, c.GossipInterval = s.Pace.Probe, s.Pace.ProbeTimeout, s.Pace.Gossip
	c.PushPullInterval, c.SuspicionMult = s.Pace.PushPull, s.Pace.SuspicionMult
	c.EnableCompression = k == Memberlist
	c.Logger = log.New(io.Discard, "", 0)
	c.SecretKey, c.DisableTcpPings = s.Key, s.NoStreamPings
	c.Delegate = m
	if s.Watch.any() {
		c.Events = watched(s.Watch)
	}
	if s.Store {
		peers := make([]peer.NodeID, len(s.Peers))
		for i, id := range s.Peers {
			peers[i] = peer.NodeID(id)
		}
		m.original = peer.NewOriginal(peer.NodeID(s.ID), Cluster, "v1", peers...)
		if c.Events == nil {
			c.Events = watched{}
		}
		m.original.Install(c)
	}
	t, err := s.Medium.Memberlist()
	if err != nil {
		return nil, err
	}
	c.Transport = t
	if m.Memberlist, err = memberlist.Create(c); err != nil {
		_ = t.Shutdown()
		return nil, err
	}
	self := m.LocalNode()
	ip, _ := netip.AddrFromSlice(self.Addr)
	m.addr = netip.AddrPortFrom(ip.Unmap(), self.Port)
	return m, nil
}

func (m *theirs) Addr() netip.AddrPort { return m.addr }
func (m *theirs) Alive() int           { return m.NumMembers() }

func (m *theirs) Join(at netip.AddrPort) error {
	_, err := m.Memberlist.Join([]string{at.String()})
	return err
}

func (m *theirs) Publish(key, value string) error {
	if m.original != nil {
		m.original.Set(peer.StoreKey(key), value)
		return nil
	}
	m.mu.Lock()
	m.meta = []byte(value)
	m.mu.Unlock()
	return m.UpdateNode(time.Minute)
}

func (m *theirs) Reads(id, key string) string {
	value, _ := m.original.Value(peer.NodeID(id), peer.StoreKey(key)).(string)
	return value
}

func (m *theirs) Leave() error {
	if err := m.Memberlist.Leave(10 * time.Second); err != nil {
		return err
	}
	return m.Shutdown()
}

func (m *theirs) Kill() { _ = m.Shutdown() }

// NodeMeta makes theirs a delegate, which memberlist asks for metadata.
func (m *theirs) NodeMeta(int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.meta
}

func (m *theirs) NotifyMsg([]byte)                {}
func (m *theirs) GetBroadcasts(int, int) [][]byte { return nil }
func (m *theirs) LocalState(bool) []byte          { return nil }
func (m *theirs) MergeRemoteState([]byte, bool)   {}

// watched tells a Watch.
type watched Watch

func (w watched) NotifyJoin(n *memberlist.Node) { w.NotifyUpdate(n) }

func (w watched) NotifyUpdate(n *memberlist.Node) {
	if w.News != nil {
		w.News(time.Now(), bare(n.Name))
	}
}

func (w watched) NotifyLeave(n *memberlist.Node) {
	if w.Dead != nil {
		w.Dead(time.Now(), bare(n.Name))
	}
}

// bare is the id in a name.
func bare(name string) string { return strings.TrimSuffix(name, "v1") }
