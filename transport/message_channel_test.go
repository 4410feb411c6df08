package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

type greeting struct {
	From string
	N    int
}

// serveMessages runs a listening channel until the test ends, and fails the test
// if it cannot.
func serveMessages(t *testing.T, addr string, ioDeadline time.Duration, handler types.OnMessageRcv, cfg MessageConfig) *ListenChannel {
	t.Helper()
	l := NewListenChannel(addr, handler, cfg)
	go l.RunOnRcvData(ioDeadline)
	t.Cleanup(func() {
		l.Close()
		receives(t, "the end of RunOnRcvData", l.Done())
	})
	receives(t, "listening", l.Ready())
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	return l
}

func dialMessages(t *testing.T, addr string, cfg MessageConfig) *DialChannel {
	t.Helper()
	d := NewDialChannel(addr, cfg)
	t.Cleanup(d.Close)
	return d
}

// answer counts up each greeting until the peer has gone.
func answer(_ string, c types.MessageChannel) {
	for {
		var g greeting
		if err := c.RcvData(&g); err != nil {
			return
		}
		g.N++
		if err := c.SendData(g); err != nil {
			return
		}
	}
}

func greet(t *testing.T, c types.MessageChannel, from string, n int) error {
	t.Helper()
	if err := c.SendData(greeting{from, n}); err != nil {
		return err
	}
	var back greeting
	if err := c.RcvData(&back); err != nil {
		return err
	}
	if (back != greeting{from, n + 1}) {
		return fmt.Errorf("greeted as %s %d, got %+v", from, n, back)
	}
	return nil
}

func TestMessagesGoBothWaysBetweenTheTwoKindsOfChannel(t *testing.T) {
	for _, host := range hosts(t) {
		t.Run(host, func(t *testing.T) {
			peers := make(chan string, 1)
			var server types.MessageChannel = NewRunnableMessageChannel(net.JoinHostPort(host, "0"), func(peerid string, c types.MessageChannel) {
				peers <- peerid
				answer(peerid, c)
			})
			l := server.(*ListenChannel)
			defer func() {
				server.Close()
				receives(t, "the end", l.Done())
			}()
			go server.RunOnRcvData(patience)
			receives(t, "listening", l.Ready())

			client := NewMessageChannel(l.Addr().String())
			defer client.Close()
			for n := range 3 {
				if err := greet(t, client, "me", n); err != nil {
					t.Fatal(err)
				}
			}
			if got := ap(receives(t, "a peer", peers)); got.Addr() != l.Addr().Addr() || got.Port() == 0 {
				t.Errorf("the peer is called %v", got)
			}
			if got := l.Stats(); got != (ListenChannelStats{Accepted: 1}) {
				t.Errorf("counted %+v", got)
			}
		})
	}
}

func TestAChannelOnAllInterfacesIsReachableByName(t *testing.T) {
	l := serveMessages(t, "0.0.0.0:0", 0, answer, MessageConfig{})
	if !l.Addr().Addr().IsUnspecified() || !l.Addr().Addr().Is4() {
		t.Errorf("bound to %v", l.Addr())
	}
	// The first address of the name does not answer: the second does.
	r := names{"server.example": {"127.0.0.2", "127.0.0.1"}}
	closed := listen(t, "127.0.0.1:0")
	closed.Close()
	d := dialMessages(t, fmt.Sprintf("server.example:%d", l.Addr().Port()), MessageConfig{Resolver: r})
	if err := greet(t, d, "me", 1); err != nil {
		t.Error(err)
	}
}

