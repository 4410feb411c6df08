package peer

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/nekton-go/nekton"
)

// A Node is a node of nekton and somebody who is told its events, until both end.
type Node struct {
	*nekton.Node

	cancel context.CancelFunc
	group  sync.WaitGroup
}

// Attend returns a node that was made and is not yet started. follow, which may be nil, is
// called with all its events, in a goroutine of its own.
func Attend(n *nekton.Node, follow func(<-chan nekton.Event)) *Node {
	ctx, cancel := context.WithCancel(context.Background())
	a := &Node{Node: n, cancel: cancel}
	if follow != nil {
		events := n.Subscribe(ctx)
		a.group.Go(func() { follow(events) })
	}
	return a
}

// Addr is where a node lives that was started.
func (n *Node) Addr() netip.AddrPort { return netip.MustParseAddrPort(n.Node.Addr()) }

// Leave says goodbye and stops.
func (n *Node) Leave() error {
	err := n.Stop(10 * time.Second)
	n.end()
	return err
}

// Kill stops without a word, also a node that could not be started.
func (n *Node) Kill() {
	_ = n.Stop(0)
	n.end()
}

func (n *Node) end() {
	n.cancel()
	n.group.Wait()
}
