package scenario

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// settings are all that a cluster and its nodes are told.
type settings struct {
	cluster   sim.Config
	node      sim.NodeConfig // what holds for every node
	intervals types.GossipIntervals
	swim      swim.Config
	network   virtual.Network
	at        int  // number of the address; 0: the next one
	own       bool // intervals or swim were changed since the cluster's
}

// defaults of a story: a quiet local network on which everything takes one
// millisecond, so that times are easy to read.
func defaults(seed uint64) settings {
	network := virtual.DefaultNetwork()
	network.Link.Delay = virtual.Constant(time.Millisecond)
	return settings{
		cluster: sim.Config{Seed: seed, ClusterID: "sim", Version: types.GOSSIP_VERSION_2},
		node:    sim.NodeConfig{}, intervals: sim.LAN(), network: network,
	}
}

// config is what the settings say about a cluster.
func (s *settings) config() sim.Config {
	cfg := s.cluster
	network := s.network
	cfg.Intervals, cfg.Swim, cfg.Network = s.intervals, s.swim, &network
	return cfg
}

// nodeConfig is what the settings say about a node of their cluster.
func (s *settings) nodeConfig() sim.NodeConfig {
	cfg := s.node
	if s.own {
		intervals, params := s.intervals, s.swim
		cfg.Intervals, cfg.Swim = &intervals, &params
	}
	if s.at > 0 {
		cfg.Addr = address(s.at)
	}
	return cfg
}

// address is the one of a number, from 1 to 65535.
func address(number int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(number >> 8), byte(number)}), 7946)
}

// errUnknownSetting is for settings that nobody knows.
var errUnknownSetting = errors.New("no such setting")

// apply changes what one setting says. node tells whether it stands at a single node;
// what holds for a cluster as a whole cannot be said there.
func (s *settings) apply(key string, values []string, node bool) error {
	err := s.applyOne(key, values, node)
	if err != nil {
		return fmt.Errorf("%s=%s: %w", key, strings.Join(values, ","), err)
	}
	return nil
}

func (s *settings) applyOne(key string, values []string, node bool) error {
	value := values[0]
	switch key {
	case "rules":
		s.own = true
		return s.applyRules(value)
	case "clock":
		return setDuration(&s.node.Clock.Skew, value)
	case "drift":
		ppm, err := strconv.ParseInt(value, 10, 64)
		s.node.Clock.Drift = ppm
		return err
	case "gen":
		gen, err := strconv.ParseUint(value, 10, 64)
		s.node.Generation = gen
		return err
	case "domain":
		s.node.Domain = value
		return nil
	case "observer":
		return setBool(&s.node.Observer, value)
	case "id":
		s.node.ClusterID = value
		return nil
	case "version":
		s.node.Version = value
		return nil
	case "wire":
		return setWire(&s.node.Wire, value)
	case "at":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("want the number of an address, 1 to 65535")
		}
		s.at = n
		return nil
	}
	if !node {
		switch key {
		case "seed":
			seed, err := strconv.ParseUint(value, 10, 64)
			s.cluster.Seed = seed
			return err
		case "delay":
			delay, err := parseDelay(value)
			s.network.Link.Delay = delay
			return err
		case "loss":
			loss, err := parsePercent(value)
			s.network.Link.Loss = loss
			return err
		case "pace":
			return s.applyPace(value)
		case "quorum":
			return s.applyQuorum(value)
		case "probation":
			return setDuration(&s.cluster.Probation, value)
		}
		if name, ok := strings.CutPrefix(key, "Store"); ok {
			if f := reflect.ValueOf(&s.cluster.Store).Elem().FieldByName(name); f.IsValid() {
				return setField(f, value)
			}
		}
		if f := reflect.ValueOf(&s.network).Elem().FieldByName(key); f.IsValid() {
			return setField(f, value)
		}
	}
	return s.applyField(key, value)
}

// shortNames are the fields of swim.Config that stories change most.
func shortNames() map[string]string {
	return map[string]string{
		"period": "ProbeInterval", "timeout": "ProbeTimeout", "gossip": "GossipInterval", "pushpull": "PushPullInterval",
		"mult": "SuspicionMult", "quorumtimeout": "QuorumTimeout", "k": "IndirectProbes", "healing": "HealInterval",
		"tombstones": "TombstoneTTL",
	}
}

