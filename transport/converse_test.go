package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// conns is a stream between two nodes in memory.
func conns(t testing.TB) (dialled, accepted net.Conn) {
	t.Helper()
	n := NewNetwork()
	a, b := listenIn(t, n, "10.0.0.1:7"), listenIn(t, n, "10.0.0.2:7")
	dialled, err := a.Dial(context.Background(), b.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err = b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return dialled, accepted
}

// echo answers each frame with itself, and is done after n.
func echo(n int) Step {
	return func(frame []byte) ([]byte, bool, error) {
		n--
		return frame, n == 0, nil
	}
}

func TestAConversationAlternatesUntilBothSidesAreDone(t *testing.T) {
	media(t, func(t *testing.T, a, b Transport) {
		accepted := make(chan error, 1)
		go func() {
			conn, err := b.Accept()
			if err == nil {
				err = Converse(within(t), conn, Limits{}, nil, echo(3))
			}
			accepted <- err
		}()
		conn, err := a.Dial(within(t), b.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		var heard []string
		err = Converse(within(t), conn, Limits{}, []byte("1"), func(frame []byte) ([]byte, bool, error) {
			heard = append(heard, string(frame))
			if len(heard) == 3 {
				return nil, true, nil
			}
			return []byte(fmt.Sprint(len(heard) + 1)), false, nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := receives(t, "the end of the acceptor", accepted); err != nil {
			t.Error(err)
		}
		if got := strings.Join(heard, " "); got != "1 2 3" {
			t.Errorf("heard %q", got)
		}
		if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the connection is still open: %v", err)
		}
	})
}

func TestAnEmptyFrameIsSentAndANilOneIsNot(t *testing.T) {
	dialled, accepted := conns(t)
	go Converse(context.Background(), accepted, Limits{}, nil, func(frame []byte) ([]byte, bool, error) {
		if len(frame) == 0 {
			return nil, false, nil // nothing to say, go on
		}
		return []byte{}, true, nil
	})
	if err := WriteFrame(dialled, nil); err != nil {
		t.Fatal(err)
	}
	err := Converse(within(t), dialled, Limits{}, []byte("x"), func(frame []byte) ([]byte, bool, error) {
		if len(frame) != 0 {
			t.Errorf("got %q", frame)
		}
		return nil, true, nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheReplyOfAStepThatFailsIsSentAllTheSame(t *testing.T) {
	dialled, accepted := conns(t)
	errRefused := errors.New("refused")
	ended := make(chan error, 1)
	go func() {
		ended <- Converse(context.Background(), accepted, Limits{}, nil, func([]byte) ([]byte, bool, error) {
			return []byte("you are in another cluster"), false, errRefused
		})
	}()
	var heard string
	err := Converse(within(t), dialled, Limits{}, []byte("join"), func(frame []byte) ([]byte, bool, error) {
		heard = string(frame)
		return nil, true, nil
	})
	if err != nil || heard != "you are in another cluster" {
		t.Errorf("the joiner hears %q, %v", heard, err)
	}
	if err := receives(t, "the end", ended); err != errRefused {
		t.Errorf("the refuser returns %v", err)
	}
}

func TestANilStepSendsOneFrameAndIsDone(t *testing.T) {
	dialled, accepted := conns(t)
	if err := Converse(within(t), dialled, Limits{}, []byte("bye"), nil); err != nil {
		t.Fatal(err)
	}
	got, err := NewFrameReader(accepted, Limits{}).Next()
	if err != nil || string(got) != "bye" {
		t.Errorf("got %q, %v", got, err)
	}
	accepted.Close()
}

func TestWhatEndsAConversationIsWhatItReturns(t *testing.T) {
	errOver := errors.New("over")
	never := func([]byte) ([]byte, bool, error) { return nil, false, nil }
	var tooLarge *FrameTooLargeError
	for _, tt := range []struct {
		about  string
		limits Limits
		first  string
		step   Step
		peer   func(net.Conn)   // what the other side does
		cancel time.Duration    // when the context ends, with errOver; 0: never
		want   func(error) bool //
		after  time.Duration    // when Converse returns
	}{
		{
			about: "the peer leaves", step: never,
			peer: func(c net.Conn) { c.Close() },
			want: func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
		}, {
			about: "the peer is silent", step: never, after: DefaultStreamTimeout,
			want: func(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) },
		}, {
			about: "the peer is silent for longer than the configured time", step: never,
			limits: Limits{Timeout: 3 * time.Second}, after: 3 * time.Second,
			want: func(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) },
		}, {
			about: "the peer does not read", step: never, first: strings.Repeat("x", 1<<20), after: DefaultStreamTimeout,
			want: func(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) },
		}, {
			about: "the peer trickles", step: never, after: DefaultStreamTimeout,
			peer: func(c net.Conn) {
				for _, b := range append([]byte{FrameByte, 0, 0, 0, 255}, make([]byte, 255)...) {
					if _, err := c.Write([]byte{b}); err != nil {
						return
					}
					<-time.After(time.Second)
				}
			},
			want: func(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) },
		}, {
			about: "the context ends", step: never, cancel: time.Second, after: time.Second,
			want: func(err error) bool { return errors.Is(err, errOver) },
		}, {
			about: "the peer sends too much", step: never, limits: Limits{Frame: 4},
			peer: func(c net.Conn) { c.Write(frame(t, "12345")) },
			want: func(err error) bool { return errors.As(err, &tooLarge) && tooLarge.Size == 5 },
		}, {
			about: "we would send too much", step: never, limits: Limits{Frame: 4}, first: "12345",
			want: func(err error) bool { return errors.As(err, &tooLarge) && tooLarge.Size == 5 },
		}, {
			about: "limits that are none", step: never, limits: Limits{Frame: -1, Stream: -1, Timeout: -1},
			want: func(err error) bool {
				s := fmt.Sprint(err)
				return strings.Contains(s, "Frame") && strings.Contains(s, "Stream") && strings.Contains(s, "Timeout")
			},
		},
	} {
		t.Run(tt.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				if tt.cancel > 0 {
					defer time.AfterFunc(tt.cancel, func() { cancel(errOver) }).Stop()
				}
				conn, other := conns(t)
				var peer sync.WaitGroup
				if tt.peer != nil {
					peer.Go(func() { tt.peer(other) })
				}
				var first []byte
				if tt.first != "" {
					first = []byte(tt.first)
				}
				begin := time.Now()
				err := Converse(ctx, conn, tt.limits, first, tt.step)
				if !tt.want(err) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(begin); took != tt.after {
					t.Errorf("took %v, want %v", took, tt.after)
				}
				if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
					t.Errorf("the connection is still open: %v", err)
				}
				other.Close()
				peer.Wait()
			})
		})
	}
}
