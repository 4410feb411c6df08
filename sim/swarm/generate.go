package swarm

import (
	"math/rand/v2"
	"time"
)

// Generate makes up the scenario of a seed.
func Generate(seed uint64) Scenario {
	g := generator{r: rand.New(rand.NewPCG(seed, 0x737761726d)), s: Scenario{Seed: seed}}
	g.s.Nodes = pick(g.r, 2, 3, 3, 4, 4, 5, 5, 5, 6, 7, 7)
	g.nodes = g.s.Nodes
	g.settings()
	g.actions()
	g.s.sort()
	return g.s
}

type generator struct {
	r       *rand.Rand
	s       Scenario
	nodes   int // those that join included
	domains int
	small   bool // what does not fit a frame never travels
}

// pick is one of several, each as likely as it is often named.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// percent is true so often.
func (g *generator) percent(p int) bool { return g.r.IntN(100) < p }

// set departs from a default.
func (g *generator) set(name string, of ...int64) {
	g.s.Settings = append(g.s.Settings, Setting{Name: name, Node: -1, Value: pick(g.r, of...)})
}

// maybe sets with a probability, in percent.
func (g *generator) maybe(p int, name string, of ...int64) {
	if g.percent(p) {
		g.set(name, of...)
	}
}

func (g *generator) settings() {
	g.set("heal", 1000, 2000, 3000, 5000, 10000)
	g.set("quorum-timeout", 1000, 5000, 10000, 20000)
	switch g.r.IntN(8) {
	case 0, 1:
		g.set("probe-interval", 500)
		g.set("probe-timeout", 200, 250)
	case 2:
		g.set("probe-timeout", 200, 900, 1500)
	}
	g.maybe(20, "gossip", 100, 500, 1000, -1)
	g.maybe(40, "push-pull", 2000, 5000, 10000)
	g.maybe(25, "suspicion-mult", 1, 2, 3, 6)
	g.maybe(15, "suspicion-max", 1, 2, 3)
	g.maybe(10, "confirmations", -1, 1, 2, 5)
	g.maybe(10, "indirect-probes", -1, 1, 2)
	g.maybe(10, "probe-retries", -1, 1)
	g.maybe(8, "no-stream-probe", 1)
	g.maybe(5, "health-max", -1, 1, 3)
	g.maybe(8, "gossip-nodes", 1, 2)
	g.maybe(8, "gossip-dead", -1, 5000)
	g.maybe(8, "retransmit-mult", 1, 2)
	g.maybe(5, "max-piggyback", 1, 2, 6)
	g.maybe(8, "leave-acks", 1, 2, 8)
	g.maybe(10, "tombstone-ttl", 5000, 15000, 30000)
	g.maybe(6, "max-tombstones", 1, 2)
	g.maybe(8, "packet-budget", 1150)
	if g.percent(8) {
		g.set("frame-budget", 400, 1000)
		g.small = true
	}
	g.maybe(5, "key-tombstone", 3000, 20000)
	g.maybe(3, "join-dials", 1)
	g.maybe(20, "delay", 5, 20, 40)
	g.maybe(15, "lossless-streams", 1)
	g.maybe(8, "stream-timeout", 2000, 5000)
	g.maybe(8, "max-incoming", 1, 2)
	if g.percent(12) {
		for range 1 + g.r.IntN(3) {
			g.set(pick(g.r,
				"serial-probes", "ignore-silence", "verdict-at-end", "health-stretches", "health-spares", "paper-health", "count-stalls", "no-cut-off",
				"no-buddy", "buddy-on-pings", "no-repeat", "trust-deaths", "any-accuser", "all-or-nothing", "natural-suspicion",
				"natural-sends", "blind-gossip", "no-eager-gossip", "no-prints", "no-catch-up", "whole-tables", "random-targets"), 1)
		}
	} else {
		g.maybe(20, "shuffled", 1) // some of the rules shuffle anyway
	}
	g.quorum()
	g.clocks()
}

func (g *generator) quorum() {
	if g.percent(8) {
		g.set("no-quorum", 1)
		return
	}
	g.maybe(30, "probation", 2000, 10000)
	switch g.r.IntN(20) {
	case 0:
		g.set("quorum-provider", 2)
	case 1, 2, 3, 4, 5, 6, 7:
		g.set("quorum-provider", 1)
		g.domains = 1 + g.r.IntN(3)
		for i := range g.s.Nodes {
			if d := g.r.IntN(g.domains); d > 0 && i > 0 {
				g.s.Settings = append(g.s.Settings, Setting{"domain", i, int64(d)})
			}
		}
	}
	if g.percent(15) {
		g.s.Settings = append(g.s.Settings, Setting{"observer", g.r.IntN(g.s.Nodes), 1})
	}
}

func (g *generator) clocks() {
	if !g.percent(30) {
		return
	}
	for i := range g.s.Nodes {
		if g.percent(50) {
			g.s.Settings = append(g.s.Settings, Setting{"clock-skew", i, pick[int64](g.r, -3600_000, -5000, -300, 300, 5000, 3600_000)})
		}
		if g.percent(50) {
			g.s.Settings = append(g.s.Settings, Setting{"clock-drift", i, pick[int64](g.r, -5000, -200, 200, 5000)})
		}
	}
}

