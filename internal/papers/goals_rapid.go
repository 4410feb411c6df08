package papers

import (
	"fmt"
	"math"
)

// bootstrapGoal is the row on forming a cluster of 2000.
func bootstrapGoal(d Data) []string {
	at := Point{"n": 2000}
	theirs, own := d.Select("rapid-bootstrap", "memberlist", at), d.Select("rapid-bootstrap", "nekton", at)
	return []string{
		"17", "2000 start at once with one seed: seconds until all list all; packets/s per member", "95 (memberlist) [P], ≈ 50 (Rapid) [F]", "≥ 6.3 by gossip alone",
		fmt.Sprintf("%s; %s", number(theirs.Mean("all"), 1), number(theirs.Mean("packets/s, mean"), 1)),
		fmt.Sprintf("%s; %s", number(own.Mean("all"), 1), number(own.Mean("packets/s, mean"), 1)), "",
		"≤ 20 at memberlist's packets", both(met(own.Max("all"), 20), met(own.Mean("packets/s, mean"), theirs.Mean("packets/s, mean"))),
	}
}

// crashGoal is the row on the traffic of ten crashes.
func crashGoal(d Data) []string {
	show := func(s Selection) string {
		return fmt.Sprintf("%s; %s", slashed(2, s.Mean("received KB/s, mean"), s.Mean("sent KB/s, mean")), slashed(2, s.Mean("received KB/s, p99"), s.Mean("sent KB/s, p99")))
	}
	own := d.Select("rapid-crash", "nekton", nil)
	return []string{
		"18", "ten crashes of 1000, KB/s received / sent: mean; p99", "0.54 / 0.64; 5.61 / 6.40 (memberlist) [P]", "",
		show(d.Select("rapid-crash", "memberlist", nil)), show(own), "", "≤ 0.30 / 0.30; ≤ 3.66 / 3.72",
		both(met(math.Max(own.Mean("received KB/s, mean"), own.Mean("sent KB/s, mean")), 0.30),
			met(own.Mean("received KB/s, p99"), 3.66), met(own.Mean("sent KB/s, p99"), 3.72)),
	}
}

// faultyGoal is the row on members that are deaf now and then.
func faultyGoal(d Data) []string {
	at := Point{"weakness": float64(flipFlop)}
	show := func(s Selection) string {
		return fmt.Sprintf("%s; %s; %s s", number(s.Sum("healthy removed by healthy"), 0), number(s.Max("most removals per cycle"), 2), number(s.Max("longest difference"), 0))
	}
	own := d.Select("rapid-faulty", "nekton", at)
	worst := 0.0 // in all three kinds of weakness
	for _, w := range weaknesses() {
		worst += d.Select("rapid-faulty", "nekton", Point{"weakness": float64(w)}).Sum("healthy removed by healthy")
	}
	if len(own) == 0 {
		worst = math.NaN()
	}
	return []string{
		"19", "ten of 1000 deaf for 20 s of 40: healthy removed; most removals of a faulty one per cycle; longest time that views differ", "memberlist swings between 990 and 1000 [F]", "",
		show(d.Select("rapid-faulty", "memberlist", at)), show(own), "", "0; ≤ 1; views agree in between", both(met(worst, 0), met(own.Max("most removals per cycle"), 1), met(own.Max("longest difference"), 19)),
	}
}
