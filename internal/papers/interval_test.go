package papers

import (
	"testing"
	"time"
)

func TestIntervalsWithoutTimeToRefuteMakeSWIMErrAndNotLifeguard(t *testing.T) {
	for _, tt := range []struct {
		setup  Setup
		lo, hi float64
	}{{paperSWIM(), 1, 1000}, {lifeguard(5, 6), 0, 20}, {nekton(), 0, 0}} {
		var r Record
		// As published, but with 32 agents, so that it takes no time.
		if err := tt.setup.interval(1, 32, 8, 16384*time.Millisecond, 64*time.Millisecond, HeldStall, &r); err != nil {
			t.Fatal(err)
		}
		between(t, tt.setup.Name+", false positives", r.values["fp"][0], tt.lo, tt.hi)
		between(t, tt.setup.Name+", seconds", r.values["seconds"][0], 120, 140)
	}
}
