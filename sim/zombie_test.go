package sim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// A process that was cut off for so long that it has forgotten everybody finds that
// its name was given to another one. It is the former run, not that.
func TestAZombieThatHasForgottenEverybodyDoesNotOutbidItsSuccessor(t *testing.T) {
	c, k := watch(t, sim.Config{
		Seed: 1, Quorum: true, Swim: swim.Config{TombstoneTTL: 5 * time.Second, HealInterval: time.Second},
	}, 3)
	zombie := c.Node("n2")
	c.Split(hostsOf(c, "n2"), hostsOf(c, "n0", "n1"))
	c.Run(40 * time.Second)
	if got := zombie.Core().Alive(); got != 1 {
		t.Fatalf("the zombie lists %d members", got)
	}
	successor, err := c.Add("successor", sim.NodeConfig{ID: "n2"})
	if err != nil {
		t.Fatal(err)
	}
	if err := successor.Start(c.Node("n0")); err != nil {
		t.Fatal(err)
	}
	c.Run(5 * time.Second)
	c.HealAll()
	if err := k.Calm(time.Minute); err != nil {
		t.Fatal(err)
	}
	if !successor.Up() || !zombie.Core().Replaced() {
		t.Errorf("the successor is up: %v; the zombie was replaced: %v", successor.Up(), zombie.Core().Replaced())
	}
}

// A node that the application knows may come back in a lower life than that of the
// record that is held of it, when nobody remembers that any more.
func TestAMemberThatComesBackInALowerLifeIsShown(t *testing.T) {
	c, k := watch(t, sim.Config{Seed: 2, Quorum: true, Swim: swim.Config{TombstoneTTL: 5 * time.Second}}, 3)
	n := c.Node("n2")
	if err := n.Set("key", []byte("of the first life")); err != nil {
		t.Fatal(err)
	}
	c.Run(5 * time.Second)
	if err := n.Leave(time.Second); err != nil {
		t.Fatal(err)
	}
	c.Run(20 * time.Second)
	clock := n.Host().Clock
	clock.Skew -= time.Hour
	if err := n.Restart(sim.Rebirth{Clock: &clock}); err != nil {
		t.Fatal(err)
	}
	if err := n.Set("key", []byte("of the second life")); err != nil {
		t.Fatal(err)
	}
	if err := k.Calm(time.Minute); err != nil {
		t.Fatal(err)
	}
	if v, _, err := c.Node("n0").Core().ValueOf("n2", "key"); err != nil || string(v) != "of the second life" {
		t.Errorf("n0 shows %q, %v", v, err)
	}
}
