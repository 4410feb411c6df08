package papers

import (
	"fmt"
	"math"
)

// goalsTable is the list of goals: what is published, predicted and reproduced, and what
// nekton's defaults reach.
func goalsTable(d Data) Table {
	t := Table{Head: []string{"", "quantity", "published", "predicted", "with the paper's rules", "nekton's defaults", "the same, shuffled", "goal", "met"}}
	for _, row := range [][]string{
		idleGoal(d), firstProbeGoal(d), detectionGoal(d, 3, 5, 1), detectionGoal(d, 4, 4, 6), detectionGoal(d, 5, 2, 6),
		fullGoal(d), falseGoal(d), falseHealthyGoal(d), costGoal(d), dominateGoal(d), plainLossGoal(d), joinsGoal(d),
		gossipGoal(d, 13, 0), gossipGoal(d, 14, 0.3), piggybackGoal(d), residueGoal(d),
		bootstrapGoal(d), crashGoal(d), faultyGoal(d), healthGoal(d),
	} {
		t.Row(row...)
	}
	return t
}

// met says whether a goal is met, or by how much it is missed; lower is better.
func met(got, goal float64) string {
	switch {
	case math.IsNaN(got):
		return "not measured"
	case got <= goal:
		return "yes"
	case goal == 0:
		return fmt.Sprintf("no, %s above", digits(got))
	}
	return fmt.Sprintf("no, %s above", percent(got-goal, goal, 1))
}

func idleGoal(d Data) []string {
	at := Point{"n": agents}
	paper, own := d.Select("swim-load", "prototype", at), d.Select("swim-load", "nekton", at)
	bytes := own.Mean("bytes/s") + own.Mean("stream bytes/s")
	return []string{
		"1", "idle: messages sent per member and period; payload bytes per second", "≈ 2.0 [F]; 99 (memberlist, 8-character names)", "2.00",
		number(paper.Mean("sent"), 3), number(own.Mean("sent"), 3) + "; " + number(bytes, 1), "",
		"2.00; ≤ 49.5", both(met(own.Mean("sent"), 2.005), met(bytes, 49.5)),
	}
}

// both joins verdicts.
func both(verdicts ...string) string {
	out := verdicts[0]
	for _, v := range verdicts[1:] {
		if v != out {
			return join(verdicts)
		}
	}
	return out
}

func join(parts []string) string {
	out := ""
	for i, p := range parts {
		if i > 0 {
			out += "; "
		}
		out += p
	}
	return out
}

func firstProbeGoal(d Data) []string {
	at := Point{"n": agents}
	paper, own, shuffled := d.Select("swim-detect", "prototype", at), d.Select("swim-detect", "nekton", at), d.Select("swim-detect", "nekton, shuffled", at)
	robin, best := RoundRobinProbes(agents), CoordinatedProbes()
	show := func(s Selection) string {
		return slashed(2, s.Mean("probe"), s.Quantile("probe", 0.99), s.Max("probe"))
	}
	return []string{
		"2", "crash to first probe, periods: mean / p99 / worst", "1.58 in rounds [P]",
		fmt.Sprintf("%s; coordinated %s / 1.00", slashed(2, robin.Mean(), robin.Quantile(0.99)), slashed(2, best.Mean(), best.Quantile(0.99))),
		show(paper), show(own), show(shuffled), "0.5 / 1.0 / 1.0; with churn 0.55 / 1.5",
		both(met(own.Mean("probe"), 0.52), met(own.Quantile("probe", 0.99), 1.02)),
	}
}

// detectionGoal is one of the rows on first detection. Ours are at the same α and β.
func detectionGoal(d Data, number, alpha, beta int) []string {
	paper := fmt.Sprintf("Lifeguard %d,%d", alpha, beta)
	own := fmt.Sprintf("nekton %d,%d", alpha, beta)
	published := map[int]string{3: "12.44 / 16.96 / 19.40 [P]", 4: "10.34 / 16.42 / 18.37 [D]", 5: "6.76 / 12.81 / 15.59 [D]"}[number]
	goal := map[int][3]float64{3: {12.15, 14.4, 15.9}, 4: {10.05, 12.4, 14.0}, 5: {6.1, 9.9, 11.5}}[number]
	k := 3
	switch number {
	case 3:
		paper, own, k = "SWIM", "nekton 5,1", 0
	case 4:
		own = "nekton"
	}
	get := func(name string) Selection { return d.Select("lifeguard-threshold", name, held()) }
	ours, shuffled := get(own), get(own+", shuffled")
	model := Detection{Alpha: alpha, Beta: beta, K: k}
	shared := model
	shared.Coordinated = true
	var verdicts []string
	for i, q := range []float64{0.5, 0.99, 0.999} {
		verdicts = append(verdicts, met(ours.Quantile("first", q), goal[i]))
	}
	return []string{
		fmt.Sprint(number), fmt.Sprintf("first detection at α %d, β %d, seconds: p50 / p99 / p99.9", alpha, beta), published,
		model.predicted() + "; coordinated " + shared.predicted(), get(paper).percentiles("first"), ours.percentiles("first"), shuffled.percentiles("first"),
		"≤ " + slashed(2, goal[:]...), both(verdicts...),
	}
}

