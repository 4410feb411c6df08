package ether

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// Retransmission timeouts of TCP on a local network.
const (
	firstTimeout = time.Second
	laterTimeout = 200 * time.Millisecond
)

// errRefused is what dialling a host without a member returns, after a round trip.
var errRefused = errors.New("ether: connection refused")

// conn is one end of a stream.
type conn struct {
	net.Conn
	host     *Host
	from, to netip.AddrPort
}

// dial opens a stream. A host that is gone does not answer.
func (h *Host) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if !h.wait() {
		return nil, net.ErrClosed
	}
	opening := time.NewTimer(h.network.drawStream(firstTimeout) + h.network.drawStream(firstTimeout))
	defer opening.Stop()
	select {
	case <-opening.C:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-h.down:
		return nil, net.ErrClosed
	}
	peer := h.network.host(to)
	if peer == nil {
		select { // nothing answers
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-h.down:
			return nil, net.ErrClosed
		}
	}
	near, far := net.Pipe()
	select {
	case peer.streams <- &conn{Conn: far, host: peer, from: to, to: h.at}:
	default:
		return nil, errRefused
	}
	h.network.Streams.Add(1)
	return &conn{Conn: near, host: h, from: h.at, to: to}, nil
}

// Write takes as long as the bytes are under way. Large tables take as long as small
// ones: bandwidth is no part of this network.
func (c *conn) Write(b []byte) (int, error) {
	if !c.host.wait() {
		return 0, net.ErrClosed
	}
	c.host.network.StreamBytes.Add(int64(len(b)))
	transit := time.NewTimer(c.host.network.drawStream(laterTimeout))
	defer transit.Stop()
	select {
	case <-transit.C:
	case <-c.host.down:
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

// Read hangs while the host is blocked.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.host.wait() {
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *conn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.from) }
func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.to) }
