package side

import (
	"context"
	"io"
	"log"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/transport"
)

// Traffic counts what members have sent, at the boundary of their sockets: headers of
// IP, UDP and TCP are not in it.
type Traffic struct {
	Packets, PacketBytes atomic.Int64
	Streams, StreamBytes atomic.Int64 // streams that were dialled; bytes in both directions
}

func (t *Traffic) packet(b []byte) {
	t.Packets.Add(1)
	t.PacketBytes.Add(int64(len(b)))
}

// Loopback is the loopback interface, any port.
type Loopback struct{ Traffic *Traffic }

// Addr is 127.0.0.1:0.
func (Loopback) Addr() string { return "127.0.0.1:0" }

// Nekton opens nekton's own sockets.
func (l Loopback) Nekton(ctx context.Context, addr string) (transport.Transport, error) {
	t, err := transport.Listen(ctx, transport.Config{Addr: addr})
	if err != nil {
		return nil, err
	}
	return &counted{t, l.Traffic}, nil
}

// Memberlist opens memberlist's own transport.
func (l Loopback) Memberlist() (memberlist.Transport, error) {
	t, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{
		BindAddrs: []string{"127.0.0.1"}, Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		return nil, err
	}
	return &countedTheirs{t, l.Traffic}, nil
}

// counted counts what nekton sends.
type counted struct {
	transport.Transport
	traffic *Traffic
}

func (c *counted) WritePacket(b []byte, to netip.AddrPort) error {
	c.traffic.packet(b)
	return c.Transport.WritePacket(b, to)
}

func (c *counted) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	conn, err := c.Transport.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	return c.traffic.stream(conn), nil
}

// countedTheirs counts what memberlist sends. It is aware of nodes, as what it wraps
// is, so that memberlist puts nothing of its own around it.
type countedTheirs struct {
	*memberlist.NetTransport
	traffic *Traffic
}

func (c *countedTheirs) WriteTo(b []byte, addr string) (time.Time, error) {
	c.traffic.packet(b)
	return c.NetTransport.WriteTo(b, addr)
}

func (c *countedTheirs) WriteToAddress(b []byte, addr memberlist.Address) (time.Time, error) {
	c.traffic.packet(b)
	return c.NetTransport.WriteToAddress(b, addr)
}

func (c *countedTheirs) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return c.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

func (c *countedTheirs) DialAddressTimeout(addr memberlist.Address, timeout time.Duration) (net.Conn, error) {
	conn, err := c.NetTransport.DialAddressTimeout(addr, timeout)
	if err != nil {
		return nil, err
	}
	return c.traffic.stream(conn), nil
}

// stream counts a stream that was dialled, both ways at that end.
func (t *Traffic) stream(c net.Conn) net.Conn {
	t.Streams.Add(1)
	return &countedConn{c, t}
}

type countedConn struct {
	net.Conn
	traffic *Traffic
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.traffic.StreamBytes.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.traffic.StreamBytes.Add(int64(n))
	return n, err
}
