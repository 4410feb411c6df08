package scenario

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/floor"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// keysPerNode is how many keys a node publishes, as in a cluster of libopenstorage/gossip.
const keysPerNode = 20

// valuePackets measures 20 keys of one node, all of them new, at another. On nekton's
// wire they are one packet, a ping on which they ride, so that the ack tells when they
// are handled. On memberlist's they travel by push-pull, in the gob of libopenstorage/gossip
// with all that the two nodes know, so that one push-pull is measured instead, both ends.
func (p *Plan) valuePackets(run int) {
	p.turn("packet", "20 new keys", side.NektonV2.String(), run, p.fedKeys)
	p.turn("packet", "20 new keys", side.Floor, run, p.floorFedKeys)
	for _, k := range []side.Kind{side.Memberlist, side.Plain, side.NektonV1, side.NektonV1Plain} {
		p.turn("packet", "20 new keys", k.String(), run, func() (result.Row, error) {
			return p.bubble(k, uint64(run)+1, ether.LAN(uint64(run)+1), pulledKeys)
		})
	}
}

// measurePrepared is measure for packets of which each may be handled once: what makes
// them is no part of the figures.
func (p *Plan) measurePrepared(make packets, f func(rounds int, b [][]byte) error) (result.Row, error) {
	for rounds := 100; ; rounds *= 3 {
		b := make(rounds)
		before := meter.Read()
		if err := f(rounds, b); err != nil {
			return result.Row{}, err
		}
		used := meter.Read().Since(before)
		if rounds > 100 && used.CPU >= p.Size.PacketTime { // the first are to warm
			row := result.Row{Values: perUnit(used, float64(rounds))}
			row.Values["size"] = float64(len(b[0]))
			return row, nil
		}
	}
}

// newKeys makes pings with 20 new values of a member, each later than the one before.
func newKeys(w *writer) packets {
	owner, version := id(1), 0
	s, err := store.New(store.Config{Self: types.NodeId(owner), Generation: 1})
	if err != nil {
		panic(err) // of a constant configuration
	}
	s.BeginLife(store.Life{Generation: 1, Boot: uint64(boot().UnixMilli())})
	alive, values := w.alive(1, 1, nil), store.NewRegistry()
	return func(rounds int) [][]byte {
		all := make([][]byte, rounds)
		for i := range all {
			_, held, _ := s.Version(types.NodeId(owner))
			version++
			for key := range keysPerNode {
				b, err := values.Encode(keyValue(key, version))
				if err == nil {
					err = s.Set(boot(), types.StoreKey(fmt.Sprint("key", key)), b)
				}
				if err != nil {
					panic(err) // of a small text
				}
			}
			rumour := swim.Message{Kind: swim.KindRumour, Body: s.AppendRumour(nil, types.NodeId(owner), held, 1300)}
			if version == 1 {
				all[i] = w.ping("node", alive, rumour)
			} else {
				all[i] = w.ping("node", rumour)
			}
		}
		return all
	}
}

func (p *Plan) fedKeys() (result.Row, error) {
	m, err := newFed(side.NektonV2, side.Setup{ID: "node", Pace: still(), Peers: []string{id(1)}})
	if err != nil {
		return result.Row{}, err
	}
	defer m.Kill()
	sent := 0
	make := newKeys(m.write)
	row, err := p.measurePrepared(func(rounds int) [][]byte { sent += rounds; return make(rounds) },
		func(_ int, b [][]byte) error { return m.feed.Answered(1, b...) })
	if want := keyValue(7, sent); err == nil && m.Reads(id(1), "key7") != want {
		err = fmt.Errorf("after %d packets the value is %q, not %q", sent, m.Reads(id(1), "key7"), want)
	}
	return row, err
}

// floorKeys is newKeys in the floor's own form.
func floorKeys() packets {
	version := uint32(0)
	return func(rounds int) [][]byte {
		all := make([][]byte, rounds)
		for i := range all {
			version++
			var pairs [][2]string
			for key := range keysPerNode {
				pairs = append(pairs, [2]string{fmt.Sprint("key", key), keyValue(key, int(version))})
			}
			all[i] = floor.AppendValues(nil, version, pairs)
		}
		return all
	}
}

func (p *Plan) floorFedKeys() (result.Row, error) {
	var held floor.Values
	return p.measurePrepared(floorKeys(), func(_ int, b [][]byte) error {
		for _, message := range b {
			if !held.Learn(message) {
				return fmt.Errorf("the floor does not take in %x", message)
			}
		}
		return nil
	})
}

// pulledKeys has two nodes push and pull every second, of which one changes 20 keys
// meanwhile, and returns what a push-pull costs.
func pulledKeys(g *group) (result.Row, error) {
	g.setup.Store = true
	g.setup.Pace.PushPull = time.Second
	g.setup.Pace.Probe, g.setup.Pace.Gossip = time.Hour, 0 // memberlist ends its push-pulls only if it ticks
	if err := g.startAll(2); err != nil {
		return result.Row{}, err
	}
	time.Sleep(10 * time.Second)
	const rounds = 100
	streams, bytes, before := g.network.Streams.Load(), g.network.StreamBytes.Load(), meter.Read()
	for round := range rounds {
		if err := publish(g.members[1], round); err != nil {
			return result.Row{}, err
		}
		time.Sleep(time.Second)
	}
	used, count := meter.Read().Since(before), float64(g.network.Streams.Load()-streams)
	time.Sleep(2 * time.Second)
	want := keyValue(7, rounds-1)
	if got := g.members[0].Reads(g.members[1].id, "key7"); got != want || count == 0 {
		return result.Row{}, fmt.Errorf("after %v push-pulls the value is %q, not %q", count, got, want)
	}
	row := result.Row{Values: perUnit(used, count)}
	delete(row.Values, "wall")
	row.Values["size"] = float64(g.network.StreamBytes.Load()-bytes) / count
	return row, nil
}

func keyValue(key, round int) string { return fmt.Sprintf("%032d", round*keysPerNode+key) }

// publish sets all keys of a member.
func publish(m side.Member, round int) error {
	for key := range keysPerNode {
		if err := m.Publish(fmt.Sprint("key", key), keyValue(key, round)); err != nil {
			return err
		}
	}
	return nil
}
