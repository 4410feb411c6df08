package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

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
			return 0, netip.AddrPort{}, ErrTruncated
		}
		m.counts.packetIn(n)
		return n, from, nil
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
