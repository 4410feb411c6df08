package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/types"
)

// cluster makes nodes and lets them form a cluster, before the story's time begins.
func (s *stage) cluster(c *command) error {
	count, err := parseCount(c.value("nodes", "0"))
	if err != nil {
		return err
	}
	if s.c != nil {
		return fmt.Errorf("there is a cluster already")
	}
	for _, k := range c.rest() {
		c.take(k.key)
	}
	var keys []setting
	for _, k := range c.keys {
		if k.key != "nodes" {
			keys = append(keys, k)
		}
	}
	if err := s.open(keys); err != nil {
		return err
	}
	var nodes []*sim.Node
	for _, name := range c.args {
		cfg := s.set.nodeConfig()
		if domain, own, ok := strings.Cut(name, "/"); ok {
			cfg.Domain, name = domain, own
		}
		n, err := s.add(name, cfg)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	for i := range count {
		n, err := s.add("n"+strconv.Itoa(i), s.set.nodeConfig())
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 0 {
		return nil
	}
	return s.form(nodes)
}

// node makes nodes that are not started.
func (s *stage) node(c *command) error {
	if err := s.open(nil); err != nil {
		return err
	}
	set, err := s.ownSettings(c)
	if err != nil {
		return err
	}
	for _, name := range c.args {
		for _, one := range spread(name) {
			if _, err := s.add(one, set.nodeConfig()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownSettings are the cluster's with those that the command adds for its nodes.
func (s *stage) ownSettings(c *command) (settings, error) {
	set := s.set
	for _, k := range c.rest() {
		c.take(k.key)
		if err := set.apply(k.key, k.values, true); err != nil {
			return set, err
		}
	}
	return set, nil
}

// spread turns n3..n5 into n3, n4, n5.
func spread(name string) []string {
	from, to, ok := strings.Cut(name, "..")
	if !ok {
		return []string{name}
	}
	prefix, low, okLow := splitNumber(from)
	_, high, okHigh := splitNumber(to)
	if !okLow || !okHigh {
		return []string{name}
	}
	var out []string
	for i := low; i <= high; i++ {
		out = append(out, prefix+strconv.Itoa(i))
	}
	return out
}

// seeds are the nodes that a command names as such.
func (s *stage) seeds(c *command) ([]*sim.Node, error) {
	values, ok := c.take("seeds")
	if !ok {
		return nil, nil
	}
	return s.choose(strings.Join(values, "+"))
}

// duration is the value of a key that is one.
func duration(c *command, key string, otherwise time.Duration) (time.Duration, error) {
	value := c.value(key, "")
	if value == "" {
		return otherwise, nil
	}
	return time.ParseDuration(value)
}

// begins starts nodes, all now or evenly over a time.
func (s *stage) begins(c *command) error {
	nodes, err := s.choose(c.args[0])
	if err != nil {
		return err
	}
	seeds, err := s.seeds(c)
	if err != nil {
		return err
	}
	over, err := duration(c, "over", 0)
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if i == 0 || over == 0 {
			if err := s.begin(n, seeds); err != nil {
				return err
			}
			continue
		}
		s.c.After(over*time.Duration(i)/time.Duration(len(nodes)), func() {
			_ = s.begin(n, seeds) // whoever started it meanwhile wanted the same
		})
	}
	return nil
}

// zombie starts a second process under the name of another node, which goes on.
func (s *stage) zombie(c *command) error {
	as := c.value("as", "")
	if s.c == nil || s.c.Node(types.NodeId(as)) == nil {
		return fmt.Errorf("as=%s: no such node", as)
	}
	seeds, err := s.seeds(c)
	if err != nil {
		return err
	}
	set, err := s.ownSettings(c)
	if err != nil {
		return err
	}
	cfg := set.nodeConfig()
	cfg.ID = types.NodeId(as)
	n, err := s.add(c.args[0], cfg)
	if err != nil {
		return err
	}
	return s.begin(n, seeds)
}
