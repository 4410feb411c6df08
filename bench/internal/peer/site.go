package peer

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/transport"
)

// A Site is where the members of one test live: the loopback interface of this
// machine, or a network in memory, which may be used inside a testing/synctest bubble.
// All methods may be called concurrently.
type Site struct {
	// Links are the paths between all members of the site, except those of [Old],
	// which has sockets of its own.
	Links Links

	network *transport.Network // nil: loopback

	mu   sync.Mutex
	next byte // of the hosts in memory
}

// Loopback is a site of real sockets.
func Loopback() *Site { return &Site{} }

// InMemory is a site without sockets. Every member that asks for no address in
// particular has a host of its own, 10.0.0.1, 10.0.0.2 ….
func InMemory() *Site { return &Site{network: transport.NewNetwork()} }

// Addr is where a new member can listen.
func (s *Site) Addr() netip.AddrPort {
	if s.network == nil {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, s.next}), 7946)
}

// Listen opens a transport of nekton, for nekton.WithTransport.
func (s *Site) Listen(ctx context.Context, addr string) (transport.Transport, error) {
	t, err := s.listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	return s.Links.Over(t), nil
}

func (s *Site) listen(ctx context.Context, addr string) (transport.Transport, error) {
	if s.network != nil {
		return s.network.Listen(addr)
	}
	return transport.Listen(ctx, transport.Config{Addr: addr})
}

// memberlistTransport opens a transport of memberlist: its own on loopback.
func (s *Site) memberlistTransport(at netip.AddrPort, log *Journal) (memberlist.Transport, error) {
	if s.network != nil {
		t, err := s.Listen(context.Background(), at.String())
		if err != nil {
			return nil, err
		}
		return adapt(t), nil
	}
	inner, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{
		BindAddrs: []string{at.Addr().String()}, BindPort: int(at.Port()), Logger: log.Logger(),
	})
	if err != nil {
		return nil, err
	}
	self := netip.AddrPortFrom(at.Addr(), uint16(inner.GetAutoBindPort()))
	return &loopback{NetTransport: inner, links: &s.Links, self: self}, nil
}

// loopback is memberlist's own transport, whose sends pass a Links.
type loopback struct {
	*memberlist.NetTransport
	links *Links
	self  netip.AddrPort
}

func (l *loopback) WriteTo(b []byte, addr string) (time.Time, error) {
	return l.WriteToAddress(b, memberlist.Address{Addr: addr})
}

func (l *loopback) WriteToAddress(b []byte, addr memberlist.Address) (time.Time, error) {
	to, err := netip.ParseAddrPort(addr.Addr)
	if err != nil {
		return time.Time{}, err
	}
	if !l.links.packet(b, l.self, to) {
		return time.Now(), nil
	}
	return l.NetTransport.WriteToAddress(b, addr)
}

func (l *loopback) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return l.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

func (l *loopback) DialAddressTimeout(addr memberlist.Address, timeout time.Duration) (net.Conn, error) {
	to, err := netip.ParseAddrPort(addr.Addr)
	if err != nil {
		return nil, err
	}
	if !l.links.stream(l.self, to) {
		return nil, ErrBlocked
	}
	c, err := l.NetTransport.DialAddressTimeout(addr, timeout)
	if err != nil {
		return nil, err
	}
	return &watched{Conn: c, links: l.links, from: l.self, to: to}, nil
}

// adapted is a transport of nekton as memberlist wants it.
type adapted struct {
	inner   transport.Transport
	packets chan *memberlist.Packet
	streams chan net.Conn
	done    chan struct{}
	once    sync.Once
	group   sync.WaitGroup
}

func adapt(t transport.Transport) *adapted {
	a := &adapted{
		inner: t, packets: make(chan *memberlist.Packet), streams: make(chan net.Conn), done: make(chan struct{}),
	}
	a.group.Go(a.readPackets)
	a.group.Go(a.readStreams)
	return a
}

func (a *adapted) readPackets() {
	buf := make([]byte, transport.PacketBuffer)
	for {
		n, from, err := a.inner.ReadPacket(buf)
		if err != nil {
			return // closed
		}
		p := &memberlist.Packet{
			Buf: append([]byte(nil), buf[:n]...), From: net.UDPAddrFromAddrPort(from), Timestamp: time.Now(),
		}
		select {
		case a.packets <- p:
		case <-a.done:
			return
		}
	}
}

func (a *adapted) readStreams() {
	for {
		c, err := a.inner.Accept()
		if err != nil {
			return // closed
		}
		select {
		case a.streams <- c:
		case <-a.done:
			_ = c.Close()
			return
		}
	}
}

func (a *adapted) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	at := a.inner.LocalAddr()
	return net.IP(at.Addr().AsSlice()), int(at.Port()), nil
}

func (a *adapted) WriteTo(b []byte, addr string) (time.Time, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return time.Time{}, fmt.Errorf("peer: %w", err)
	}
	return time.Now(), a.inner.WritePacket(b, to)
}

func (a *adapted) PacketCh() <-chan *memberlist.Packet { return a.packets }

func (a *adapted) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return a.inner.Dial(ctx, to)
}

func (a *adapted) StreamCh() <-chan net.Conn { return a.streams }

func (a *adapted) Shutdown() error {
	a.once.Do(func() { close(a.done) })
	err := a.inner.Close()
	a.group.Wait()
	return err
}
