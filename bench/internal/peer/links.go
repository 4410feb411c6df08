package peer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/nekton-go/nekton/transport"
)

// ErrBlocked is what dialling over a blocked path returns.
var ErrBlocked = errors.New("peer: the path is blocked")

// A Rule says whether what goes from one address to another meets it.
type Rule func(from, to netip.AddrPort) bool

// Sent is something that a member has sent: one datagram, or what one call wrote to a
// stream. Bytes belong to whoever is told.
type Sent struct {
	From, To netip.AddrPort
	Stream   bool
	Bytes    []byte
}

// Links are the paths between the members of one test. Whatever a member sends passes
// here, so that a path can be blocked and traffic watched, whichever library sends it.
// The zero value has every path open. All methods may be called concurrently.
type Links struct {
	mu      sync.RWMutex
	packets Rule
	streams Rule
	watch   func(Sent)
}

// Block loses the packets and refuses the streams that meet a rule, from now on. A nil
// rule blocks nothing. A packet that is lost looks to its sender as if it were sent.
func (l *Links) Block(packets, streams Rule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.packets, l.streams = packets, streams
}

// Watch tells f of everything that is sent from now on, blocked packets included; nil
// ends it. f is called by many goroutines at once, and must not send.
func (l *Links) Watch(f func(Sent)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watch = f
}

// packet notes a datagram and reports whether it may pass.
func (l *Links) packet(b []byte, from, to netip.AddrPort) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.watch != nil {
		l.watch(Sent{From: from, To: to, Bytes: append([]byte(nil), b...)})
	}
	return l.packets == nil || !l.packets(from, to)
}

// stream reports whether a stream may be opened.
func (l *Links) stream(from, to netip.AddrPort) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.streams == nil || !l.streams(from, to)
}

// wrote notes what was written to a stream.
func (l *Links) wrote(b []byte, from, to netip.AddrPort) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.watch != nil {
		l.watch(Sent{From: from, To: to, Stream: true, Bytes: append([]byte(nil), b...)})
	}
}

// Over returns t with everything that it sends passing l.
func (l *Links) Over(t transport.Transport) transport.Transport {
	return &filtered{Transport: t, links: l}
}

// filtered is a transport whose sends pass a Links.
type filtered struct {
	transport.Transport
	links *Links
}

func (f *filtered) WritePacket(b []byte, to netip.AddrPort) error {
	if !f.links.packet(b, f.LocalAddr(), to) {
		return nil
	}
	return f.Transport.WritePacket(b, to)
}

func (f *filtered) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if !f.links.stream(f.LocalAddr(), to) {
		return nil, ErrBlocked
	}
	c, err := f.Transport.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	return &watched{Conn: c, links: f.links, from: f.LocalAddr(), to: to}, nil
}

func (f *filtered) Accept() (net.Conn, error) {
	c, err := f.Transport.Accept()
	if err != nil {
		return nil, err
	}
	return &watched{Conn: c, links: f.links, from: f.LocalAddr(), to: transport.AddrOf(c.RemoteAddr())}, nil
}

// watched is a stream whose writes are noted. On an accepted one, to has the port
// that the peer has dialled from.
type watched struct {
	net.Conn
	links    *Links
	from, to netip.AddrPort
}

func (w *watched) Write(b []byte) (int, error) {
	w.links.wrote(b, w.from, w.to)
	return w.Conn.Write(b)
}
