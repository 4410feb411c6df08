package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestANetworkRefusesAddressesThatAreNone(t *testing.T) {
	n := NewNetwork()
	listenIn(t, n, "10.0.0.1:7")
	for _, tt := range []struct {
		addr string
		want AddrProblem
	}{
		{"", AddrEmpty},
		{"10.0.0.2", AddrNoPort},
		{"10.0.0.2:x", AddrBadPort},
		{"localhost:7", AddrBadIP},
		{":7", AddrBadIP},
		{"0.0.0.0:7", AddrUnspecified},
		{"[::]:7", AddrUnspecified},
		{"10.0.0.1:7", AddrCannotBind},
		{"[::ffff:10.0.0.1]:7", AddrCannotBind},
	} {
		if _, err := n.Listen(tt.addr); problemOf(err) != tt.want {
			t.Errorf("%q: got %v, want problem %q", tt.addr, err, tt.want)
		}
	}
	if _, err := n.Listen("10.0.0.1:7"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("an address that is taken: %v", err)
	}
}

func TestANetworkGivesOutPortsInOrderAndNoneTwice(t *testing.T) {
	n := NewNetwork()
	listenIn(t, n, "10.0.0.1:20001")
	for _, want := range []string{"10.0.0.1:20000", "10.0.0.1:20002", "10.0.0.1:20003"} {
		if got := listenIn(t, n, "10.0.0.1:0").LocalAddr(); got != ap(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	n.nextPort = 65535
	for _, want := range []string{"10.0.0.1:65535", "10.0.0.1:20004"} {
		if got := listenIn(t, n, "10.0.0.1:0").LocalAddr(); got != ap(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestANodeCanBeRestartedAtItsAddress(t *testing.T) {
	n := NewNetwork()
	listenIn(t, n, "10.0.0.1:7").Close()
	listenIn(t, n, "10.0.0.1:7")
}

// arrives reports whether a packet from a gets to b.
func arrives(t *testing.T, a, b Transport) bool {
	t.Helper()
	before := len(b.(*memNode).packets)
	if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	return len(b.(*memNode).packets) > before
}

func TestPacketsGetLostWhereTheRuleSaysAndStreamsDoNot(t *testing.T) {
	n := NewNetwork()
	a, b := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7")
	n.DropPackets(func(from, to netip.AddrPort) bool { return from == a.LocalAddr() && to == b.LocalAddr() })
	if arrives(t, a, b) {
		t.Error("a packet arrives against the rule")
	}
	if !arrives(t, b, a) {
		t.Error("the other direction is lost too")
	}
	conn, err := a.Dial(within(t), b.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	n.DropPackets(nil)
	if !arrives(t, a, b) {
		t.Error("without a rule packets get lost")
	}
}

func TestASeveredLinkLosesPacketsInItsDirectionAndStreamsInBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork()
		a, b, c := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7"), listenIn(t, n, "10.0.0.3:7")
		cut, other := dialled(t, a, b), dialled(t, a, c)
		blocked := make(chan error, 1)
		go func() {
			_, err := cut[1].Read(make([]byte, 1))
			blocked <- err
		}()
		synctest.Wait()

		n.Sever(func(from, to netip.AddrPort) bool { return from == b.LocalAddr() && to == a.LocalAddr() })
		if err := <-blocked; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the reader of a stream that is cut hears %v", err)
		}
		for _, end := range cut {
			if _, err := end.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the writer of a stream that is cut hears %v", err)
			}
		}
		if _, err := other[0].Write([]byte("x")); err != nil {
			t.Errorf("another stream is cut, too: %v", err)
		}
		if arrives(t, b, a) || !arrives(t, a, b) {
			t.Error("not exactly the packets from b to a get lost")
		}
		for _, link := range [][2]Transport{{a, b}, {b, a}} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			begin := time.Now()
			if _, err := link[0].Dial(ctx, link[1].LocalAddr()); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("dialling over the cut ends after %v with %v", time.Since(begin), err)
			}
			cancel()
		}
		n.Sever(nil)
		dialled(t, b, a)
	})
}

