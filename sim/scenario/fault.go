package scenario

import (
	"fmt"
	"slices"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
)

func (s *stage) pause(c *command) error {
	d, err := duration(c, "for", 0)
	if err != nil {
		return err
	}
	return s.eachRunning(c, func(n *sim.Node) error {
		n.Host().Pause()
		if d > 0 {
			s.c.After(d, n.Host().Resume)
		}
		return nil
	})
}

func (s *stage) resume(c *command) error {
	return s.eachRunning(c, func(n *sim.Node) error { n.Host().Resume(); return nil })
}

func (s *stage) hold(c *command) error {
	how := virtual.HoldRun
	for _, word := range c.args[1:] {
		switch word {
		case "run":
		case "stall":
			how = virtual.HoldStall
		default:
			return fmt.Errorf("%q: want run or stall", word)
		}
	}
	d, err := duration(c, "for", 0)
	if err != nil {
		return err
	}
	return s.eachRunning(c, func(n *sim.Node) error {
		if _, ok := n.Host().Machine().(virtual.Judge); how == virtual.HoldStall && !ok {
			return fmt.Errorf("%s cannot stall", n.Name)
		}
		n.Host().Hold(how)
		if d > 0 {
			host := n.Host()
			s.c.After(d, func() { host.Hold(virtual.HoldNothing) })
		}
		return nil
	})
}

func (s *stage) release(c *command) error {
	return s.eachRunning(c, func(n *sim.Node) error { n.Host().Hold(virtual.HoldNothing); return nil })
}

func (s *stage) starve(c *command) error {
	run, err := duration(c, "run", 0)
	if err != nil || run <= 0 {
		return fmt.Errorf("want run=TIME wait=DELAY")
	}
	wait, err := parseDelay(c.value("wait", ""))
	if err != nil {
		return err
	}
	return s.eachRunning(c, func(n *sim.Node) error {
		s.starving[n] = n.Host().Starve(run, wait)
		return nil
	})
}

func (s *stage) feed(c *command) error {
	return s.each(c, func(n *sim.Node) error {
		if stop := s.starving[n]; stop != nil {
			stop()
			delete(s.starving, n)
		}
		return nil
	})
}

func (s *stage) slow(c *command) error {
	var delay virtual.Delay
	if c.args[1] != "off" {
		d, err := parseDelay(c.args[1])
		if err != nil {
			return err
		}
		delay = d
	}
	return s.stand(c.args[0], "slow", func(n *sim.Node) { n.Host().Slow = delay })
}

func (s *stage) uplink(c *command) error {
	bytes := 0
	if c.args[1] != "off" {
		n, err := parseCount(c.args[1])
		if err != nil {
			return err
		}
		bytes = n
	}
	return s.stand(c.args[0], "uplink", func(n *sim.Node) { n.Host().Uplink = bytes })
}

// standing is something that holds for the processes of a name, also for those that
// come.
type standing struct {
	what  string
	apply func()
}

// stand lets something hold for nodes from now on.
func (s *stage) stand(who, what string, do func(n *sim.Node)) error {
	nodes, err := s.choose(who)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		s.standFor(what+" "+string(n.Name), func() {
			if n.Running() {
				do(n)
			}
		})
	}
	return nil
}

// standFor lets something hold from now on, in the place of what it was.
func (s *stage) standFor(what string, apply func()) {
	s.standing = slices.DeleteFunc(s.standing, func(o standing) bool { return o.what == what })
	s.standing = append(s.standing, standing{what, apply})
	apply()
}
