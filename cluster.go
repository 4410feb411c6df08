package nekton

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// UpdateCluster makes peers the nodes that are known, with their addresses, failure
// domains and votes, and counts for quorum who among them has a vote. The node
// itself is always known, listed or not. New nodes are DOWN, and UP at once if the
// failure detector holds them alive; status and values of the others stay. Nodes
// that are not listed are forgotten. Quorum is judged anew.
//
// It may be called before Start, which then begins with it.
func (n *Node) UpdateCluster(peers map[types.NodeId]types.NodeUpdate) {
	if n.core.ID() != n.id {
		inner := make(map[types.NodeId]types.NodeUpdate, len(peers))
		for id, p := range peers {
			inner[n.inner(id)] = p
		}
		peers = inner
	}
	n.input(func(now time.Duration) { n.core.UpdateCluster(now, peers) })
}

// ExternalNodeLeave advises what to do when this node cannot reach the node nodeId
// on some path of the program's own: it returns which of the two has to go. That is
// nodeId when this node is UP and its failure domain is active, and this node
// otherwise. It changes nothing.
func (n *Node) ExternalNodeLeave(nodeId types.NodeId) types.NodeId {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.outer(n.core.ExternalNodeLeave(nodeId))
}

// UpdateClusterDomainsActiveMap replaces what is known about which failure domains
// are active, and judges quorum anew. When this activates the domain of a node that
// waits, the node opens its sockets and joins through the addresses of all known
// nodes and the seeds of Start. With the DEFAULT and NOOP providers, all domains are
// active.
//
// Errors: [ErrNotStarted] and [ErrStopped], and then nothing has changed; an
// *[AddrError], and the node waits as before; a *[JoinError], and the node is up.
func (n *Node) UpdateClusterDomainsActiveMap(activeMap types.ClusterDomainsActiveMap) error {
	var r *run
	var err error
	n.input(func(now time.Duration) {
		r = n.run
		if err = n.core.UpdateActiveMap(now, activeMap); err != nil {
			err = ErrStopped
			if n.phase == phaseIdle {
				err = ErrNotStarted
			}
		}
	})
	if err != nil {
		return fmt.Errorf("nekton: update the active map: %w", err)
	}
	return r.activate(context.Background())
}

// UpdateSelfClusterDomain moves this node to another failure domain, and judges
// quorum anew. When the new domain is active and the node waits for that, it opens
// its sockets and joins in the background; what goes wrong is logged.
func (n *Node) UpdateSelfClusterDomain(selfFailureDomain string) {
	var r *run
	n.input(func(now time.Duration) {
		n.core.SetSelfDomain(now, selfFailureDomain)
		if n.core.ShouldOpen() {
			r = n.run
		}
	})
	if r == nil {
		return
	}
	r.spawn(func() error {
		if err := r.activate(r.ctx); err != nil && !errors.Is(err, ErrStopped) {
			n.log.warn("cannot join after a change of failure domain", "", "error", err)
		}
		return nil
	})
}

// activate opens the sockets of a node whose domain has become active, and joins.
func (r *run) activate(ctx context.Context) error {
	opened, err := r.open(ctx)
	if err != nil {
		return fmt.Errorf("nekton: open sockets: %w", err)
	}
	if !opened {
		return nil
	}
	return r.join(ctx, newSeeds(r.knownAddresses()))
}

// knownAddresses are the seeds of Start and the configured addresses of all known
// nodes.
func (r *run) knownAddresses() []string {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	return append(r.node.core.Addresses(), r.names.all...)
}