// actions come one by one, or in bursts.
func (g *generator) actions() {
	count := 2 + g.r.IntN(7)
	if g.percent(60) {
		count += g.r.IntN(24)
	}
	at := time.Duration(0)
	if g.percent(80) {
		at = 3 * time.Second
	}
	for range count {
		switch g.r.IntN(10) {
		case 0, 1, 2:
			at += ms(g.r.Int64N(300))
		case 3, 4, 5, 6, 7:
			at += ms(g.r.Int64N(3000))
		default:
			at += ms(g.r.Int64N(9000))
		}
		g.s.Actions = append(g.s.Actions, g.action(at))
	}
}

// node is any that there is so far.
func (g *generator) node() []int { return []int{g.r.IntN(g.nodes)} }

// some are at least one and not all; the others are the rest.
func (g *generator) some() (some, others []int) {
	order := g.r.Perm(g.nodes)
	n := 1 + g.r.IntN(max(1, g.nodes-1))
	return order[:n], order[n:]
}

// span is how long something lasts: moments, seconds, now and then long.
func (g *generator) span() time.Duration {
	switch g.r.IntN(10) {
	case 0, 1, 2:
		return ms(20 + g.r.Int64N(900))
	case 3, 4, 5, 6, 7:
		return ms(1000 + g.r.Int64N(9000))
	default:
		return ms(10_000 + g.r.Int64N(50_000))
	}
}

// weighted are the kinds, each with how often it comes.
func weighted() []struct {
	kind   Kind
	weight int
} {
	return []struct {
		kind   Kind
		weight int
	}{
		{Crash, 8}, {Vanish, 3}, {Restart, 12}, {Move, 5}, {Skew, 2}, {Zombie, 3}, {Join, 3}, {Leave, 3},
		{Pause, 9}, {Hold, 3}, {Starve, 2}, {Slow, 2},
		{Cut, 7}, {Split, 10}, {Flap, 3},
		{Loss, 8}, {Duplicate, 3}, {Late, 3}, {NoStreams, 3}, {NoPackets, 3}, {Mute, 2}, {Deaf, 2}, {Uplink, 1},
		{Set, 9}, {Delete, 3}, {Dismiss, 1}, {Update, 1}, {Activate, 1}, {Deactivate, 1},
	}
}

func (g *generator) kind() Kind {
	total := 0
	for _, w := range weighted() {
		total += w.weight
	}
	n := g.r.IntN(total)
	for _, w := range weighted() {
		if n -= w.weight; n < 0 {
			return w.kind
		}
	}
	return Crash
}

// action makes up one.
func (g *generator) action(at time.Duration) Action {
	a := Action{At: at.Truncate(time.Millisecond), Kind: g.kind()}
	switch a.Kind {
	case Crash, Vanish, Leave, Restart, Move:
		if a.Who = g.node(); g.percent(10) {
			a.Who, _ = g.some() // many at once
		}
		if a.Kind == Move && g.percent(40) {
			a.Whom = g.node()
		}
		if (a.Kind == Restart || a.Kind == Move) && g.percent(40) {
			a.By = 1 + g.r.Int64N(2)
		}
	case Skew:
		a.Who, a.By = g.node(), pick[int64](g.r, -3600_000, -60_000, -1000, 1000, 60_000, 3600_000)
	case Zombie:
		a.Who, a.By, a.For = g.node(), g.r.Int64N(2), g.span()
	case Join:
		a.Whom = g.node()
		a.Who = []int{g.nodes}
		g.nodes++
	case Pause, Hold:
		a.Who, a.For = g.node(), g.span()
	case Starve:
		a.Who, a.By, a.For = g.node(), pick[int64](g.r, 100, 300, 1000), g.span()
	case Slow:
		a.Who, a.By, a.For = g.node(), pick[int64](g.r, 1, 10, 50), g.span()
	case Cut, Split, Flap:
		g.separate(&a)
	case Loss, NoStreams, NoPackets:
		if a.For = g.span(); a.Kind == NoPackets || g.percent(50) {
			a.Who, a.Whom = g.node(), g.node()
		}
		if a.Kind == Loss {
			a.By = pick[int64](g.r, 2, 10, 30, 50, 80)
		}
	case Duplicate, Late:
		a.By, a.For = pick[int64](g.r, 5, 30, 70), g.span()
	case Mute, Deaf:
		a.Who, a.By, a.For = g.node(), pick[int64](g.r, 50, 90, 100), g.span()
	case Uplink:
		a.Who, a.By, a.For = g.node(), pick[int64](g.r, 500, 1000, 10_000), g.span()
	case Set:
		a.Who, a.By = g.node(), g.r.Int64N(8)+8*pick[int64](g.r, 0, 10, 100)
		if !g.small {
			a.By += 8 * pick[int64](g.r, 0, 0, 500, 1400, 5000)
		}
	case Delete:
		a.Who, a.By = g.node(), g.r.Int64N(8)
	case Dismiss:
		a.Who = []int{1 + g.r.IntN(g.nodes)}
	case Activate, Deactivate:
		a.By = 1 + g.r.Int64N(2) // never that of everybody's seed
	}
	return a
}

// separate chooses who cannot reach whom.
func (g *generator) separate(a *Action) {
	a.For = g.span()
	switch {
	case a.Kind == Cut && g.percent(60):
		a.Who, a.Whom = g.node(), g.node()
	case g.percent(30):
		a.Who = g.node()
		for i := range g.nodes {
			if i != a.Who[0] {
				a.Whom = append(a.Whom, i)
			}
		}
	default:
		a.Who, a.Whom = g.some()
	}
	if a.Kind == Flap {
		a.By = pick[int64](g.r, 200, 700, 1500, 4000)
	}
}
