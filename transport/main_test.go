package transport

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails the package when a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test on real sockets waits for.
const patience = 10 * time.Second

// within is a context that ends when the test has waited long enough.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	ctx := within(t)
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("did not happen within %v: %s", patience, what)
		}
	}
}

// receives waits for what c delivers.
func receives[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-within(t).Done():
		t.Fatalf("did not happen within %v: %s", patience, what)
		panic("unreachable")
	}
}

// hosts are the loopback addresses of this machine.
func hosts(t testing.TB) []string {
	t.Helper()
	found := []string{"127.0.0.1"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		found = append(found, "::1")
		l.Close()
	}
	return found
}

func listen(t testing.TB, addr string) *Socket {
	t.Helper()
	s, err := Listen(within(t), Config{Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// listenAgain listens at an address that has been given up. Another program may
// hold its port for a moment, as the near end of a connection.
func listenAgain(t testing.TB, addr string) *Socket {
	t.Helper()
	var s *Socket
	eventually(t, "listening again at "+addr, func() bool {
		var err error
		s, err = Listen(within(t), Config{Addr: addr})
		return err == nil
	})
	t.Cleanup(func() { s.Close() })
	return s
}

func listenIn(t testing.TB, n *Network, addr string) Transport {
	t.Helper()
	m, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
