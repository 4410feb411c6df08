package scenario

import (
	"fmt"
	"sync"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// updateWindow is how long an update is watched: what is not there then counts as
// missing.
const updateWindow = 8 * time.Second

// update measures how soon 32 bytes that one member publishes are at all others. On the
// LAN settings, that is metadata at memberlist and a value at nekton; on the settings
// of libopenstorage/gossip, a value at both, which memberlist's wire carries by
// push-pull only.
func (p *Plan) update() {
	n := p.Size.Group
	for _, loss := range []float64{0, 0.2} {
		name := fmt.Sprintf("%d %% loss", int(loss*100))
		f := func(g *group) (result.Row, error) { return p.updating(g, n, loss) }
		p.virtually("update", name, 0, []side.Kind{side.Memberlist, side.NektonV2}, ether.LAN, f)
		p.computed("update", name, "time: "+howSpreading+", and nothing is lost; bytes: name, incarnation and 32 bytes, once to each other member",
			once(map[string]float64{"incomplete 2 s": 0, "incomplete 8 s": 0},
				map[string]float64{"all": spreading(n), "half": spreading(n / 2), "bytes": float64((n - 1) * (10 + 4 + metaLen))}))
	}
	p.virtually("update", "StoreMap", 0, ruler(), ether.LAN, func(g *group) (result.Row, error) {
		g.setup.Store, g.setup.Pace = true, openStorage()
		return p.updatingValues(g, n)
	})
	p.computed("update", "StoreMap", "time: "+howSpreading+"; bytes: name, key, version and 32 bytes, once to each other member",
		once(map[string]float64{"missing": 0}, map[string]float64{"all": spreading(n), "bytes": float64((n - 1) * (10 + 4 + 4 + metaLen))}))
}

// openStorage is the pace of libopenstorage/gossip.
func openStorage() peer.Pace {
	return peer.Pace{
		Probe: 5 * time.Second, ProbeTimeout: 200 * time.Millisecond, Gossip: 2 * time.Second,
		PushPull: 2 * time.Second, SuspicionMult: 5,
	}
}

// arrivals are the times at which news of one member reached others.
type arrivals struct {
	mu      sync.Mutex
	subject string
	at      map[string]time.Time
}

func (a *arrivals) expect(subject string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.subject, a.at = subject, map[string]time.Time{}
}

func (a *arrivals) of(observer string) side.Watch {
	return side.Watch{News: func(at time.Time, subject string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if _, again := a.at[observer]; subject == a.subject && observer != subject && !again {
			a.at[observer] = at
		}
	}}
}

// since are the times that it took, in no order.
func (a *arrivals) since(began time.Time) []float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var times []float64
	for _, at := range a.at {
		times = append(times, at.Sub(began).Seconds())
	}
	return times
}

func (p *Plan) updating(g *group, n int, loss float64) (result.Row, error) {
	var a arrivals
	g.watch = a.of
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	g.network.SetLoss(loss)
	// What a cluster at rest sends is no part of an update.
	idle := g.network.PacketBytes.Load()
	time.Sleep(10 * updateWindow)
	background := float64(g.network.PacketBytes.Load()-idle) / 10
	samples, incomplete := map[string][]float64{}, map[time.Duration]int{}
	late := []time.Duration{2 * time.Second, updateWindow}
	var publishing sync.WaitGroup
	for i := range p.Size.Updates {
		time.Sleep(time.Duration(g.chance.Int64N(int64(200 * time.Millisecond)))) // any phase of a round
		m := g.members[g.chance.IntN(n)]
		a.expect(m.id)
		bytes, began := g.network.PacketBytes.Load(), time.Now()
		publishing.Go(func() { _ = m.Publish("key", fmt.Sprintf("%032d", i)) }) // memberlist waits until it was sent
		time.Sleep(updateWindow)
		samples["bytes"] = append(samples["bytes"], float64(g.network.PacketBytes.Load()-bytes)-background)
		times := a.since(began)
		spread := result.SpreadOf(times)
		if len(times) == n-1 {
			samples["all"] = append(samples["all"], spread.Most)
		}
		samples["half"] = append(samples["half"], spread.Median)
		for _, d := range late {
			if len(times) < n-1 || spread.Most > d.Seconds() {
				incomplete[d]++
			}
		}
		time.Sleep(40 * time.Second) // a push-pull may bring the rest
	}
	publishing.Wait()
	return result.Row{Samples: samples, Values: map[string]float64{
		"updates": float64(p.Size.Updates), "incomplete 2 s": float64(incomplete[late[0]]), "incomplete 8 s": float64(incomplete[late[1]]),
	}}, nil
}

func (p *Plan) updatingValues(g *group, n int) (result.Row, error) {
	if err := g.startAll(n); err != nil {
		return result.Row{}, err
	}
	if _, err := g.meet(5 * time.Minute); err != nil {
		return result.Row{}, err
	}
	for _, m := range g.members {
		if err := publish(m, 0); err != nil {
			return result.Row{}, err
		}
	}
	time.Sleep(time.Minute)
	samples, missing := map[string][]float64{}, 0
	for i := range min(p.Size.Updates, 5) {
		m := g.members[g.chance.IntN(n)]
		bytes, streams, began := g.network.PacketBytes.Load(), g.network.StreamBytes.Load(), time.Now()
		value := fmt.Sprintf("%032d", 100+i)
		if err := m.Publish("key7", value); err != nil {
			return result.Row{}, err
		}
		without := n - 1
		for ; without > 0 && time.Since(began) < 2*time.Minute; time.Sleep(50 * time.Millisecond) {
			without = 0
			for _, other := range g.members {
				if other.Reads(m.id, "key7") != value {
					without++
				}
			}
		}
		missing += without
		took := time.Since(began).Seconds()
		samples["all"] = append(samples["all"], took)
		samples["bytes"] = append(samples["bytes"], float64(g.network.PacketBytes.Load()-bytes+g.network.StreamBytes.Load()-streams))
		time.Sleep(5 * time.Second)
	}
	return result.Row{Samples: samples, Values: map[string]float64{"missing": float64(missing)}}, nil
}
