package nekton

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// Ping asks by UDP whether the node nodeId lives at ipPort, and returns the round
// trip. Only the node of that name answers; it need not be a member or known. There
// are three tries, each waits ProbeTimeout, with 100 ms after each failure.
//
// On memberlist's wire there is no Ping, as with the original, whose own could only fail
// there: it returns a *[VersionError] at once.
//
// Errors: [ErrNotRunning]; an *[AddrError], for an address without a port for
// example; [ErrNoAnswer]; [ErrStopped] when the node is stopped meanwhile.
func (n *Node) Ping(nodeId types.NodeId, ipPort string) (time.Duration, error) {
	return n.PingContext(context.Background(), nodeId, ipPort)
}

// PingContext is [Node.Ping] until ctx ends.
func (n *Node) PingContext(ctx context.Context, nodeId types.NodeId, ipPort string) (time.Duration, error) {
	rtt, err := n.ping(ctx, nodeId, ipPort)
	if err != nil {
		return 0, fmt.Errorf("nekton: ping %s at %s: %w", nodeId, ipPort, err)
	}
	return rtt, nil
}

func (n *Node) ping(ctx context.Context, id types.NodeId, ipPort string) (time.Duration, error) {
	if n.memberlist {
		return 0, &VersionError{n.version, "Ping"}
	}
	n.mu.Lock()
	r := n.run
	n.mu.Unlock()
	if r == nil {
		return 0, ErrNotRunning
	}
	ctx, cancel := r.within(ctx)
	defer cancel(nil)
	addrs, err := transport.Resolve(ctx, n.opts.resolver, ipPort)
	if err != nil {
		return 0, err
	}
	waiter := make(chan swim.Event, 1)
	n.input(func(now time.Duration) {
		if n.run != r {
			err = ErrNotRunning
			return
		}
		var ping uint64
		if ping, err = n.core.Ping(now, id, addrs[0]); err != nil {
			err = ErrNotRunning
			return
		}
		r.waiters[ping] = waiter
	})
	if err != nil {
		return 0, err
	}
	select {
	case done := <-waiter:
		if !done.OK {
			return 0, ErrNoAnswer
		}
		return done.RTT, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
