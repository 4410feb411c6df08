package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A condition is something that holds or does not; then it says why not.
type condition func() (holds bool, why string)

// condition reads one:
//
//	agreed · in-sync · converged
//	WHO: WHOM STATE     alive, suspect, dead, left, unknown, listed, unlisted,
//	                    reachable (listed at the address where it is)
//	WHO: WHOM STATUS    UP, DOWN, NOT_IN_QUORUM …; "self" for WHO's own
//	WHO: WHOM KEY=VALUE what is published; "KEY absent" if it is not
//	METRIC is | under | over | at-most | at-least VALUE [among WHO]
//	not CONDITION
func (s *stage) condition(words []string) (condition, error) {
	if words[0] == "not" && len(words) > 1 {
		inner, err := s.condition(words[1:])
		return func() (bool, string) {
			holds, _ := inner()
			return !holds, "it is so"
		}, err
	}
	whole := map[string]func() bool{"agreed": s.c.Agreed, "in-sync": s.c.InSync, "converged": s.c.Converged}
	if f := whole[words[0]]; f != nil && len(words) == 1 {
		return func() (bool, string) {
			if f() {
				return true, ""
			}
			return false, s.disagreement()
		}, nil
	}
	if strings.HasSuffix(words[0], ":") && len(words) >= 3 {
		return s.viewCondition(strings.TrimSuffix(words[0], ":"), words[1], words[2:])
	}
	if len(words) >= 3 {
		return s.metricCondition(words)
	}
	return nil, fmt.Errorf("%q is no condition", strings.Join(words, " "))
}

// disagreement says why views differ.
func (s *stage) disagreement() string {
	d := s.c.Disagreement()
	switch {
	case d == nil:
		return "all list all, but what they hold differs"
	case !d.Known:
		return fmt.Sprintf("%s does not know %s", d.Observer, d.Subject)
	case d.Up:
		return fmt.Sprintf("%s holds %s %v, which is up", d.Observer, d.Subject, d.State)
	}
	return fmt.Sprintf("%s holds %s %v, which is not up", d.Observer, d.Subject, d.State)
}

// viewCondition is about what some nodes hold of others.
func (s *stage) viewCondition(who, whom string, what []string) (condition, error) {
	observers, err := s.choose(who)
	if err != nil {
		return nil, err
	}
	var subjects []*sim.Node
	if whom != "self" {
		if subjects, err = s.choose(whom); err != nil {
			return nil, err
		}
	}
	holds, err := viewTest(what)
	if err != nil {
		return nil, err
	}
	single := len(observers) == 1
	return func() (bool, string) {
		for _, o := range observers {
			of := subjects
			if whom == "self" {
				of = []*sim.Node{o}
			}
			for _, n := range of {
				if o == n && whom != "self" && !single {
					continue
				}
				if !o.Running() {
					if single {
						return false, fmt.Sprintf("%s does not run", o.Name)
					}
					continue
				}
				if got, ok := holds(o, n.ID()); !ok {
					return false, fmt.Sprintf("for %s, %s is %s", o.Name, n.ID(), got)
				}
			}
		}
		return true, ""
	}, nil
}

// viewTest is what a node is to hold of another.
func viewTest(what []string) (func(o *sim.Node, id types.NodeId) (got string, ok bool), error) {
	word := what[0]
	if key, value, ok := strings.Cut(word, "="); ok || len(what) == 2 && what[1] == "absent" {
		return func(o *sim.Node, id types.NodeId) (string, bool) {
			for k, v := range o.Core().Held(id) {
				if string(k) == key {
					return fmt.Sprintf("publishing %s=%s", key, v), ok && string(v) == value
				}
			}
			return "not publishing " + key, !ok
		}, nil
	}
	if len(what) != 1 {
		return nil, fmt.Errorf("%q: want a state, a status, KEY=VALUE or KEY absent", strings.Join(what, " "))
	}
	switch word {
	case "listed", "unlisted":
		return func(o *sim.Node, id types.NodeId) (string, bool) {
			return stateOf(o, id), o.Lists(id) == (word == "listed")
		}, nil
	case "reachable":
		return func(o *sim.Node, id types.NodeId) (string, bool) {
			m, ok := o.Core().Member(id)
			subject := o.Cluster().Holder(id)
			if !ok || subject == nil {
				return "unknown", false
			}
			return fmt.Sprintf("%s at %v", stateOf(o, id), m.Addr.Addr()), o.Lists(id) && m.Addr == subject.Addr()
		}, nil
	case "alive", "suspect", "dead", "left", "unknown":
		return func(o *sim.Node, id types.NodeId) (string, bool) {
			got := stateOf(o, id)
			return got, got == word
		}, nil
	}
	for status := types.NodeStatus(0); status < 32; status++ {
		if statusName(status) == word {
			return func(o *sim.Node, id types.NodeId) (string, bool) {
				got := o.Status(id)
				return statusName(got), got == status
			}, nil
		}
	}
	return nil, fmt.Errorf("%q is no state and no status", word)
}

// stateOf is the state in which a node holds another, in one word.
func stateOf(o *sim.Node, id types.NodeId) string {
	state, ok := o.Sees(id)
	if !ok {
		return "unknown"
	}
	return [...]string{swim.Alive: "alive", swim.Suspect: "suspect", swim.Dead: "dead", swim.Left: "left"}[state]
}

// metricCondition compares a number.
func (s *stage) metricCondition(words []string) (condition, error) {
	var among []*sim.Node
	var err error
	if len(words) == 5 && words[3] == "among" {
		if among, err = s.choose(words[4]); err != nil {
			return nil, err
		}
	} else if len(words) != 3 {
		return nil, fmt.Errorf("want: METRIC is|under|over|at-most|at-least VALUE [among WHO]")
	}
	compare, ok := map[string]func(c int) bool{
		"is":      func(c int) bool { return c == 0 },
		"under":   func(c int) bool { return c < 0 },
		"over":    func(c int) bool { return c > 0 },
		"at-most": func(c int) bool { return c <= 0 }, "at-least": func(c int) bool { return c >= 0 },
	}[words[1]]
	if !ok {
		return nil, fmt.Errorf("%q: want is, under, over, at-most or at-least", words[1])
	}
	m, err := s.metric(words[0])
	if err != nil {
		return nil, err
	}
	want, err := m.parse(words[2])
	if err != nil {
		return nil, err
	}
	if among != nil && m.among == nil {
		return nil, errors.New(words[0] + " cannot be taken among some nodes only")
	}
	return func() (bool, string) {
		var got float64
		if among != nil {
			got = m.among(func(n *sim.Node) bool { return slices.Contains(among, n) })
		} else {
			got = m.value()
		}
		return compare(cmp.Compare(got, want)), fmt.Sprintf("%s is %s", words[0], m.print(got))
	}, nil
}
