package sim_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// rollers is a cluster of five nodes on memberlist's wire, in quorum.
func rollers(t *testing.T, seed uint64) (*sim.Cluster, []*sim.Node) {
	t.Helper()
	c, err := sim.New(sim.Config{
		Seed: seed, Quorum: true,
		Intervals: types.GossipIntervals{
			GossipInterval: 200 * time.Millisecond, PushPullInterval: 2 * time.Second,
			ProbeInterval: time.Second, ProbeTimeout: 500 * time.Millisecond,
			QuorumTimeout: time.Minute, SuspicionMult: 4,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*sim.Node
	for i := range 5 {
		n, err := c.Add(types.NodeId(fmt.Sprintf("n%d", i)), sim.NodeConfig{Wire: sim.Memberlist})
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	c.UpdateCluster()
	for _, n := range nodes {
		if err := n.Start(nodes[0], nodes[1]); err != nil {
			t.Fatal(err)
		}
	}
	return c, nodes
}

// all reports whether cond holds of every pair of nodes.
func all(nodes []*sim.Node, cond func(a, b *sim.Node) bool) bool {
	return !slices.ContainsFunc(nodes, func(a *sim.Node) bool {
		return slices.ContainsFunc(nodes, func(b *sim.Node) bool { return !cond(a, b) })
	})
}

func up(a, b *sim.Node) bool {
	s, ok := a.Core().Status(b.ID())
	return ok && s == types.NODE_STATUS_UP
}

// none reports whether cond holds of a node and no other.
func none(nodes []*sim.Node, b *sim.Node, cond func(a, b *sim.Node) bool) bool {
	return !slices.ContainsFunc(nodes, func(a *sim.Node) bool { return a != b && cond(a, b) })
}

// round is what a shows of the rounds that b has published.
func round(a, b *sim.Node) int {
	v, _, _ := a.Core().ValueOf(b.ID(), "round")
	n, _ := strconv.Atoi(string(v))
	return n
}

// showing returns a condition: a shows what b has published by now, or later.
func showing(nodes []*sim.Node) func(a, b *sim.Node) bool {
	published := map[*sim.Node]int{}
	for _, n := range nodes {
		published[n] = round(n, n)
	}
	return func(a, b *sim.Node) bool { return round(a, b) >= published[b] }
}

func TestMembersOnMemberlistsWireAgree(t *testing.T) {
	c, nodes := rollers(t, 1)
	await := func(limit time.Duration, what string, cond func() bool) {
		t.Helper()
		took, ok := c.Until(limit, cond)
		if !ok {
			dump(t, nodes)
			t.Fatalf("not within %v: %s", limit, what)
		}
		t.Logf("after %v: %s", took, what)
	}
	await(10*time.Second, "everybody is UP for everybody", func() bool { return all(nodes, up) })
	for i, n := range nodes {
		n.Set("round", fmt.Appendf(nil, "%d", i+1))
	}
	shows := showing(nodes)
	await(20*time.Second, "all show all values", func() bool { return all(nodes, shows) })
	nodes[3].Crash()
	await(30*time.Second, "a crash is noticed", func() bool { return none(nodes, nodes[3], up) })
	if err := nodes[3].Restart(sim.Rebirth{}); err != nil {
		t.Fatal(err)
	}
	await(10*time.Second, "it is back", func() bool { return all(nodes, up) })
	if err := nodes[4].Leave(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	await(5*time.Second, "a departure is noticed", func() bool { return none(nodes, nodes[4], up) && !nodes[4].Running() })
}

// statusWatch reports who leaves UP while it runs.
type statusWatch struct{ t *testing.T }

func (w statusWatch) Settled(*sim.Node) {}

func (w statusWatch) Observe(n *sim.Node, e *sim.Event) {
	if e.Kind == node.EventStatus && e.ID == n.ID() && e.Change.From == types.NODE_STATUS_UP && n.Up() {
		w.t.Errorf("%v: %s leaves UP: %v", n.Cluster().Now(), n.ID(), e.Change.To)
	}
}

// Five nodes, one at a time: to the bridge, from there to nekton's wire alone, and all
// the way back. Meanwhile everybody writes. Whoever runs stays UP, and after
// every step all show what all had written by then, or newer.
func TestAClusterRollsFromMemberlistsWireToNektonsAndBack(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			c, nodes := rollers(t, seed)
			if _, ok := c.Until(10*time.Second, func() bool { return all(nodes, up) }); !ok {
				t.Fatal("not everybody is UP for everybody")
			}
			c.Watch(statusWatch{t})
			writes := 0
			var write func()
			write = func() {
				writes++
				for _, n := range nodes {
					if n.Up() {
						n.Set("round", fmt.Appendf(nil, "%d", writes))
					}
				}
				c.After(700*time.Millisecond, write)
			}
			write()
			for _, wire := range []sim.Wire{sim.Bridge, sim.Nekton, sim.Bridge, sim.Memberlist} {
				for _, n := range nodes {
					if err := n.Leave(10 * time.Second); err != nil {
						t.Fatal(err)
					}
					if _, ok := c.Until(11*time.Second, func() bool { return !n.Running() }); !ok {
						t.Fatalf("%s does not end", n.ID())
					}
					if err := n.Restart(sim.Rebirth{Wire: &wire}); err != nil {
						t.Fatal(err)
					}
					if _, ok := c.Until(30*time.Second, func() bool { return all(nodes, up) }); !ok {
						dump(t, nodes)
						t.Fatalf("wire %d: %s is not UP for everybody", wire, n.ID())
					}
					shows := showing(nodes)
					if _, ok := c.Until(20*time.Second, func() bool { return all(nodes, shows) }); !ok {
						dump(t, nodes)
						t.Fatalf("wire %d: after %s, values are lost", wire, n.ID())
					}
				}
			}
			for _, n := range nodes {
				if s := n.Core().Stats().Swim; s.Alive != len(nodes) {
					t.Errorf("%s lists %d members", n.ID(), s.Alive)
				}
			}
		})
	}
}

func dump(t *testing.T, nodes []*sim.Node) {
	for _, a := range nodes {
		for _, b := range nodes {
			s, _ := a.Core().Status(b.ID())
			v, _, _ := a.Core().ValueOf(b.ID(), "round")
			m, ok := a.Core().Member(b.ID())
			t.Logf("%s of %s: %v %q %v at %v %v", a.ID(), b.ID(), s, v, m.State, m.Stamp, ok)
		}
	}
}

// On memberlist's wire a dead member is forgotten after half a minute. Nobody here has a
// seed on the other side; what brings the sides together is that each goes on looking
// for whom it has lost.
func TestALongPartitionOnMemberlistsWireHealsWithoutSeeds(t *testing.T) {
	c, err := sim.New(sim.Config{Seed: 4, Quorum: true, Swim: swim.Config{TombstoneTTL: 30 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*sim.Node
	for i := range 6 {
		n, err := c.Add(types.NodeId(fmt.Sprintf("n%d", i)), sim.NodeConfig{Wire: sim.Memberlist})
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	c.UpdateCluster()
	for i, n := range nodes {
		if err := n.Start(nodes[i/3*3]); err != nil { // each three among themselves
			t.Fatal(err)
		}
	}
	nodes[5].Host().Do(func(now time.Duration) {
		_, _ = nodes[5].Core().Join(now, []netip.AddrPort{nodes[0].Addr()}) // once
	})
	if _, ok := c.Until(30*time.Second, func() bool { return all(nodes, up) }); !ok {
		dump(t, nodes)
		t.Fatal("not everybody is UP for everybody")
	}
	var sides [2][]*virtual.Host
	for i, n := range nodes {
		sides[i/3] = append(sides[i/3], n.Host())
	}
	c.Split(sides[0], sides[1])
	c.Run(10 * time.Minute)
	if m := nodes[0].Core().Alive(); m != 3 {
		t.Fatalf("%d members on one side", m)
	}
	c.HealAll()
	took, ok := c.Until(2*time.Minute, func() bool { return all(nodes, up) })
	if !ok {
		dump(t, nodes)
		t.Fatal("the sides do not find each other")
	}
	t.Logf("together again after %v", took)
}
