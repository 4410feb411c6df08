package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/types"
)

// publish changes keys of nodes; without any, a counter.
func (s *stage) publish(c *command) error {
	size, err := parseCount(c.value("size", "0"))
	if err != nil {
		return err
	}
	type change struct {
		key   types.StoreKey
		value []byte
	}
	var changes []change
	for _, k := range c.rest() {
		c.take(k.key)
		changes = append(changes, change{types.StoreKey(k.key), []byte(strings.Join(k.values, ","))})
	}
	for _, key := range c.args[1:] {
		changes = append(changes, change{types.StoreKey(key), slices.Repeat([]byte{'x'}, size)})
	}
	return s.eachRunning(c, func(n *sim.Node) error {
		own := changes
		if len(own) == 0 {
			s.published[n]++
			own = []change{{"counter", []byte(strconv.Itoa(s.published[n]))}}
		}
		for _, ch := range own {
			if err := n.Set(ch.key, ch.value); err != nil {
				s.say(Told{Node: string(n.Name), Kind: "refused", Text: fmt.Sprintf("cannot publish %s: %v", ch.key, err)})
			}
		}
		return nil
	})
}

// remove deletes keys of nodes.
func (s *stage) remove(c *command) error {
	return s.eachRunning(c, func(n *sim.Node) error {
		for _, key := range c.args[1:] {
			if err := n.Delete(types.StoreKey(key)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *stage) updateCluster(*command) error {
	if !s.set.cluster.Quorum {
		return fmt.Errorf("the cluster has no quorum; say cluster … quorum=default")
	}
	s.c.UpdateCluster()
	return nil
}

func (s *stage) activate(c *command) error   { return s.setActive(c.args[0], true) }
func (s *stage) deactivate(c *command) error { return s.setActive(c.args[0], false) }

func (s *stage) setActive(domain string, active bool) error {
	if !slices.ContainsFunc(s.c.Nodes(), func(n *sim.Node) bool { return n.Domain() == domain }) {
		return fmt.Errorf("no node is in domain %q", domain)
	}
	s.c.SetActive(domain, active)
	return nil
}
