package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A pair is two nodes with a pool of streams each. b serves.
type pair struct {
	network *Network
	a, b    *Streams
	served  chan error // what b's Serve returned
}

func newPair(t *testing.T, cfg StreamsConfig, serve Handler) *pair {
	t.Helper()
	p := &pair{network: NewNetwork(), served: make(chan error, 1)}
	for i, s := range []**Streams{&p.a, &p.b} {
		pool, err := NewStreams(listenIn(t, p.network, fmt.Sprintf("10.0.0.%d:7", i+1)), cfg)
		if err != nil {
			t.Fatal(err)
		}
		*s = pool
	}
	go func() { p.served <- p.b.Serve(serve) }()
	return p
}

func (p *pair) open(ctx context.Context, handle Handler) error {
	return p.a.Open(ctx, ap("10.0.0.2:7"), handle)
}

// close ends both pools and waits for Serve.
func (p *pair) close(t *testing.T) {
	t.Helper()
	p.a.Close()
	p.b.Close()
	if err := <-p.served; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// linger stays on a stream until it is ended from outside, and says nothing.
func linger(s *Stream) error {
	_, err := io.Copy(io.Discard, s.Conn())
	return err
}

func serveEcho(s *Stream) error { return s.Converse(nil, echo(1)) }

// say sends a frame and wants it back.
func say(text string) Handler {
	return func(s *Stream) error {
		return s.Converse([]byte(text), func(frame []byte) ([]byte, bool, error) {
			if string(frame) != text {
				return nil, false, fmt.Errorf("said %q, heard %q", text, frame)
			}
			return nil, true, nil
		})
	}
}

func TestAStreamOfThePoolCarriesAConversationAndIsCounted(t *testing.T) {
	media(t, func(t *testing.T, ta, tb Transport) {
		a, err := NewStreams(ta, StreamsConfig{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := NewStreams(tb, StreamsConfig{})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		peers := make(chan string, 1)
		go func() {
			served <- b.Serve(func(s *Stream) error {
				peers <- s.Peer().Addr().String()
				return serveEcho(s)
			})
		}()
		err = a.Open(within(t), tb.LocalAddr(), func(s *Stream) error {
			if s.Peer() != tb.LocalAddr() || s.Limits() != (Limits{}).WithDefaults() {
				t.Errorf("stream to %v with limits %+v", s.Peer(), s.Limits())
			}
			return say("hello")(s)
		})
		if err != nil {
			t.Error(err)
		}
		if got := receives(t, "a served stream", peers); got != ta.LocalAddr().Addr().String() {
			t.Errorf("served a stream from %s", got)
		}
		if err := errors.Join(a.Close(), b.Close(), receives(t, "the end of Serve", served)); err != nil {
			t.Error(err)
		}
		const wire = FrameHeader + 5
		if got, want := a.Stats(), (StreamStats{Outgoing: DirectionStats{Done: 1}, BytesIn: wire, BytesOut: wire}); got != want {
			t.Errorf("the opener counts %+v, want %+v", got, want)
		}
		if got, want := b.Stats(), (StreamStats{Incoming: DirectionStats{Done: 1}, BytesIn: wire, BytesOut: wire}); got != want {
			t.Errorf("the server counts %+v, want %+v", got, want)
		}
	})
}

func TestAnIncomingStreamOverTheBoundIsClosedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, StreamsConfig{MaxIncoming: 2}, linger)
		defer p.close(t)
		for range 2 {
			if err := p.a.Go(context.Background(), ap("10.0.0.2:7"), linger, nil); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		begin := time.Now()
		err := p.open(context.Background(), say("hello"))
		if err == nil || time.Since(begin) != 0 {
			t.Errorf("the third stream ends after %v with %v", time.Since(begin), err)
		}
		if got := p.b.Stats(); got.Rejected != 1 || got.Incoming.Open != 2 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestOutgoingStreamsWaitForTheirTurnAndTheQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, StreamsConfig{MaxOutgoing: 2, MaxWaiting: 3}, serveEcho)
		defer p.close(t)
		var running, most, finished atomic.Int32
		busy := func(s *Stream) error {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-time.After(time.Second)
			return say("hello")(s)
		}
		for range 5 {
			err := p.a.Go(context.Background(), ap("10.0.0.2:7"), busy, func(err error) {
				if err != nil {
					t.Error(err)
				}
				finished.Add(1)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := p.a.Go(context.Background(), ap("10.0.0.2:7"), busy, nil); err != ErrTooManyStreams {
			t.Errorf("the sixth of 2 + 3: %v", err)
		}
		if err := p.open(context.Background(), busy); err != ErrTooManyStreams {
			t.Errorf("the seventh: %v", err)
		}
		<-time.After(3500 * time.Millisecond)
		if finished.Load() != 5 || most.Load() != 2 {
			t.Errorf("after three turns %d have finished, at most %d at a time", finished.Load(), most.Load())
		}
		if got := p.a.Stats(); got.Refused != 2 || got.Outgoing != (DirectionStats{Done: 5}) {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, StreamsConfig{MaxOutgoing: 1}, linger)
		defer p.close(t)
		p.a.Go(context.Background(), ap("10.0.0.2:7"), linger, nil)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		begin := time.Now()
		if err := p.open(ctx, linger); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("waited %v: %v", time.Since(begin), err)
		}
	})
}

func TestEveryStreamEndsWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		begin := time.Now()
		p := newPair(t, StreamsConfig{Limits: Limits{Timeout: 4 * time.Second}}, func(s *Stream) error {
			defer func() { ended <- time.Since(begin) }()
			return linger(s)
		})
		defer p.close(t)
		p.network.Sever(nil)
		if err := p.open(context.Background(), linger); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begin); took != 4*time.Second {
			t.Errorf("ours ended after %v", took)
		}
		if took := <-ended; took != 4*time.Second {
			t.Errorf("theirs ended after %v", took)
		}

		// Opening counts: nobody answers on a cut link.
		p.network.Sever(func(_, _ netip.AddrPort) bool { return true })
		begin = time.Now()
		if err := p.open(context.Background(), linger); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 4*time.Second {
			t.Errorf("dialling ended after %v with %v", time.Since(begin), err)
		}
	})
}

