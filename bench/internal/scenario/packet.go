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
// that is answered, gossip about 20 members of which nothing is new, both in clear and
// encrypted, and 20 keys that are all new.
func (p *Plan) packets() {
	alone(func() {
		for run := range p.Size.Runs {
			for _, key := range [][]byte{nil, secret()} {
				name := "ping" + encrypted(key)
				for _, k := range sidesOf(key) {
					p.turn("packet", name, k.String(), run, func() (result.Row, error) { return p.pings(k, key) })
				}
				p.turn("packet", name, side.Floor, run, func() (result.Row, error) { return p.floorPings(key) })
				name = "gossip of 20" + encrypted(key)
				for _, k := range sidesOf(key) {
					p.turn("packet", name, k.String(), run, func() (row result.Row, err error) {
						synctest.Test(p.T, func(*testing.T) { row, err = p.known(k, key) })
						return row, err
					})
				}
				p.turn("packet", name, side.Floor, run, func() (result.Row, error) { return p.floorKnown(key) })
			}
			p.valuePackets(run)
		}
	})
}

// encrypted is what is added to the name of a case.
func encrypted(key []byte) string {
	if key == nil {
		return ""
	}
	return ", encrypted"
}

// sidesOf are the sides of a case: what nekton does without compression on memberlist's wire
// is told by the case in clear.
func sidesOf(key []byte) []side.Kind {
	if key == nil {
		return side.All()
	}
	return side.All()[:4]
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

func (p *Plan) pings(k side.Kind, key []byte) (result.Row, error) {
	m, err := newFed(k, side.Setup{ID: "node", Pace: still(), Key: key})
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	ping := m.write.ping("node")
	row, err := p.measure(func(rounds int) error { return m.feed.Answered(rounds, ping) })
	if err == nil {
		row.Values["size"] = float64(len(ping))
	}
	return row, err
}

// floorWriter makes the packets of the floor, which are memberlist's, in clear.
func floorWriter() (*writer, error) { return newWriter(side.Memberlist, address(1), nil) }

func (p *Plan) floorPings(key []byte) (result.Row, error) {
	w, err := floorWriter()
	if err != nil {
		return result.Row{}, err
	}
	box, err := floor.NewBox(key)
	if err != nil {
		return result.Row{}, err
	}
	ping, out := box.Seal(nil, w.ping("node")), make([]byte, 0, 256)
	return p.measure(func(rounds int) error {
		for range rounds {
			if box.Answer(out[:0], box.Open(ping)) == nil {
				return fmt.Errorf("the floor cannot read a ping: %x", ping)
			}
		}
		return nil
	})
}

// known is gossip about 20 of 1000 members. It runs in a bubble, which tells when
// everything is at rest: memberlist handles gossip in the background.
func (p *Plan) known(k side.Kind, key []byte) (result.Row, error) {
	m, err := newFed(k, side.Setup{ID: "node", Pace: still(), Key: key})
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

func (p *Plan) floorKnown(key []byte) (result.Row, error) {
	w, err := floorWriter()
	if err != nil {
		return result.Row{}, err
	}
	box, err := floor.NewBox(key)
	if err != nil {
		return result.Row{}, err
	}
	table := floor.Table{}
	for _, b := range w.gossip(0, 1000, 1, none) {
		if got := table.Learn(b); got != perPacket {
			return result.Row{}, fmt.Errorf("the floor learns %d of 20", got)
		}
	}
	packet := box.Seal(nil, w.gossip(0, perPacket, 1, none)[0])
	return p.measure(func(rounds int) error {
		for range rounds {
			if table.Learn(box.Open(packet)) != 0 {
				return fmt.Errorf("the floor learns from %x", packet)
			}
		}
		return nil
	})
}