// applyField sets a field of the protocol's configuration by its name, or short name.
func (s *settings) applyField(key, value string) error {
	if name, ok := shortNames()[key]; ok {
		key = name
	}
	s.own = true
	if f := reflect.ValueOf(&s.intervals).Elem().FieldByName(key); f.IsValid() {
		if value == "off" {
			f.SetInt(0) // which switches a loop off there
			return nil
		}
		return setField(f, value)
	}
	if key == "streamprobe" {
		var on bool
		err := setBool(&on, value)
		s.swim.NoStreamProbe = !on
		return err
	}
	f := reflect.ValueOf(&s.swim).Elem().FieldByName(key)
	if !f.IsValid() {
		f = reflect.ValueOf(&s.swim.Rules).Elem().FieldByName(key)
	}
	if !f.IsValid() {
		return errUnknownSetting
	}
	return setField(f, value)
}

// applyPace sets all intervals.
func (s *settings) applyPace(value string) error {
	s.own = true
	switch value {
	case "lan":
		s.intervals = sim.LAN()
	case "original":
		s.intervals = sim.Original()
	default:
		return fmt.Errorf("want lan or original")
	}
	return nil
}

func (s *settings) applyQuorum(value string) error {
	s.cluster.Quorum = true
	switch value {
	case "default":
		s.cluster.Provider = types.QUORUM_PROVIDER_DEFAULT
	case "domains":
		s.cluster.Provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	case "off":
		s.cluster.Quorum = false
	default:
		return fmt.Errorf("want default, domains or off")
	}
	return nil
}

// setField sets a field of a configuration.
func setField(f reflect.Value, value string) error {
	switch p := f.Addr().Interface().(type) {
	case *time.Duration:
		if value == "off" {
			*p = swim.Off
			return nil
		}
		return setDuration(p, value)
	case *int:
		if value == "off" {
			*p = swim.Off
			return nil
		}
		n, err := parseCount(value)
		*p = n
		return err
	case *bool:
		return setBool(p, value)
	}
	return fmt.Errorf("a %v cannot be set in a story", f.Type())
}

func setDuration(p *time.Duration, value string) error {
	d, err := time.ParseDuration(value)
	*p = d
	return err
}

func setBool(p *bool, value string) error {
	switch value {
	case "on":
		*p = true
	case "off":
		*p = false
	default:
		return fmt.Errorf("want on or off")
	}
	return nil
}

func setWire(p *sim.Wire, value string) error {
	switch value {
	case "nekton":
		*p = sim.Nekton
	case "memberlist":
		*p = sim.Memberlist
	case "bridge":
		*p = sim.Bridge
	default:
		return fmt.Errorf("want nekton, memberlist or bridge")
	}
	return nil
}

// parseDelay reads 5ms, 1ms..20ms (anything between) or ~20ms (a median with a heavy
// tail).
func parseDelay(value string) (virtual.Delay, error) {
	if from, to, ok := strings.Cut(value, ".."); ok {
		a, errA := time.ParseDuration(from)
		b, errB := time.ParseDuration(to)
		return virtual.Uniform{Min: a, Max: b}, errors.Join(errA, errB)
	}
	if median, ok := strings.CutPrefix(value, "~"); ok {
		d, err := time.ParseDuration(median)
		return virtual.LogNormal{Median: d, Sigma: 0.5}, err
	}
	d, err := time.ParseDuration(value)
	return virtual.Constant(d), err
}

// parsePercent reads 10 or 10% as 0.1.
func parsePercent(value string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
	if err == nil && (f < 0 || f > 100) {
		err = fmt.Errorf("want 0 to 100 percent")
	}
	return f / 100, err
}

// parseCount reads a number, with KB and MB for a thousand and a million.
func parseCount(value string) (int, error) {
	unit := 1
	if v, ok := strings.CutSuffix(value, "KB"); ok {
		value, unit = v, 1000
	} else if v, ok := strings.CutSuffix(value, "MB"); ok {
		value, unit = v, 1_000_000
	}
	n, err := strconv.Atoi(value)
	return n * unit, err
}
