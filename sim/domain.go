package sim

import (
	"time"

	"github.com/nekton-go/nekton/types"
)

// SetActive says that a failure domain is active, or not, and tells all nodes. Nodes
// that have waited for it open now, and join.
func (c *Cluster) SetActive(domain string, active bool) {
	state := types.CLUSTER_DOMAIN_STATE_INACTIVE
	if active {
		state = types.CLUSTER_DOMAIN_STATE_ACTIVE
	}
	given := types.ClusterDomainsActiveMap{domain: state}
	for d, s := range c.cfg.Active {
		if d != domain {
			given[d] = s
		}
	}
	c.cfg.Active = given // a copy: the caller's map stays as it is
	all := c.active()
	for _, n := range c.nodes {
		n.updateActive(all)
	}
}

// Domain is the node's failure domain.
func (n *Node) Domain() string { return n.cfg.Domain }

// updateActive tells the node which domains are active; it opens if it has waited.
func (n *Node) updateActive(active types.ClusterDomainsActiveMap) {
	if !n.Running() {
		return
	}
	n.host.Do(func(now time.Duration) {
		// It runs, so that there is no error; and what it opens with was good before.
		if n.core.UpdateActiveMap(now, active) == nil && n.core.ShouldOpen() && n.openNow(now) == nil {
			n.join()
		}
	})
}

// Resolve lets every node look up where its seeds live now, as the façade does again
// and again for seeds that are host names.
func (c *Cluster) Resolve() {
	for _, n := range c.nodes {
		if n.Running() {
			n.host.Do(func(time.Duration) { n.core.SetSeeds(n.seedAddrs()) })
		}
	}
}
