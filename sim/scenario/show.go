package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// show prints what is held true somewhere.
func (s *stage) show(c *command) error {
	tables := map[string]func(nodes []*sim.Node){
		"views": s.showViews, "groups": s.showGroups, "status": s.showStatus, "store": s.showStore,
		"health": s.showHealth, "traffic": s.showTraffic,
	}
	what := c.args[0]
	if what == "stats" {
		return s.showStats(c.args[1:])
	}
	table := tables[what]
	if table == nil {
		return s.showMetrics(c.args)
	}
	nodes := s.c.Nodes()
	if len(c.args) > 1 {
		chosen, err := s.choose(c.args[1])
		if err != nil {
			return err
		}
		nodes = chosen
	}
	table(slices.DeleteFunc(slices.Clone(nodes), func(n *sim.Node) bool { return !n.Running() }))
	return nil
}

// showViews tells who holds whom for what: "b" is alive at incarnation 1, "b2" at 2,
// "?b" is suspect, "+b" dead, "-b" left, and "!" marks a verdict kept secret.
func (s *stage) showViews(nodes []*sim.Node) {
	for _, n := range nodes {
		var held []string
		for m := range n.Core().Members() {
			mark := [...]string{swim.Alive: "", swim.Suspect: "?", swim.Dead: "+", swim.Left: "-"}[m.State]
			if m.Private {
				mark += "!"
			}
			if m.Stamp.Incarnation > 1 {
				held = append(held, fmt.Sprintf("%s%s@%d", mark, m.Name, m.Stamp.Incarnation))
			} else {
				held = append(held, mark+m.Name)
			}
		}
		s.table("%s: %s%s", n.Name, strings.Join(held, " "), s.plight(n))
	}
}

// plight is what a node knows to be wrong with itself.
func (s *stage) plight(n *sim.Node) string {
	switch {
	case n.Core().Replaced():
		return "  replaced"
	case n.Core().CutOff():
		return "  cut off"
	}
	return ""
}

// showGroups tells which nodes list the same members.
func (s *stage) showGroups(nodes []*sim.Node) {
	var keys []string
	groups := map[string][]*sim.Node{}
	for _, n := range nodes {
		var listed []*sim.Node
		for _, o := range s.c.Nodes() {
			if n.Lists(o.ID()) && o.ID() == o.Name {
				listed = append(listed, o)
			}
		}
		key := fmt.Sprintf("list %d: %s", len(listed), names(listed))
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], n)
	}
	for _, key := range keys {
		s.table("%s %s", names(groups[key]), key)
	}
}

// showStatus tells which status each node shows of itself and of the others.
func (s *stage) showStatus(nodes []*sim.Node) {
	for _, n := range nodes {
		by := map[types.NodeStatus][]*sim.Node{}
		for _, o := range s.c.Nodes() {
			if status := n.Status(o.ID()); o != n && status != types.NODE_STATUS_INVALID {
				by[status] = append(by[status], o)
			}
		}
		var held []string
		for status := types.NodeStatus(0); status < 32; status++ {
			if len(by[status]) > 0 {
				held = append(held, names(by[status])+" "+statusName(status))
			}
		}
		s.table("%s is %s: %s", n.Name, statusName(n.Core().SelfStatus()), strings.Join(held, ", "))
	}
}

// showStore tells what each node holds of what is published.
func (s *stage) showStore(nodes []*sim.Node) {
	nothing := true
	for _, n := range nodes {
		for _, o := range s.c.Nodes() {
			if _, version, ok := n.Version(o.ID()); ok && version > 0 {
				s.table("%s: %s (version %d)", n.Name, s.state(n, o.ID()), version)
				nothing = false
			}
		}
	}
	if nothing {
		s.table("nothing is published")
	}
}

// showHealth tells the local health of those where it is not perfect.
func (s *stage) showHealth(nodes []*sim.Node) {
	healthy := true
	for _, n := range nodes {
		if h := n.Core().Health(); h > 0 {
			s.table("%s: health %d", n.Name, h)
			healthy = false
		}
	}
	if healthy {
		s.table("all are healthy")
	}
}

// showTraffic tells what the nodes have sent since the mark.
func (s *stage) showTraffic([]*sim.Node) {
	seconds := (s.c.Now() - s.marked).Seconds()
	if seconds == 0 {
		return
	}
	now, up := s.c.Traffic(), float64(max(1, len(s.c.Up())))
	rate := func(now, before uint64) float64 { return float64(now-before) / seconds / up }
	s.table("each node, per second: %.1f packets, %.0f bytes in packets, %.0f bytes in streams, %.3f streams",
		rate(now.PacketsOut, s.traffic.PacketsOut), rate(now.BytesOut, s.traffic.BytesOut),
		rate(now.StreamBytesOut, s.traffic.StreamBytesOut), rate(now.StreamsOpened, s.traffic.StreamsOpened))
}

func (s *stage) showStats(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("want: show stats WHO KEY…")
	}
	nodes, err := s.choose(args[0])
	if err != nil {
		return err
	}
	for _, n := range nodes {
		var parts []string
		for _, key := range args[1:] {
			m, err := s.nodeMetric(string(n.Name), key)
			if err != nil {
				return err
			}
			parts = append(parts, key+" "+m.print(m.value()))
		}
		s.table("%s: %s", n.Name, strings.Join(parts, ", "))
	}
	return nil
}

func (s *stage) showMetrics(args []string) error {
	var parts []string
	for _, name := range args {
		m, err := s.metric(name)
		if err != nil {
			return err
		}
		parts = append(parts, name+" "+m.print(m.value()))
	}
	s.table("%s", strings.Join(parts, ", "))
	return nil
}
