package papers

import (
	"math/rand/v2"
	"strconv"

	"github.com/nekton-go/nekton/sim"
)

// lossTables are those of groups that lose packets, and of gossip.
func lossTables() map[string]func(Data) Table {
	return map[string]func(Data) Table{
		"swim-joins": joinsTable, "plain-loss": plainLossTable, "gossip-spread": gossipTable,
		"gossip-model": gossipModelTable, "refutation": refutationTable,
	}
}

// joinsTable is figure 4 of SWIM.
func joinsTable(d Data) Table {
	t := Table{Where: "swim-joins", Head: []string{
		"configuration", "loss", "published, of 17", "failed is final: never failed, mean", "least", "may come back: never failed, mean", "listed at the end, mean",
	}}
	published := map[string]string{"prototype, no suspicion": "2 (basic), 4 (piggyback) [P]", "prototype": "12 [P]"}
	for _, loss := range []float64{0.1, 0.2, 0.3} {
		for _, s := range joinSetups() {
			at := Point{"loss": loss}
			final, back := t.use(d.Select(t.Where, s.Name, at.at("final", 1))), t.use(d.Select(t.Where, s.Name, at.at("final", 0)))
			print := ""
			if loss == 0.1 {
				print = published[s.Name]
			}
			t.Row(s.Name, percent(loss, 1, 0), print, number(final.Mean("never failed"), 1), number(final.Quantile("never failed", 0), 0),
				number(back.Mean("never failed"), 1), number(back.Mean("listed"), 1))
		}
	}
	return t
}

// plainLossTable is what plain loss does.
func plainLossTable(d Data) Table {
	t := Table{Where: "plain-loss", Head: []string{
		"configuration", "loss", "predicted bound, per hour", "false positives per hour", "± 95 %", "suspicions at any member per hour", "packets/s per member", "bytes/s",
	}}
	bound := map[float64]string{0.1: "9", 0.2: "277", 0.3: "2826"}
	for _, s := range lossSetups() {
		for _, loss := range []float64{0.1, 0.2, 0.3} {
			r := t.use(d.Select(t.Where, s.Name, Point{"loss": loss}))
			print := ""
			if s.Name == "SWIM, datagrams" {
				print = bound[loss]
			}
			hours := r.Sum("hours")
			t.Row(s.Name, percent(loss, 1, 0), print, digits(r.Sum("fp")/hours), digits(r.Interval95("fp")*float64(r.Runs())/hours),
				digits(r.Sum("suspected")/hours), number(r.Mean("packets/s"), 2), number(r.Mean("bytes/s"), 0))
		}
	}
	return t
}

// gossipModel is what a model of gossip gives: mean rounds to half and to all, the 99th
// percentile of all, the share of updates that reach all, the sends per member.
func gossipModel(g Gossip, runs int) (half, all, p99, reached, sends float64) {
	r := rand.New(rand.NewPCG(uint64(g.Members), uint64(g.Loss*100)))
	var alls []float64
	for range runs {
		c := g.Run(r)
		half += c.Half / float64(runs)
		sends += float64(c.Sends) / float64(runs*g.Members)
		if c.All >= 0 {
			alls = append(alls, c.All)
		}
	}
	s := Selection{{Runs: runs, Values: map[string][]float64{"all": alls}}}
	return half, s.Mean("all"), s.Quantile("all", 0.99), float64(len(alls)) / float64(runs), sends
}

