package ether

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/transport"
)

// inboxLen is how many packets wait at a host, as in the buffer of a socket.
const inboxLen = 1024

// A Host has one address, and one member of either library on it. It is a Medium of
// package side.
type Host struct {
	network *Network
	at      netip.AddrPort
	inbox   chan packet             // of nekton
	theirs  chan *memberlist.Packet // of memberlist, instead of inbox
	streams chan *conn
	down    chan struct{}
	once    sync.Once

	mu      sync.Mutex
	blocked chan struct{} // closed when it goes on; nil if it is not blocked
}

type packet struct {
	b    []byte
	from netip.AddrPort
}

// Addr is the address of the host.
func (h *Host) Addr() string { return h.at.String() }

// At is the address of the host.
func (h *Host) At() netip.AddrPort { return h.at }

// Block lets the host hang until Unblock. Both may be called again without effect.
func (h *Host) Block() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.blocked == nil {
		h.blocked = make(chan struct{})
	}
}

// Unblock lets it go on.
func (h *Host) Unblock() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.blocked != nil {
		close(h.blocked)
		h.blocked = nil
	}
}

// Down takes the host away, without a word to anybody.
func (h *Host) Down() {
	h.once.Do(func() {
		h.network.mu.Lock()
		if h.network.hosts[h.at] == h {
			delete(h.network.hosts, h.at)
		}
		h.network.mu.Unlock()
		close(h.down)
	})
}

// wait returns when the host is not blocked, or false when it is down.
func (h *Host) wait() bool {
	for {
		h.mu.Lock()
		blocked := h.blocked
		h.mu.Unlock()
		select {
		case <-h.down:
			return false
		default:
		}
		if blocked == nil {
			return true
		}
		select {
		case <-blocked:
		case <-h.down:
			return false
		}
	}
}

// receive puts a packet in the inbox, as soon as the host is not blocked. What does not
// fit is lost.
func (h *Host) receive(p packet) {
	if !h.wait() {
		return
	}
	if h.theirs == nil {
		select {
		case h.inbox <- p:
		default:
		}
		return
	}
	select {
	case h.theirs <- &memberlist.Packet{Buf: p.b, From: net.UDPAddrFromAddrPort(p.from), Timestamp: time.Now()}:
	default:
	}
}

// Nekton attaches a node of nekton.
func (h *Host) Nekton(context.Context, string) (transport.Transport, error) {
	return (*oursAt)(h), nil
}

// oursAt is a host as nekton's transport.
type oursAt Host

func (t *oursAt) host() *Host               { return (*Host)(t) }
func (t *oursAt) LocalAddr() netip.AddrPort { return t.at }

func (t *oursAt) ReadPacket(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-t.inbox:
		return copy(b, p.b), p.from, nil
	case <-t.down:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (t *oursAt) WritePacket(b []byte, to netip.AddrPort) error {
	if !t.host().wait() {
		return net.ErrClosed
	}
	t.network.send(b, t.host(), to)
	return nil
}

func (t *oursAt) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	return t.host().dial(ctx, to)
}

func (t *oursAt) Accept() (net.Conn, error) {
	select {
	case c := <-t.streams:
		return c, nil
	case <-t.down:
		return nil, net.ErrClosed
	}
}

func (t *oursAt) Stats() transport.Stats { return transport.Stats{} }

func (t *oursAt) Close() error {
	t.host().Down()
	return nil
}

// Memberlist attaches a member of memberlist.
func (h *Host) Memberlist() (memberlist.Transport, error) {
	h.theirs = make(chan *memberlist.Packet, inboxLen)
	t := &theirsAt{Host: h, accepted: make(chan net.Conn)}
	t.group.Go(func() {
		for {
			select {
			case c := <-h.streams:
				select {
				case t.accepted <- c:
				case <-h.down:
					_ = c.Close()
					return
				}
			case <-h.down:
				return
			}
		}
	})
	return t, nil
}

// theirsAt is a host as memberlist's transport. It is aware of nodes, so that memberlist
// puts nothing around it.
type theirsAt struct {
	*Host
	accepted chan net.Conn
	group    sync.WaitGroup
}

func (t *theirsAt) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IP(t.at.Addr().AsSlice()), int(t.at.Port()), nil
}

func (t *theirsAt) WriteTo(b []byte, addr string) (time.Time, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return time.Time{}, err
	}
	if !t.wait() {
		return time.Time{}, net.ErrClosed
	}
	now := time.Now()
	t.network.send(b, t.Host, to)
	return now, nil
}

func (t *theirsAt) WriteToAddress(b []byte, addr memberlist.Address) (time.Time, error) {
	return t.WriteTo(b, addr.Addr)
}

func (t *theirsAt) PacketCh() <-chan *memberlist.Packet { return t.theirs }

func (t *theirsAt) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return t.dial(ctx, to)
}

func (t *theirsAt) DialAddressTimeout(addr memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return t.DialTimeout(addr.Addr, timeout)
}

func (t *theirsAt) StreamCh() <-chan net.Conn { return t.accepted }

func (t *theirsAt) Shutdown() error {
	t.Down()
	t.group.Wait()
	return nil
}
