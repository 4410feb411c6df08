package scenario

import (
	"github.com/nekton-go/nekton/bench/internal/floor"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// udp measures a ping and its ack over the loopback interface, one at a time: the whole
// process, the asker included, on one processor. In clear, encrypted, and with 20 keys
// riding on the ping that are all new.
func (p *Plan) udp() {
	alone(func() {
		for run := range p.Size.Runs {
			for _, key := range [][]byte{nil, secret()} {
				name := "ping" + encrypted(key)
				for _, k := range sidesOf(key) {
					p.turn("udp", name, k.String(), run, func() (result.Row, error) {
						return p.roundTrips(k, side.Setup{Key: key}, func(w *writer) packets { return again(w.ping("node")) })
					})
				}
				p.turn("udp", name, side.Floor, run, func() (result.Row, error) { return p.floorRoundTrips(key) })
			}
			p.turn("udp", "20 new keys", side.NektonV2.String(), run, func() (result.Row, error) {
				return p.roundTrips(side.NektonV2, side.Setup{Peers: []string{id(1)}}, newKeys)
			})
			p.turn("udp", "20 new keys", side.Floor, run, p.floorKeyTrips)
		}
	})
}

// packets makes what is sent in so many rounds.
type packets func(rounds int) [][]byte

// again sends the same packet each time.
func again(b []byte) packets { return func(int) [][]byte { return [][]byte{b} } }

func (p *Plan) roundTrips(k side.Kind, s side.Setup, what func(*writer) packets) (result.Row, error) {
	s.ID, s.Pace, s.Medium = "node", still(), side.Loopback{Traffic: new(side.Traffic)}
	m, err := k.Start(s)
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	a, err := newAsker()
	if err != nil {
		return result.Row{}, err
	}
	defer a.conn.Close()
	w, err := newWriter(k, a.addr(), s.Key)
	if err != nil {
		return result.Row{}, err
	}
	make := what(w)
	return p.measurePrepared(make, func(rounds int, b [][]byte) error { return a.ask(rounds, b, m.Addr()) })
}

func (p *Plan) floorRoundTrips(key []byte) (result.Row, error) {
	w, err := floorWriter()
	if err != nil {
		return result.Row{}, err
	}
	return p.askFloor(key, again(w.ping("node")))
}

func (p *Plan) floorKeyTrips() (result.Row, error) { return p.askFloor(nil, floorKeys()) }

func (p *Plan) askFloor(key []byte, what packets) (result.Row, error) {
	box, err := floor.NewBox(key)
	if err != nil {
		return result.Row{}, err
	}
	s, err := floor.Open(key)
	if err != nil {
		return result.Row{}, err
	}
	defer s.Close()
	a, err := newAsker()
	if err != nil {
		return result.Row{}, err
	}
	defer a.conn.Close()
	return p.measurePrepared(func(rounds int) [][]byte {
		all := what(rounds)
		for i, b := range all {
			all[i] = box.Seal(nil, b)
		}
		return all
	}, func(rounds int, b [][]byte) error { return a.ask(rounds, b, s.Addr()) })
}
