package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
)

const (
	// DefaultSocketBuffer is the size in bytes asked for the receive and the send
	// buffer of the UDP socket. Between two turns of a busy reader the system
	// keeps arriving packets there, and drops what does not fit.
	DefaultSocketBuffer = 2 << 20

	// portTries is how many ephemeral ports are tried until one is free for UDP
	// and TCP alike. On a machine so full that 32 in a row collide, more tries
	// would not help either.
	portTries = 32
)

// Config says where and how a [Socket] listens.
type Config struct {
	// Addr is "host:port". The host is an address of this machine, or a name for
	// one; 0.0.0.0 or nothing (":7000") means all IPv4 interfaces, [::] all
	// interfaces of both families. Port 0 means any port that is free for both UDP
	// and TCP. There is no default.
	Addr string

	// Resolver looks the host up if it is a name. Default [net.DefaultResolver].
	Resolver Resolver

	// ReadBuffer and WriteBuffer are the sizes in bytes of the buffers that the
	// system keeps for the UDP socket. They are a wish: a system with a lower
	// bound gives what it allows. Zero means [DefaultSocketBuffer], a negative
	// number leaves the system's default.
	ReadBuffer, WriteBuffer int
}

// A Socket is the [Transport] over the operating system's UDP and TCP, both on
// one port.
type Socket struct {
	udp    *net.UDPConn
	tcp    net.Listener
	addr   netip.AddrPort
	counts counters

	closed   chan struct{}
	close    sync.Once
	closeErr error // set within close
	dials    dials
}

var _ Transport = (*Socket)(nil)

// Listen opens UDP and TCP on the one address that cfg names, and nowhere else:
// an address that is wrong, not ours, or taken is an *[AddrError]. ctx bounds
// the look-up of a host name, not the life of the socket.
func Listen(ctx context.Context, cfg Config) (*Socket, error) {
	at, err := parseListenAddr(ctx, cfg.Resolver, cfg.Addr)
	if err != nil {
		return nil, err
	}
	tcp, udp, err := listenBoth(ctx, at)
	if err != nil {
		return nil, &AddrError{Addr: cfg.Addr, Problem: AddrCannotBind, Err: err}
	}
	setBuffer(udp.SetReadBuffer, cfg.ReadBuffer)
	setBuffer(udp.SetWriteBuffer, cfg.WriteBuffer)
	return &Socket{udp: udp, tcp: tcp, addr: AddrOf(udp.LocalAddr()), closed: make(chan struct{})}, nil
}

// listenBoth binds TCP and UDP to the one port that at names, or to a port of
// the system's choice.
func listenBoth(ctx context.Context, at netip.AddrPort) (net.Listener, *net.UDPConn, error) {
	tries := 1
	if at.Port() == 0 {
		tries = portTries
	}
	tcp := func() (net.Listener, error) { return listenTCP(ctx, streamListener(), at) }
	udp := func(port uint16) (*net.UDPConn, error) {
		same := netip.AddrPortFrom(at.Addr(), port)
		var lc net.ListenConfig
		conn, err := lc.ListenPacket(ctx, network("udp", at.Addr()), hostPort(same))
		if err != nil {
			return nil, err
		}
		return conn.(*net.UDPConn), nil
	}
	return onOnePort(tries, tcp, udp)
}

// onOnePort binds TCP first, to a port of the system's choice perhaps, and then
// UDP to the same. If that is taken it lets go of both and tries again.
func onOnePort(tries int, tcp func() (net.Listener, error), udp func(port uint16) (*net.UDPConn, error)) (net.Listener, *net.UDPConn, error) {
	var problem error
	for range tries {
		listener, err := tcp()
		if err != nil {
			return nil, nil, err
		}
		conn, err := udp(AddrOf(listener.Addr()).Port())
		if err == nil {
			return listener, conn, nil
		}
		problem = errors.Join(err, listener.Close())
	}
	return nil, nil, problem
}

// noKeepAlive keeps package net from asking the system to probe streams that are silent, which
// takes four calls of the system at either end. A stream has a deadline that is sooner.
const noKeepAlive = -1

// streamListener is how streams are listened for. They are short: a second path of the
// network would come too late.
func streamListener() net.ListenConfig {
	lc := net.ListenConfig{KeepAlive: noKeepAlive}
	lc.SetMultipathTCP(false)
	return lc
}

func listenTCP(ctx context.Context, lc net.ListenConfig, at netip.AddrPort) (net.Listener, error) {
	return lc.Listen(ctx, network("tcp", at.Addr()), hostPort(at))
}

