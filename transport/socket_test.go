package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func TestABadListenAddressIsAnErrorAndNeverAnotherAddress(t *testing.T) {
	taken := listen(t, "127.0.0.1:0")
	for _, tt := range []struct {
		addr string
		want AddrProblem
	}{
		{"", AddrEmpty},
		{"nonsense", AddrNoPort},
		{"127.0.0.1", AddrNoPort},
		{"127.0.0.1:x", AddrBadPort},
		{"127.0.0.1:70000", AddrBadPort},
		{"127.0.0.300:0", AddrBadIP},
		{"unknown.example:0", AddrUnknownHost},
		{"192.0.2.1:0", AddrCannotBind}, // a documentation address, on no machine
		{taken.LocalAddr().String(), AddrCannotBind},
	} {
		t.Run(tt.addr, func(t *testing.T) {
			s, err := Listen(within(t), Config{Addr: tt.addr, Resolver: names{}})
			if problemOf(err) != tt.want {
				t.Errorf("got %v, want problem %q", err, tt.want)
			}
			if s != nil {
				t.Errorf("listens on %v", s.LocalAddr())
				s.Close()
			}
		})
	}
}

func TestListeningOnAllInterfacesIsReachableOnLoopback(t *testing.T) {
	v6 := len(hosts(t)) > 1
	for _, tt := range []struct {
		addr      string
		bound     string
		reachable []string
		not       []string
		needs6    bool
	}{
		{addr: "0.0.0.0:0", bound: "0.0.0.0", reachable: []string{"127.0.0.1"}, not: []string{"::1"}},
		{addr: ":0", bound: "0.0.0.0", reachable: []string{"127.0.0.1"}, not: []string{"::1"}},
		{addr: "[::]:0", bound: "::", reachable: []string{"::1", "127.0.0.1"}, needs6: true},
		{addr: "loopback.example:0", bound: "127.0.0.1", reachable: []string{"127.0.0.1"}},
	} {
		t.Run(tt.addr, func(t *testing.T) {
			if tt.needs6 && !v6 {
				t.Skip("no IPv6 on this machine")
			}
			r := names{"loopback.example": {"127.0.0.1"}}
			s, err := Listen(within(t), Config{Addr: tt.addr, Resolver: r})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := s.LocalAddr().Addr().String(); got != tt.bound {
				t.Errorf("bound to %v, want %s", s.LocalAddr(), tt.bound)
			}
			in := inbox(t, s, PacketBuffer)
			for _, host := range tt.reachable {
				peer := listen(t, net.JoinHostPort(host, "0"))
				to := netip.AddrPortFrom(netip.MustParseAddr(host), s.LocalAddr().Port())
				if err := peer.WritePacket([]byte("hello"), to); err != nil {
					t.Fatal(err)
				}
				if got, want := receives(t, "a packet", in), peer.LocalAddr().String()+" hello"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				// And back to the address it came from.
				back := inbox(t, peer, PacketBuffer)
				if err := s.WritePacket([]byte("you too"), peer.LocalAddr()); err != nil {
					t.Fatal(err)
				}
				receives(t, "an answer", back)
				conn, err := peer.Dial(within(t), to)
				if err != nil {
					t.Fatal(err)
				}
				conn.Close()
			}
			for _, host := range tt.not {
				peer := listen(t, "127.0.0.1:0")
				to := netip.AddrPortFrom(netip.MustParseAddr(host), s.LocalAddr().Port())
				if conn, err := peer.Dial(within(t), to); err == nil {
					conn.Close()
					t.Errorf("%s is reachable at %v", tt.addr, to)
				}
			}
		})
	}
}

func TestAnEphemeralPortIsTheSameForPacketsAndStreams(t *testing.T) {
	var open []*Socket
	for range 50 {
		s := listen(t, "127.0.0.1:0")
		open = append(open, s)
		if s.LocalAddr().Port() == 0 || AddrOf(s.tcp.Addr()) != s.LocalAddr() {
			t.Fatalf("packets on %v, streams on %v", s.LocalAddr(), s.tcp.Addr())
		}
	}
	for _, s := range open {
		s.Close()
	}
}

func TestAnEphemeralPortThatIsTakenForPacketsIsTriedAgain(t *testing.T) {
	for _, tt := range []struct{ tries, taken int }{{1, 0}, {3, 2}, {1, 1}, {3, 3}} {
		var bound []net.Listener
		tcp := func() (net.Listener, error) {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			bound = append(bound, l)
			return l, err
		}
		errTaken := errors.New("taken")
		udp := func(uint16) (*net.UDPConn, error) {
			if len(bound) <= tt.taken {
				return nil, errTaken
			}
			return new(net.UDPConn), nil
		}
		got, _, err := onOnePort(tt.tries, tcp, udp)
		if tt.taken < tt.tries {
			if err != nil || got != bound[tt.taken] {
				t.Errorf("%d taken, %d tries: got %v, %v", tt.taken, tt.tries, got, err)
			}
		} else if !errors.Is(err, errTaken) || len(bound) != tt.tries {
			t.Errorf("%d taken, %d tries: got %v after %d", tt.taken, tt.tries, err, len(bound))
		}
		for i, l := range bound {
			if closed := errors.Is(l.Close(), net.ErrClosed); closed == (l == got) {
				t.Errorf("%d taken: port %d is left closed: %v", tt.taken, i, closed)
			}
		}
	}
}

