package papers

// What the Lifeguard paper printed (arXiv:1707.00788v2). Tables IV, V and VI at α = 5,
// β = 6; the baseline at β = 1.

// An outcome is a row of these tables.
type outcome struct {
	setup            string
	fp, healthy      float64    // over 4320 runs of Interval (table IV)
	first, full      [3]float64 // p50, p99, p99.9 in seconds (table V)
	messages, volume float64    // millions; GiB (table VI)
}

// fullRuns is how many runs the totals are of.
const fullRuns = 4320

func outcomes() []outcome {
	return []outcome{
		{"SWIM", 339002, 1326, [3]float64{12.44, 16.96, 19.40}, [3]float64{12.90, 16.93, 20.17}, 435.33, 149.15},
		{"LHA-Probe", 229574, 436, [3]float64{12.42, 17.75, 20.10}, [3]float64{12.90, 17.98, 20.56}, 428.62, 134.28},
		{"LHA-Suspicion", 10174, 89, [3]float64{12.42, 17.47, 25.41}, [3]float64{12.89, 17.33, 23.80}, 484.55, 158.87},
		{"Buddy System", 318935, 591, [3]float64{12.45, 17.12, 19.16}, [3]float64{12.92, 17.18, 19.81}, 435.62, 147.67},
		{"Lifeguard", 5193, 25, [3]float64{12.45, 17.90, 21.20}, [3]float64{12.91, 18.05, 21.68}, 481.42, 146.13},
	}
}

// A tuned is a column of table VII, in percent of SWIM.
type tuned struct {
	alpha, beta int
	first       [3]float64
	fp, healthy float64
}

func tunedOutcomes() []tuned {
	return []tuned{
		{2, 2, [3]float64{53.14, 69.81, 76.08}, 98.37, 31.15},
		{2, 4, [3]float64{54.10, 72.88, 75.41}, 43.64, 22.47},
		{2, 6, [3]float64{54.34, 75.53, 80.36}, 24.16, 13.65},
		{4, 2, [3]float64{82.96, 94.28, 99.07}, 37.72, 20.29},
		{4, 4, [3]float64{83.04, 96.17, 93.71}, 8.04, 9.50},
		{4, 6, [3]float64{83.12, 96.82, 94.69}, 3.18, 4.83},
		{5, 2, [3]float64{99.76, 104.95, 112.32}, 26.61, 15.38},
		{5, 4, [3]float64{99.52, 102.71, 111.44}, 5.43, 5.05},
		{5, 6, [3]float64{100.08, 105.54, 109.28}, 1.53, 1.89},
	}
}

// falseByAnomalies are the false positives of SWIM and Lifeguard by C, over 480 runs each,
// read off figures.
func falseByAnomalies() (swim, lifeguard [9]float64) {
	return [9]float64{900, 6000, 11000, 23000, 34000, 45000, 58000, 76000, 80000},
		[9]float64{18, 140, 110, 220, 570, 750, 850, 1330, 1200}
}

// starvation is figure 1: false positives, and those at healthy members, of SWIM and of
// Lifeguard, by the number of starved members; read off the figure.
func starvation() map[int][4]float64 {
	return map[int][4]float64{
		1: {10, 0, 0, 0}, 2: {45, 0, 0, 0}, 4: {370, 215, 0, 0}, 8: {955, 330, 0, 0}, 16: {1775, 370, 95, 0}, 32: {3305, 615, 1270, 60},
	}
}