// gossipModelTable is push gossip without a simulator.
func gossipModelTable(Data) Table {
	t := Table{Head: []string{"n", "loss", "log4 n + ln(n)/3", "published: half / all / p99", "model: half / all / p99", "reach all with m sends each: published", "model"}}
	for _, row := range []struct {
		n                 int
		loss              float64
		rounds, reachable string
	}{
		{64, 0, "3.00 / 5.16 / 6", "0.9839"}, {64, 0.3, "3.98 / 6.50 / 9", "0.8113"},
		{128, 0, "4.00 / 5.97 / 7", "0.9997"}, {128, 0.3, "4.54 / 7.50 / 10", "0.9726"},
		{512, 0, "5.00 / 7.41 / 9", "0.9970"}, {512, 0.3, "5.92 / 9.45 / 12", "0.8918"},
		{1024, 0, "5.00 / 8.19 / 10", "1.0000"}, {1024, 0.3, "6.39 / 10.41 / 13", "0.9858"},
	} {
		g := Gossip{Members: row.n, Fanout: 3, Loss: row.loss}
		half, all, p99, _, _ := gossipModel(g, 1000)
		g.Limit = GossipLimit(row.n)
		_, _, _, reached, _ := gossipModel(g, 1000)
		t.Row(strconv.Itoa(row.n), percent(row.loss, 1, 0), number(PushEstimate(row.n, 3, row.loss), 2), row.rounds, slashed(2, half, all)+" / "+number(p99, 0), row.reachable, number(reached, 3))
	}
	return t
}

// gossipTable is push gossip on the simulator.
func gossipTable(d Data) Table {
	t := Table{Where: "gossip-spread", Head: []string{
		"n", "loss", "model, own phases: half / all", "memberlist's gossip, no limit", "with m sends: model reaches all", "memberlist's gossip: half / all", "reaches all", "nekton's gossip: half / all", "reaches all", "packets, of memberlist's", "nekton: half / all / p99", "reaches all",
	}}
	for _, loss := range []float64{0, 0.1, 0.2, 0.3} {
		for _, n := range gossipSizes() {
			at := Point{"n": float64(n), "loss": loss}
			get := func(name string) Selection { return t.use(d.Select(t.Where, name, at)) }
			free, limited, ours, own := get("memberlist's gossip, no limit"), get("memberlist's gossip"), get("nekton's gossip"), get("nekton")
			if len(limited)+len(own) == 0 {
				continue
			}
			g := Gossip{Members: n, Fanout: 3, Loss: loss, Phases: true}
			half, all, _, _, _ := gossipModel(g, 1000)
			g.Limit = GossipLimit(n)
			_, _, _, reached, _ := gossipModel(g, 1000)
			pair := func(s Selection) string { return slashed(2, s.Mean("half"), s.Mean("all")) }
			t.Row(strconv.Itoa(n), percent(loss, 1, 0), slashed(2, half, all), pair(free), number(reached, 3), pair(limited), number(limited.reached(), 3),
				pair(ours), number(ours.reached(), 3), percent(ours.Mean("packets"), limited.Mean("packets"), 0),
				pair(own)+" / "+number(own.Quantile("all", 0.99), 2), number(own.reached(), 3))
		}
	}
	return t
}

// reached is the share of updates that reached all.
func (s Selection) reached() float64 {
	missed := s.All("missed")
	whole := 0
	for _, m := range missed {
		if m == 0 {
			whole++
		}
	}
	return float64(whole) / float64(len(missed))
}

// refutationTable is the race between a suspicion and its refutation.
func refutationTable(Data) Table {
	t := Table{Head: []string{"n", "loss", "published: mean / p99.9", "model"}}
	for _, row := range []struct {
		n         int
		loss      float64
		published string
	}{
		{16, 0, "5.5 / 9"}, {16, 0.3, "7.0 / 12"}, {128, 0, "9.7 / 13"}, {128, 0.1, "10.2 / 14"}, {128, 0.3, "12.0 / 17"}, {1024, 0, "13.4 / 17"}, {1024, 0.3, "16.8 / 22"},
	} {
		r := rand.New(rand.NewPCG(uint64(row.n), uint64(100*row.loss)))
		var rounds []float64
		for range 1000 {
			there, back := Refutation{Members: row.n, Fanout: 3, Loss: row.loss}.Run(r)
			rounds = append(rounds, float64(there+back))
		}
		d := sim.Distribute(rounds)
		t.Row(strconv.Itoa(row.n), percent(row.loss, 1, 0), row.published, number(d.Mean, 1)+" / "+number(sim.Quantile(rounds, 0.999), 0))
	}
	return t
}
