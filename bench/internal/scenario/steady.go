package scenario

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/nekton-go/nekton/bench/internal/floor"
	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// steady measures what a cluster of real sockets costs while nothing happens, per node
// and second, all in one process: on the LAN settings, encrypted, and on those of
// libopenstorage/gossip with 20 keys per node. The floor is as many bare sockets, each of
// which is asked once a second; with keys, as often as there are probes and comparisons
// of tables together.
func (p *Plan) steady() {
	for run := range min(p.Size.Runs, 2) {
		for _, n := range p.Size.Steady {
			if run > 0 && n != p.Size.Stored {
				continue // these take long, and say what the others say
			}
			s := realGroup{n: n, window: p.Size.Window, setup: side.Setup{Pace: peer.LAN()}}
			p.steadyCase("LAN, "+describe(n), run, s, time.Second, side.All()[:4])
		}
	}
	n := p.Size.Stored
	s := realGroup{n: n, window: p.Size.Window, setup: side.Setup{Pace: peer.LAN(), Key: secret()}}
	p.steadyCase("LAN, encrypted, "+describe(n), 0, s, time.Second, ruler())
	pace := openStorage()
	s.setup = side.Setup{Pace: pace, Store: true}
	p.steadyCase("StoreMap, "+describe(n), 0, s, time.Duration(1/(1/float64(pace.Probe)+1/float64(pace.PushPull))), ruler())
}

func (p *Plan) steadyCase(name string, run int, s realGroup, period time.Duration, sides []side.Kind) {
	for _, k := range sides {
		p.turn("steady", name, k.String(), run, func() (result.Row, error) { return s.watched(k) })
	}
	p.turn("steady", name, side.Floor, run, func() (result.Row, error) { return s.bare(period) })
}

// realGroup is a cluster on loopback.
type realGroup struct {
	n      int
	window time.Duration
	setup  side.Setup
}

func (r realGroup) watched(k side.Kind) (result.Row, error) {
	goroutines, heap := quiet(), meter.Heap()
	var traffic side.Traffic
	s := r.setup
	s.Medium = side.Loopback{Traffic: &traffic}
	if s.Store {
		for i := range r.n {
			s.Peers = append(s.Peers, id(i))
		}
	}
	members, err := startReal(k, s, r.n)
	defer func() {
		for _, m := range members {
			m.Kill()
		}
	}()
	if err != nil {
		return result.Row{}, err
	}
	if s.Store {
		for _, m := range members {
			if err := publish(m, 0); err != nil {
				return result.Row{}, err
			}
		}
	}
	if err := meetReal(members); err != nil {
		return result.Row{}, err
	}
	if s.Store {
		<-time.After(r.window) // values travel by push-pull
	}
	r.comeToRest(&traffic)
	values := map[string]float64{
		"goroutines": float64(runtime.NumGoroutine()-goroutines) / float64(r.n),
		"heap":       float64(int64(meter.Heap())-int64(heap)) / float64(r.n),
	}
	packets, bytes := traffic.Packets.Load(), traffic.PacketBytes.Load()
	streams, streamBytes := traffic.Streams.Load(), traffic.StreamBytes.Load()
	before := meter.Read()
	<-time.After(r.window)
	used := meter.Read().Since(before)
	units := used.Wall.Seconds() * float64(r.n)
	row := result.Row{Values: perUnit(used, units)}
	delete(row.Values, "wall")
	values["packets"] = float64(traffic.Packets.Load()-packets) / units
	values["packet bytes"] = float64(traffic.PacketBytes.Load()-bytes) / units
	values["streams"] = float64(traffic.Streams.Load()-streams) / units
	values["stream bytes"] = float64(traffic.StreamBytes.Load()-streamBytes) / units
	for name, v := range values {
		row.Values[name] = v
	}
	for i, m := range members {
		if got := m.Alive(); got != r.n {
			return row, fmt.Errorf("member %d lists %d of %d at the end", i, got, r.n)
		}
	}
	return row, nil
}

