package explore

import (
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A Suite is a configuration with a name, at three sizes.
type Suite struct {
	Name string
	// Story says what happens in it.
	Story string
	// Quick takes a second or less, Medium some seconds, Large minutes and gigabytes.
	Quick, Medium, Large Config
}

// Suites are the configurations that are run when nekton is tested: Quick by go test,
// Medium by .ci/run, Large by make explore.
func Suites() []Suite {
	pushPull := func(cfg *swim.Config) { cfg.PushPullInterval = 30 * time.Second }
	streams := func(cfg *swim.Config) { cfg.NoStreamProbe = false }
	silent := func(cfg *swim.Config) { cfg.GossipInterval, cfg.PushPullInterval = swim.Off, 30*time.Second }
	hasty := func(cfg *swim.Config) { cfg.SuspicionMult, cfg.HealInterval = swim.Off, time.Second }
	return []Suite{
		{
			"pair-loss", "Two nodes suspect each other, cut off or not, refute, and die of too much loss.",
			Config{Timeouts: 8, Drops: 3, CalmEvery: 50},
			Config{Timeouts: 12, Drops: 4, CalmEvery: 200},
			Config{Timeouts: 14, Drops: 5, CalmEvery: 1000},
		}, {
			"pair-crash", "One of two nodes crashes, and comes back with a higher boot before or after it is missed.",
			Config{Timeouts: 6, Drops: 1, Crashes: 1, Restarts: 1, CalmEvery: 50},
			Config{Timeouts: 8, Drops: 2, Crashes: 1, Restarts: 1, CalmEvery: 200},
			Config{Timeouts: 10, Drops: 2, Crashes: 1, Restarts: 1, CalmEvery: 1000},
		}, {
			"pair-lives", "Nodes come back with the life they had, a lower boot, or a lower generation.",
			Config{Timeouts: 3, Crashes: 1, Restarts: 2, LowLives: true, CalmEvery: 50},
			Config{Timeouts: 4, Drops: 1, Crashes: 1, Restarts: 2, LowLives: true, CalmEvery: 200},
			Config{Timeouts: 4, Drops: 1, Crashes: 2, Restarts: 2, LowLives: true, CalmEvery: 1000},
		}, {
			"pair-late", "Packets arrive twice, and long after they were sent.",
			Config{Timeouts: 4, Drops: 1, Duplicates: 1, Late: 2, CalmEvery: 50},
			Config{Timeouts: 6, Drops: 1, Duplicates: 1, Late: 2, CalmEvery: 200},
			Config{Timeouts: 5, Drops: 1, Duplicates: 1, Late: 1, Leaves: 1, Publishes: 1, CalmEvery: 1000},
		}, {
			"pair-stall", "A node freezes, and finds all its timers late.",
			Config{Timeouts: 5, Drops: 1, Late: 1, Stalls: 1, CalmEvery: 50},
			Config{Timeouts: 6, Drops: 2, Late: 1, Stalls: 1, CalmEvery: 200},
			Config{Timeouts: 7, Drops: 2, Late: 1, Stalls: 1, CalmEvery: 1000},
		}, {
			"pair-heal", "Two nodes hold each other dead at the first failed probe, and find each other again.",
			Config{Timeouts: 8, Drops: 2, CalmEvery: 50, Swim: small(hasty)},
			Config{Timeouts: 8, Drops: 2, Late: 1, CalmEvery: 200, Swim: small(hasty)},
			Config{Timeouts: 8, Drops: 3, Late: 1, CalmEvery: 1000, Swim: small(hasty)},
		}, {
			"pair-news", "Published state travels by rumour and by push-pull, and both can be lost.",
			Config{Timeouts: 5, Drops: 1, Publishes: 1, CalmEvery: 50, Swim: small(pushPull)},
			Config{Timeouts: 5, Drops: 3, Publishes: 1, CalmEvery: 200, Swim: small(pushPull)},
			Config{Timeouts: 6, Drops: 2, Publishes: 2, CalmEvery: 1000, Swim: small(pushPull)},
		}, {
			"trio-loss", "Three nodes probe each other, directly, indirectly and by stream, and suspect, confirm, refute.",
			Config{Nodes: 3, Timeouts: 5, Drops: 2, CalmEvery: 50, Swim: small(streams)},
			Config{Nodes: 3, Timeouts: 7, Drops: 3, CalmEvery: 200, Swim: small(streams)},
			Config{Nodes: 3, Timeouts: 8, Drops: 4, CalmEvery: 1000, Swim: small(streams)},
		}, {
			"trio-crash", "One of three nodes crashes, is found out, and comes back.",
			Config{Nodes: 3, Timeouts: 7, Crashes: 1, CalmEvery: 50},
			Config{Nodes: 3, Timeouts: 5, Crashes: 1, Restarts: 1, CalmEvery: 200},
			Config{Nodes: 3, Timeouts: 5, Drops: 1, Crashes: 1, Restarts: 1, CalmEvery: 1000},
		}, {
			"trio-clock", "Three nodes share one clock, so that they act at the same moments.",
			Config{Nodes: 3, Timeouts: 5, Drops: 1, CalmEvery: 50, OneClock: true},
			Config{Nodes: 3, Timeouts: 6, Drops: 2, CalmEvery: 200, OneClock: true},
			Config{Nodes: 3, Timeouts: 8, Drops: 2, CalmEvery: 1000, OneClock: true},
		}, {
			"trio-leave", "One of three nodes says that it goes, and may come back.",
			Config{Nodes: 3, Timeouts: 2, Drops: 1, Leaves: 1, CalmEvery: 50},
			Config{Nodes: 3, Timeouts: 3, Drops: 1, Leaves: 1, CalmEvery: 200},
			Config{Nodes: 3, Timeouts: 3, Drops: 1, Leaves: 1, Restarts: 1, CalmEvery: 1000},
		}, {
			"trio-hasty", "A failed probe is a death: deaths, departures and news of a member overtake each other.",
			Config{Nodes: 3, Timeouts: 3, Leaves: 1, CalmEvery: 50, Swim: small(hasty)},
			Config{Nodes: 3, Timeouts: 3, Late: 1, Leaves: 1, CalmEvery: 200, Swim: small(hasty)},
			Config{Nodes: 3, Timeouts: 4, Late: 1, Leaves: 1, CalmEvery: 1000, Swim: small(hasty)},
		}, {
			"trio-update", "A node raises its incarnation, crashes, and is suspected and dead at both.",
			Config{Nodes: 3, Timeouts: 4, Crashes: 1, Updates: 1, CalmEvery: 50},
			Config{Nodes: 3, Timeouts: 7, Crashes: 1, Updates: 1, CalmEvery: 200},
			Config{Nodes: 3, Timeouts: 9, Crashes: 1, Updates: 1, CalmEvery: 1000},
		}, {
			"trio-repair", "Nothing is gossiped: push-pull tells whoever has missed that a node left.",
			Config{Nodes: 3, Timeouts: 2, Leaves: 1, CalmEvery: 50, Swim: small(silent)},
			Config{Nodes: 3, Timeouts: 3, Drops: 1, Leaves: 1, CalmEvery: 200, Swim: small(silent)},
			Config{Nodes: 3, Timeouts: 2, Drops: 1, Late: 1, Leaves: 1, CalmEvery: 1000, Swim: small(silent)},
		}, {
			"trio-join", "Three nodes that do not know each other join through one of them.",
			Config{Nodes: 3, Start: StartJoining, Timeouts: 1, Drops: 1, CalmEvery: 50, Swim: small(pushPull)},
			Config{Nodes: 3, Start: StartJoining, Timeouts: 4, Drops: 1, CalmEvery: 200, Swim: small(pushPull)},
			Config{Nodes: 3, Start: StartJoining, Timeouts: 3, Drops: 2, Crashes: 1, CalmEvery: 1000, Swim: small(pushPull)},
		},
	}
}

// small is [Small] with something changed.
func small(change func(*swim.Config)) swim.Config {
	cfg := Small()
	change(&cfg)
	return cfg
}

// Sizes are the names of the sizes, the smallest first.
func Sizes() []string { return []string{"quick", "medium", "large"} }

// At is the suite's configuration at a size that [Sizes] names; false if there is none.
func (s *Suite) At(size string) (Config, bool) {
	cfg, ok := map[string]Config{"quick": s.Quick, "medium": s.Medium, "large": s.Large}[size]
	return cfg, ok
}