func TestManyPeersAreServedAtATime(t *testing.T) {
	const peers = 50
	var together sync.WaitGroup
	together.Add(peers)
	l := serveMessages(t, "127.0.0.1:0", patience, func(peerid string, c types.MessageChannel) {
		together.Done()
		together.Wait() // nobody is served before all are
		answer(peerid, c)
	}, MessageConfig{MaxPeers: peers})
	var clients sync.WaitGroup
	for i := range peers {
		d := dialMessages(t, l.Addr().String(), MessageConfig{})
		clients.Go(func() {
			if err := greet(t, d, fmt.Sprint(i), i); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
}

func TestAPeerOverTheBoundIsTurnedAwayAndReported(t *testing.T) {
	told := make(chan error, 1)
	l := serveMessages(t, "127.0.0.1:0", patience, answer, MessageConfig{
		MaxPeers: 1,
		OnPeerError: func(_ string, err error) {
			select {
			case told <- err:
			default: // one is enough
			}
		},
	})
	first := dialMessages(t, l.Addr().String(), MessageConfig{})
	if err := greet(t, first, "first", 1); err != nil {
		t.Fatal(err)
	}
	second := dialMessages(t, l.Addr().String(), MessageConfig{})
	if err := greet(t, second, "second", 1); err == nil {
		t.Error("the second peer is served")
	}
	if err := receives(t, "a report", told); err != ErrTooManyPeers {
		t.Errorf("told %v", err)
	}
	if got := l.Stats(); got.TurnedAway != 1 || got.Accepted != 1 {
		t.Errorf("counted %+v", got)
	}
	first.Close()
	eventually(t, "the place becomes free", func() bool { return greet(t, second, "second", 1) == nil })
}

func TestAHandlerThatPanicsCostsOnlyItsPeer(t *testing.T) {
	told := make(chan error, 1)
	l := serveMessages(t, "127.0.0.1:0", patience, func(peerid string, c types.MessageChannel) {
		var g greeting
		if c.RcvData(&g); g.From == "bad" {
			panic("a bug in the handler")
		}
		c.SendData(greeting{g.From, g.N + 1})
	}, MessageConfig{OnPeerError: func(_ string, err error) { told <- err }})
	bad := dialMessages(t, l.Addr().String(), MessageConfig{})
	if err := greet(t, bad, "bad", 1); err == nil {
		t.Error("the handler that panicked answers")
	}
	var panicked *HandlerPanicError
	if err := receives(t, "a report", told); !errors.As(err, &panicked) {
		t.Fatalf("told %v", err)
	}
	if panicked.Value != "a bug in the handler" || !strings.Contains(string(panicked.Stack), "message_channel_test.go") {
		t.Errorf("told %v at\n%s", panicked, panicked.Stack)
	}
	if want := "transport: message handler panicked: a bug in the handler"; panicked.Error() != want {
		t.Errorf("got %q, want %q", panicked.Error(), want)
	}
	if err := greet(t, dialMessages(t, l.Addr().String(), MessageConfig{}), "good", 1); err != nil {
		t.Error(err)
	}
	if got := l.Stats().Panics; got != 1 {
		t.Errorf("%d panics counted", got)
	}
}

func TestMethodsOfTheOtherKindReturnASentinel(t *testing.T) {
	l := NewListenChannel("127.0.0.1:0", answer, MessageConfig{})
	defer l.Close()
	if err := l.SendData("x"); err != ErrChannelKind {
		t.Errorf("SendData of a listening channel: %v", err)
	}
	if err := l.RcvData(new(string)); err != ErrChannelKind {
		t.Errorf("RcvData of a listening channel: %v", err)
	}
	d := dialMessages(t, "127.0.0.1:1", MessageConfig{})
	if err := d.Err(); err != nil {
		t.Errorf("Err of a dialling channel: %v", err)
	}
	d.RunOnRcvData(time.Second)
	if err := d.Err(); err != ErrChannelKind {
		t.Errorf("Err after RunOnRcvData of a dialling channel: %v", err)
	}
}

func TestAChannelThatCannotListenSaysWhy(t *testing.T) {
	taken := listen(t, "127.0.0.1:0")
	isProblem := func(p AddrProblem) func(error) bool {
		return func(err error) bool { return problemOf(err) == p }
	}
	says := func(what string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), what) }
	}
	for _, tt := range []struct {
		about      string
		addr       string
		handler    types.OnMessageRcv
		cfg        MessageConfig
		ioDeadline time.Duration
		want       func(error) bool
	}{
		{about: "no address", handler: answer, want: isProblem(AddrEmpty)},
		{about: "no port", addr: "nonsense", handler: answer, want: isProblem(AddrNoPort)},
		{about: "an address that is taken", addr: taken.LocalAddr().String(), handler: answer, want: isProblem(AddrCannotBind)},
		{about: "no handler", addr: "127.0.0.1:0", want: says("handler")},
		{about: "a bad config", addr: "127.0.0.1:0", handler: answer, cfg: MessageConfig{MaxPeers: -1}, want: says("MaxPeers")},
		{about: "a negative deadline", addr: "127.0.0.1:0", handler: answer, ioDeadline: -1, want: says("deadline")},
	} {
		t.Run(tt.about, func(t *testing.T) {
			l := NewListenChannel(tt.addr, tt.handler, tt.cfg)
			defer l.Close()
			l.RunOnRcvData(tt.ioDeadline)
			receives(t, "ready", l.Ready())
			receives(t, "done", l.Done())
			if err := l.Err(); !tt.want(err) {
				t.Errorf("got %v", err)
			}
			if l.Addr().IsValid() {
				t.Errorf("listens on %v", l.Addr())
			}
			before := l.Err()
			l.RunOnRcvData(0)
			if l.Err() != before {
				t.Errorf("a second run changes the error to %v", l.Err())
			}
		})
	}
}

