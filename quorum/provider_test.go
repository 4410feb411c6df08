package quorum

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/types"
	"pgregory.net/rapid"
)

func TestAMajorityOfOneToTenMembersIsMoreThanHalf(t *testing.T) {
	want := []int{0: 1, 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4, 8: 5, 9: 5, 10: 6}
	for size, needed := range want {
		for alive := 0; alive <= size; alive++ {
			v := View{
				Members: types.ClusterDomainsQuorumMembersMap{"": size},
				Alive:   types.ClusterDomainsQuorumMembersMap{"": alive},
			}
			p := ProviderFor(types.QUORUM_PROVIDER_DEFAULT)
			if got := p.Tally(v); got != (Tally{Members: size, Alive: alive, Needed: needed}) {
				t.Errorf("%d of %d: tally is %+v, want %d needed", alive, size, got, needed)
			}
			if got := p.InQuorum(v); got != (alive >= needed) {
				t.Errorf("%d of %d: in quorum is %v", alive, size, got)
			}
		}
	}
}

func TestFailureDomainsCountActiveDomainsOnly(t *testing.T) {
	both := domains("east", "west")
	type counts = types.ClusterDomainsQuorumMembersMap
	for _, c := range []struct {
		name   string
		own    string
		active types.ClusterDomainsActiveMap
		alive  counts // of 3 in east, 2 in west
		want   bool
	}{
		{"all alive", "east", both, counts{"east": 3, "west": 2}, true},
		{"all of the larger domain is a majority of five", "east", both, counts{"east": 3}, true},
		{"all of the smaller domain is not", "west", both, counts{"west": 2}, false},
		{"the smaller domain alone is active: two of two", "west", domains("west"), counts{"west": 2}, true},
		{"the smaller domain alone is active: one of two", "west", domains("west"), counts{"west": 1, "east": 3}, false},
		{"own domain inactive, all others alive", "west", domains("east"), counts{"east": 3, "west": 2}, false},
		{"no domain active", "east", domains(), counts{"east": 3, "west": 2}, false},
		{"no map", "east", nil, counts{"east": 3, "west": 2}, false},
		{"a state that is not exactly Active", "east",
			types.ClusterDomainsActiveMap{"east": "active", "west": types.CLUSTER_DOMAIN_STATE_INACTIVE}, counts{"east": 3}, false},
		{"an active domain without members, own", "south", domains("south", "west"), counts{"west": 2}, true},
		{"no member in any active domain", "south", domains("south"), counts{"east": 3}, false},
	} {
		v := View{OwnDomain: c.own, Active: c.active, Alive: c.alive, Members: counts{"east": 3, "west": 2}}
		for _, kind := range []types.QuorumProvider{types.QUORUM_PROVIDER_FAILURE_DOMAINS, 3, 200} {
			if got := ProviderFor(kind).InQuorum(v); got != c.want {
				t.Errorf("%s (%v): got %v, want %v", c.name, kind, got, c.want)
			}
		}
	}
}

func TestNoopIsAlwaysInQuorumAndKnowsNoInactiveDomain(t *testing.T) {
	p := ProviderFor(types.QUORUM_PROVIDER_NOOP)
	v := View{OwnDomain: "east", Members: types.ClusterDomainsQuorumMembersMap{"east": 5}}
	if !p.InQuorum(View{}) || !p.InQuorum(v) {
		t.Error("NOOP is out of quorum")
	}
	if got := p.Tally(v); got != (Tally{Members: 5}) {
		t.Errorf("tally is %+v, want 5 members, none needed", got)
	}
	for _, kind := range []types.QuorumProvider{types.QUORUM_PROVIDER_NOOP, types.QUORUM_PROVIDER_DEFAULT} {
		if p := ProviderFor(kind); !p.DomainActive(nil, "east") || p.UsesDomains() {
			t.Errorf("%v cares about domains", kind)
		}
	}
}

// naiveInQuorum decides from lists, one vote at a time, without any of the counts.
func naiveInQuorum(kind types.QuorumProvider, self types.NodeId, table map[types.NodeId]Node,
	counted map[types.NodeId]string, active types.ClusterDomainsActiveMap) bool {
	if kind == types.QUORUM_PROVIDER_NOOP {
		return true
	}
	isActive := func(domain string) bool {
		return kind == types.QUORUM_PROVIDER_DEFAULT || active[domain] == "Active"
	}
	if !isActive(table[self].Domain) {
		return false
	}
	// UP is 1, NOT_IN_QUORUM 4, SUSPECT_NOT_IN_QUORUM 5.
	balance := 0 // two for each that is alive, less one for each that should be
	for _, domain := range counted {
		if isActive(domain) {
			balance--
		}
	}
	for _, n := range table {
		if n.QuorumMember && isActive(n.Domain) && (n.Status == 1 || n.Status == 4 || n.Status == 5) {
			balance += 2
		}
	}
	// More than half, and not nobody of nobody.
	return balance > 0
}

func TestProvidersAgreeWithCountingVotesOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]types.QuorumProvider{
			types.QUORUM_PROVIDER_DEFAULT, types.QUORUM_PROVIDER_FAILURE_DOMAINS, types.QUORUM_PROVIDER_NOOP,
		}).Draw(t, "provider")
		domain := rapid.SampledFrom([]string{"", "east", "west"})
		active := make(types.ClusterDomainsActiveMap)
		for _, d := range []string{"", "east", "west"} {
			if s := rapid.SampledFrom([]types.ClusterDomainState{"", "Active", "Active", "Inactive", "odd"}).Draw(t, "state"); s != "" {
				active[d] = s
			}
		}
		table, tbl := make(map[types.NodeId]Node), newTable()
		counted := make(map[types.NodeId]string)
		for i := range rapid.IntRange(1, 12).Draw(t, "nodes") {
			id := types.NodeId(fmt.Sprint(i))
			n := Node{
				Status:       types.NodeStatus(rapid.IntRange(0, 6).Draw(t, "status")),
				QuorumMember: rapid.Bool().Draw(t, "member"),
				Domain:       domain.Draw(t, "domain"),
			}
			table[id] = n
			tbl.put(id, seat{Status: n.Status, QuorumMember: n.QuorumMember, Domain: n.Domain})
			if n.QuorumMember {
				counted[id] = n.Domain
			}
		}
		v := View{OwnDomain: table["0"].Domain, Members: tbl.members(), Alive: tbl.alive, Active: active}
		got, want := ProviderFor(kind).InQuorum(v), naiveInQuorum(kind, "0", table, counted, active)
		if got != want {
			t.Fatalf("%v says %v, votes say %v\n%v\n%v", kind, got, want, table, active)
		}
	})
}
