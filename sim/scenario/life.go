package scenario

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
)

// each lets do happen to all nodes that the command's first word means.
func (s *stage) each(c *command, do func(n *sim.Node) error) error {
	nodes, err := s.choose(c.args[0])
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if err := do(n); err != nil {
			return err
		}
	}
	return nil
}

// eachRunning is each, for nodes that run.
func (s *stage) eachRunning(c *command, do func(n *sim.Node) error) error {
	return s.each(c, func(n *sim.Node) error {
		if !n.Running() {
			return fmt.Errorf("%s does not run", n.Name)
		}
		return do(n)
	})
}

func (s *stage) crash(c *command) error {
	return s.each(c, func(n *sim.Node) error { n.Crash(); return nil })
}

func (s *stage) vanish(c *command) error {
	return s.each(c, func(n *sim.Node) error { n.Vanish(); return nil })
}

func (s *stage) leave(c *command) error {
	patience, err := duration(c, "patience", 5*time.Second)
	if err != nil {
		return err
	}
	over, err := duration(c, "over", 0)
	if err != nil {
		return err
	}
	nodes, err := s.choose(c.args[0])
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if at := over * time.Duration(i) / time.Duration(len(nodes)); at > 0 {
			s.c.After(at, func() { _ = n.Leave(patience) }) // it may have gone meanwhile
			continue
		}
		if err := n.Leave(patience); err != nil {
			return err
		}
	}
	return nil
}

// restart ends nodes and starts them again: at once, each at a random time, or one
// after another.
func (s *stage) restart(c *command) error {
	nodes, err := s.choose(c.args[0])
	if err != nil {
		return err
	}
	rebirth, err := s.rebirth(c)
	if err != nil {
		return err
	}
	down, errDown := duration(c, "down", 0)
	over, errOver := duration(c, "over", 0)
	every, errEvery := duration(c, "every", 0)
	for _, err := range []error{errDown, errOver, errEvery} {
		if err != nil {
			return err
		}
	}
	for i, n := range nodes {
		at := every * time.Duration(i)
		if over > 0 {
			at = time.Duration(s.c.Rand().Int64N(int64(over)))
		}
		r := rebirth
		switch {
		case at > 0:
			s.c.After(at, func() { s.reborn(n, r, down) })
		case down > 0:
			s.reborn(n, r, down)
		default:
			n.Crash()
			if err := n.Restart(r); err != nil {
				return err
			}
			s.moved(n)
		}
	}
	return nil
}

// reborn ends a node, and starts it again after a while.
func (s *stage) reborn(n *sim.Node, r sim.Rebirth, down time.Duration) {
	n.Crash()
	again := func() {
		if n.Restart(r) == nil { // else somebody else has started it
			s.moved(n)
		}
	}
	if down == 0 {
		again()
		return
	}
	s.c.After(down, again)
}

// rebirth is how a command wants nodes to come back.
func (s *stage) rebirth(c *command) (r sim.Rebirth, err error) {
	for _, word := range c.args[1:] {
		if word != "moved" {
			return r, fmt.Errorf("%q: want: moved", word)
		}
		r.Moved = true
	}
	if r.Seeds, err = s.seeds(c); err != nil {
		return r, err
	}
	if at := c.value("at", ""); at != "" {
		number, err := strconv.Atoi(at)
		if err != nil {
			return r, err
		}
		r.Addr = address(number)
	}
	if gen := c.value("gen", ""); gen != "" {
		if r.Generation, err = strconv.ParseUint(gen, 10, 64); err != nil {
			return r, err
		}
	}
	clock, drift := c.value("clock", ""), c.value("drift", "")
	if clock+drift == "" {
		return r, nil
	}
	set := settings{}
	for key, value := range map[string]string{"clock": clock, "drift": drift} {
		if value != "" {
			if err := set.apply(key, []string{value}, true); err != nil {
				return r, err
			}
		}
	}
	r.Clock = &set.node.Clock
	return r, nil
}

// churn lets nodes crash and come back again and again, after exponential times.
func (s *stage) churn(c *command) error {
	if c.args[0] == "off" {
		clear(s.churning)
		return nil
	}
	up, errUp := duration(c, "up", 0)
	down, errDown := duration(c, "down", 0)
	if errUp != nil || errDown != nil || up <= 0 || down <= 0 {
		return fmt.Errorf("want up=TIME and down=TIME")
	}
	nodes, err := s.choose(c.args[0])
	if err != nil {
		return err
	}
	for _, n := range nodes {
		s.churning[n] = true
		s.ends(n, up, down)
	}
	return nil
}

// ends crashes a node of the churn after a while, and so on.
func (s *stage) ends(n *sim.Node, up, down time.Duration) {
	s.c.After(s.random(up), func() {
		if !s.churning[n] {
			return
		}
		n.Crash()
		s.c.After(s.random(down), func() {
			if !n.Running() && n.Restart(sim.Rebirth{}) == nil {
				s.moved(n)
				s.ends(n, up, down)
			}
		})
	})
}

// random is a time with a mean.
func (s *stage) random(mean time.Duration) time.Duration {
	return virtual.Exponential{Mean: mean}.Sample(s.c.Rand())
}
