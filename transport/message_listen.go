package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/nekton-go/nekton/types"
)

// ErrTooManyPeers is what [MessageConfig.OnPeerError] is told about a peer that
// was turned away because MaxPeers were being served.
var ErrTooManyPeers = errors.New("transport: too many peers on the message channel")

// A HandlerPanicError is what [MessageConfig.OnPeerError] is told about a
// handler that panicked.
type HandlerPanicError struct {
	Value any    // what it panicked with
	Stack []byte // of its goroutine
}

func (e *HandlerPanicError) Error() string {
	return fmt.Sprintf("transport: message handler panicked: %v", e.Value)
}

// A ListenChannel is the [types.MessageChannel] of one who is called. It serves
// each peer that connects in a goroutine of its own, running the handler with a
// channel to that peer.
//
// All methods may be called concurrently, from within the handler too.
type ListenChannel struct {
	addr    string
	handler types.OnMessageRcv
	cfg     MessageConfig
	bad     error // what is wrong with the arguments, or nil
	peers   *semaphore.Weighted

	life context.Context // ends with Close
	end  context.CancelFunc

	started atomic.Bool   // RunOnRcvData was called
	ready   chan struct{} // closed when listening, or when it will never be
	done    chan struct{} // closed when RunOnRcvData has returned
	settle  sync.Once     // closes ready

	mu    sync.Mutex // guards bound and err
	bound netip.AddrPort
	err   error

	accepted, turnedAway, panics, acceptErrors atomic.Uint64
}

var _ types.MessageChannel = (*ListenChannel)(nil)

// ListenChannelStats counts what a listening channel has met since it was made.
type ListenChannelStats struct {
	Accepted     uint64 // peers whose handler was run
	TurnedAway   uint64 // peers beyond MaxPeers
	Panics       uint64 // handlers that panicked
	AcceptErrors uint64 // reported by the system, and waited out
}

// NewRunnableMessageChannel makes a channel that will listen at addr, "host:port",
// with all defaults: it is [NewListenChannel] behind the interface.
func NewRunnableMessageChannel(addr string, handler types.OnMessageRcv) types.MessageChannel {
	return NewListenChannel(addr, handler, MessageConfig{})
}

// NewListenChannel makes a channel that will listen at addr when RunOnRcvData is
// called. addr is "host:port" as in [Config], 0.0.0.0 and port 0 included. It
// does no I/O and cannot fail: what is wrong with the arguments is what Err
// returns after RunOnRcvData.
//
// The handler is given the peer's "host:port" and a channel to it, on which it
// sends and receives. The connection is closed when the handler returns. A panic
// of the handler costs the peer its connection and nobody else anything: what a
// stranger sends must not end the process. It is counted and given to
// [MessageConfig.OnPeerError].
func NewListenChannel(addr string, handler types.OnMessageRcv, cfg MessageConfig) *ListenChannel {
	l := &ListenChannel{
		addr:    addr,
		handler: handler,
		bad:     cfg.validate(),
		cfg:     cfg.withDefaults(),
		ready:   make(chan struct{}),
		done:    make(chan struct{}),
	}
	if handler == nil {
		l.bad = errors.Join(l.bad, errors.New("transport: the handler of a message channel is nil"))
	}
	l.peers = semaphore.NewWeighted(int64(l.cfg.MaxPeers))
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// RunOnRcvData listens and serves peers until Close, and returns when every
// handler has returned; or at once if it cannot listen. Err says which. The
// argument bounds each SendData and RcvData of a handler's channel; zero means
// none, and a negative one is an error.
//
// A channel runs once: a second call returns at once and changes nothing.
func (l *ListenChannel) RunOnRcvData(ioDeadline time.Duration) {
	if !l.started.CompareAndSwap(false, true) {
		return
	}
	defer close(l.done)
	defer l.settle.Do(func() { close(l.ready) })
	if err := l.run(ioDeadline); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.err = err
	}
}

