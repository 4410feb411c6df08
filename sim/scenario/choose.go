package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/types"
)

// choose returns the nodes that an expression means, in the order in which they were
// added. One or more of these, joined by "+" or ",":
//
//	a         a node
//	n3..n9    those whose name has the same beginning and a number from 3 to 9
//	n*        those whose name begins so
//	@east     those of a failure domain
//	50%       the first half of all, rounded, but at least one
//	-25%      the last quarter of all
//	all       all
//	up        those that run and take part
func (s *stage) choose(expr string) ([]*sim.Node, error) {
	if s.c == nil {
		return nil, fmt.Errorf("there is no cluster yet")
	}
	chosen := map[*sim.Node]bool{}
	for _, part := range strings.FieldsFunc(expr, func(r rune) bool { return r == '+' || r == ',' }) {
		if err := s.choosePart(part, chosen); err != nil {
			return nil, err
		}
	}
	var out []*sim.Node
	for _, n := range s.c.Nodes() {
		if chosen[n] {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%q means nobody", expr)
	}
	return out, nil
}

func (s *stage) choosePart(part string, chosen map[*sim.Node]bool) error {
	all := s.c.Nodes()
	take := func(wanted func(*sim.Node) bool) {
		for _, n := range all {
			if wanted(n) {
				chosen[n] = true
			}
		}
	}
	switch {
	case part == "all":
		take(func(*sim.Node) bool { return true })
	case part == "up":
		take((*sim.Node).Up)
	case strings.HasPrefix(part, "@"):
		take(func(n *sim.Node) bool { return n.Domain() == part[1:] })
	case strings.HasSuffix(part, "*"):
		take(func(n *sim.Node) bool { return strings.HasPrefix(string(n.Name), part[:len(part)-1]) })
	case strings.HasSuffix(part, "%"):
		share, last := strings.CutPrefix(part, "-")
		part, err := parsePercent(share)
		if err != nil {
			return err
		}
		count := max(1, int(part*float64(len(all))+0.5))
		take(func(n *sim.Node) bool {
			if last {
				return n.Number() >= len(all)-count
			}
			return n.Number() < count
		})
	case strings.Contains(part, ".."):
		return s.chooseRange(part, take)
	default:
		n := s.c.Node(types.NodeId(part))
		if n == nil {
			return fmt.Errorf("no node %q", part)
		}
		chosen[n] = true
	}
	return nil
}

// chooseRange takes n3..n9.
func (s *stage) chooseRange(part string, take func(func(*sim.Node) bool)) error {
	from, to, _ := strings.Cut(part, "..")
	prefix, low, ok := splitNumber(from)
	second, high, ok2 := splitNumber(to)
	if !ok || !ok2 || prefix != second {
		return fmt.Errorf("%q is no range: want one like n3..n9", part)
	}
	take(func(n *sim.Node) bool {
		p, number, ok := splitNumber(string(n.Name))
		return ok && p == prefix && low <= number && number <= high
	})
	return nil
}

// splitNumber splits a name that ends in a number.
func splitNumber(name string) (prefix string, number int, ok bool) {
	i := len(name)
	for i > 0 && '0' <= name[i-1] && name[i-1] <= '9' {
		i--
	}
	number, err := strconv.Atoi(name[i:])
	return name[:i], number, err == nil
}

// chooseOne returns the one node that an expression means.
func (s *stage) chooseOne(expr string) (*sim.Node, error) {
	nodes, err := s.choose(expr)
	if err != nil {
		return nil, err
	}
	if len(nodes) != 1 {
		return nil, fmt.Errorf("%q means %d nodes, want one", expr, len(nodes))
	}
	return nodes[0], nil
}

// chooseSides returns the groups of an expression like a|b+c or 50%|rest.
func (s *stage) chooseSides(exprs []string) ([][]*sim.Node, error) {
	sides := make([][]*sim.Node, len(exprs))
	rest := -1
	taken := map[*sim.Node]bool{}
	for i, e := range exprs {
		if e == "rest" {
			if rest >= 0 {
				return nil, fmt.Errorf("only one side can be the rest")
			}
			rest = i
			continue
		}
		nodes, err := s.choose(e)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			taken[n] = true
		}
		sides[i] = nodes
	}
	if rest >= 0 {
		for _, n := range s.c.Nodes() {
			if !taken[n] {
				sides[rest] = append(sides[rest], n)
			}
		}
		if len(sides[rest]) == 0 {
			return nil, fmt.Errorf("there is no rest")
		}
	}
	return sides, nil
}

// hosts are the processes of nodes, those that have none left out.
func hosts(nodes []*sim.Node) []*virtual.Host {
	var out []*virtual.Host
	for _, n := range nodes {
		if n.Running() {
			out = append(out, n.Host())
		}
	}
	return out
}

// names lists nodes, ranges of numbers in short.
func names(nodes []*sim.Node) string {
	var out []string
	for i := 0; i < len(nodes); {
		prefix, first, ok := splitNumber(string(nodes[i].Name))
		last, j := first, i+1
		for ; ok && j < len(nodes); j++ {
			p, number, isNumber := splitNumber(string(nodes[j].Name))
			if !isNumber || p != prefix || number != last+1 {
				break
			}
			last = number
		}
		if j-i < 3 {
			out = append(out, string(nodes[i].Name))
			i++
			continue
		}
		out = append(out, fmt.Sprintf("%s%d..%s%d", prefix, first, prefix, last))
		i = j
	}
	return strings.Join(out, " ")
}
