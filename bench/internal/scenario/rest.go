package scenario

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/floor"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
	"github.com/nekton-go/nekton/transport"
)

// rest measures what a cluster at rest costs in virtual time, per node and second:
// no kernel and no wake-ups, so that the protocol alone is left. The floor is a program
// that pings its neighbour once a second on the same network.
func (p *Plan) rest() {
	alone(func() {
		for run := range min(p.Size.Runs, 2) {
			for i, n := range p.Size.Virtual {
				if run > 0 && i > 0 {
					continue // large ones take long, and virtual time does not scatter
				}
				f := func(g *group) (result.Row, error) { return p.resting(g, n) }
				p.virtually("rest", describe(n), run, side.All(), ether.LAN, f)
				p.turn("rest", describe(n), side.Floor, run, func() (row result.Row, err error) {
					synctest.Test(p.T, func(*testing.T) { row, err = p.floorRest(n, uint64(run)+1) })
					return row, err
				})
			}
		}
	})
}

func (p *Plan) resting(g *group, n int) (result.Row, error) {
	before := meter.Read()
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	joined := meter.Read().Since(before)
	row := g.watched(p.Size.Minutes, n)
	row.Values["join cpu"] = joined.CPU.Seconds()
	return row, nil
}

// watched lets time pass, and returns the usage per node and second.
func (g *group) watched(d time.Duration, n int) result.Row {
	packets, bytes, streams := g.network.Packets.Load(), g.network.PacketBytes.Load(), g.network.StreamBytes.Load()
	before := meter.Read()
	time.Sleep(d)
	used := meter.Read().Since(before)
	units := d.Seconds() * float64(n)
	row := result.Row{Values: perUnit(used, units)}
	delete(row.Values, "wall")
	row.Values["packets"] = float64(g.network.Packets.Load()-packets) / units
	row.Values["packet bytes"] = float64(g.network.PacketBytes.Load()-bytes) / units
	row.Values["stream bytes"] = float64(g.network.StreamBytes.Load()-streams) / units
	return row
}

func (p *Plan) floorRest(n int, seed uint64) (result.Row, error) {
	g := &group{network: ether.New(ether.LAN(seed))}
	w, err := floorWriter()
	if err != nil {
		return result.Row{}, err
	}
	ping := w.ping("node")
	var hosts []transport.Transport
	var group sync.WaitGroup
	for i := range n {
		h, err := g.network.Host(i+1).Nekton(p.T.Context(), "")
		if err != nil {
			return result.Row{}, err
		}
		hosts = append(hosts, h)
		group.Go(func() {
			in, out := make([]byte, 2048), make([]byte, 0, 64)
			for {
				size, from, err := h.ReadPacket(in)
				if err != nil {
					return // closed
				}
				if b := floor.Answer(out[:0], in[:size]); b != nil {
					_ = h.WritePacket(b, from) // an ack; as lost as any
				}
			}
		})
	}
	defer group.Wait()
	stop := make(chan struct{})
	for i, h := range hosts {
		defer h.Close()
		group.Go(func() {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					_ = h.WritePacket(ping, hosts[(i+1)%n].LocalAddr())
				case <-stop:
					return
				}
			}
		})
	}
	defer close(stop)
	return g.watched(p.Size.Minutes, n), nil
}