func TestAChannelThatCannotDialSaysWhyWhenItIsUsed(t *testing.T) {
	nobody := listen(t, "127.0.0.1:0")
	nobody.Close()
	for _, tt := range []struct {
		about string
		addr  string
		cfg   MessageConfig
		want  func(error) bool
	}{
		{about: "no address", want: func(err error) bool { return problemOf(err) == AddrEmpty }},
		{about: "no host", addr: ":7000", want: func(err error) bool { return problemOf(err) == AddrNoHost }},
		{about: "port 0", addr: "127.0.0.1:0", want: func(err error) bool { return problemOf(err) == AddrBadPort }},
		{about: "unknown name", addr: "nobody.example:7", want: func(err error) bool { return problemOf(err) == AddrUnknownHost }},
		{about: "a bad config", addr: "127.0.0.1:7", cfg: MessageConfig{MaxMessage: -1}, want: func(err error) bool {
			return err != nil && strings.Contains(err.Error(), "MaxMessage")
		}},
		{about: "nobody there", addr: nobody.LocalAddr().String(), want: func(err error) bool {
			var op *net.OpError
			return errors.As(err, &op) && op.Op == "dial"
		}},
	} {
		t.Run(tt.about, func(t *testing.T) {
			tt.cfg.Resolver = names{}
			d := dialMessages(t, tt.addr, tt.cfg)
			if err := d.SendData("x"); !tt.want(err) {
				t.Errorf("SendData: %v", err)
			}
			if err := d.RcvData(new(string)); !tt.want(err) {
				t.Errorf("RcvData: %v", err)
			}
		})
	}
}

func TestCloseEndsWhoWaitsOnAnyKindOfChannel(t *testing.T) {
	inHandler, handlerEnded := make(chan struct{}), make(chan error, 1)
	l := serveMessages(t, "127.0.0.1:0", 0, func(_ string, c types.MessageChannel) {
		close(inHandler)
		handlerEnded <- c.RcvData(new(string))
	}, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{IOTimeout: NoTimeout})
	received := make(chan error, 1)
	go func() { received <- d.RcvData(new(string)) }()
	receives(t, "the handler to run", inHandler)

	l.Close()
	if err := receives(t, "the end of the handler", handlerEnded); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the handler's channel: %v", err)
	}
	receives(t, "the end of RunOnRcvData", l.Done())
	if err := l.Err(); err != nil {
		t.Errorf("closed, Err is %v", err)
	}
	if err := receives(t, "the end of the client", received); err == nil {
		t.Error("the client received something")
	}
	l.Close()

	quiet := serveMessages(t, "127.0.0.1:0", 0, func(_ string, c types.MessageChannel) { c.RcvData(new(string)) }, MessageConfig{})
	d = dialMessages(t, quiet.Addr().String(), MessageConfig{IOTimeout: NoTimeout})
	go func() { received <- d.RcvData(new(string)) }()
	eventually(t, "the peer is served", func() bool { return quiet.Stats().Accepted == 1 })
	d.Close()
	if err := receives(t, "the end of RcvData", received); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed, RcvData returns %v", err)
	}
	d.Close()
	if err := d.SendData("x"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed, SendData returns %v", err)
	}
}

