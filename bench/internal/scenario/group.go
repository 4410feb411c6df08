package scenario

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// A group is a cluster of one side, in a bubble of virtual time and on one network
// there.
type group struct {
	kind    side.Kind
	network *ether.Network
	setup   side.Setup // of all members, but for id, medium and watch
	watch   func(observer string) side.Watch
	chance  *rand.Rand

	members []*member
	made    int // of members, ever
}

// member is one of a group.
type member struct {
	side.Member
	id     string
	number int
	host   *ether.Host
}

// bubble runs f with a fresh group.
func (p *Plan) bubble(k side.Kind, seed uint64, cfg ether.Config, f func(*group) (result.Row, error)) (row result.Row, err error) {
	synctest.Test(p.T, func(*testing.T) {
		g := &group{
			kind: k, network: ether.New(cfg), setup: side.Setup{Pace: peer.LAN()}, chance: rand.New(rand.NewPCG(seed, 1)),
			watch: func(string) side.Watch { return side.Watch{} },
		}
		defer g.end()
		row, err = f(g)
	})
	return row, err
}

// start adds a member, which is alone.
func (g *group) start() (*member, error) {
	m, err := g.startAt(g.made)
	if err != nil {
		return nil, err
	}
	g.made++
	g.members = append(g.members, m)
	return m, nil
}

// startAt starts a process under the name and at the address that have a number.
func (g *group) startAt(number int) (*member, error) {
	m := &member{id: id(number), number: number, host: g.network.Host(number + 1)}
	s := g.setup
	s.ID, s.Medium, s.Watch = m.id, m.host, g.watch(m.id)
	var err error
	m.Member, err = g.kind.Start(s)
	return m, err
}

// startWithin is the time within which the members of a new cluster join, each at a random
// moment. In the same instant of virtual time, all would hear of each other in step, as
// processes never do; gossip then misses much more, above all memberlist's.
const startWithin = 200 * time.Millisecond

// startAll adds n members, and joins all through the first.
func (g *group) startAll(n int) error {
	if g.setup.Store || g.kind == side.NektonV2 {
		g.setup.Peers = nil
		for i := range n {
			g.setup.Peers = append(g.setup.Peers, id(i))
		}
	}
	for range n {
		if _, err := g.start(); err != nil {
			return err
		}
	}
	errs := make([]error, n)
	var joining sync.WaitGroup
	for i, m := range g.members[1:] {
		later := time.Duration(g.chance.Int64N(int64(startWithin)))
		joining.Go(func() {
			time.Sleep(later)
			errs[i] = g.join(m, g.members[0].host.At())
		})
	}
	joining.Wait()
	return errors.Join(errs...)
}

// join joins a member through another one, and tries again if that fails.
func (g *group) join(m *member, seed netip.AddrPort) error {
	return insist(func() error { return m.Join(seed) }, func() { time.Sleep(time.Second) })
}

// insist tries ten times, as an application would: a stream is lost, or memberlist, which
// serves 128 push-pulls at a time, has turned the joiner away.
func insist(try func() error, pause func()) (err error) {
	for range 10 {
		if err = try(); err == nil {
			return nil
		}
		pause()
	}
	return err
}

// meet waits until all list all, and returns how long that took; it gives up after
// patience.
func (g *group) meet(patience time.Duration) (time.Duration, error) {
	began := time.Now()
	for {
		complete := 0
		for _, m := range g.members {
			if m.Alive() == len(g.members) {
				complete++
			}
		}
		if complete == len(g.members) {
			return time.Since(began), nil
		}
		if time.Since(began) >= patience {
			return 0, fmt.Errorf("after %v, %d of %d members list all", patience, complete, len(g.members))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// grow makes a group of n, which rests for a minute after all list all, so that no news
// is left.
func (g *group) grow(n int) error {
	if err := g.startAll(n); err != nil {
		return err
	}
	if _, err := g.meet(5 * time.Minute); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	return nil
}

// kill ends a member without a word.
func (g *group) kill(i int) *member {
	m := g.members[i]
	m.host.Down()
	m.Kill()
	g.members = append(g.members[:i:i], g.members[i+1:]...)
	return m
}

// end kills all, and lets what they have begun come to its end: the clock of a bubble
// stands still when its first goroutine has returned.
func (g *group) end() {
	for _, m := range g.members {
		m.host.Unblock()
		m.host.Down()
	}
	for _, m := range g.members {
		m.Kill()
	}
	time.Sleep(2 * time.Minute)
}

// ruler is what virtual scenarios compare: with virtual time, compression costs CPU and
// changes nothing else, so that memberlist without it has a part in [Plan.rest] only.
func ruler() []side.Kind { return []side.Kind{side.Memberlist, side.NektonV2, side.NektonV1} }

// virtually takes turns in virtual time.
func (p *Plan) virtually(scenario, name string, run int, sides []side.Kind, cfg func(seed uint64) ether.Config, f func(*group) (result.Row, error)) {
	for _, k := range sides {
		seed := uint64(run) + 1
		p.turn(scenario, name, k.String(), run, func() (result.Row, error) { return p.bubble(k, seed, cfg(seed), f) })
	}
}
