package cost

import (
	"context"
	"io"
	"log"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// self is where the member lives that is measured, and other where its peer does.
var (
	self  = netip.MustParseAddrPort("10.0.0.1:7946")
	other = netip.MustParseAddrPort("10.0.0.2:7946")
)

// burst is how many packets are under way at a time: few enough that memberlist, which
// queues 1,024 messages and drops the rest, handles all of 20 members each.
const burst = 16

// A subject is a member that takes packets without sockets.
type subject struct {
	give func(packet []byte, times int) // hands it a packet several times
	sent answers
}

// ask hands the member a packet that it answers, several times, and returns when it has
// answered all and is idle.
func (s *subject) ask(packet []byte, times int) {
	s.give(packet, times)
	for range times {
		<-s.sent
	}
	// What is queued behind the answers. On one processor this waits for it.
	for range 4 {
		runtime.Gosched()
	}
}

// answers has room for a token for each packet that a member sends, so that sending
// does not wait.
type answers chan struct{}

func newAnswers() answers { return make(answers, burst) }

// ourSubject is a node of nekton in which nothing happens by itself.
func ourSubject(b testing.TB, compress bool) *subject {
	m := &mute{in: make(chan []byte, burst), out: newAnswers(), closed: make(chan struct{})}
	n := nekton.NewNode(self.String(), "a", 1, types.GossipIntervals{}, "v1", "c", "", nekton.WithForeignMembers(),
		nekton.WithCompression(compress),
		nekton.WithTransport(func(context.Context, string) (transport.Transport, error) { return m, nil }))
	if err := n.Start(types.GossipStartConfiguration{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = n.Stop(0) })
	return &subject{give: func(p []byte, times int) {
		for range times {
			m.in <- p
		}
	}, sent: m.out}
}

// mute is a transport of nekton that carries what the benchmark gives it.
type mute struct {
	in     chan []byte
	out    answers
	closed chan struct{}
}

func (m *mute) LocalAddr() netip.AddrPort { return self }

func (m *mute) ReadPacket(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-m.in:
		return copy(b, p), other, nil
	case <-m.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (m *mute) WritePacket([]byte, netip.AddrPort) error { m.out <- struct{}{}; return nil }

func (m *mute) Dial(context.Context, netip.AddrPort) (net.Conn, error) { return nil, net.ErrClosed }
func (m *mute) Accept() (net.Conn, error)                              { <-m.closed; return nil, net.ErrClosed }
func (m *mute) Stats() transport.Stats                                 { return transport.Stats{} }

func (m *mute) Close() error {
	select {
	case <-m.closed:
	default:
		close(m.closed)
	}
	return nil
}

// theirSubject is a member of memberlist in which nothing happens by itself.
func theirSubject(b testing.TB, compress bool) *subject {
	m := &theirMute{in: make(chan *memberlist.Packet, burst), out: newAnswers(), streams: make(chan net.Conn)}
	c := memberlist.DefaultLANConfig()
	c.Name, c.Transport, c.Logger, c.EnableCompression = "av1", m, log.New(io.Discard, "", 0), compress
	c.ProbeInterval, c.GossipInterval, c.PushPullInterval = 0, 0, 0
	list, err := memberlist.Create(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = list.Shutdown() })
	from := net.UDPAddrFromAddrPort(other)
	return &subject{give: func(p []byte, times int) {
		for range times {
			m.in <- &memberlist.Packet{Buf: p, From: from, Timestamp: time.Now()}
		}
	}, sent: m.out}
}

// theirMute is the same for memberlist.
type theirMute struct {
	in      chan *memberlist.Packet
	out     answers
	streams chan net.Conn
}

func (m *theirMute) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IP(self.Addr().AsSlice()), int(self.Port()), nil
}

func (m *theirMute) WriteTo([]byte, string) (time.Time, error) {
	m.out <- struct{}{}
	return time.Now(), nil
}

func (m *theirMute) PacketCh() <-chan *memberlist.Packet { return m.in }
func (m *theirMute) StreamCh() <-chan net.Conn           { return m.streams }
func (m *theirMute) Shutdown() error                     { return nil }

func (m *theirMute) DialTimeout(string, time.Duration) (net.Conn, error) { return nil, net.ErrClosed }
