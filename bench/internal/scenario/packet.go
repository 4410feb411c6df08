package scenario

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/nekton-go/nekton/bench/internal/floor"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// packets measures what one packet costs without sockets, on one processor: a ping
// that is answered, and gossip about 20 members of which nothing is new.
func (p *Plan) packets() error {
	return alone(func() error {
		for run := range p.Size.Runs {
			for _, k := range side.All() {
				if err := p.turn("packet", "ping", k.String(), run, func() (result.Row, error) { return p.pings(k) }); err != nil {
					return err
				}
			}
			if err := p.turn("packet", "ping", side.Floor, run, p.floorPings); err != nil {
				return err
			}
			for _, k := range side.All() {
				if err := p.turn("packet", "gossip of 20", k.String(), run, func() (row result.Row, err error) {
					synctest.Test(p.T, func(*testing.T) { row, err = p.known(k) })
					return row, err
				}); err != nil {
					return err
				}
			}
			if err := p.turn("packet", "gossip of 20", side.Floor, run, p.floorKnown); err != nil {
				return err
			}
		}
		return nil
	})
}

// measure calls f with more and more rounds until it has taken long enough, and
// returns the usage per round.
func (p *Plan) measure(f func(rounds int) error) (result.Row, error) {
	if err := f(100); err != nil { // warm
		return result.Row{}, err
	}
	for rounds := 100; ; rounds *= 3 {
		before := meter.Read()
		if err := f(rounds); err != nil {
			return result.Row{}, err
		}
		used := meter.Read().Since(before)
		if used.CPU >= p.Size.PacketTime {
			return result.Row{Values: perUnit(used, float64(rounds))}, nil
		}
	}
}

func (p *Plan) pings(k side.Kind) (result.Row, error) {
	m, err := newFed(k, "node", still(), nil)
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	ping := m.write.ping("node")
	row, err := p.measure(func(rounds int) error { m.feed.Answered(rounds, ping); return nil })
	if err == nil {
		row.Values["size"] = float64(len(ping))
	}
	return row, err
}

func (p *Plan) floorPings() (result.Row, error) {
	w, err := newWriter(side.Memberlist, address(1))
	if err != nil {
		return result.Row{}, err
	}
	ping, out := w.ping("node"), make([]byte, 0, 64)
	return p.measure(func(rounds int) error {
		for range rounds {
			if floor.Answer(out[:0], ping) == nil {
				return fmt.Errorf("the floor cannot read a ping: %x", ping)
			}
		}
		return nil
	})
}

// known is gossip about 20 of 1000 members. It runs in a bubble, which tells when
// everything is at rest: memberlist handles gossip in the background.
func (p *Plan) known(k side.Kind) (result.Row, error) {
	m, err := newFed(k, "node", still(), nil)
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	m.learn(m.write.gossip(0, 1000, 1, none), synctest.Wait)
	packet := m.write.gossip(0, perPacket, 1, none)[0]
	packets := make([][]byte, batch)
	for i := range packets {
		packets[i] = packet
	}
	row, err := p.measure(func(rounds int) error {
		for left := rounds; left > 0; left -= batch {
			m.learn(packets[:min(left, batch)], synctest.Wait)
		}
		return nil
	})
	if err != nil {
		return row, err
	}
	if got := m.Alive(); got != 1001 {
		return row, fmt.Errorf("lists %d members, not 1001", got)
	}
	row.Values["size"] = float64(len(packet))
	return row, nil
}

func (p *Plan) floorKnown() (result.Row, error) {
	w, err := newWriter(side.Memberlist, address(1))
	if err != nil {
		return result.Row{}, err
	}
	table := floor.Table{}
	for _, b := range w.gossip(0, 1000, 1, none) {
		if got := table.Learn(b); got != perPacket {
			return result.Row{}, fmt.Errorf("the floor learns %d of 20", got)
		}
	}
	packet := w.gossip(0, perPacket, 1, none)[0]
	return p.measure(func(rounds int) error {
		for range rounds {
			if table.Learn(packet) != 0 {
				return fmt.Errorf("the floor learns from %x", packet)
			}
		}
		return nil
	})
}

// udp measures a ping and its ack over the loopback interface, one at a time: the whole
// process, the asker included, on one processor.
func (p *Plan) udp() error {
	return alone(func() error {
		for run := range p.Size.Runs {
			for _, k := range side.All() {
				if err := p.turn("udp", "ping", k.String(), run, func() (result.Row, error) { return p.roundTrips(k) }); err != nil {
					return err
				}
			}
			if err := p.turn("udp", "ping", side.Floor, run, p.floorRoundTrips); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Plan) roundTrips(k side.Kind) (result.Row, error) {
	m, err := k.Start(side.Setup{ID: "node", Pace: still(), Medium: side.Loopback{Traffic: new(side.Traffic)}})
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	a, err := newAsker()
	if err != nil {
		return result.Row{}, err
	}
	defer a.conn.Close()
	w, err := newWriter(k, a.addr())
	if err != nil {
		return result.Row{}, err
	}
	ping := w.ping("node")
	return p.measure(func(rounds int) error { return a.ask(rounds, ping, m.Addr()) })
}

func (p *Plan) floorRoundTrips() (result.Row, error) {
	s, err := floor.Open()
	if err != nil {
		return result.Row{}, err
	}
	defer s.Close()
	a, err := newAsker()
	if err != nil {
		return result.Row{}, err
	}
	defer a.conn.Close()
	w, err := newWriter(side.Memberlist, a.addr())
	if err != nil {
		return result.Row{}, err
	}
	ping := w.ping("node")
	return p.measure(func(rounds int) error { return a.ask(rounds, ping, s.Addr()) })
}
