package interop

import (
	"net/netip"
	"sync"

	"github.com/nekton-go/nekton/types"
)

type addr = netip.AddrPort

// startAt is the configuration of a start with one seed.
func startAt(seed member) types.GossipStartConfiguration {
	return types.GossipStartConfiguration{Nodes: map[types.NodeId]types.GossipNodeConfiguration{
		"seed": {KnownUrl: seed.Addr().String()},
	}}
}

// changing is a delegate of memberlist that has metadata and nothing else.
type changing struct {
	mu   sync.Mutex
	meta string
}

func (c *changing) set(meta string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.meta = meta
}

func (c *changing) NodeMeta(int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return []byte(c.meta)
}

func (*changing) NotifyMsg([]byte)                {}
func (*changing) GetBroadcasts(int, int) [][]byte { return nil }
func (*changing) LocalState(bool) []byte          { return nil }
func (*changing) MergeRemoteState([]byte, bool)   {}
