package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

func TestThePaceOfAConfigurationIsItsOwnThenThatOfALAN(t *testing.T) {
	if got := sim.Pace(swim.Config{}); got != sim.LAN() {
		t.Errorf("the pace of the defaults is %+v", got)
	}
	quick := swim.Config{
		GossipInterval: swim.Off, PushPullInterval: time.Minute, ProbeInterval: 2 * time.Second, ProbeTimeout: 3, SuspicionMult: 5,
	}
	if got := sim.Pace(quick); got != (types.GossipIntervals{
		PushPullInterval: time.Minute, ProbeInterval: 2 * time.Second, ProbeTimeout: 3, SuspicionMult: 5,
		QuorumTimeout: sim.LAN().QuorumTimeout,
	}) {
		t.Errorf("the pace is %+v", got)
	}
}

// The α of the paper's SWIM is 5: with that of LAN, 4, a crash would be found sooner.
func TestAClusterCanRunAPresetOfThePapers(t *testing.T) {
	c := form(t, sim.Config{Seed: 4, Swim: swim.PaperSWIM()}, 16)
	c.Node("n7").Crash()
	took := until(t, c, time.Minute, "somebody has n7 no more", func() bool {
		for _, n := range c.Nodes() {
			if n.Running() && !n.Lists("n7") {
				return true
			}
		}
		return false
	})
	if least := time.Second + time.Duration(5*math.Log10(16)*float64(time.Second)); took < least || took > least+5*time.Second {
		t.Errorf("found after %v, want at least %v", took, least)
	}
}

func TestSuspicionsRunOutAtANodeWhoseSendingIsHeld(t *testing.T) {
	c := form(t, sim.Config{Seed: 5, Swim: swim.PaperSWIM()}, 16)
	n := c.Node("n3")
	c.Node("n7").Crash()
	until(t, c, 20*time.Second, "n3 suspects n7", func() bool {
		_, ok := n.Core().NextSuspicion()
		return ok
	})
	n.Host().Hold(virtual.HoldStall)
	sent := n.Host().Traffic.PacketsOut
	until(t, c, 10*time.Second, "n3 has n7 no more", func() bool { return !n.Lists("n7") })
	if got := n.Host().Traffic.PacketsOut - sent; got != 0 {
		t.Errorf("%d packets left it meanwhile", got)
	}
	n.Host().Hold(virtual.HoldNothing)
	until(t, c, time.Minute, "all agree", c.Agreed)
}