// run returns nil when it was ended by Close.
func (l *ListenChannel) run(ioDeadline time.Duration) error {
	if l.bad != nil {
		return l.bad
	}
	if ioDeadline < 0 {
		return fmt.Errorf("transport: I/O deadline of a message channel is %v, must not be negative", ioDeadline)
	}
	listener, err := l.listen()
	if l.life.Err() != nil {
		if listener != nil {
			_ = listener.Close()
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer context.AfterFunc(l.life, func() { _ = listener.Close() })()
	l.mu.Lock()
	l.bound = AddrOf(listener.Addr())
	l.mu.Unlock()
	l.settle.Do(func() { close(l.ready) })

	var handlers sync.WaitGroup
	defer handlers.Wait()
	for {
		conn, err := acceptPatiently(listener, l.life.Done(), func() { l.acceptErrors.Add(1) })
		if err != nil {
			return nil // the listener is closed, by Close and nobody else
		}
		peer := AddrOf(conn.RemoteAddr()).String()
		if !l.peers.TryAcquire(1) {
			_ = conn.Close()
			l.turnedAway.Add(1)
			l.tell(peer, ErrTooManyPeers)
			continue
		}
		handlers.Go(func() {
			defer l.peers.Release(1)
			l.serve(peer, newMessageConn(conn, l.cfg.MaxMessage, ioDeadline))
		})
	}
}

func (l *ListenChannel) listen() (net.Listener, error) {
	at, err := parseListenAddr(l.life, l.cfg.Resolver, l.addr)
	if err != nil {
		return nil, err
	}
	listener, err := listenTCP(l.life, net.ListenConfig{}, at)
	if err != nil {
		return nil, &AddrError{Addr: l.addr, Problem: AddrCannotBind, Err: err}
	}
	return listener, nil
}

// serve runs the handler for one peer.
func (l *ListenChannel) serve(peer string, conn *messageConn) {
	defer conn.close()
	defer context.AfterFunc(l.life, conn.close)()
	l.accepted.Add(1)
	defer func() {
		if value := recover(); value != nil {
			l.panics.Add(1)
			l.tell(peer, &HandlerPanicError{Value: value, Stack: debug.Stack()})
		}
	}()
	l.handler(peer, &peerChannel{conn: conn, life: l.life})
}

func (l *ListenChannel) tell(peer string, err error) {
	if l.cfg.OnPeerError != nil {
		l.cfg.OnPeerError(peer, err)
	}
}

// SendData returns [ErrChannelKind]: a listening channel has no single peer.
func (l *ListenChannel) SendData(any) error { return ErrChannelKind }

// RcvData returns [ErrChannelKind]: a listening channel has no single peer.
func (l *ListenChannel) RcvData(any) error { return ErrChannelKind }

// Close stops listening and closes the connections of all peers, so that their
// handlers' calls return [net.ErrClosed]. It does not wait for handlers, so that
// they may call it: RunOnRcvData returns, and Done is closed, when the last one
// has returned. It may be called more than once, and before RunOnRcvData, which
// then returns at once.
func (l *ListenChannel) Close() {
	l.end()
	l.settle.Do(func() { close(l.ready) })
}

// Ready is closed when the channel listens and Addr is known, or when it will
// never be: RunOnRcvData failed, or Close was called before.
func (l *ListenChannel) Ready() <-chan struct{} { return l.ready }

// Done is closed when RunOnRcvData has ended and no handler runs any more. It is
// never closed if RunOnRcvData is never called.
func (l *ListenChannel) Done() <-chan struct{} { return l.done }

// Err says why RunOnRcvData ended: nil if Close did it, or if it has not ended,
// and otherwise *[AddrError] or what was wrong with the arguments.
func (l *ListenChannel) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Addr is the address that the channel listens on, with the real port, or the
// zero AddrPort before it listens.
func (l *ListenChannel) Addr() netip.AddrPort {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bound
}

// Stats is what the channel has counted so far.
func (l *ListenChannel) Stats() ListenChannelStats {
	return ListenChannelStats{
		Accepted:     l.accepted.Load(),
		TurnedAway:   l.turnedAway.Load(),
		Panics:       l.panics.Load(),
		AcceptErrors: l.acceptErrors.Load(),
	}
}

// A peerChannel is the [types.MessageChannel] that a handler gets. It has one
// connection and no other after it.
type peerChannel struct {
	conn *messageConn
	life context.Context // of the listening channel
}

var _ types.MessageChannel = (*peerChannel)(nil)

func (p *peerChannel) SendData(obj any) error {
	broken, err := p.conn.send(obj)
	return p.after(broken, err)
}

func (p *peerChannel) RcvData(obj any) error {
	broken, err := p.conn.receive(obj)
	return p.after(broken, err)
}

func (p *peerChannel) after(broken bool, err error) error {
	if broken {
		p.conn.close()
	}
	if err != nil && p.life.Err() != nil {
		return net.ErrClosed
	}
	return err
}

// RunOnRcvData returns at once: the peer's handler is running already.
func (p *peerChannel) RunOnRcvData(time.Duration) {}

func (p *peerChannel) Close() { p.conn.close() }
