package scenario

import (
	"errors"
	"sync"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// A rolling restart: one member after another says goodbye, is away for a while, and
// returns under its name and at its address, as when a new release is rolled out.
const (
	rollAway  = 5 * time.Second // from the goodbye to the return
	rollLimit = 5 * time.Minute // until all list all, after the last return
)

// rolling measures a rolling restart of a whole cluster, a member each second, so that
// five are away at a time: what it costs, how long after it all list all, and who is
// declared dead although he is back.
func (p *Plan) rolling() {
	n := p.Size.Rolling
	p.virtually("rolling", describe(n), 0, ruler(), ether.LAN, func(g *group) (result.Row, error) { return rolled(g, n) })
	p.rollingFloor(describe(n), n, n)
}

// rollingFloor is that of a restart of some of n members.
func (p *Plan) rollingFloor(name string, n, restarted int) {
	p.computed("rolling", name, "time: "+howSpreading+"; bytes: name, address and incarnation of each goodbye and each return, once to each member",
		result.Row{Values: map[string]float64{"agreed": spreading(n), "false deaths": 0, "all bytes": float64(2 * restarted * contentLen)}})
}

// presence knows which members are up.
type presence struct {
	mu    sync.Mutex
	away  map[string]bool
	wrong int // verdicts about members that were up, of members that were
}

func (l *presence) set(id string, away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away[id] = away
}

func (l *presence) of(observer string) side.Watch {
	return side.Watch{Dead: func(_ time.Time, subject string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.away[observer] && !l.away[subject] && observer != subject {
			l.wrong++
		}
	}}
}

func rolled(g *group, n int) (result.Row, error) {
	l := presence{away: map[string]bool{}}
	g.watch = l.of
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	packets, streams, before := g.network.PacketBytes.Load(), g.network.StreamBytes.Load(), meter.Read()
	var rolling sync.WaitGroup
	errs := make([]error, n)
	for i, m := range g.members {
		seed := g.members[(i+n/2)%n].host.At()
		rolling.Go(func() {
			time.Sleep(time.Duration(i) * time.Second)
			back := time.Now().Add(rollAway)
			l.set(m.id, true)
			_ = m.Leave() // who is not acknowledged in time goes all the same
			m.host.Down()
			time.Sleep(time.Until(back))
			l.set(m.id, false)
			fresh, err := g.startAt(m.number)
			if err != nil {
				errs[i] = err
				return
			}
			g.members[i] = fresh // of this goroutine alone, until all are done
			errs[i] = g.join(fresh, seed)
		})
	}
	rolling.Wait()
	if err := errors.Join(errs...); err != nil {
		return result.Row{}, err
	}
	used := meter.Read().Since(before)
	took, err := g.meet(rollLimit)
	if err != nil {
		return result.Row{}, err
	}
	p, s := float64(g.network.PacketBytes.Load()-packets)/float64(n), float64(g.network.StreamBytes.Load()-streams)/float64(n)
	return result.Row{Values: map[string]float64{
		"agreed": took.Seconds(), "false deaths": float64(l.wrong), "roll cpu": used.CPU.Seconds(),
		"packet bytes": p, "stream bytes": s, "all bytes": p + s,
	}}, nil
}
