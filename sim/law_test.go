package sim_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// watch makes a cluster of nodes that all list all, with a checker.
func watch(t testing.TB, cfg sim.Config, count int) (*sim.Cluster, *sim.Checker) {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := sim.NewChecker(c)
	if _, err := c.Form(count); err != nil {
		t.Fatal(err)
	}
	until(t, c, time.Minute, "all list all", c.Agreed)
	return c, k
}

func hostsOf(c *sim.Cluster, names ...types.NodeId) (out []*virtual.Host) {
	for _, name := range names {
		out = append(out, c.Node(name).Host())
	}
	return out
}

func TestEveryLawIsLookedAtAndHoldsInAClusterInTrouble(t *testing.T) {
	intervals := sim.LAN()
	intervals.QuorumTimeout = 10 * time.Second
	c, k := watch(t, sim.Config{
		Seed: 5, Quorum: true, Intervals: intervals, Swim: swim.Config{TombstoneTTL: 20 * time.Second, HealInterval: 3 * time.Second},
	}, 6)
	if err := c.Node("n1").Set("key", []byte("value")); err != nil {
		t.Fatal(err)
	}
	c.Split(hostsOf(c, "n0", "n1"), hostsOf(c, "n2", "n3", "n4", "n5"))
	c.Run(90 * time.Second)
	c.HealAll()
	c.Net.Link.Loss = 0.3
	c.Node("n4").Crash()
	c.Run(40 * time.Second)
	c.Node("n2").Host().PauseFor(15 * time.Second)
	c.Run(30 * time.Second)
	if err := c.Node("n4").Restart(sim.Rebirth{Moved: true}); err != nil {
		t.Fatal(err)
	}
	c.Net.Link.Loss = 0
	c.Run(2 * time.Minute)
	if err := k.Calm(10 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.Node("n3").Leave(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	c.Run(time.Second)
	for _, l := range sim.Laws() {
		if k.Checks()[l.Name] == 0 {
			t.Errorf("law %q was never looked at", l.Name)
		}
	}
	if err := k.Err(); err != nil {
		t.Error(err)
	}
}

func TestLawsHaveAName(t *testing.T) {
	seen := map[string]bool{}
	for i, l := range sim.Laws() {
		if l.Name == "" || seen[l.Name] || !strings.HasSuffix(l.Sentence, ".") && !strings.HasSuffix(l.Sentence, ").") {
			t.Errorf("law %d: %q: %q", i, l.Name, l.Sentence)
		}
		seen[l.Name] = true
	}
}

// What a network says that nobody of the cluster said breaks laws.
func TestACheckerSeesWhatIsForged(t *testing.T) {
	stamp := func(m swim.Info, more swim.Incarnation) swim.Stamp {
		m.Stamp.Incarnation += more
		return m.Stamp
	}
	tests := []struct {
		law   string
		forge func(m swim.Info) swim.Message
	}{
		{"own incarnation", func(m swim.Info) swim.Message {
			return swim.Message{Kind: swim.KindAlive, Name: []byte(m.Name), Addr: m.Addr, Stamp: stamp(m, 1)}
		}},
		{"own incarnation", func(m swim.Info) swim.Message {
			return swim.Message{Kind: swim.KindSuspect, Name: []byte(m.Name), From: []byte("n2"), Stamp: stamp(m, 5)}
		}},
		{"own incarnation", func(swim.Info) swim.Message {
			return swim.Message{
				Kind: swim.KindAlive, Name: []byte("nobody"), Addr: netip.MustParseAddrPort("10.9.9.9:1"), Stamp: swim.Stamp{Incarnation: 1},
			}
		}},
	}
	for _, test := range tests {
		c, k := watch(t, sim.Config{Seed: 3}, 4)
		n := c.Node("n0")
		m, _ := n.Core().Member("n1")
		msg := test.forge(m)
		codec, err := wirev2.New("sim", types.GOSSIP_VERSION_2)
		if err != nil {
			t.Fatal(err)
		}
		b := codec.AppendMessage(codec.BeginPacket(nil), &msg)
		b = codec.FinishPacket(b, 0, []int{len(codec.BeginPacket(nil))})
		n.Host().Do(func(now time.Duration) {
			n.Core().HandlePacket(now, c.Node("n2").Addr(), b)
		})
		var v *sim.Violation
		if !errors.As(k.Err(), &v) || v.Law != test.law || v.Node != "n0" {
			t.Errorf("%v: got %v, want law %q broken by n0", msg.Kind, k.Err(), test.law)
		}
	}
}

func TestTheBoundsAreThoseThatThePagesState(t *testing.T) {
	shuffled := sim.Config{Swim: swim.Config{NoCoordinatedProbing: true}}
	cfg, p := sim.Config{}, shuffled.Protocol()
	c := cfg.Protocol()
	for _, test := range []struct {
		what      string
		got, want time.Duration
	}{
		{"probe gap of 2", sim.ProbeGap(p, 2), time.Second},
		{"probe gap of 7", sim.ProbeGap(p, 7), 11 * time.Second},
		{"detection among 7: 11 + 8 + 24", sim.DetectionBound(p, 7), 43 * time.Second},
		{"quorum among 7", sim.QuorumBound(shuffled, 7), 43 * time.Second},
		{"quorum among 7, by failure domains", sim.QuorumBound(sim.Config{
			Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS, Swim: shuffled.Swim,
		}, 7), 44800 * time.Millisecond},
		{"detection among 100: 197 + 8 + 48", sim.DetectionBound(p, 100), 253 * time.Second},
		{"probe gap of 7, coordinated: 41 periods", sim.ProbeGap(c, 7), 76875 * time.Millisecond},
		{"quorum among 7, coordinated: 77 + 8 + 24", sim.QuorumBound(cfg, 7), 108875 * time.Millisecond},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
}

// The page has a line for each law, in the order of [sim.Laws].
func TestThePageListsEveryLaw(t *testing.T) {
	page, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| law | says |\n| --- | --- |\n")
	for _, l := range sim.Laws() {
		fmt.Fprintf(&table, "| %s | %s |\n", l.Name, l.Sentence)
	}
	if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), table.String()) {
		t.Errorf("docs/testing.md lacks this table:\n%s", table.String())
	}
}
