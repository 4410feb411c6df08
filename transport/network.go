package transport

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
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

// A memNode is the transport of one node of a [Network].
type memNode struct {
	network *Network
	addr    netip.AddrPort
	packets chan *packet
	backlog chan *memConn
	counts  counters

	close  sync.Once
	closed chan struct{}
}

func (m *memNode) LocalAddr() netip.AddrPort { return m.addr }

func (m *memNode) Stats() Stats { return m.counts.snapshot() }

func (m *memNode) ReadPacket(b []byte) (int, netip.AddrPort, error) {
	for {
		select {
		case <-m.closed:
			return 0, netip.AddrPort{}, net.ErrClosed
		default:
		}
		select {
		case <-m.closed:
			return 0, netip.AddrPort{}, net.ErrClosed
		case p := <-m.packets:
			n, from := copy(b, p.data), p.from
			m.network.recycle(p)
			if n == len(b) { // the contract of Transport: it may have been cut short
				m.counts.packetsTruncated.Add(1)
				continue
			}
			m.counts.packetIn(n)
			return n, from, nil
		}
	}
}

func (m *memNode) WritePacket(b []byte, to netip.AddrPort) error {
	select {
	case <-m.closed:
		return net.ErrClosed
	default:
	}
	if len(b) > MaxPacket {
		m.counts.packetWriteErrors.Add(1)
		return fmt.Errorf("transport: send %d bytes to %v: %w", len(b), to, syscall.EMSGSIZE)
	}
	m.counts.packetOut(len(b))
	peer := m.network.route(m.addr, unmapped(to))
	if peer == nil {
		return nil
	}
	p := m.network.newPacket()
	p.from, p.data = m.addr, append(p.data[:0], b...)
	select {
	case peer.packets <- p:
	default:
		peer.counts.packetsDropped.Add(1)
		m.network.recycle(p)
	}
	return nil
}

func (m *memNode) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	conn, err := m.dial(ctx, unmapped(to))
	if errors.Is(err, net.ErrClosed) {
		return nil, err
	}
	if err != nil {
		m.counts.dialErrors.Add(1)
		return nil, fmt.Errorf("transport: open a stream to %v: %w", to, err)
	}
	m.counts.streamsDialed.Add(1)
	return conn, nil
}

func (m *memNode) dial(ctx context.Context, to netip.AddrPort) (*memConn, error) {
	select {
	case <-m.closed:
		return nil, net.ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dialled, accepted, peer, err := m.network.connect(m.addr, to)
	if err != nil {
		return nil, err
	}
	// A link that is cut, below, is a backlog that never has room.
	var backlog chan *memConn
	var gone chan struct{}
	if peer != nil {
		backlog, gone = peer.backlog, peer.closed
	}
	select {
	case backlog <- accepted:
		// The peer may have been closed meanwhile, after it emptied its backlog.
		select {
		case <-gone:
			peer.emptyBacklog()
		default:
		}
		return dialled, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-m.closed:
		err = net.ErrClosed
	case <-gone:
		err = syscall.ECONNREFUSED
	}
	if dialled != nil {
		dialled.Close()
		accepted.Close()
	}
	return nil, err
}

func (m *memNode) Accept() (net.Conn, error) {
	select {
	case <-m.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case <-m.closed:
		return nil, net.ErrClosed
	case c := <-m.backlog:
		m.counts.streamsAccepted.Add(1)
		return c, nil
	}
}

func (m *memNode) Close() error {
	m.close.Do(func() {
		m.network.mu.Lock()
		delete(m.network.nodes, m.addr)
		m.network.mu.Unlock()
		close(m.closed)
		m.emptyBacklog()
	})
	return nil
}

// emptyBacklog resets the streams that nobody is going to accept.
func (m *memNode) emptyBacklog() {
	for {
		select {
		case c := <-m.backlog:
			c.reset()
			c.Close()
		default:
			return
		}
	}
}
