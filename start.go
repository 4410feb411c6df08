package nekton

import (
	"context"
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// Start opens UDP and TCP on the node's one address and joins the cluster through
// the seeds in config, all at once; it returns as soon as the first has let the node
// in. [Node.StartContext] does the same within a context.
//
// Of config.Nodes only the addresses and domains are used: UpdateCluster says which
// nodes are known. The node itself may be among them. With failure domains, and the
// own one inactive, Start returns nil and the node waits, without any socket, until
// UpdateClusterDomainsActiveMap or UpdateSelfClusterDomain makes it active.
//
// Errors, of which errors.Is and errors.As find:
//
//   - [ErrRunning]: nothing has changed.
//   - *[ConfigError], *[AddrError]: what is wrong with the
//     arguments of New, all of it at once, or with an address, which may be in use.
//     The node is as before the call.
//   - *[JoinError]: no seed let us in. The node is up, alone and reachable, and
//     needs a Stop. A *[RefusedError] in it says who refused us, and why.
//   - [ErrStopped]: Stop was called meanwhile.
func (n *Node) Start(config types.GossipStartConfiguration) error {
	return n.StartContext(context.Background(), config)
}

// StartContext is [Node.Start] until ctx ends: while sockets are being opened, the
// node is as before the call, and the error is the cause of ctx. While it joins, it
// is a [*JoinError] that wraps the cause: the node stays up. When StartContext has
// returned, ctx does not matter any more.
func (n *Node) StartContext(ctx context.Context, config types.GossipStartConfiguration) error {
	if n.problem != nil {
		return n.problem
	}
	if ctx.Err() != nil {
		return fmt.Errorf("nekton: start: %w", context.Cause(ctx))
	}
	r, before, err := n.begin(config)
	if err != nil {
		return fmt.Errorf("nekton: start: %w", err)
	}
	opened, err := r.open(ctx)
	if err != nil {
		n.abandon(r, before)
		return fmt.Errorf("nekton: start: %w", err)
	}
	if !opened {
		if r.ctx.Err() != nil {
			return fmt.Errorf("nekton: start: %w", ErrStopped)
		}
		return nil
	}
	n.log.logger.Info("started", "addr", r.advertised(), "seeds", len(r.names.all))
	return r.join(ctx, r.names)
}

// abandon ends a run that could not open its sockets, unless a Stop already does.
func (n *Node) abandon(r *run, before phase) {
	n.mu.Lock()
	ours := n.run == r && n.phase == phaseRunning
	if ours {
		n.phase = phaseStopping
	}
	n.mu.Unlock()
	if ours {
		n.end(r, false, before)
	}
}