func fullGoal(d Data) []string {
	get := func(name string) float64 {
		return d.Select("lifeguard-threshold", name, held()).Quantile("between", 0.5)
	}
	own := get("nekton")
	return []string{
		"6", "first detection to full dissemination, p50, seconds", "0.46 [D]", "", number(get("SWIM"), 2), number(own, 2), number(get("nekton, shuffled"), 2),
		"≤ 0.46", met(own, 0.465),
	}
}

// falsePositives are those of the Interval experiment, per run.
func falsePositives(d Data, setup, metric string) float64 {
	return d.Select("lifeguard-interval", setup, held()).PerRun(metric)
}

func falseGoal(d Data) []string {
	swim, paper, own := falsePositives(d, "SWIM", "fp"), falsePositives(d, "Lifeguard", "fp"), falsePositives(d, "nekton", "fp")
	return []string{
		"7", "FP per Interval run: SWIM / Lifeguard", "78.5 / 1.20 (1/65) [P], on the full grid", "", digits(swim) + " / " + digits(paper), digits(own),
		digits(falsePositives(d, "nekton, shuffled", "fp")), "≤ 0.6", met(own, 0.6),
	}
}

func falseHealthyGoal(d Data) []string {
	swim, paper, own := falsePositives(d, "SWIM", "fp-"), falsePositives(d, "Lifeguard", "fp-"), falsePositives(d, "nekton", "fp-")
	return []string{
		"8", "FP- per Interval run: SWIM / Lifeguard", "0.307 / 0.0058 (1/53) [P], on the full grid", "", digits(swim) + " / " + digits(paper), digits(own),
		digits(falsePositives(d, "nekton, shuffled", "fp-")), "0", met(own, 0),
	}
}

func costGoal(d Data) []string {
	share := func(name string) (messages, bytes float64) {
		s := d.Select("lifeguard-interval", name, held())
		base := d.Select("lifeguard-interval", "SWIM", held()).at(s)
		return 100 * s.PerRun("messages") / base.PerRun("messages"), 100 * s.PerRun("bytes") / base.PerRun("bytes")
	}
	show := func(name string) string {
		m, b := share(name)
		return number(m, 1) + " / " + number(b, 1)
	}
	m, b := share("nekton")
	return []string{
		"9", "messages / bytes of an Interval run, % of SWIM", "110.6 / 98.0 [P]", "", show("Lifeguard"), show("nekton"), show("nekton, shuffled"),
		"≤ 100 / ≤ 95", both(met(m, 100), met(b, 95)),
	}
}

func dominateGoal(d Data) []string {
	share := func(name string) [3]float64 {
		latency := d.Select("lifeguard-threshold", name, held()).Quantile("first", 0.5) / d.Select("lifeguard-threshold", "SWIM", held()).Quantile("first", 0.5)
		s := d.Select("lifeguard-interval", name, held())
		base := d.Select("lifeguard-interval", "SWIM", held()).at(s)
		return [3]float64{
			100 * latency, 100 * s.PerRun("fp") / base.PerRun("fp"), 100 * s.PerRun("fp-") / base.PerRun("fp-"),
		}
	}
	show := func(name string) string { s := share(name); return slashed(1, s[:]...) }
	own := share("nekton")
	verdict := both(met(own[0], 83.5), met(own[1], 1.53), met(own[2], 1.89))
	return []string{
		"10", "first p50 / FP / FP-, % of SWIM", "83.1 / 3.18 / 4.83 at α 4, β 6 [P]", "", show("Lifeguard 4,6"), show("nekton"), show("nekton, shuffled"),
		"≤ 83 / ≤ 1.53 / ≤ 1.89", verdict,
	}
}