// dialled is both ends of a stream from a to b.
func dialled(t *testing.T, a, b Transport) [2]net.Conn {
	t.Helper()
	one, err := a.Dial(context.Background(), b.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		one.Close()
		two.Close()
	})
	return [2]net.Conn{one, two}
}

func TestAFullQueueDropsPacketsAndCountsThem(t *testing.T) {
	n := NewNetwork()
	a, b := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7")
	for range networkQueue + 3 {
		if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Stats().PacketsDropped; got != 3 {
		t.Errorf("%d packets dropped, want 3", got)
	}
}

func TestAPacketIsACopy(t *testing.T) {
	n := NewNetwork()
	a, b := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7")
	sent := []byte("before")
	if err := a.WritePacket(sent, b.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	copy(sent, "after!")
	got := make([]byte, 100)
	size, _, err := b.ReadPacket(got)
	if err != nil || string(got[:size]) != "before" {
		t.Errorf("got %q, %v", got[:size], err)
	}
}

func TestAFullBacklogMakesDiallersWaitUntilTheNodeIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork()
		a, b := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7")
		var queued []net.Conn
		for range networkBacklog {
			conn, err := a.Dial(context.Background(), b.LocalAddr())
			if err != nil {
				t.Fatal(err)
			}
			queued = append(queued, conn)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := a.Dial(ctx, b.LocalAddr()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one more: %v", err)
		}
		waiting := make(chan error, 2)
		for _, from := range []Transport{a, listenIn(t, n, "10.0.0.3:7")} {
			go func() {
				_, err := from.Dial(context.Background(), b.LocalAddr())
				waiting <- err
			}()
		}
		synctest.Wait()
		a.Close()
		if err := <-waiting; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the dialler that was closed hears %v", err)
		}
		b.Close()
		if err := <-waiting; !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("the dialler of the node that was closed hears %v", err)
		}
		for _, conn := range queued {
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a stream that was never accepted: %v", err)
			}
			conn.Close()
		}
		if len(n.open) != 0 {
			t.Errorf("the network remembers %d ends of streams", len(n.open))
		}
	})
}

func TestAStreamInMemoryEndsLikeOneOfTCP(t *testing.T) {
	one, two := conns(t)
	if _, err := one.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	one.Close()
	heard, err := io.ReadAll(two)
	if err != nil || string(heard) != "last words" {
		t.Errorf("what was written before closing arrives as %q, %v", heard, err)
	}
	if _, err := two.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to who closed: %v", err)
	}
	two.Close()
	if _, err := two.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading what we closed: %v", err)
	}
	if two.LocalAddr().String() != one.RemoteAddr().String() || two.RemoteAddr().String() != one.LocalAddr().String() {
		t.Error("the two ends disagree about their addresses")
	}
}

func TestADeadlineEndsWhoAlreadyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := conns(t)
		defer two.Close()
		defer one.Close()
		begin := time.Now()
		one.SetWriteDeadline(begin.Add(2 * time.Second))
		n, err := one.Write(make([]byte, 2*pipeBuffer))
		if n != pipeBuffer || time.Since(begin) != 2*time.Second || err == nil {
			t.Errorf("wrote %d bytes in %v, %v", n, time.Since(begin), err)
		}
		two.SetReadDeadline(time.Now().Add(time.Hour))
		one.SetReadDeadline(time.Now().Add(time.Hour))
		time.AfterFunc(time.Second, func() { one.SetReadDeadline(time.Now()) })
		begin = time.Now()
		if _, err := one.Read(make([]byte, 1)); err == nil || time.Since(begin) != time.Second {
			t.Errorf("a deadline that is moved forward ends reading after %v, %v", time.Since(begin), err)
		}
	})
}
