package sim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/types"
)

func TestANodeOfAnInactiveDomainWaitsUntilItIsActive(t *testing.T) {
	c, err := sim.New(sim.Config{
		Seed: 12, Quorum: true, Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS,
		Active: types.ClusterDomainsActiveMap{"west": types.CLUSTER_DOMAIN_STATE_INACTIVE},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, domain := range map[types.NodeId]string{"a": "east", "b": "west"} {
		if _, err := c.Add(name, sim.NodeConfig{Domain: domain}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []types.NodeId{"a", "b"} {
		if err := c.Node(name).Start(c.Node("a")); err != nil {
			t.Fatal(err)
		}
	}
	c.Run(5 * time.Second)
	if c.Node("b").Up() || c.Node("a").Lists("b") {
		t.Fatal("b takes part")
	}
	c.SetActive("west", true)
	until(t, c, 5*time.Second, "a lists b", func() bool { return c.Node("a").Lists("b") })
}

func TestSeedsThatHaveMovedAreFoundByName(t *testing.T) {
	c := form(t, sim.Config{Seed: 13}, 2)
	a, b := c.Node("n0"), c.Node("n1")
	a.Crash()
	b.Crash()
	if err := b.Restart(sim.Rebirth{Moved: true}); err != nil {
		t.Fatal(err)
	}
	c.Run(time.Minute)
	if err := a.Restart(sim.Rebirth{Moved: true, Seeds: []*sim.Node{a}}); err != nil {
		t.Fatal(err)
	}
	c.Run(2 * time.Minute) // b still looks where its seed was
	if a.Lists("n1") {
		t.Fatal("b has found a at an address that nobody told it")
	}
	c.Resolve()
	until(t, c, time.Minute, "they have met", c.Agreed)
}