func plainLossGoal(d Data) []string {
	per := func(name string) string {
		var rates []float64
		for _, loss := range []float64{0.1, 0.2, 0.3} {
			s := d.Select("plain-loss", name, Point{"loss": loss})
			rates = append(rates, s.Sum("fp")/s.Sum("hours"))
		}
		return slashed(1, rates...)
	}
	worst := d.Select("plain-loss", "nekton, datagrams", Point{"loss": 0.3})
	most := 0.0
	for _, loss := range []float64{0.1, 0.2} {
		most += d.Select("plain-loss", "nekton, datagrams", Point{"loss": loss}).Sum("fp")
	}
	return []string{
		"11", "FP per hour at loss 10 / 20 / 30 %, datagrams only", "", "at most 9 / 277 / 2826", per("SWIM, datagrams"), per("nekton, datagrams"), "",
		"0 / 0 / ≤ 1", both(met(most, 0), met(worst.Sum("fp")/worst.Sum("hours"), 1)),
	}
}

func joinsGoal(d Data) []string {
	get := func(name string, loss, final float64) Selection {
		return d.Select("swim-joins", name, Point{"loss": loss, "final": final})
	}
	show := func(name string) string {
		return number(get(name, 0.1, 1).Mean("never failed"), 1)
	}
	own := get("nekton", 0.1, 1).Mean("never failed")
	lossy := get("nekton", 0.3, 1).Mean("never failed")
	return []string{
		"12", "17 joins, 10 % loss: members that stay: without suspicion / with", "2–4 / 12 [P]", "", show("prototype, no suspicion") + " / " + show("prototype"),
		fmt.Sprintf("%s; at 30 %% %s", number(own, 2), number(lossy, 2)), "", "17, also at 30 %", both(met(17-own, 0), met(17-lossy, 0)),
	}
}

func gossipGoal(d Data, row int, loss float64) []string {
	at := Point{"n": agents, "loss": loss}
	get := func(name string) Selection { return d.Select("gossip-spread", name, at) }
	free, limited, own := get("memberlist's gossip, no limit"), get("memberlist's gossip"), get("nekton's gossip")
	_, all, _, _, _ := gossipModel(Gossip{Members: agents, Fanout: 3, Loss: loss, Phases: true}, 1000)
	_, together, _, _, _ := gossipModel(Gossip{Members: agents, Fanout: 3, Loss: loss}, 1000)
	published := map[int]string{13: "5.97 [C], n = 128, in lock-step", 14: "7.50 [C], n = 128, in lock-step"}[row]
	sends := 100 * own.Mean("packets") / limited.Mean("packets")
	return []string{
		fmt.Sprint(row), fmt.Sprintf("gossip to all at %v %% loss, rounds; sends", 100*loss), published,
		fmt.Sprintf("%s in lock-step, %s with own phases", number(together, 2), number(all, 2)), number(free.Mean("all"), 2),
		fmt.Sprintf("%s; %s %% of the sends", number(own.Mean("all"), 2), number(sends, 0)), "",
		"at most the same, ≤ 70 % of the sends", both(met(own.Mean("all"), limited.Mean("all")), met(sends, 70)),
	}
}

func piggybackGoal(d Data) []string {
	at := Point{"n": agents, "loss": 0}
	_, model := piggybackModel(agents, 0)
	paper, shuffled := d.Select("swim-spread", "prototype", at), d.Select("swim-spread", "nekton, piggyback only", at)
	own := d.Select("swim-spread", "nekton, piggyback only, coordinated", at)
	return []string{
		"15", "pings and acks alone to all, periods, n = 128", "4.57 [C]", number(model, 2), number(paper.Mean("all"), 2), number(own.Mean("all"), 2), number(shuffled.Mean("all"), 2),
		"towards 4.4", met(own.Mean("all"), 4.42),
	}
}

func residueGoal(d Data) []string {
	at := Point{"n": 512, "loss": 0.3}
	own := d.Select("gossip-spread", "nekton", at)
	paper := d.Select("gossip-spread", "memberlist's gossip", Point{"n": agents, "loss": 0.3})
	periods := own.Quantile("all", 0.99) * 0.2
	return []string{
		"16", "updates that reach all at n = 512, 30 % loss; p99 of the time, periods", "0.892 by gossip alone [C]", "0.974 at n = 128",
		number(paper.reached(), 3) + " at n = 128", fmt.Sprintf("%s; %s", number(own.reached(), 3), number(periods, 2)), "",
		"1.000 within 2 periods more than gossip", both(met(1-own.reached(), 0), met(periods, 2+12*0.2)),
	}
}

func healthGoal(d Data) []string {
	worst := func(name string) float64 { return d.Select("probers-health", name, nil).Max("worst") }
	return []string{
		"20", "health score of a healthy prober of one crashed member", "3 (memberlist) [C]", "0", number(worst("memberlist"), 0), number(worst("nekton"), 0), "",
		"0", met(worst("nekton"), 0),
	}
}
