package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

func TestEverySizeHasTwoDomainsAWitnessAndPartsForTheStory(t *testing.T) {
	for n := MinNodes; n <= MaxNodes; n++ {
		plan := seats(n)
		count := map[string]int{}
		ids := map[types.NodeId]bool{}
		for _, s := range plan {
			count[s.domain]++
			ids[s.id] = true
		}
		if len(plan) != n || len(ids) != n {
			t.Errorf("%d nodes: planned %v", n, plan)
		}
		if count[domainA] < 1 || count[domainB] < 1 || count[domainWitness] != 1 || count[domainA]-count[domainB] > 1 || count[domainA] < count[domainB] {
			t.Errorf("%d nodes: domains %v", n, count)
		}

		c := castOf(plan)
		if n-1 < majority(n) {
			t.Errorf("%d nodes: losing %s alone loses the quorum", n, c.victim)
		}
		left := n - 1 - len(c.others)
		if left >= majority(n) || left < 1 {
			t.Errorf("%d nodes: %d are left without %s and %v, want some, but no majority", n, left, c.victim, c.others)
		}
		if left+1 < majority(n) {
			t.Errorf("%d nodes: the quorum would be lost with less", n)
		}
		if c.writer == c.victim && n > 3 {
			t.Errorf("%d nodes: cast %+v", n, c)
		}
		for _, id := range []types.NodeId{c.victim, c.leaver} {
			i := slices.IndexFunc(plan, func(s seat) bool { return s.id == id })
			want := types.NODE_STATUS_SUSPECT_DOWN
			if count[plan[i].domain] > 1 {
				want = types.NODE_STATUS_DOWN
			}
			if c.verdict != want {
				t.Errorf("%d nodes: the verdict about %s is %v, want %v", n, id, c.verdict, want)
			}
		}
	}
}

func TestTheDefaultsTellTheStory(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotTellTheStoryIsRefusedByName(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"too few nodes", func(c *Config) { c.Nodes = 2 }, "2 nodes"},
		{"too many nodes", func(c *Config) { c.Nodes = 10 }, "10 nodes"},
		{"no probes", func(c *Config) { c.Intervals.ProbeInterval = 0 }, "probe interval 0s"},
		{"no probe timeout", func(c *Config) { c.Intervals.ProbeTimeout = 0 }, "probe timeout 0s"},
		{"a probe timeout as long as the period", func(c *Config) { c.Intervals.ProbeTimeout = c.Intervals.ProbeInterval }, "half of the probe interval"},
		{"no gossip", func(c *Config) { c.Intervals.GossipInterval = 0 }, "gossip interval 0s"},
		{"a negative push-pull interval", func(c *Config) { c.Intervals.PushPullInterval = -1 }, "push-pull interval -1ns"},
		{"a negative multiplier", func(c *Config) { c.Intervals.SuspicionMult = -1 }, "suspicion multiplier -1"},
		{"a quorum timeout that nobody can see", func(c *Config) { c.Intervals.QuorumTimeout = time.Millisecond }, "quorum timeout 1ms"},
		{"a negative pace", func(c *Config) { c.Pace = -time.Second }, "pace -1s"},
	} {
		cfg := DefaultConfig()
		test.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want it to name %q", test.name, err, test.want)
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	err := Config{Nodes: 1, Pace: -1}.Validate()
	for _, want := range []string{"1 nodes", "probe interval", "probe timeout", "gossip interval", "quorum timeout", "pace"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want it to name %q as well", err, want)
		}
	}
}