// network names the family explicitly, because package net takes 0.0.0.0 without
// one for all addresses of both families. Only [::] means that here.
func network(name string, ip netip.Addr) string {
	switch {
	case ip.Is4():
		return name + "4"
	case ip.IsUnspecified():
		return name
	default:
		return name + "6"
	}
}

func hostPort(a netip.AddrPort) string {
	return net.JoinHostPort(a.Addr().String(), strconv.Itoa(int(a.Port())))
}

// setBuffer asks for size bytes, and for half as long as the system refuses.
// Linux grants what it allows without an error; others refuse. Whatever comes
// out is good enough: more packets may be lost in a burst, that is all.
func setBuffer(set func(int) error, size int) {
	if size == 0 {
		size = DefaultSocketBuffer
	}
	const smallest = 4 << 10
	for ; size >= smallest; size /= 2 {
		if set(size) == nil {
			return
		}
	}
}

// LocalAddr implements [Transport].
func (s *Socket) LocalAddr() netip.AddrPort { return s.addr }

// Stats implements [Transport].
func (s *Socket) Stats() Stats { return s.counts.snapshot() }

// ReadPacket implements [Transport].
func (s *Socket) ReadPacket(b []byte) (int, netip.AddrPort, error) {
	var failing streak
	for {
		n, from, err := s.udp.ReadFromUDPAddrPort(b)
		switch {
		case err == nil && n < len(b):
			s.counts.packetIn(n)
			return n, unmapped(from), nil
		case err == nil, isTooLong(err):
			s.counts.packetsTruncated.Add(1)
			return 0, netip.AddrPort{}, ErrTruncated
		case errors.Is(err, net.ErrClosed):
			return 0, netip.AddrPort{}, net.ErrClosed
		default:
			// Not a reason to stop listening. Some systems report here that an
			// earlier packet of ours found nobody (ICMP port unreachable).
			s.counts.packetReadErrors.Add(1)
			if !failing.waitOut(s.closed) {
				return 0, netip.AddrPort{}, net.ErrClosed
			}
		}
	}
}

// WritePacket implements [Transport]. A packet longer than the system can send
// is an error of the system (EMSGSIZE), and so is an address of a family that
// the socket was not opened for.
func (s *Socket) WritePacket(b []byte, to netip.AddrPort) error {
	if _, err := s.udp.WriteToUDPAddrPort(b, unmapped(to)); err != nil {
		if errors.Is(err, net.ErrClosed) {
			return net.ErrClosed
		}
		s.counts.packetWriteErrors.Add(1)
		return fmt.Errorf("transport: send %d bytes to %v: %w", len(b), to, err)
	}
	s.counts.packetOut(len(b))
	return nil
}

// Dial implements [Transport]. The stream comes from an ephemeral port, so its
// source says which host it comes from and not which node.
func (s *Socket) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	to = unmapped(to)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !s.dials.begin(&cancel) {
		return nil, net.ErrClosed
	}
	dialer := net.Dialer{KeepAlive: noKeepAlive}
	conn, err := dialer.DialContext(ctx, network("tcp", to.Addr()), hostPort(to))
	// Close may come too late to stop the dial. Whoever called it first must not see a
	// stream all the same.
	if !s.dials.end(&cancel) {
		if err == nil {
			_ = conn.Close()
		}
		return nil, net.ErrClosed
	}
	if err != nil {
		s.counts.dialErrors.Add(1)
		return nil, fmt.Errorf("transport: open a stream to %v: %w", to, err)
	}
	s.counts.streamsDialed.Add(1)
	return conn, nil
}

// Accept implements [Transport].
func (s *Socket) Accept() (net.Conn, error) {
	conn, err := acceptPatiently(s.tcp, s.closed, func() { s.counts.acceptErrors.Add(1) })
	if err != nil {
		return nil, err
	}
	s.counts.streamsAccepted.Add(1)
	return conn, nil
}

// acceptPatiently accepts from l until closed is closed. Every other error (a
// peer that gave up early, no file descriptor left) is noted and waited out: a
// node that stops accepting because its machine was short of something for a
// second would be deaf for ever.
func acceptPatiently(l net.Listener, closed <-chan struct{}, noted func()) (net.Conn, error) {
	var failing streak
	for {
		conn, err := l.Accept()
		if err == nil {
			return conn, nil
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, net.ErrClosed
		}
		noted()
		if !failing.waitOut(closed) {
			return nil, net.ErrClosed
		}
	}
}

// Close implements [Transport]. The port is free when it returns.
func (s *Socket) Close() error {
	s.close.Do(func() {
		close(s.closed)
		s.dials.giveUp()
		s.closeErr = errors.Join(s.udp.Close(), s.tcp.Close())
	})
	return s.closeErr
}