func TestCloseBeforeRunningMakesRunReturnAtOnce(t *testing.T) {
	l := NewListenChannel("127.0.0.1:0", answer, MessageConfig{})
	l.Close()
	receives(t, "ready", l.Ready())
	l.RunOnRcvData(0)
	if err := l.Err(); err != nil || l.Addr().IsValid() {
		t.Errorf("Err is %v, Addr %v", err, l.Addr())
	}
}

func TestAHandlerMayCloseTheChannelThatItServes(t *testing.T) {
	var l *ListenChannel
	l = NewListenChannel("127.0.0.1:0", func(_ string, c types.MessageChannel) {
		c.RcvData(new(string))
		c.RunOnRcvData(0) // does not apply, and does not block
		l.Close()
		c.Close()
	}, MessageConfig{})
	go l.RunOnRcvData(patience)
	receives(t, "listening", l.Ready())
	if err := dialMessages(t, l.Addr().String(), MessageConfig{}).SendData("stop"); err != nil {
		t.Fatal(err)
	}
	receives(t, "the end of RunOnRcvData", l.Done())
}

func TestARunningChannelRunsOnlyOnce(t *testing.T) {
	l := serveMessages(t, "127.0.0.1:0", patience, answer, MessageConfig{})
	at := l.Addr()
	l.RunOnRcvData(patience) // returns
	if l.Addr() != at || l.Err() != nil {
		t.Errorf("Addr is %v, was %v; Err is %v", l.Addr(), at, l.Err())
	}
	if err := greet(t, dialMessages(t, at.String(), MessageConfig{}), "me", 1); err != nil {
		t.Error(err)
	}
}

func TestAReceiveThatTimesOutBeforeAMessageBeganLosesNothing(t *testing.T) {
	speak := make(chan struct{})
	l := serveMessages(t, "127.0.0.1:0", patience, func(_ string, c types.MessageChannel) {
		<-speak
		c.SendData("at last")
		c.RcvData(new(string)) // until the peer closes
	}, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{IOTimeout: 50 * time.Millisecond})
	var got string
	if err := d.RcvData(&got); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %q, %v", got, err)
	}
	close(speak)
	eventually(t, "the message", func() bool { return d.RcvData(&got) == nil })
	if got != "at last" || l.Stats().Accepted != 1 {
		t.Errorf("got %q over %d connections", got, l.Stats().Accepted)
	}
	d.Close()
}

