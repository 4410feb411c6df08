package swarm

import (
	"slices"
	"time"
)

// Shrink makes a scenario smaller for as long as it breaks the same law, in at most so
// many runs. It returns the smallest found, which is s itself if that breaks none.
func Shrink(s Scenario, runs int) Scenario {
	broken := Run(s, nil)
	if broken.Err == nil {
		return s
	}
	return Minimize(s, runs, func(s *Scenario) bool {
		r := Run(*s, nil)
		return r.Name() == broken.Name()
	})
}

// Minimize makes a scenario smaller for as long as fails holds for it, in at most so
// many tries. It holds for s.
func Minimize(s Scenario, tries int, fails func(*Scenario) bool) Scenario {
	m := minimizer{best: s.Clone(), left: tries, fails: fails}
	for before := ""; m.best.String() != before && m.left > 0; {
		before = m.best.String()
		m.dropActions()
		m.dropSettings()
		m.dropNodes()
		m.narrowActions()
		m.shortenTimes()
	}
	return m.best
}

// minimizer is delta debugging (Zeller, Hildebrandt 2002) on the parts of a scenario.
type minimizer struct {
	best  Scenario
	left  int
	fails func(*Scenario) bool
}

// try keeps a scenario if it fails as well, with this or another seed for its chance:
// what is left out changes what chance falls on the rest.
func (m *minimizer) try(s Scenario) bool {
	for _, seed := range []uint64{m.best.Seed, 1, 2} {
		if m.left <= 0 {
			return false
		}
		m.left--
		s.Seed = seed
		if m.fails(&s) {
			m.best = s
			return true
		}
	}
	return false
}

// dropActions leaves out actions: halves, quarters, … one by one.
func (m *minimizer) dropActions() {
	for size := (len(m.best.Actions) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(m.best.Actions); {
			s := m.best.Clone()
			s.Actions = slices.Delete(s.Actions, at, min(at+size, len(s.Actions)))
			if !m.try(s) {
				at += size
			}
		}
	}
}

// dropSettings leaves out settings, all at first.
func (m *minimizer) dropSettings() {
	if len(m.best.Settings) == 0 {
		return
	}
	all := m.best.Clone()
	all.Settings = nil
	if m.try(all) {
		return
	}
	for i := 0; i < len(m.best.Settings); {
		s := m.best.Clone()
		s.Settings = slices.Delete(s.Settings, i, i+1)
		if !m.try(s) {
			i++
		}
	}
}

// dropNodes leaves out one node after another; those after it move up.
func (m *minimizer) dropNodes() {
	for n := m.best.Nodes - 1; n >= 1; n-- {
		if m.best.Nodes > 1 {
			m.try(m.best.without(n))
		}
	}
}

// without is the scenario without one of its first nodes.
func (s *Scenario) without(gone int) Scenario {
	c := s.Clone()
	c.Nodes--
	drop := func(nodes []int) []int {
		var out []int
		for _, n := range nodes {
			switch {
			case n < gone:
				out = append(out, n)
			case n > gone:
				out = append(out, n-1)
			}
		}
		return out
	}
	c.Settings = c.Settings[:0]
	for _, set := range s.Settings {
		switch {
		case set.Node == gone:
			continue
		case set.Node > gone:
			set.Node--
		}
		c.Settings = append(c.Settings, set)
	}
	c.Actions = c.Actions[:0]
	for _, a := range s.Actions {
		who, whom := drop(a.Who), drop(a.Whom)
		if len(who) == 0 && len(a.Who) > 0 || len(whom) == 0 && len(a.Whom) > 0 {
			continue
		}
		a.Who, a.Whom = who, whom
		c.Actions = append(c.Actions, a)
	}
	return c
}

// narrowActions takes nodes out of actions that concern several.
func (m *minimizer) narrowActions() {
	for i := range m.best.Actions {
		for _, side := range []func(*Action) *[]int{
			func(a *Action) *[]int { return &a.Who }, func(a *Action) *[]int { return &a.Whom },
		} {
			for j := 0; j < len(*side(&m.best.Actions[i])) && len(*side(&m.best.Actions[i])) > 1; {
				s := m.best.Clone()
				nodes := side(&s.Actions[i])
				*nodes = slices.Delete(*nodes, j, j+1)
				if !m.try(s) {
					j++
				}
			}
		}
	}
}

// shortenTimes brings actions closer to each other, shortens what lasts, and rounds.
func (m *minimizer) shortenTimes() {
	for i := range m.best.Actions {
		for _, unit := range []time.Duration{10 * time.Second, time.Second, 100 * time.Millisecond} {
			m.retime(i, func(a *Action) { a.For = a.For.Truncate(unit) })
		}
		m.retime(i, func(a *Action) { a.For /= 2 })
		for _, unit := range []time.Duration{time.Second, 100 * time.Millisecond} {
			m.retime(i, func(a *Action) { a.At = a.At.Truncate(unit) })
		}
	}
	// Everything from one action on, earlier.
	for i := range m.best.Actions {
		before := time.Duration(0)
		if i > 0 {
			before = m.best.Actions[i-1].At
		}
		for _, by := range []time.Duration{10 * time.Second, 3 * time.Second, time.Second, 300 * time.Millisecond} {
			for m.best.Actions[i].At-before >= by {
				s := m.best.Clone()
				for j := i; j < len(s.Actions); j++ {
					s.Actions[j].At -= by
				}
				if !m.try(s) {
					break
				}
			}
		}
	}
}

// retime tries one action at another time.
func (m *minimizer) retime(i int, change func(*Action)) {
	s := m.best.Clone()
	a := &s.Actions[i]
	was := *a
	change(a)
	if a.At == was.At && a.For == was.For || was.For > 0 && a.For == 0 || i > 0 && a.At < s.Actions[i-1].At {
		return
	}
	m.try(s)
}
