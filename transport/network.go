package transport

import (
	"math"
	"net/netip"
	"sync"
	"syscall"
)

const (
	// networkQueue is how many packets wait at an in-memory node before further
	// ones are dropped, as a socket buffer would. It holds what a few hundred
	// nodes send at once.
	networkQueue = 4096
	// networkBacklog is how many streams wait to be accepted before dialling has
	// to wait.
	networkBacklog = 128
	// networkFirstPort is where ports are counted from when a node asks for
	// port 0.
	networkFirstPort = 20000
)

// A LinkRule says whether something on the way from one node to another meets
// the rule. It is called by many goroutines at once, on the path of each packet,
// with the network locked: it must not call the network or its nodes.
type LinkRule func(from, to netip.AddrPort) bool

// A Network is a network in memory, for tests: its nodes are [Transport]s that
// reach each other and nothing else. It moves bytes, whole packets and streams
// with deadlines as sockets do, and loses packets only where a rule or a full
// queue says so. It adds no delay. It starts no goroutine and waits on channels
// and conditions only, so that it can be used inside a testing/synctest bubble.
//
// All methods may be called concurrently.
type Network struct {
	free chan *packet // delivered ones, so that sending does not allocate

	// mu guards what follows. It is taken before a pipe's own lock, never after.
	mu       sync.RWMutex
	nodes    map[netip.AddrPort]*memNode
	drop     LinkRule // may be nil
	severed  LinkRule // may be nil
	open     map[*memConn]struct{}
	nextPort uint16
}

type packet struct {
	from netip.AddrPort
	data []byte
}

func (n *Network) newPacket() *packet {
	select {
	case p := <-n.free:
		return p
	default:
		return new(packet)
	}
}

func (n *Network) recycle(p *packet) {
	select {
	case n.free <- p:
	default:
	}
}

// NewNetwork makes a network without nodes.
func NewNetwork() *Network {
	return &Network{
		free:     make(chan *packet, networkQueue),
		nodes:    make(map[netip.AddrPort]*memNode),
		open:     make(map[*memConn]struct{}),
		nextPort: networkFirstPort,
	}
}

// Listen adds a node at "ip:port". Any specific IP address will do, it need not
// exist on this machine; port 0 means a free port. Errors are *[AddrError]; an
// address that is taken wraps syscall.EADDRINUSE.
func (n *Network) Listen(addr string) (Transport, error) {
	host, port, err := splitHostPort(addr)
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil, &AddrError{Addr: addr, Problem: AddrBadIP, Err: err}
	}
	if ip.IsUnspecified() {
		return nil, &AddrError{Addr: addr, Problem: AddrUnspecified}
	}
	at := netip.AddrPortFrom(ip.Unmap(), port)

	n.mu.Lock()
	defer n.mu.Unlock()
	if port == 0 {
		if at, err = n.freePort(at.Addr()); err != nil {
			return nil, &AddrError{Addr: addr, Problem: AddrCannotBind, Err: err}
		}
	}
	if n.nodes[at] != nil {
		return nil, &AddrError{Addr: addr, Problem: AddrCannotBind, Err: syscall.EADDRINUSE}
	}
	node := &memNode{
		network: n,
		addr:    at,
		packets: make(chan *packet, networkQueue),
		backlog: make(chan *memConn, networkBacklog),
		closed:  make(chan struct{}),
	}
	n.nodes[at] = node
	return node, nil
}

// freePort is called with mu held. Ports are given out in order, so that a test
// sees the same ones in every run.
func (n *Network) freePort(ip netip.Addr) (netip.AddrPort, error) {
	for range math.MaxUint16 - networkFirstPort {
		at := netip.AddrPortFrom(ip, n.nextPort)
		n.nextPort++
		if n.nextPort == 0 {
			n.nextPort = networkFirstPort
		}
		if n.nodes[at] == nil {
			return at, nil
		}
	}
	return netip.AddrPort{}, syscall.EADDRINUSE
}

// DropPackets sets which packets get lost from now on; nil loses none. Streams
// are not concerned: on a lossy network TCP still delivers.
func (n *Network) DropPackets(rule LinkRule) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop = rule
}

// Sever sets which links are cut from now on; nil mends all. On a link that is
// cut packets get lost. A stream needs both directions: if either is cut, it
// cannot be opened, dialling waits until its context ends or the link is mended
// and the dial repeated; and those that were open are reset at both ends at
// once.
func (n *Network) Sever(rule LinkRule) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.severed = rule
	for c := range n.open {
		if n.isCut(c.local, c.remote) {
			c.reset()
		}
	}
}

// isCut is called with mu held, for reading at least.
func (n *Network) isCut(a, b netip.AddrPort) bool {
	return n.severed != nil && (n.severed(a, b) || n.severed(b, a))
}

// route returns the node that a packet reaches, or nil.
func (n *Network) route(from, to netip.AddrPort) *memNode {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.drop != nil && n.drop(from, to) || n.severed != nil && n.severed(from, to) {
		return nil
	}
	return n.nodes[to]
}

// connect opens a stream. A nil conn without an error means that the link is
// cut and nobody answers.
func (n *Network) connect(from, to netip.AddrPort) (dialled, accepted *memConn, peer *memNode, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.isCut(from, to) {
		return nil, nil, nil, nil
	}
	peer = n.nodes[to]
	if peer == nil {
		return nil, nil, nil, syscall.ECONNREFUSED
	}
	dialled, accepted = newMemConns(n, from, to)
	n.open[dialled], n.open[accepted] = struct{}{}, struct{}{}
	return dialled, accepted, peer, nil
}

func (n *Network) forget(c *memConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.open, c)
}
