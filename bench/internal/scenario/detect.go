package scenario

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// A verdict is that one member held another dead.
type verdict struct {
	observer, subject string
	at                time.Time
}

// verdicts are those of a group.
type verdicts struct {
	mu  sync.Mutex
	all []verdict
}

// of notes the verdicts of one member.
func (v *verdicts) of(observer string) side.Watch {
	return side.Watch{Dead: func(at time.Time, subject string) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.all = append(v.all, verdict{observer, subject, at})
	}}
}

func (v *verdicts) snapshot() []verdict {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.all)
}

// A killing is a case of [Plan.detect].
type killing struct {
	name          string
	loss          float64
	noStreamPings bool
	lossyStreams  bool
	hang          bool // an eighth of the members hangs 8 s of every 9
}

// detect measures how soon the members of a cluster notice that one was killed, and how
// often they are wrong about one that was not: at several rates of loss, and while some of
// the others hang.
func (p *Plan) detect() {
	n := p.Size.Group
	for _, c := range []killing{
		{name: "no loss"},
		{name: "10 % loss", loss: 0.1},
		{name: "20 % loss", loss: 0.2},
		{name: "20 % loss, no stream pings", loss: 0.2, noStreamPings: true},
		{name: "20 % loss, streams too", loss: 0.2, lossyStreams: true},
		{name: fmt.Sprintf("%d of %d hang", n/8, n), hang: true},
	} {
		cfg := func(seed uint64) ether.Config {
			cfg := ether.LAN(seed)
			cfg.LossyStreams = c.lossyStreams
			return cfg
		}
		p.virtually("detect", c.name, 0, ruler(), cfg, func(g *group) (result.Row, error) {
			g.setup.NoStreamPings = c.noStreamPings
			return p.killing(g, c)
		})
		least := leastDetection(n)
		p.computed("detect", c.name, "the probe timeout and the shortest suspicion, 0.5 s + 4 × log10(n) × 1 s, if the first probe were at once; one hop to all",
			once(map[string]float64{"false deaths": 0},
				map[string]float64{"first": least, "median": least + oneWay.Seconds(), "all": least + oneWay.Seconds(), "spread": oneWay.Seconds()}))
	}
}

// patience is how long a death may take to be noticed by all.
const patience = time.Minute

func (p *Plan) killing(g *group, c killing) (result.Row, error) {
	var v verdicts
	g.watch = v.of
	n := p.Size.Group
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	g.network.SetLoss(c.loss)
	hung := map[string]bool{} // and no witnesses, since they learn nothing for most of the time
	if c.hang {
		slow := slices.Clone(g.members[n-n/8:])
		for _, m := range slow {
			hung[m.id] = true
		}
		stop := make(chan struct{})
		var hanging sync.WaitGroup
		hanging.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					hangAndRun(slow, 8*time.Second)
				}
			}
		})
		defer hanging.Wait()
		defer close(stop)
		time.Sleep(20 * time.Second)
	}
	witnesses := func() int { return len(g.members) - len(hung) }
	began, before := time.Now(), len(v.snapshot())
	samples := map[string][]float64{}
	killed := map[string]bool{}
	missed, incomplete := 0, 0
	for range p.Size.Kills {
		time.Sleep(time.Duration(g.chance.Int64N(int64(time.Second)))) // any phase of the period
		i := 1 + g.chance.IntN(len(g.members)-1)
		for hung[g.members[i].id] {
			i = 1 + g.chance.IntN(len(g.members)-1)
		}
		victim := g.kill(i)
		at := time.Now()
		killed[victim.id] = true
		heard := map[string]time.Time{}
		for time.Since(at) < patience && len(heard) < witnesses() {
			time.Sleep(50 * time.Millisecond)
			for _, d := range v.snapshot() {
				if _, again := heard[d.observer]; d.subject == victim.id && !again && d.observer != victim.id && !hung[d.observer] {
					heard[d.observer] = d.at
				}
			}
		}
		missed += witnesses() - len(heard)
		var times []float64
		for _, when := range heard {
			times = append(times, when.Sub(at).Seconds())
		}
		if slices.Sort(times); len(times) > 0 {
			samples["first"] = append(samples["first"], times[0])
			samples["median"] = append(samples["median"], result.Quantile(times, 0.5))
			samples["all"] = append(samples["all"], times[len(times)-1])
			samples["spread"] = append(samples["spread"], times[len(times)-1]-times[0])
		}
		fresh, err := g.start()
		if err != nil {
			return result.Row{}, err
		}
		if err := g.join(fresh, g.members[0].host.At()); err != nil {
			return result.Row{}, err
		}
		if c.hang {
			time.Sleep(5 * time.Second)
		} else if _, err := g.meet(20 * time.Second); err != nil {
			incomplete++ // a false death that lasts, for example
		}
	}
	if rest := p.Size.Lossy - time.Since(began); rest > 0 {
		time.Sleep(rest)
	}
	events, subjects := 0, map[string]bool{}
	for _, d := range v.snapshot()[before:] {
		if !killed[d.subject] && !killed[d.observer] && !hung[d.subject] {
			events++
			subjects[d.subject] = true
		}
	}
	return result.Row{Samples: samples, Values: map[string]float64{
		"seconds": time.Since(began).Seconds(), "false deaths": float64(events), "false subjects": float64(len(subjects)),
		"missed": float64(missed), "not complete": float64(incomplete),
	}}, nil
}
