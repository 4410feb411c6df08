package swarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String is the scenario as text, one line for each setting and action:
//
//	seed 42
//	nodes 5
//	set probe-interval 500
//	set clock-skew n2 -3000
//	1.25s crash n3
//	4s split n0,n1 / n2,n3,n4 for 12.5s
//	6s loss by 30 for 5s
//
// What [Parse] reads is the same, with comments after # and empty lines.
func (s Scenario) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\nnodes %d\n", s.Seed, s.Nodes)
	for _, set := range s.Settings {
		fmt.Fprintln(&b, set)
	}
	for _, a := range s.Actions {
		fmt.Fprintln(&b, a)
	}
	return b.String()
}

// String is one line.
func (s Setting) String() string {
	if s.Node < 0 {
		return fmt.Sprintf("set %s %d", s.Name, s.Value)
	}
	return fmt.Sprintf("set %s n%d %d", s.Name, s.Node, s.Value)
}

// String is one line.
func (a Action) String() string {
	words := []string{a.At.String(), string(a.Kind)}
	if len(a.Who) > 0 {
		words = append(words, names(a.Who))
	}
	if len(a.Whom) > 0 {
		words = append(words, "/", names(a.Whom))
	}
	if a.By != 0 {
		words = append(words, "by", strconv.FormatInt(a.By, 10))
	}
	if a.For != 0 {
		words = append(words, "for", a.For.String())
	}
	return strings.Join(words, " ")
}

func names(nodes []int) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = "n" + strconv.Itoa(n)
	}
	return strings.Join(out, ",")
}

// Parse reads a scenario. The error names the line.
func Parse(text string) (Scenario, error) {
	s := Scenario{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := s.parseLine(words); err != nil {
			return Scenario{}, fmt.Errorf("swarm: line %d: %w", i+1, err)
		}
	}
	if err := s.validate(); err != nil {
		return Scenario{}, fmt.Errorf("swarm: %w", err)
	}
	return s, nil
}

func (s *Scenario) parseLine(words []string) (err error) {
	switch {
	case words[0] == "seed" && len(words) == 2:
		s.Seed, err = strconv.ParseUint(words[1], 10, 64)
	case words[0] == "nodes" && len(words) == 2:
		s.Nodes, err = strconv.Atoi(words[1])
	case words[0] == "set" && (len(words) == 3 || len(words) == 4):
		set := Setting{Name: words[1], Node: -1}
		if len(words) == 4 {
			var who []int
			if who, err = parseNames(words[2]); err != nil || len(who) != 1 {
				return fmt.Errorf("%q is no node: %w", words[2], err)
			}
			set.Node = who[0]
		}
		set.Value, err = strconv.ParseInt(words[len(words)-1], 10, 64)
		s.Settings = append(s.Settings, set)
	case len(words) >= 2:
		var a Action
		a, err = parseAction(words)
		s.Actions = append(s.Actions, a)
	default:
		err = fmt.Errorf("%q: want seed, nodes, set, or a time and an action", strings.Join(words, " "))
	}
	return err
}

func parseAction(words []string) (a Action, err error) {
	if a.At, err = time.ParseDuration(words[0]); err != nil {
		return a, err
	}
	a.Kind = Kind(words[1])
	words = words[2:]
	if len(words) > 0 && strings.HasPrefix(words[0], "n") {
		if a.Who, err = parseNames(words[0]); err != nil {
			return a, err
		}
		words = words[1:]
	}
	for ; len(words) >= 2 && err == nil; words = words[2:] {
		switch words[0] {
		case "/":
			a.Whom, err = parseNames(words[1])
		case "by":
			a.By, err = strconv.ParseInt(words[1], 10, 64)
		case "for":
			a.For, err = time.ParseDuration(words[1])
		default:
			err = fmt.Errorf("%q: want / nodes, by number or for time", words[0])
		}
	}
	if err == nil && len(words) > 0 {
		err = fmt.Errorf("%q lacks its value", words[0])
	}
	return a, err
}

func parseNames(s string) ([]int, error) {
	var out []int
	for _, name := range strings.Split(s, ",") {
		n, err := strconv.Atoi(strings.TrimPrefix(name, "n"))
		if err != nil || !strings.HasPrefix(name, "n") {
			return nil, fmt.Errorf("%q is no node: want n and a number", name)
		}
		out = append(out, n)
	}
	return out, nil
}

// validate reports what makes no sense.
func (s *Scenario) validate() error {
	if s.Nodes < 1 || s.Nodes > 64 {
		return fmt.Errorf("%d nodes: want 1 to 64", s.Nodes)
	}
	known := settings()
	for _, set := range s.Settings {
		k, ok := known[set.Name]
		if !ok {
			return fmt.Errorf("%q: there is no setting %q", set, set.Name)
		}
		if (k.node != nil) != (set.Node >= 0) {
			return fmt.Errorf("%q: a setting of one node names it, one of the cluster does not", set)
		}
	}
	for _, a := range s.Actions {
		if !slices.Contains(Kinds(), a.Kind) {
			return fmt.Errorf("%q: there is no action %q", a, a.Kind)
		}
		if a.At < 0 || a.For < 0 {
			return fmt.Errorf("%q: time is negative", a)
		}
		for _, n := range slices.Concat(a.Who, a.Whom) {
			if n < 0 {
				return fmt.Errorf("%q: node %d", a, n)
			}
		}
	}
	return nil
}
