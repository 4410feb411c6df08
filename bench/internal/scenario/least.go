package scenario

import (
	"math"
	"time"

	"github.com/nekton-go/nekton/bench/internal/result"
)

// The floors of scenarios in virtual time are computed: no program has to be run to
// know that news cannot travel faster than packets.
const (
	contentLen = 10 + 6 + 4 // of a member: name, IPv4 address and port, incarnation
	metaLen    = 32
	fanout     = 3
)

// oneWay is the mean delay of the network in memory, see ether.LAN.
const oneWay = 700 * time.Microsecond

// hops is how many packets have to follow each other until n members know something that
// one of them knew, if each tells three at a time and nobody is told twice.
func hops(n int) float64 { return math.Ceil(math.Log(float64(n)) / math.Log(fanout+1)) }

// spreading is how long that takes at least, in seconds.
func spreading(n int) float64 { return hops(n) * oneWay.Seconds() }

const howSpreading = "as many one-way delays of 0.7 ms as it takes hops to reach all, if each member tells three others at once and nobody is told twice"

// leastDetection is the floor of noticing a death: the first probe is at once, all
// accusers confirm each other at once, and the shortest suspicion passes.
func leastDetection(n int) float64 {
	return 0.5 + 4*max(1, math.Log10(float64(n)))
}

func once(values map[string]float64, samples map[string]float64) result.Row {
	row := result.Row{Values: values, Samples: map[string][]float64{}}
	for name, v := range samples {
		row.Samples[name] = []float64{v}
	}
	return row
}
