package interop

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// theirs is a member of memberlist v0.7.0.
type theirs struct {
	*peer.Member
	original *peer.Original // above it; nil if foreign
}

func (m *theirs) Name() string         { return m.Member.Name }
func (m *theirs) Addr() netip.AddrPort { return m.Member.Addr }

func (m *theirs) Join(seeds ...netip.AddrPort) error { return join(m.Memberlist, seeds) }

func (m *theirs) Leave() error {
	if err := m.Memberlist.Leave(10 * time.Second); err != nil {
		return err
	}
	return m.Shutdown()
}

func (m *theirs) Kill()                      { _ = m.Shutdown() }
func (m *theirs) Gone(name string) time.Time { return m.Departed(name) }
func (m *theirs) Accusations() []string      { return m.Journal.Accusations() }
func (m *theirs) Log() string                { return m.Journal.String() }

// joiner is a member of either release.
type joiner interface {
	Join(existing []string) (int, error)
}

func join(m joiner, seeds []netip.AddrPort) error {
	var addrs []string
	for _, s := range seeds {
		addrs = append(addrs, s.String())
	}
	_, err := m.Join(addrs)
	return err
}