func TestAHandlerDoesNotWaitForASilentPeerBeyondTheDeadline(t *testing.T) {
	for _, tt := range []struct{ about, sent string }{
		{"a peer that says nothing", ""},
		{"a peer that stops within a message", "\x00\x00\x00\x04nu"},
	} {
		t.Run(tt.about, func(t *testing.T) {
			ended := make(chan error, 1)
			l := serveMessages(t, "127.0.0.1:0", 20*time.Millisecond, func(_ string, c types.MessageChannel) {
				ended <- c.RcvData(new(string))
			}, MessageConfig{})
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.Write([]byte(tt.sent))
			if err := receives(t, "the deadline", ended); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatAPeerSendsWrongIsATypedErrorToTheReceiver(t *testing.T) {
	var (
		tooLarge *MessageTooLargeError
		syntax   *json.SyntaxError
		wrong    *json.UnmarshalTypeError
	)
	for _, tt := range []struct {
		about, sent string
		want        func(error) bool
		goesOn      bool // the next message can be received
	}{
		{"nothing", "", func(err error) bool { return err == io.EOF }, false},
		{"half a header", "\x00", func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, false},
		{"too much", "\x7f\xff\xff\xff", func(err error) bool { return errors.As(err, &tooLarge) }, false},
		{"no JSON", "\x00\x00\x00\x01{\x00\x00\x00\x04\"ok\"", func(err error) bool { return errors.As(err, &syntax) }, true},
		{"no text", "\x00\x00\x00\x00\x00\x00\x00\x04\"ok\"", func(err error) bool { return errors.As(err, &syntax) }, true},
		{"another type", "\x00\x00\x00\x011\x00\x00\x00\x04\"ok\"", func(err error) bool { return errors.As(err, &wrong) }, true},
	} {
		t.Run(tt.about, func(t *testing.T) {
			ended := make(chan [2]error, 1)
			l := serveMessages(t, "127.0.0.1:0", patience, func(_ string, c types.MessageChannel) {
				var s string
				if err := c.RcvData(s); err == nil {
					t.Error("received into something that is no pointer")
				}
				ended <- [2]error{c.RcvData(&s), c.RcvData(&s)}
			}, MessageConfig{})
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			conn.Write([]byte(tt.sent))
			conn.Close()
			errs := receives(t, "the end of the handler", ended)
			if !tt.want(errs[0]) {
				t.Errorf("got %v", errs[0])
			}
			if (errs[1] == nil) != tt.goesOn {
				t.Errorf("afterwards: %v", errs[1])
			}
		})
	}
}

func TestAMessageOverTheLimitIsNotSentAndTheChannelGoesOn(t *testing.T) {
	l := serveMessages(t, "127.0.0.1:0", patience, answer, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{MaxMessage: 100})
	var tooLarge *MessageTooLargeError
	if err := d.SendData(strings.Repeat("x", 200)); !errors.As(err, &tooLarge) {
		t.Errorf("200 bytes: %v", err)
	}
	if err := d.SendData(func() {}); err == nil {
		t.Error("a function was sent")
	}
	if err := greet(t, d, "me", 1); err != nil {
		t.Error(err)
	}
	if got := l.Stats().Accepted; got != 1 {
		t.Errorf("it took %d connections", got)
	}
}

func TestALargeMessageArrives(t *testing.T) {
	l := serveMessages(t, "127.0.0.1:0", patience, answer, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{})
	if err := greet(t, d, strings.Repeat("x", 3<<20), 1); err != nil {
		t.Error(err)
	}
	if err := greet(t, d, "small again", 1); err != nil {
		t.Error(err)
	}
}

func TestADialChannelConnectsAgainAfterItsPeerWasRestarted(t *testing.T) {
	l := serveMessages(t, "127.0.0.1:0", patience, answer, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{})
	if err := greet(t, d, "me", 1); err != nil {
		t.Fatal(err)
	}
	l.Close()
	receives(t, "the end", l.Done())
	eventually(t, "the client notices", func() bool { return greet(t, d, "me", 1) != nil })
	listenAgain(t, l.Addr().String()).Close()
	serveMessages(t, l.Addr().String(), patience, answer, MessageConfig{})
	eventually(t, "the client connects again", func() bool { return greet(t, d, "me", 1) == nil })
}

func TestADialChannelIsSafeForConcurrentUse(t *testing.T) {
	const senders, each = 8, 50
	var got atomic.Int64
	sum := make(chan int64, 1)
	l := serveMessages(t, "127.0.0.1:0", patience, func(_ string, c types.MessageChannel) {
		for range senders * each {
			var n int64
			if err := c.RcvData(&n); err != nil {
				t.Error(err)
			}
			got.Add(n)
		}
		sum <- got.Load()
	}, MessageConfig{})
	d := dialMessages(t, l.Addr().String(), MessageConfig{})
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for n := range each {
				if err := d.SendData(n + 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got, want := receives(t, "the sum", sum), int64(senders*each*(each+1)/2); got != want {
		t.Errorf("the messages sum to %d, want %d", got, want)
	}
}
