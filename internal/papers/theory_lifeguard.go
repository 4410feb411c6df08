package papers

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A Detection is a model, of a few lines, of first detection in Lifeguard's Threshold
// experiment (arXiv:1707.00788v2, §V): of Members, Anomalous stop to answer at once.
// Times are in seconds.
type Detection struct {
	Members, Anomalous int
	Period             float64
	Alpha, Beta, K     int // of the suspicion; Beta 1 or K 0: a fixed time-out
	// Coordinated probing: everybody is probed once in each period, by a prober that
	// may be anomalous itself.
	Coordinated bool
}

// Run returns the time from the anomaly to the first verdict about one of them: the wait
// for a probe, a period until it has failed, and the suspicion, which each further failed
// probe confirms 0.4 to 1.2 seconds later.
func (d Detection) Run(r *rand.Rand) float64 {
	mean := d.Period * float64(d.Members-1) / float64(d.Members-d.Anomalous)
	healthy := 1 / mean * d.Period // probability that a prober is healthy
	phase := r.Float64() * d.Period
	next := func() (wait float64) {
		if !d.Coordinated {
			return r.ExpFloat64() * mean
		}
		for wait = phase; r.Float64() >= healthy; wait += d.Period {
		}
		phase = d.Period // from one probe to the next
		return wait
	}
	probe := next()
	suspected := probe + d.Period
	timeout := func(confirmations int) float64 {
		t := swim.SuspicionTimeout(d.Alpha, d.Beta, d.Members, seconds(d.Period), confirmations, d.K)
		return t.Seconds()
	}
	for confirmations := 0; ; confirmations++ {
		over := suspected + timeout(min(confirmations, d.K))
		if confirmations >= d.K {
			return over
		}
		probe += next()
		heard := probe + d.Period + 0.4 + 0.8*r.Float64()
		if heard >= over {
			return over
		}
		if after := suspected + timeout(confirmations+1); after <= heard {
			return heard // the time is up as the confirmation arrives
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }

// Anomalies are the numbers of concurrent anomalies C of Lifeguard's experiments,
// Durations and Intervals their D and I in milliseconds.
func Anomalies() []int { return []int{1, 4, 8, 12, 16, 20, 24, 28, 32} }

// Durations are D, in milliseconds.
func Durations() []int { return []int{128, 512, 2048, 8192, 16384, 32768} }

// Intervals are I, in milliseconds.
func Intervals() []int { return []int{1, 4, 16, 64, 256, 1024, 4096, 16384} }

// detectionModel runs a model over all C, each anomaly one sample, and returns the times,
// ascending: the mixture of which table V has the percentiles.
func detectionModel(d Detection, runs int) []float64 {
	r := rand.New(rand.NewPCG(uint64(d.Alpha), uint64(d.Beta)))
	d.Members, d.Period = agents, 1
	var times []float64
	for _, c := range Anomalies() {
		d.Anomalous = c
		for range c * runs {
			times = append(times, d.Run(r))
		}
	}
	slices.Sort(times)
	return times
}
