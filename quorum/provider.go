package quorum

import "github.com/nekton-go/nekton/types"

// A View is all that a provider decides from: how many quorum members there
// should be, how many of them are alive, and where. Its maps are only read.
type View struct {
	// OwnDomain is the failure domain of this node.
	OwnDomain string
	// Members counts the quorum members of each domain, as of the last
	// UpdateCluster.
	Members types.ClusterDomainsQuorumMembersMap
	// Alive counts the known quorum members of each domain that are alive, see
	// [Node.Alive].
	Alive types.ClusterDomainsQuorumMembersMap
	// Active says which domains are active.
	Active types.ClusterDomainsActiveMap
}

// A Tally is the count behind a decision.
type Tally struct {
	// Members is the number of quorum members that the provider counts.
	Members int
	// Alive is the number of them that are alive. Nodes that AddNode made
	// members, after the last UpdateCluster, are in Alive and not in Members.
	Alive int
	// Needed is the number that has to be alive.
	Needed int
}

// A Provider is a rule of quorum. Its methods are pure functions.
type Provider interface {
	// Tally counts.
	Tally(View) Tally
	// InQuorum reports whether the node is in quorum.
	InQuorum(View) bool
	// DomainActive reports whether nodes of the domain count.
	DomainActive(active types.ClusterDomainsActiveMap, domain string) bool
	// UsesDomains reports whether failure domains mean anything to the rule. If
	// not, the active map has no effect and a lost peer is DOWN at once.
	UsesDomains() bool
}

// ProviderFor returns the rule that kind names. An unknown number means
// FAILURE_DOMAINS.
func ProviderFor(kind types.QuorumProvider) Provider {
	switch kind {
	case types.QUORUM_PROVIDER_DEFAULT:
		return majority{}
	case types.QUORUM_PROVIDER_NOOP:
		return always{}
	default:
		return activeMajority{}
	}
}

// needed returns the smallest majority of members: 2 of 2, 2 of 3, 3 of 4. Of no
// members it is 1, which nobody can reach.
func needed(members int) int { return members/2 + 1 }

// majority is QUORUM_PROVIDER_DEFAULT: a majority of all quorum members. A node
// that is no member itself uses the same rule.
type majority struct{}

func (majority) Tally(v View) Tally {
	var t Tally
	for _, n := range v.Members {
		t.Members += n
	}
	for _, n := range v.Alive {
		t.Alive += n
	}
	t.Needed = needed(t.Members)
	return t
}

func (p majority) InQuorum(v View) bool {
	t := p.Tally(v)
	return t.Alive >= t.Needed
}

func (majority) DomainActive(types.ClusterDomainsActiveMap, string) bool { return true }

func (majority) UsesDomains() bool { return false }

// activeMajority is QUORUM_PROVIDER_FAILURE_DOMAINS: a majority of the quorum
// members in active domains, and only for nodes in an active domain.
type activeMajority struct{}

func (p activeMajority) Tally(v View) Tally {
	var t Tally
	for domain, n := range v.Members {
		if p.DomainActive(v.Active, domain) {
			t.Members += n
		}
	}
	for domain, n := range v.Alive {
		if p.DomainActive(v.Active, domain) {
			t.Alive += n
		}
	}
	t.Needed = needed(t.Members)
	return t
}

func (p activeMajority) InQuorum(v View) bool {
	t := p.Tally(v)
	return p.DomainActive(v.Active, v.OwnDomain) && t.Alive >= t.Needed
}

// DomainActive takes nothing but exactly "Active" for active; a domain that the
// map does not name is inactive.
func (activeMajority) DomainActive(active types.ClusterDomainsActiveMap, domain string) bool {
	return active[domain] == types.CLUSTER_DOMAIN_STATE_ACTIVE
}

func (activeMajority) UsesDomains() bool { return true }

// always is QUORUM_PROVIDER_NOOP. It counts as majority does, for whoever looks,
// and needs nobody.
type always struct{}

func (always) Tally(v View) Tally {
	t := majority{}.Tally(v)
	t.Needed = 0
	return t
}

func (always) InQuorum(View) bool { return true }

func (always) DomainActive(types.ClusterDomainsActiveMap, string) bool { return true }

func (always) UsesDomains() bool { return false }
