package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// media are the kinds of transport, each as a way to make two nodes that can
// reach each other. What is tested here is what the interface promises.
func media(t *testing.T, test func(t *testing.T, a, b Transport)) {
	for _, host := range hosts(t) {
		addr := net.JoinHostPort(host, "0")
		t.Run("socket "+host, func(t *testing.T) { test(t, listen(t, addr), listen(t, addr)) })
		t.Run("memory "+host, func(t *testing.T) {
			n := NewNetwork()
			test(t, listenIn(t, n, addr), listenIn(t, n, addr))
		})
	}
}

// inbox reads the packets of a node until it is closed.
func inbox(t *testing.T, tr Transport, buffer int) <-chan string {
	packets := make(chan string, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, buffer)
		for {
			n, from, err := tr.ReadPacket(b)
			if errors.Is(err, ErrTruncated) {
				packets <- "truncated"
				continue
			}
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("ReadPacket: %v", err)
				}
				return
			}
			packets <- fmt.Sprintf("%v %s", from, b[:n])
		}
	}()
	t.Cleanup(func() {
		tr.Close()
		<-ended
	})
	return packets
}

func TestAPacketArrivesWithTheAddressOfItsSender(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		in := inbox(t, b, PacketBuffer)
		if err := a.WritePacket([]byte("hello"), b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if got, want := receives(t, "a packet", in), a.LocalAddr().String()+" hello"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		want := Stats{PacketsOut: 1, PacketBytesOut: 5}
		if got := a.Stats(); got != want {
			t.Errorf("sender counts %+v, want %+v", got, want)
		}
		want = Stats{PacketsIn: 1, PacketBytesIn: 5}
		if got := b.Stats(); got != want {
			t.Errorf("receiver counts %+v, want %+v", got, want)
		}
	})
}

func TestAnIPv4MappedAddressReachesTheIPv4Node(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		if !b.LocalAddr().Addr().Is4() {
			return
		}
		mapped := netip.AddrPortFrom(netip.AddrFrom16(b.LocalAddr().Addr().As16()), b.LocalAddr().Port())
		in := inbox(t, b, PacketBuffer)
		if err := a.WritePacket([]byte("hello"), mapped); err != nil {
			t.Fatal(err)
		}
		if got, want := receives(t, "a packet", in), a.LocalAddr().String()+" hello"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		conn, err := a.Dial(within(t), mapped)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	})
}

func TestAPacketThatFillsTheBufferIsDroppedCountedAndTold(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		in := inbox(t, b, 8)
		for _, s := range []string{"12345678", "123456789", "1234567"} {
			if err := a.WritePacket([]byte(s), b.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"truncated", "truncated", a.LocalAddr().String() + " 1234567"} {
			if got := receives(t, "a packet", in); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if got := b.Stats(); got.PacketsTruncated != 2 || got.PacketsIn != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestAPacketLongerThanTheMediumCarriesIsAnError(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		if err := a.WritePacket(make([]byte, PacketBuffer), b.LocalAddr()); err == nil {
			t.Error("sent")
		}
		if got := a.Stats(); got.PacketWriteErrors != 1 || got.PacketsOut != 0 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestSendingToNobodyDoesNotDisturbReading(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		nobody := b.LocalAddr()
		b.Close()
		in := inbox(t, a, PacketBuffer)
		for range 10 {
			// Some systems report on a later call that nobody was there. Either
			// way this is no reason to stop.
			_ = a.WritePacket([]byte("anyone?"), nobody)
		}
		if err := a.WritePacket([]byte("still here"), a.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if got, want := receives(t, "a packet", in), a.LocalAddr().String()+" still here"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestAStreamCarriesBytesBothWaysUntilItIsClosed(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		large := bytes.Repeat([]byte("0123456789"), 50_000)
		served := make(chan error, 1)
		go func() {
			served <- func() error {
				conn, err := b.Accept()
				if err != nil {
					return err
				}
				defer conn.Close()
				if AddrOf(conn.RemoteAddr()).Addr() != a.LocalAddr().Addr() {
					return fmt.Errorf("comes from %v", conn.RemoteAddr())
				}
				_, err = io.CopyN(conn, conn, int64(len(large)))
				return err
			}()
		}()
		conn, err := a.Dial(within(t), b.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if AddrOf(conn.RemoteAddr()) != b.LocalAddr() {
			t.Errorf("goes to %v", conn.RemoteAddr())
		}
		go conn.Write(large)
		back, err := io.ReadAll(conn)
		if err != nil || !bytes.Equal(back, large) {
			t.Errorf("%d of %d bytes came back, %v", len(back), len(large), err)
		}
		if err := receives(t, "the other end", served); err != nil {
			t.Error(err)
		}
		if got := a.Stats().StreamsDialed; got != 1 {
			t.Errorf("%d streams dialled", got)
		}
		if got := b.Stats().StreamsAccepted; got != 1 {
			t.Errorf("%d streams accepted", got)
		}
	})
}

func TestDiallingNobodyIsAnError(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		nobody := b.LocalAddr()
		b.Close()
		if conn, err := a.Dial(within(t), nobody); err == nil {
			conn.Close()
			t.Fatal("somebody answered")
		}
		if got := a.Stats(); got.DialErrors != 1 || got.StreamsDialed != 0 {
			t.Errorf("counted %+v", got)
		}
		ctx, cancel := context.WithCancel(within(t))
		cancel()
		if _, err := a.Dial(ctx, a.LocalAddr()); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
}

func TestADeadlineEndsReadingAndWritingOfAStream(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		conn, err := a.Dial(within(t), b.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		past := time.Now().Add(-time.Second)
		isTimeout := func(err error) bool {
			var timeout net.Error
			return errors.As(err, &timeout) && timeout.Timeout()
		}
		if err := conn.SetReadDeadline(past); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("read: %v", err)
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Errorf("a read deadline ends writing: %v", err)
		}
		if err := conn.SetWriteDeadline(past); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("x")); !isTimeout(err) {
			t.Errorf("write: %v", err)
		}
		if err := conn.SetDeadline(time.Now().Add(time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("read with a deadline ahead: %v", err)
		}
		if err := conn.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Errorf("write without a deadline: %v", err)
		}
	})
}

func TestCloseEndsEveryCallAndFreesTheAddress(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		ended := make(chan error, 2)
		go func() {
			_, _, err := a.ReadPacket(make([]byte, PacketBuffer))
			ended <- err
		}()
		go func() {
			_, err := a.Accept()
			ended <- err
		}()
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := receives(t, "the end of a call", ended); !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
		}
		if err := a.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
		if _, _, err := a.ReadPacket(make([]byte, PacketBuffer)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadPacket: %v", err)
		}
		if err := a.WritePacket([]byte("x"), b.LocalAddr()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("WritePacket: %v", err)
		}
		if _, err := a.Dial(within(t), b.LocalAddr()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Dial: %v", err)
		}
		if _, err := a.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v", err)
		}
		if s, ok := b.(*Socket); ok {
			s.Close()
			listenAgain(t, a.LocalAddr().String())
		}
	})
}
