package papers

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// Settings are all fields of the configuration that are not the default, in words.
func (s Setup) Settings() string {
	text := fields(reflect.ValueOf(s.Swim))
	if text == "" {
		return "nekton's defaults"
	}
	return text
}

// fields lists what is not zero in a struct.
func fields(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case f.IsZero():
		case f.Kind() == reflect.Struct:
			parts = append(parts, fields(f))
		case f.Kind() == reflect.Bool:
			parts = append(parts, name)
		case f.CanInt() && f.Int() == swim.Off:
			parts = append(parts, name+" off")
		default:
			parts = append(parts, fmt.Sprintf("%s %v", name, f.Interface()))
		}
	}
	return strings.Join(parts, ", ")
}

// with returns a setup that differs, under a name of its own.
func (s Setup) with(name string, change func(*swim.Config)) Setup {
	s.Name = name
	change(&s.Swim)
	return s
}

// cluster makes a cluster of count nodes that run the setup and start together.
func (s Setup) cluster(seed uint64, count int) (*sim.Cluster, error) {
	return s.clocked(seed, count, func(int) virtual.Clock { return virtual.Clock{} })
}

// clocked is a cluster whose nodes have clocks of their own. Names have eight characters,
// as in the published figures for bytes.
func (s Setup) clocked(seed uint64, count int, clock func(i int) virtual.Clock) (*sim.Cluster, error) {
	network := virtual.DefaultNetwork()
	c, err := sim.New(sim.Config{Seed: seed, Intervals: sim.Pace(s.Swim), Swim: s.Swim, Network: &network})
	if err != nil {
		return nil, err
	}
	for i := range count {
		if _, err := c.Add(types.NodeId(fmt.Sprintf("agent%03d", i)), sim.NodeConfig{Clock: clock(i)}); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// formed is a cluster whose nodes have started one after another and list each other.
func (s Setup) formed(seed uint64, count int) (*sim.Cluster, error) {
	c, err := s.cluster(seed, count)
	if err != nil {
		return nil, err
	}
	return c, form(c)
}

// form starts the nodes of a cluster, and waits until they list each other.
func form(c *sim.Cluster) error {
	in, count := c.Config().Intervals, len(c.Nodes())
	pace := in.GossipInterval / 2
	if in.GossipInterval == 0 {
		pace = slowly * in.ProbeInterval
	}
	seeds := maxSeeds
	if in.ProbeInterval == 0 {
		seeds = count // nothing repairs what gossip misses
	}
	for i, n := range c.Nodes() {
		if err := n.Start(c.Nodes()[:min(max(i, 1), seeds)]...); err != nil {
			return err
		}
		c.Run(pace)
	}
	if _, ok := c.World.Until(forming+100*in.ProbeInterval, lookInterval, c.Agreed); !ok {
		return fmt.Errorf("%d nodes have not formed a cluster after %v: %+v", count, c.Now(), *c.Disagreement())
	}
	return nil
}

// A group whose only way to tell of a newcomer is six pieces of news on a ping or ack
// must not grow too fast, and a small one forgets before all have heard: so a newcomer
// tells many itself.
const (
	forming  = 3 * time.Minute
	slowly   = 2 // periods from one to the next
	maxSeeds = 8
)
