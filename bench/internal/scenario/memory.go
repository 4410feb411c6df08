package scenario

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// memory measures the heap of one node for each member that it knows, with 32 bytes of
// metadata: right after it has learnt of them by gossip, when each is still waiting to
// be told on, and when gossip has come to rest. Time is virtual, since that takes an
// hour with 50,000.
func (p *Plan) memory() {
	for run := range min(p.Size.Runs, 2) {
		for _, n := range p.Size.Tables {
			if n > 10000 && run > 0 {
				continue
			}
			for _, k := range ruler() {
				p.turn("memory", describe(n), k.String(), run, func() (row result.Row, err error) {
					synctest.Test(p.T, func(*testing.T) { row, err = heapPerMember(k, n) })
					return row, err
				})
			}
			if run == 0 {
				content := float64(contentLen + metaLen)
				p.computed("memory", describe(n), "name, address, incarnation and metadata, and nothing else",
					result.Row{Values: map[string]float64{"drained": content, "full": content}})
			}
		}
	}
}

func heapPerMember(k side.Kind, n int) (result.Row, error) {
	// The packets are made before anything is weighed, and are no part of it.
	pace := peer.Pace{Gossip: 200 * time.Millisecond, SuspicionMult: 4, ProbeTimeout: 500 * time.Millisecond}
	m, err := newFed(k, side.Setup{ID: "node", Pace: pace})
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	packets := m.write.gossip(0, n, 1, some)
	before, used := meter.Heap(), meter.Read()
	m.learn(packets, synctest.Wait)
	learnt := meter.Read().Since(used)
	full := meter.Heap()
	if got := m.Alive(); got != n+1 {
		return result.Row{}, fmt.Errorf("knows %d members, not %d", got, n+1)
	}
	// A node that has not sent for ten rounds has nothing left to send.
	for sent := int64(-1); sent != m.feed.Sent(); {
		sent = m.feed.Sent()
		time.Sleep(10 * pace.Gossip)
	}
	drained := meter.Heap()
	runtime.KeepAlive(packets) // or they would be missing in what is weighed
	per := float64(n)
	return result.Row{Values: map[string]float64{
		"full": float64(int64(full)-int64(before)) / per, "drained": float64(int64(drained)-int64(before)) / per,
		"cpu": learnt.CPU.Seconds() / per, "sent": float64(m.feed.Sent()),
	}}, nil
}
