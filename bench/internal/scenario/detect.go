package scenario

import (
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

// detect measures how soon the members of a cluster notice that one was killed, and how
// often they are wrong about one that was not, at several rates of loss.
func (p *Plan) detect() error {
	for _, c := range []struct {
		name          string
		loss          float64
		noStreamPings bool
		lossyStreams  bool
	}{
		{"no loss", 0, false, false},
		{"10 % loss", 0.1, false, false},
		{"20 % loss", 0.2, false, false},
		{"20 % loss, no stream pings", 0.2, true, false},
		{"20 % loss, streams too", 0.2, false, true},
	} {
		cfg := func(seed uint64) ether.Config {
			cfg := ether.LAN(seed)
			cfg.LossyStreams = c.lossyStreams
			return cfg
		}
		if err := p.virtually("detect", c.name, 0, ruler(), cfg, func(g *group) (result.Row, error) {
			g.setup.NoStreamPings = c.noStreamPings
			return p.killing(g, c.loss)
		}); err != nil {
			return err
		}
	}
	return nil
}

// patience is how long a death may take to be noticed by all.
const patience = time.Minute

func (p *Plan) killing(g *group, loss float64) (result.Row, error) {
	var v verdicts
	g.watch = v.of
	n := p.Size.Group
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	g.network.SetLoss(loss)
	began, before := time.Now(), len(v.snapshot())
	samples := map[string][]float64{}
	killed := map[string]bool{}
	missed, incomplete := 0, 0
	for range p.Size.Kills {
		time.Sleep(time.Duration(g.chance.Int64N(int64(time.Second)))) // any phase of the period
		victim := g.kill(1 + g.chance.IntN(len(g.members)-1))
		at := time.Now()
		killed[victim.id] = true
		heard := map[string]time.Time{}
		for time.Since(at) < patience && len(heard) < len(g.members) {
			time.Sleep(50 * time.Millisecond)
			for _, d := range v.snapshot() {
				if _, again := heard[d.observer]; d.subject == victim.id && !again && d.observer != victim.id {
					heard[d.observer] = d.at
				}
			}
		}
		missed += len(g.members) - len(heard)
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
		if err := fresh.Join(g.members[0].host.At()); err != nil {
			return result.Row{}, err
		}
		if _, err := g.meet(20 * time.Second); err != nil {
			incomplete++ // a false death that lasts, for example
		}
	}
	if rest := p.Size.Lossy - time.Since(began); rest > 0 {
		time.Sleep(rest)
	}
	events, subjects := 0, map[string]bool{}
	for _, d := range v.snapshot()[before:] {
		if !killed[d.subject] && !killed[d.observer] {
			events++
			subjects[d.subject] = true
		}
	}
	return result.Row{Samples: samples, Values: map[string]float64{
		"seconds": time.Since(began).Seconds(), "false deaths": float64(events), "false subjects": float64(len(subjects)),
		"missed": float64(missed), "not complete": float64(incomplete),
	}}, nil
}