// comeToRest waits until the news of the joins have been told: until packets are those of
// probes and of comparisons, a ping and an ack in each interval, and a quarter more.
// Whoever is not there after six windows is measured as it is.
func (r realGroup) comeToRest(t *side.Traffic) {
	const most, step = 6, 5
	perNode := 1.25 * 2 * (1/r.setup.Pace.Probe.Seconds() + 1/r.setup.Pace.PushPull.Seconds())
	for range most * step {
		packets, began := t.Packets.Load(), time.Now()
		<-time.After(r.window / step)
		if sent := float64(t.Packets.Load() - packets); sent <= perNode*float64(r.n)*time.Since(began).Seconds() {
			return
		}
	}
}

// quiet waits until the goroutines of the turn before have ended, some of which wait for
// timeouts of seconds, and returns how many there are.
func quiet() int {
	count, since := runtime.NumGoroutine(), time.Now()
	for end := since.Add(15 * time.Second); time.Now().Before(end) && time.Since(since) < time.Second; <-time.After(50 * time.Millisecond) {
		if n := runtime.NumGoroutine(); n != count {
			count, since = n, time.Now()
		}
	}
	return count
}

// startReal starts n members that join through the first, a few at a time, and once
// more when all are there: what gossip would have to repair is no part of the steady
// state.
func startReal(k side.Kind, s side.Setup, n int) ([]side.Member, error) {
	var members []side.Member
	for i := range n {
		s.ID = id(i)
		m, err := k.Start(s)
		if err != nil {
			return members, err
		}
		members = append(members, m)
	}
	errs := make([]error, 2*n)
	for round := range 2 {
		var joining sync.WaitGroup
		slots := make(chan struct{}, 8)
		for i, m := range members[1:] {
			joining.Go(func() {
				slots <- struct{}{}
				errs[round*n+i] = insist(func() error { return m.Join(members[0].Addr()) }, func() { <-time.After(time.Second) })
				<-slots
			})
		}
		joining.Wait()
		<-time.After(100 * time.Millisecond) // the first may merge after a joiner is done
	}
	return members, errors.Join(errs...)
}

// meetReal waits until all list all. What gossip missed comes by push-pull: with
// memberlist that takes up to two minutes.
func meetReal(members []side.Member) error {
	for end := time.Now().Add(3 * time.Minute); ; <-time.After(50 * time.Millisecond) {
		complete := 0
		for _, m := range members {
			if m.Alive() == len(members) {
				complete++
			}
		}
		if complete == len(members) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d members list all", complete, len(members))
		}
	}
}

// bare is the floor of a group: sockets that are asked once in each period.
func (r realGroup) bare(period time.Duration) (result.Row, error) {
	n := r.n
	goroutines, heap := quiet(), meter.Heap()
	var sockets []*floor.Socket
	defer func() {
		for _, s := range sockets {
			s.Close()
		}
	}()
	for range n {
		s, err := floor.Open(r.setup.Key)
		if err != nil {
			return result.Row{}, err
		}
		sockets = append(sockets, s)
	}
	w, err := floorWriter()
	if err != nil {
		return result.Row{}, err
	}
	box, err := floor.NewBox(r.setup.Key)
	if err != nil {
		return result.Row{}, err
	}
	ping := box.Seal(nil, w.ping("node"))
	values := map[string]float64{
		"goroutines": float64(runtime.NumGoroutine()-goroutines) / float64(n),
		"heap":       float64(int64(meter.Heap())-int64(heap)) / float64(n),
	}
	before := meter.Read()
	if err := floor.Probe(sockets, ping, period, r.window); err != nil {
		return result.Row{}, err
	}
	used := meter.Read().Since(before)
	row := result.Row{Values: perUnit(used, used.Wall.Seconds()*float64(n))}
	delete(row.Values, "wall")
	for name, v := range values {
		row.Values[name] = v
	}
	acks := int64(0)
	for _, s := range sockets {
		acks += s.Acks()
	}
	if acks == 0 {
		return row, errors.New("nobody was answered")
	}
	return row, nil
}
