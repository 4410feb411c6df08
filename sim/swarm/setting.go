package swarm

import (
	"maps"
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A settingKind says what a setting changes: the cluster or one node.
type settingKind struct {
	cluster func(cfg *sim.Config, v int64)
	node    func(cfg *sim.NodeConfig, v int64)
	every   func(cfg *sim.NodeConfig, v int64) // each node alike
}

// Settings are the names of all settings, sorted.
func Settings() []string { return slices.Sorted(maps.Keys(settings())) }

func ms(v int64) time.Duration { return time.Duration(v) * time.Millisecond }

// orOff is a time of a field that can be switched off.
func orOff(v int64) time.Duration {
	if v < 0 {
		return swim.Off
	}
	return ms(v)
}

// pace is a time of an interval, where zero switches off.
func pace(v int64) time.Duration { return ms(max(v, 0)) }

func settings() map[string]settingKind {
	type config = sim.Config
	cluster := func(f func(*config, int64)) settingKind { return settingKind{cluster: f} }
	node := func(f func(*sim.NodeConfig, int64)) settingKind { return settingKind{node: f} }
	rule := func(f func(*swim.Rules) *bool) settingKind {
		return cluster(func(c *config, v int64) { *f(&c.Swim.Rules) = v != 0 })
	}
	return map[string]settingKind{
		"probe-interval": cluster(func(c *config, v int64) { c.Intervals.ProbeInterval = pace(v) }),
		"probe-timeout":  cluster(func(c *config, v int64) { c.Intervals.ProbeTimeout = pace(v) }),
		"gossip":         cluster(func(c *config, v int64) { c.Intervals.GossipInterval = pace(v) }),
		"push-pull":      cluster(func(c *config, v int64) { c.Intervals.PushPullInterval = pace(v) }),
		"suspicion-mult": cluster(func(c *config, v int64) { c.Intervals.SuspicionMult = int(max(v, 0)) }),
		"quorum-timeout": cluster(func(c *config, v int64) { c.Intervals.QuorumTimeout = pace(v) }),

		"shuffled":         cluster(func(c *config, v int64) { c.Swim.NoCoordinatedProbing = v != 0 }),
		"indirect-probes":  cluster(func(c *config, v int64) { c.Swim.IndirectProbes = int(v) }),
		"probe-retries":    cluster(func(c *config, v int64) { c.Swim.ProbeRetries = int(v) }),
		"no-stream-probe":  cluster(func(c *config, v int64) { c.Swim.NoStreamProbe = v != 0 }),
		"suspicion-max":    cluster(func(c *config, v int64) { c.Swim.SuspicionMaxMult = int(v) }),
		"confirmations":    cluster(func(c *config, v int64) { c.Swim.SuspicionConfirmations = int(v) }),
		"health-max":       cluster(func(c *config, v int64) { c.Swim.HealthMax = int(v) }),
		"gossip-nodes":     cluster(func(c *config, v int64) { c.Swim.GossipNodes = int(v) }),
		"gossip-dead":      cluster(func(c *config, v int64) { c.Swim.GossipToTheDead = orOff(v) }),
		"retransmit-mult":  cluster(func(c *config, v int64) { c.Swim.RetransmitMult = int(v) }),
		"max-piggyback":    cluster(func(c *config, v int64) { c.Swim.MaxPiggyback = int(v) }),
		"heal":             cluster(func(c *config, v int64) { c.Swim.HealInterval = ms(v) }),
		"leave-acks":       cluster(func(c *config, v int64) { c.Swim.LeaveAcks = int(v) }),
		"tombstone-ttl":    cluster(func(c *config, v int64) { c.Swim.TombstoneTTL = ms(v) }),
		"max-tombstones":   cluster(func(c *config, v int64) { c.Swim.MaxTombstones = int(v) }),
		"packet-budget":    cluster(func(c *config, v int64) { c.Swim.PacketBudget = int(v) }),
		"frame-budget":     cluster(func(c *config, v int64) { c.Swim.FrameBudget = int(v) }),
		"join-dials":       cluster(func(c *config, v int64) { c.Swim.JoinDials = int(v) }),
		"key-tombstone":    cluster(func(c *config, v int64) { c.Store.TombstoneTTL = ms(v) }),
		"no-quorum":        cluster(func(c *config, v int64) { c.Quorum = v == 0 }),
		"quorum-provider":  cluster(func(c *config, v int64) { c.Provider = types.QuorumProvider(v) }),
		"probation":        cluster(func(c *config, v int64) { c.Probation = ms(v) }),
		"delay":            cluster(func(c *config, v int64) { c.Network.Link.Delay = virtual.Uniform{Min: ms(1), Max: ms(v)} }),
		"lossless-streams": cluster(func(c *config, v int64) { c.Network.LosslessStreams = v != 0 }),
		"stream-timeout":   cluster(func(c *config, v int64) { c.Network.StreamTimeout = ms(v) }),
		"max-incoming":     cluster(func(c *config, v int64) { c.Network.MaxIncoming = int(v) }),

		"serial-probes":     rule(func(r *swim.Rules) *bool { return &r.SerialProbes }),
		"ignore-silence":    rule(func(r *swim.Rules) *bool { return &r.IgnoreSilence }),
		"verdict-at-end":    rule(func(r *swim.Rules) *bool { return &r.VerdictAtPeriodEnd }),
		"health-stretches":  rule(func(r *swim.Rules) *bool { return &r.HealthStretchesPeriod }),
		"health-spares":     rule(func(r *swim.Rules) *bool { return &r.HealthSparesTimeout }),
		"paper-health":      rule(func(r *swim.Rules) *bool { return &r.PaperHealth }),
		"count-stalls":      rule(func(r *swim.Rules) *bool { return &r.CountStalls }),
		"no-cut-off":        rule(func(r *swim.Rules) *bool { return &r.NoCutOff }),
		"no-buddy":          rule(func(r *swim.Rules) *bool { return &r.NoBuddy }),
		"buddy-on-pings":    rule(func(r *swim.Rules) *bool { return &r.BuddyOnPingsOnly }),
		"no-repeat":         rule(func(r *swim.Rules) *bool { return &r.NoRepeat }),
		"trust-deaths":      rule(func(r *swim.Rules) *bool { return &r.TrustDeaths }),
		"any-accuser":       rule(func(r *swim.Rules) *bool { return &r.AnyAccuserCounts }),
		"all-or-nothing":    rule(func(r *swim.Rules) *bool { return &r.AllOrNothingK }),
		"natural-suspicion": rule(func(r *swim.Rules) *bool { return &r.NaturalSuspicion }),
		"natural-sends":     rule(func(r *swim.Rules) *bool { return &r.NaturalRetransmits }),
		"blind-gossip":      rule(func(r *swim.Rules) *bool { return &r.BlindGossip }),
		"no-eager-gossip":   rule(func(r *swim.Rules) *bool { return &r.NoEagerGossip }),
		"no-prints":         rule(func(r *swim.Rules) *bool { return &r.NoPrints }),
		"no-catch-up":       rule(func(r *swim.Rules) *bool { return &r.NoCatchUp }),
		"whole-tables":      rule(func(r *swim.Rules) *bool { return &r.WholeTables }),
		"random-targets":    rule(func(r *swim.Rules) *bool { return &r.RandomTargets }),

		memberlistWire: {every: func(c *sim.NodeConfig, v int64) {
			if v != 0 {
				c.Wire = sim.Memberlist
			}
		}},

		// These break laws, each in its way: what they are good for is to see that laws can
		// be broken. No seed has them.
		"death-is-final": rule(func(r *swim.Rules) *bool { return &r.DeathIsFinal }),
		"trust-hearsay":  rule(func(r *swim.Rules) *bool { return &r.TrustHearsay }),

		"clock-skew":  node(func(c *sim.NodeConfig, v int64) { c.Clock.Skew = ms(v) }),
		"clock-drift": node(func(c *sim.NodeConfig, v int64) { c.Clock.Drift = v }),
		"domain":      node(func(c *sim.NodeConfig, v int64) { c.Domain = domain(v) }),
		"observer":    node(func(c *sim.NodeConfig, v int64) { c.Observer = v != 0 }),
	}
}

// domain is the name of a failure domain. Number 0 is everybody's by default.
func domain(number int64) string {
	if number == 0 {
		return "domain"
	}
	return "domain" + string(rune('0'+number%10))
}

// config is the cluster's.
func (s *Scenario) config() sim.Config {
	network := virtual.DefaultNetwork()
	network.SendQueue = 4 << 10 // a slow uplink has sent it soon
	cfg := sim.Config{Seed: s.Seed, Quorum: true, Intervals: sim.LAN(), Network: &network}
	known := settings()
	for _, set := range s.Settings {
		if k := known[set.Name]; k.cluster != nil {
			k.cluster(&cfg, set.Value)
		}
	}
	return cfg
}

// nodeConfig is that of one node.
func (s *Scenario) nodeConfig(number int) sim.NodeConfig {
	var cfg sim.NodeConfig
	known := settings()
	for _, set := range s.Settings {
		if k := known[set.Name]; k.node != nil && set.Node == number {
			k.node(&cfg, set.Value)
		} else if k.every != nil {
			k.every(&cfg, set.Value)
		}
	}
	return cfg
}
