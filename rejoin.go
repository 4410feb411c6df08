package nekton

import (
	"context"
	"fmt"
	"slices"
)

// Rejoin joins once more, through addrs, each "host:port"; without any, through the
// seeds of Start and the configured addresses of all known nodes. It is for programs
// that know more than the node does; a cluster that was torn apart heals by itself.
// It returns when the first address has let us in, or all have failed, or ctx ends.
//
// Errors: [ErrNotRunning], or a *[JoinError]. The node is a member all the same.
func (n *Node) Rejoin(ctx context.Context, addrs ...string) error {
	n.mu.Lock()
	r := n.run
	running := r != nil && !r.closing && n.core.IsOpen()
	n.mu.Unlock()
	if !running {
		return fmt.Errorf("nekton: rejoin: %w", ErrNotRunning)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("nekton: rejoin: %w", context.Cause(ctx))
	}
	if len(addrs) == 0 {
		addrs = r.knownAddresses()
	}
	return r.join(ctx, newSeeds(addrs))
}

// KnownAddresses returns where all live members but ourselves are reached,
// "host:port", sorted: what to keep in a file, so that a node finds its cluster
// again after a restart although all its seeds have moved. It is empty, and not nil,
// unless the node is running.
func (n *Node) KnownAddresses() []string {
	addrs := []string{}
	for _, m := range n.Members() {
		if !m.Self && (m.State == MemberAlive || m.State == MemberSuspect) {
			addrs = append(addrs, m.Addr.String())
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}

// Addr returns the address that other nodes are told, with the port that was chosen
// if the node was to listen on port 0. It is empty unless the node is running.
func (n *Node) Addr() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.run == nil || !n.core.IsOpen() {
		return ""
	}
	return n.run.self.advertised.String()
}
