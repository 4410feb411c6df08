package scenario

import (
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// life measures what it costs to start a node on real sockets and to stop it without a
// word, one after another.
func (p *Plan) life() error {
	for run := range p.Size.Runs {
		for _, k := range ruler() {
			if err := p.turn("life", "start and stop", k.String(), run, func() (result.Row, error) {
				before := meter.Read()
				for range p.Size.Starts {
					m, err := k.Start(side.Setup{ID: "node", Pace: peer.LAN(), Medium: side.Loopback{Traffic: new(side.Traffic)}})
					if err != nil {
						return result.Row{}, err
					}
					m.Kill()
				}
				<-time.After(10 * time.Millisecond) // goroutines end
				return result.Row{Values: perUnit(meter.Read().Since(before), float64(p.Size.Starts))}, nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
