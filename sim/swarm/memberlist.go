package swarm

import "slices"

// OnMemberlist is a scenario on memberlist's wire, without what that wire cannot stand:
// it orders values by the wall clocks of their owners, so no clock is set, and tells two
// processes of one name apart by their addresses alone, so there are no zombies.
func (s *Scenario) OnMemberlist() Scenario {
	c := s.Clone()
	c.Settings = slices.DeleteFunc(c.Settings, func(x Setting) bool { return x.Name == "clock-skew" || x.Name == memberlistWire })
	c.Settings = slices.Insert(c.Settings, 0, Setting{Name: memberlistWire, Node: -1, Value: 1})
	c.Actions = slices.DeleteFunc(c.Actions, func(a Action) bool { return a.Kind == Skew || a.Kind == Zombie })
	return c
}

// memberlistWire is the name of the setting.
const memberlistWire = "memberlist-wire"
