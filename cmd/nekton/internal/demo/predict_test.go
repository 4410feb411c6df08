package demo

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

const ms = time.Millisecond

// quick: suspicion lasts 3 × max(1, log10 n) × 500 ms, 1.5 s up to ten nodes.
var quick = types.GossipIntervals{
	GossipInterval: 100 * ms, ProbeInterval: 500 * ms, ProbeTimeout: 150 * ms, QuorumTimeout: 3 * time.Second, SuspicionMult: 3,
}

func TestSpreadRounds(t *testing.T) {
	for _, test := range []struct{ n, m, want int }{
		{0, 1, 0}, {1, 1, 0}, {5, 0, 0},
		{2, 1, 1}, {4, 1, 1}, // one round reaches everyone
		{5, 1, 2}, // u: 4, 1, 0.004
		{6, 1, 3}, // u: 5, 2, 0.0512, 0.0002
		{9, 1, 4}, // u: 8, 5, 0.763, 0.016, 0.0002
		{9, 9, 4},
		{64, 1, 6}, {1000, 1, 9},
	} {
		if got := spreadRounds(test.n, test.m); got != test.want {
			t.Errorf("spreadRounds(%d, %d) = %d, want %d", test.n, test.m, got, test.want)
		}
	}
}

func TestExpectedFirstProbe(t *testing.T) {
	for _, test := range []struct {
		n, survivors int
		want         time.Duration
	}{
		{2, 1, 250 * ms},  // the only one probes nobody else: half a period
		{5, 4, 250 * ms},  // each period has a prober that lives
		{5, 2, 750 * ms},  // every other one has
		{5, 1, 1750 * ms}, // it is the turn of the only one left every fourth period
	} {
		if got := expectedFirstProbe(quick, test.n, test.survivors); got != test.want {
			t.Errorf("expectedFirstProbe(%d, %d) = %v, want %v", test.n, test.survivors, got, test.want)
		}
	}
}

func TestPredictDetection(t *testing.T) {
	for _, test := range []struct {
		n, dead   int
		low, high time.Duration
	}{
		// Four survivors confirm each other: the shortest suspicion. 8 periods,
		// 1.5 s, and 3 rounds of gossip with 20 ms for timers.
		{5, 1, 1650 * ms, 4000*ms + 1500*ms + 320*ms},
		// Two survivors, where two confirmations are wanted, can give one:
		// 9 s - 7.5 s × ln 2/ln 3 = 4.268 s. 6 periods.
		{4, 2, 1650 * ms, 3000*ms + 4268*ms + 220*ms},
		// One survivor is cut off, and waits no longer than it must.
		{2, 1, 1650 * ms, 1000*ms + 1500*ms + 220*ms},
		{9, 1, 1650 * ms, 8000*ms + 1500*ms + 520*ms},
	} {
		got := predictDetection(quick, test.n, test.dead)
		if got.Low != test.low || got.High != test.high {
			t.Errorf("%d of %d die: predicted %v to %v, want %v to %v", test.dead, test.n, got.Low, got.High, test.low, test.high)
		}
		if got.Why == "" {
			t.Errorf("%d of %d die: no reason is given", test.dead, test.n)
		}
	}
}

func TestARangeContainsItsEnds(t *testing.T) {
	r := Range{Low: 1 * ms, High: 3 * ms}
	for d, want := range map[time.Duration]bool{0: false, 1 * ms: true, 2 * ms: true, 3 * ms: true, 4 * ms: false} {
		if got := r.Contains(d); got != want {
			t.Errorf("Contains(%v) = %v, want %v", d, got, want)
		}
	}
}
