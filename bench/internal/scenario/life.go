package scenario

import (
	"net"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// life measures what it costs to start a node on real sockets and to stop it without a
// word, one after another. The floor is a UDP socket and a TCP listener.
func (p *Plan) life() {
	for run := range p.Size.Runs {
		for _, k := range ruler() {
			p.turn("life", "start and stop", k.String(), run, func() (result.Row, error) {
				return p.lives(func() error {
					m, err := k.Start(side.Setup{ID: "node", Pace: peer.LAN(), Medium: side.Loopback{Traffic: new(side.Traffic)}})
					if err == nil {
						m.Kill()
					}
					return err
				})
			})
		}
		p.turn("life", "start and stop", side.Floor, run, func() (result.Row, error) { return p.lives(bareLife) })
	}
}

func (p *Plan) lives(one func() error) (result.Row, error) {
	before := meter.Read()
	for range p.Size.Starts {
		if err := one(); err != nil {
			return result.Row{}, err
		}
	}
	<-time.After(10 * time.Millisecond) // goroutines end
	return result.Row{Values: perUnit(meter.Read().Since(before), float64(p.Size.Starts))}, nil
}

func bareLife() error {
	packets, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	streams, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		_ = packets.Close()
		return err
	}
	_ = packets.Close()
	return streams.Close()
}
