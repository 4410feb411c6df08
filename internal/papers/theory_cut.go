package papers

import "math/rand/v2"

// A Cut is a model of Rapid's almost-everywhere agreement (Suresh et al., USENIX ATC
// 2018, §4.2, figure 11). Each of the failed processes has K observers, each of which
// broadcasts one alert about it. A process counts the alerts that it has heard: one below
// L is noise, one of H or more is stable. It proposes all stable ones as soon as there are
// any, and nobody has from L to H-1. Alerts reach every process in an order of its own.
type Cut struct{ K, H, L, Failed int }

// Conflicts is the share of processes whose proposal misses somebody that has failed.
func (c Cut) Conflicts(r *rand.Rand, processes int) float64 {
	alerts := make([]int, 0, c.K*c.Failed)
	for f := range c.Failed {
		for range c.K {
			alerts = append(alerts, f)
		}
	}
	heard := make([]int, c.Failed)
	conflicts := 0
	for range processes {
		r.Shuffle(len(alerts), func(i, j int) { alerts[i], alerts[j] = alerts[j], alerts[i] })
		clear(heard)
		stable, unsure := 0, 0
		for _, about := range alerts {
			heard[about]++
			if heard[about] == c.L && c.L < c.H {
				unsure++
			}
			if heard[about] == c.H {
				stable++
				if c.L < c.H {
					unsure--
				}
			}
			if stable > 0 && unsure == 0 {
				break
			}
		}
		if stable < c.Failed {
			conflicts++
		}
	}
	return float64(conflicts) / float64(processes)
}
