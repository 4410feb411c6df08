package papers

// Experiments are all of them, in the order of the page.
func Experiments() []Experiment {
	return []Experiment{
		swimLoad(), swimDetect(), swimSpread(), swimJoins(), plainLoss(), gossipSpread(),
		lifeguardThreshold(), lifeguardInterval(), lifeguardStarve(), probersHealth(), probing(),
		rapidBootstrap(), rapidCrash(), rapidFaulty(), scuttlebutt(), demersTables(),
	}
}