func TestAStreamOfTooManyBytesEndsWithATypedError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		p := newPair(t, StreamsConfig{Limits: Limits{Stream: 1000}}, func(s *Stream) error {
			err := s.Converse(nil, func([]byte) ([]byte, bool, error) { return nil, false, nil })
			ended <- err
			return err
		})
		defer p.close(t)
		p.open(context.Background(), func(s *Stream) error {
			for {
				if err := WriteFrame(s.Conn(), make([]byte, 300)); err != nil {
					return err
				}
			}
		})
		var tooLarge *StreamTooLargeError
		if err := <-ended; !errors.As(err, &tooLarge) || tooLarge.Limit != 1000 {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if got := p.b.Stats(); got.Incoming != (DirectionStats{Failed: 1}) || got.BytesIn > 1000+ReadAhead {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestCloseEndsStreamsAndThoseWhoWaitAndWaitsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		slow := func(s *Stream) error {
			running.Add(1)
			defer running.Add(-1)
			err := linger(s)
			<-time.After(time.Second) // takes its time to notice
			return err
		}
		p := newPair(t, StreamsConfig{MaxOutgoing: 2}, slow)
		ended := make(chan error, 4)
		for range 4 {
			if err := p.a.Go(context.Background(), ap("10.0.0.2:7"), slow, func(err error) { ended <- err }); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		begin := time.Now()
		if err := p.a.Close(); err != nil || time.Since(begin) != time.Second {
			t.Errorf("the opener closes after %v, %v", time.Since(begin), err)
		}
		p.close(t)
		if running.Load() != 0 {
			t.Errorf("%d handlers run", running.Load())
		}
		for range 4 {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("a stream ended with %v", err)
			}
		}

		if err := p.open(context.Background(), linger); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Open: %v", err)
		}
		if err := p.a.Go(context.Background(), ap("10.0.0.2:7"), linger, nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Go: %v", err)
		}
		if err := p.b.Serve(linger); err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := p.a.Close(); err != nil {
			t.Errorf("Close again: %v", err)
		}
	})
}

func TestCloseEndsTheStreamsThatAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		p := newPair(t, StreamsConfig{}, func(s *Stream) error {
			err := linger(s)
			<-time.After(time.Second) // takes its time to notice
			ended <- err
			return err
		})
		defer p.close(t)
		if err := p.a.Go(context.Background(), ap("10.0.0.2:7"), linger, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		begin := time.Now()
		if err := p.b.Close(); err != nil || time.Since(begin) != time.Second {
			t.Errorf("the server closes after %v, %v", time.Since(begin), err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a stream ended with %v", err)
		}
	})
}

func TestAStreamOfOursEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, StreamsConfig{}, linger)
		defer p.close(t)
		errOver := errors.New("over")
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errOver)
		defer cancel()
		begin := time.Now()
		err := p.open(ctx, func(s *Stream) error { return s.Converse([]byte("hello"), echo(2)) })
		if !errors.Is(err, errOver) || time.Since(begin) != time.Second {
			t.Errorf("ended after %v with %v", time.Since(begin), err)
		}
	})
}

func TestClosingTheTransportEndsServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, StreamsConfig{}, linger)
		p.b.transport.Close()
		if err := <-p.served; err != nil {
			t.Error(err)
		}
		p.served <- nil
		p.close(t)
	})
}

func TestAPoolIsSafeForConcurrentUseWhileItIsClosed(t *testing.T) {
	a, err := NewStreams(listen(t, "127.0.0.1:0"), StreamsConfig{MaxOutgoing: 4})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		if err := a.Serve(serveEcho); err != nil {
			t.Error(err)
		}
	})
	started := make(chan struct{}, 100)
	for range 20 {
		group.Go(func() {
			for {
				err := a.Open(within(t), a.transport.LocalAddr(), say("hello"))
				if errors.Is(err, net.ErrClosed) {
					return
				}
				select {
				case started <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 50 {
		receives(t, "a stream", started)
	}
	group.Go(func() { a.Close() })
	a.Close()
	group.Wait()
	if got := a.Stats(); got.Incoming.Open != 0 || got.Outgoing.Open != 0 || got.Outgoing.Done == 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestEveryBadFieldOfTheStreamsConfigIsNamed(t *testing.T) {
	_, err := NewStreams(listenIn(t, NewNetwork(), "10.0.0.1:7"), StreamsConfig{
		MaxIncoming: -1, MaxOutgoing: -1, MaxWaiting: -1,
		Limits: Limits{Frame: 1 << 40, Stream: -1, Timeout: -time.Second},
	})
	for _, field := range []string{"MaxIncoming", "MaxOutgoing", "MaxWaiting", "Limits.Frame", "Limits.Stream", "Limits.Timeout"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
}

// BenchmarkStream is a push-pull of nothing over loopback: open, one small frame
// each way, close. Dialling dominates; real exchanges carry more.
func BenchmarkStream(b *testing.B) {
	a, err := NewStreams(listen(b, "127.0.0.1:0"), StreamsConfig{})
	if err != nil {
		b.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() { a.Serve(serveEcho) })
	handle := say("hello")
	b.ReportAllocs()
	for b.Loop() {
		if err := a.Open(context.Background(), a.transport.LocalAddr(), handle); err != nil {
			b.Fatal(err)
		}
	}
	a.Close()
	group.Wait()
}
