package scenario

import (
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
)

// join measures how long a new cluster takes until every member lists every other one:
// all join through the first, each at a random moment within 200 ms.
func (p *Plan) join() {
	n := p.Size.Group
	for run := range p.Size.Joins {
		p.virtually("join", describe(n), run, ruler(), ether.LAN, func(g *group) (result.Row, error) {
			before, began := meter.Read(), time.Now()
			if err := g.startAll(n); err != nil {
				return result.Row{}, err
			}
			if _, err := g.meet(5 * time.Minute); err != nil {
				return result.Row{}, err
			}
			packets, streams := float64(g.network.PacketBytes.Load()), float64(g.network.StreamBytes.Load())
			return result.Row{
				Values: map[string]float64{
					"cpu":          meter.Read().Since(before).CPU.Seconds(),
					"packet bytes": packets, "stream bytes": streams, "all bytes": packets + streams,
				},
				Samples: map[string][]float64{"time": {time.Since(began).Seconds()}},
			}, nil
		})
	}
	p.computed("join", describe(n), "time: "+howSpreading+"; bytes: name, address and incarnation of each, once to each other member",
		once(map[string]float64{"all bytes": float64(n * (n - 1) * contentLen)}, map[string]float64{"time": spreading(n)}))
}
