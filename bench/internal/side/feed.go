package side

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/transport"
)

// A Feed is a medium without packet sockets, for measuring what a library does with a
// packet: its transport always has the next one ready, and swallows what is sent.
// nekton reads by a call, memberlist from a channel; both are as each library wants
// them, and neither copies more than that requires. Streams are those of Under, if there
// is one.
type Feed struct {
	Under Medium         // nil: no streams
	From  netip.AddrPort // whom packets come from

	ours   bool               // a node of nekton reads it
	again  *memberlist.Packet // the latest one, for when it is delivered again
	sent   atomic.Int64
	wanted atomic.Int64
	full   chan struct{} // told when wanted packets were sent
	mu     sync.Mutex
	rounds chan round              // to nekton
	theirs chan *memberlist.Packet // to memberlist
	done   chan struct{}
}

// round is a run of packets: each, repeated.
type round struct {
	packets [][]byte
	repeat  int
}

// NewFeed makes one.
func NewFeed(under Medium) *Feed {
	return &Feed{
		Under: under, From: netip.MustParseAddrPort("127.0.0.1:1"), full: make(chan struct{}, 1),
		rounds: make(chan round), theirs: make(chan *memberlist.Packet), done: make(chan struct{}),
	}
}

// Sent is how many packets the member has sent.
func (f *Feed) Sent() int64 { return f.sent.Load() }

// Deliver hands packets to the member, all of them repeat times, and returns when the
// library has taken the last.
func (f *Feed) Deliver(repeat int, packets ...[]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ours {
		f.rounds <- round{packets, repeat}
		f.rounds <- round{} // taken when the node reads again, and so has handled all
		return
	}
	for range repeat {
		for _, p := range packets {
			f.theirs <- f.wrap(p)
		}
	}
}

// wrap is a packet as memberlist's transport hands it over. Packets that follow each
// other and are the same need only one, so that none of this is in its figures.
func (f *Feed) wrap(p []byte) *memberlist.Packet {
	if f.again == nil || &f.again.Buf[0] != &p[0] {
		f.again = &memberlist.Packet{Buf: p, From: net.UDPAddrFromAddrPort(f.From), Timestamp: time.Now()}
	}
	return f.again
}

// Answered delivers and waits until as many packets were sent as were delivered; the
// error is that some were not within a minute.
func (f *Feed) Answered(repeat int, packets ...[]byte) error {
	f.wanted.Store(f.sent.Load() + int64(repeat*len(packets)))
	f.Deliver(repeat, packets...)
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for f.sent.Load() < f.wanted.Load() {
		select {
		case <-f.full:
		case <-patience.C:
			return fmt.Errorf("side: %d packets have no answer", f.wanted.Load()-f.sent.Load())
		}
	}
	return nil
}

func (f *Feed) send() {
	if f.sent.Add(1) >= f.wanted.Load() {
		select {
		case f.full <- struct{}{}:
		default:
		}
	}
}

// Addr is that of the medium below, or an address of nobody.
func (f *Feed) Addr() string {
	if f.Under != nil {
		return f.Under.Addr()
	}
	return "127.0.0.1:7946"
}

// Nekton opens the feed for nekton.
func (f *Feed) Nekton(ctx context.Context, addr string) (transport.Transport, error) {
	f.ours = true
	t := &fedOurs{feed: f}
	if f.Under == nil {
		return t, nil
	}
	var err error
	t.Transport, err = f.Under.Nekton(ctx, addr)
	return t, err
}

// fedOurs is a Feed as nekton's transport. Only one goroutine reads packets.
type fedOurs struct {
	transport.Transport // of streams, or nil
	feed                *Feed
	now                 round
	next, left          int
	once                sync.Once
}

func (t *fedOurs) LocalAddr() netip.AddrPort {
	if t.Transport != nil {
		return t.Transport.LocalAddr()
	}
	return netip.MustParseAddrPort(t.feed.Addr())
}

func (t *fedOurs) ReadPacket(b []byte) (int, netip.AddrPort, error) {
	for t.left == 0 {
		select {
		case t.now = <-t.feed.rounds:
			t.next, t.left = 0, t.now.repeat*len(t.now.packets)
		case <-t.feed.done:
			return 0, netip.AddrPort{}, net.ErrClosed
		}
	}
	n := copy(b, t.now.packets[t.next])
	t.left--
	if t.next++; t.next == len(t.now.packets) {
		t.next = 0
	}
	return n, t.feed.From, nil
}

func (t *fedOurs) WritePacket([]byte, netip.AddrPort) error {
	t.feed.send()
	return nil
}

func (t *fedOurs) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if t.Transport == nil {
		return nil, net.ErrClosed
	}
	return t.Transport.Dial(ctx, to)
}

func (t *fedOurs) Accept() (net.Conn, error) {
	if t.Transport == nil {
		<-t.feed.done
		return nil, net.ErrClosed
	}
	return t.Transport.Accept()
}

func (t *fedOurs) Stats() transport.Stats { return transport.Stats{} }

func (t *fedOurs) Close() error {
	t.once.Do(func() { close(t.feed.done) })
	if t.Transport != nil {
		return t.Transport.Close()
	}
	return nil
}

// Memberlist opens the feed for memberlist.
func (f *Feed) Memberlist() (memberlist.Transport, error) {
	t := &fedTheirs{feed: f, streams: make(chan net.Conn)}
	if f.Under == nil {
		return t, nil
	}
	under, err := f.Under.Memberlist()
	t.under = under
	return t, err
}

// fedTheirs is a Feed as memberlist's transport.
type fedTheirs struct {
	feed    *Feed
	under   memberlist.Transport // of streams, or nil
	streams chan net.Conn        // of nobody
}

func (t *fedTheirs) FinalAdvertiseAddr(ip string, port int) (net.IP, int, error) {
	if t.under != nil {
		return t.under.FinalAdvertiseAddr(ip, port)
	}
	at := netip.MustParseAddrPort(t.feed.Addr())
	return net.IP(at.Addr().AsSlice()), int(at.Port()), nil
}

func (t *fedTheirs) WriteTo([]byte, string) (time.Time, error) {
	t.feed.send()
	return time.Now(), nil
}

func (t *fedTheirs) WriteToAddress([]byte, memberlist.Address) (time.Time, error) {
	return t.WriteTo(nil, "")
}

func (t *fedTheirs) PacketCh() <-chan *memberlist.Packet { return t.feed.theirs }

func (t *fedTheirs) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	if t.under == nil {
		return nil, net.ErrClosed
	}
	return t.under.DialTimeout(addr, timeout)
}

func (t *fedTheirs) DialAddressTimeout(addr memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return t.DialTimeout(addr.Addr, timeout)
}

func (t *fedTheirs) StreamCh() <-chan net.Conn {
	if t.under == nil {
		return t.streams
	}
	return t.under.StreamCh()
}

func (t *fedTheirs) Shutdown() error {
	if t.under != nil {
		return t.under.Shutdown()
	}
	return nil
}
