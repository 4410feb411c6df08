package scenario

import (
	"fmt"
	"sort"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// presets are the sets of rules and parameters that have a name.
func presets() map[string]swim.Config {
	return map[string]swim.Config{
		"nekton": swim.LAN(), "wan": swim.WAN(), "local": swim.Local(), "memberlist": swim.Memberlist(),
		"prototype2002": swim.Prototype2002(), "swim": swim.PaperSWIM(), "lifeguard": swim.PaperLifeguard(swim.FullLifeguard),
	}
}

// applyRules puts a set of rules in the place of nekton's own. It replaces all that was
// said about the protocol so far.
func (s *settings) applyRules(name string) error {
	preset, ok := presets()[name]
	if !ok {
		var known []string
		for k := range presets() {
			known = append(known, k)
		}
		sort.Strings(known)
		return fmt.Errorf("no such rules; there are %s", strings.Join(known, ", "))
	}
	s.swim, s.intervals = preset, sim.Pace(preset)
	return nil
}
