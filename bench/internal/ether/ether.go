// Package ether is a network in memory for bubbles of virtual time (testing/synctest),
// with latency, loss and hosts that hang, equal for every library that is attached
// to it.
//
// # What it does to what is sent
//
// A packet takes a time drawn evenly from Config.Delay, and is lost with probability
// Config.Loss on its way. A stream takes a round trip to open; what is written to it
// takes the same time as a packet. With Config.LossyStreams it meets loss as TCP does:
// what is lost comes a retransmission timeout later, 1 s for the first packet of a
// stream and 200 ms for others, doubled each time.
//
// A host that is blocked neither sends nor receives: its library hangs in every call,
// as in a process that is stopped, and goes on where it was. A host that is down has
// lost everything.
//
// # How it is built
//
// Each packet is a timer of its own. That costs 1 to 3 µs a packet, which every side
// pays; the floor of the virtual scenarios is measured on the same network. Chance comes
// from a seed, but the libraries' own does not in each case, and goroutines run in any
// order: runs are alike, and not equal.
package ether

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what the network is like.
type Config struct {
	Seed         uint64
	Delay        [2]time.Duration // one way: least and most
	Loss         float64          // 0 to 1, each way
	LossyStreams bool
}

// LAN is a network with a one-way delay of 0.2 to 1.2 ms and no loss.
func LAN(seed uint64) Config {
	return Config{Seed: seed, Delay: [2]time.Duration{200 * time.Microsecond, 1200 * time.Microsecond}}
}

// A Network connects hosts. All methods may be called concurrently; it belongs to the
// bubble in which it was made.
type Network struct {
	Packets, PacketBytes atomic.Int64 // sent
	Streams, StreamBytes atomic.Int64 // opened; written, both ways

	mu     sync.Mutex
	cfg    Config
	chance *rand.Rand
	hosts  map[netip.AddrPort]*Host
}

// New makes a network without hosts.
func New(cfg Config) *Network {
	return &Network{cfg: cfg, chance: rand.New(rand.NewPCG(cfg.Seed, 0)), hosts: map[netip.AddrPort]*Host{}}
}

// SetLoss changes the loss, from now on.
func (n *Network) SetLoss(loss float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cfg.Loss = loss
}

// draw is the fate of a packet.
func (n *Network) draw() (delay time.Duration, lost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.drawLocked()
}

func (n *Network) drawLocked() (delay time.Duration, lost bool) {
	spread := n.cfg.Delay[1] - n.cfg.Delay[0]
	return n.cfg.Delay[0] + time.Duration(n.chance.Int64N(int64(spread)+1)), n.cfg.Loss > 0 && n.chance.Float64() < n.cfg.Loss
}

// drawStream is how long something takes on a stream, whose first retransmission
// timeout is timeout.
func (n *Network) drawStream(timeout time.Duration) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	total := time.Duration(0)
	for {
		delay, lost := n.drawLocked()
		if !lost || !n.cfg.LossyStreams {
			return total + delay
		}
		total += timeout
		timeout *= 2
	}
}

func (n *Network) host(at netip.AddrPort) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hosts[at]
}

// Host adds a host. Its address is 10.x.y.z:7946 by number.
func (n *Network) Host(number int) *Host {
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(number >> 16), byte(number >> 8), byte(number)}), 7946)
	h := &Host{network: n, at: at, inbox: make(chan packet, inboxLen), streams: make(chan *conn, inboxLen), down: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[at] = h
	return h
}

// send puts a packet on its way. It keeps no part of b.
func (n *Network) send(b []byte, from *Host, to netip.AddrPort) {
	n.Packets.Add(1)
	n.PacketBytes.Add(int64(len(b)))
	delay, lost := n.draw()
	if lost {
		return
	}
	p := packet{b: append([]byte(nil), b...), from: from.at}
	time.AfterFunc(delay, func() {
		if h := n.host(to); h != nil {
			h.receive(p)
		}
	})
}