func TestAPortTakenForPacketsAloneIsAnErrorThatLeavesNothingBound(t *testing.T) {
	free := listen(t, "127.0.0.1:0")
	at := free.LocalAddr().String()
	free.Close()
	udp, err := net.ListenPacket("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(within(t), Config{Addr: at}); problemOf(err) != AddrCannotBind {
		t.Fatalf("got %v", err)
	}
	udp.Close()
	listenAgain(t, at)
}

func TestAWishForSocketBuffersIsHalvedUntilItIsGranted(t *testing.T) {
	for _, tt := range []struct {
		wish, allowed int
		want          []int
	}{
		{wish: 0, allowed: DefaultSocketBuffer, want: []int{DefaultSocketBuffer}},
		{wish: 64 << 10, allowed: 20 << 10, want: []int{64 << 10, 32 << 10, 16 << 10}},
		{wish: 16 << 10, allowed: 0, want: []int{16 << 10, 8 << 10, 4 << 10}},
		{wish: -1, allowed: 1 << 30, want: nil},
	} {
		var asked []int
		setBuffer(func(n int) error {
			asked = append(asked, n)
			if n > tt.allowed {
				return errors.New("too large")
			}
			return nil
		}, tt.wish)
		if len(asked) != len(tt.want) {
			t.Errorf("wish %d: asked for %v, want %v", tt.wish, asked, tt.want)
			continue
		}
		for i := range asked {
			if asked[i] != tt.want[i] {
				t.Errorf("wish %d: asked for %v, want %v", tt.wish, asked, tt.want)
			}
		}
	}
}

// A flakyListener fails a number of times before each connection.
type flakyListener struct {
	net.Listener
	mu       sync.Mutex
	failures int
	closed   bool
}

func (l *flakyListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, net.ErrClosed
	}
	if l.failures > 0 {
		l.failures--
		return nil, errors.New("too many open files")
	}
	conn, other := net.Pipe()
	other.Close()
	return conn, nil
}

func TestAcceptOutlivesErrorsOfTheSystem(t *testing.T) {
	l := &flakyListener{failures: freeRetries + 3}
	noted := 0
	conn, err := acceptPatiently(l, nil, func() { noted++ })
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if noted != freeRetries+3 {
		t.Errorf("%d errors noted", noted)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	l.failures = 1 << 30
	if _, err := acceptPatiently(l, ctx.Done(), func() {}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed during a pause: %v", err)
	}
	if spent := 1<<30 - l.failures; spent > 100 {
		t.Errorf("%d attempts in 50 ms: it spins", spent)
	}
	l.closed = true
	if _, err := acceptPatiently(l, nil, func() {}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestConcurrentPacketsAndCloseAreSafe(t *testing.T) {
	a, b := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	in := inbox(t, b, PacketBuffer)
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for range 200 {
				if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil {
					if !errors.Is(err, net.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	receives(t, "a packet", in)
	for range 2 {
		senders.Go(func() { a.Close() })
	}
	senders.Wait()
}

func TestThePacketPathDoesNotAllocate(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		payload, buf := make([]byte, 1400), make([]byte, PacketBuffer)
		allocs := testing.AllocsPerRun(200, func() {
			if err := a.WritePacket(payload, b.LocalAddr()); err != nil {
				t.Error(err)
			}
			if n, from, err := b.ReadPacket(buf); n != len(payload) || from != a.LocalAddr() || err != nil {
				t.Errorf("got %d bytes from %v, %v", n, from, err)
			}
		})
		if allocs != 0 {
			t.Errorf("%v allocations to send and receive a packet", allocs)
		}
	})
}

func BenchmarkPacket(b *testing.B) {
	payload, buf := make([]byte, 1400), make([]byte, PacketBuffer)
	roundTrip := func(b *testing.B, one, two Transport) {
		b.ReportAllocs()
		b.SetBytes(int64(len(payload)))
		for b.Loop() {
			if err := one.WritePacket(payload, two.LocalAddr()); err != nil {
				b.Fatal(err)
			}
			if _, _, err := two.ReadPacket(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
	// One full packet over loopback, sent and received by one goroutine: the cost
	// of two system calls, without any waking up.
	b.Run("medium=socket", func(b *testing.B) {
		roundTrip(b, listen(b, "127.0.0.1:0"), listen(b, "127.0.0.1:0"))
	})
	b.Run("medium=memory", func(b *testing.B) {
		n := NewNetwork()
		roundTrip(b, listenIn(b, n, "10.0.0.1:7"), listenIn(b, n, "10.0.0.2:7"))
	})
}
