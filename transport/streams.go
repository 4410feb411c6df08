package transport

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// DefaultMaxIncoming is how many streams of other nodes are served at a time.
	DefaultMaxIncoming = 64
	// DefaultMaxOutgoing is how many streams of our own are open at a time.
	DefaultMaxOutgoing = 64
	// DefaultMaxWaiting is how many streams of our own may wait for their turn. A
	// join opens one to every seed at once.
	DefaultMaxWaiting = 4096
)

// ErrTooManyStreams is returned by [Streams.Open] and [Streams.Go] when the
// queue of streams that wait for their turn is full. Nothing was sent.
var ErrTooManyStreams = errors.New("transport: too many streams are waiting to be opened")

// StreamsConfig bounds the streams of a node. Zero means the default
// throughout; a negative number is an error.
type StreamsConfig struct {
	MaxIncoming int // default [DefaultMaxIncoming]
	MaxOutgoing int // default [DefaultMaxOutgoing]
	MaxWaiting  int // default [DefaultMaxWaiting]
	Limits      Limits
}

func (c StreamsConfig) withDefaults() StreamsConfig {
	if c.MaxIncoming == 0 {
		c.MaxIncoming = DefaultMaxIncoming
	}
	if c.MaxOutgoing == 0 {
		c.MaxOutgoing = DefaultMaxOutgoing
	}
	if c.MaxWaiting == 0 {
		c.MaxWaiting = DefaultMaxWaiting
	}
	c.Limits = c.Limits.WithDefaults()
	return c
}

func (c StreamsConfig) validate() error {
	errs := []error{c.Limits.validate()}
	for _, bound := range []struct {
		name string
		n    int
	}{{"MaxIncoming", c.MaxIncoming}, {"MaxOutgoing", c.MaxOutgoing}, {"MaxWaiting", c.MaxWaiting}} {
		if bound.n < 0 {
			errs = append(errs, fmt.Errorf("transport: StreamsConfig.%s is %d, must not be negative", bound.name, bound.n))
		}
	}
	return errors.Join(errs...)
}

// A quota is of what nobody waits for: there is room, or there is not.
type quota struct {
	most  int64
	taken atomic.Int64
}

// take takes a place, if there is one.
func (q *quota) take() bool {
	if q.taken.Add(1) <= q.most {
		return true
	}
	q.give()
	return false
}

// give gives it back.
func (q *quota) give() { q.taken.Add(-1) }

// A Handler runs one stream. The stream is closed when it returns.
type Handler func(*Stream) error

// Streams is the bounded pool in which all streams of a node run, those that
// other nodes open and those it opens itself. The two have separate bounds, so
// that a crowd of joiners cannot keep a node from its own push-pull.
//
// Each stream has a byte limit and a time limit. All methods may be called
// concurrently; handlers run concurrently with each other.
type Streams struct {
	transport Transport
	cfg       StreamsConfig
	incoming  quota
	outgoing  *semaphore.Weighted
	waiting   quota // used by those that run, too

	life   context.Context // ends with Close
	end    context.CancelCauseFunc
	counts streamCounters

	// mu orders joining the group and open against Close: nobody joins after closed
	// is set, so that Wait sees everyone, and Close every connection.
	mu     sync.Mutex
	closed bool
	open   map[*Stream]struct{}
	group  sync.WaitGroup
}

// NewStreams makes a pool over t, which it takes over: closing the pool closes
// the transport. It starts nothing. The error names every field of cfg that is
// out of range.
func NewStreams(t Transport, cfg StreamsConfig) (*Streams, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Streams{
		transport: t,
		cfg:       cfg,
		outgoing:  semaphore.NewWeighted(int64(cfg.MaxOutgoing)),
		open:      map[*Stream]struct{}{},
	}
	s.incoming.most = int64(cfg.MaxIncoming)
	s.waiting.most = int64(cfg.MaxWaiting) + int64(cfg.MaxOutgoing)
	s.life, s.end = context.WithCancelCause(context.Background())
	return s, nil
}

// Serve accepts streams and runs handle for each in a goroutine of its own,
// until the pool or its transport is closed, and returns nil then. A stream over
// the bound is closed at once and counted: its opener learns without delay that
// this node is busy, and tries elsewhere. Run Serve once.
//
// What handle returns decides only how the stream is counted. A panic in handle
// is not caught.
func (s *Streams) Serve(handle Handler) error {
	if !s.join() {
		return nil
	}
	defer s.group.Done()
	for {
		conn, err := s.transport.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("transport: accept streams: %w", err)
		}
		if !s.incoming.take() {
			s.counts.rejected.Add(1)
			_ = conn.Close()
			continue
		}
		// This goroutine is in the group, so Close still waits: Add cannot race
		// with the end of Wait.
		s.group.Go(func() {
			deepen()
			defer s.incoming.give()
			_ = s.counts.incoming.run(func() error {
				deadline := time.Now().Add(s.cfg.Limits.Timeout)
				return s.run(context.Background(), conn, deadline, AddrOf(conn.RemoteAddr()), handle)
			})
		})
	}
}

// Open waits for a turn, opens a stream to a node, runs handle on it in this
// goroutine, and returns its error. The time limit of a stream begins with its
// turn and includes opening it; ctx bounds the waiting as well, and does nothing else.
//
// Errors: [ErrTooManyStreams] at once, the cause of ctx, [net.ErrClosed] when the
// pool is closed, or what dialling or handle returned.
func (s *Streams) Open(ctx context.Context, to netip.AddrPort, handle Handler) error {
	if !s.join() {
		return net.ErrClosed
	}
	defer s.group.Done()
	if !s.waiting.take() {
		s.counts.refused.Add(1)
		return ErrTooManyStreams
	}
	defer s.waiting.give()
	return s.openAndRun(ctx, to, handle)
}

// Go is [Streams.Open] in a goroutine of the pool; done, if it is not nil, is
// called there with the error. Go itself does not wait. It returns
// [ErrTooManyStreams] or [net.ErrClosed], and then done is not called.
func (s *Streams) Go(ctx context.Context, to netip.AddrPort, handle Handler, done func(error)) error {
	if !s.join() {
		return net.ErrClosed
	}
	if !s.waiting.take() {
		s.group.Done()
		s.counts.refused.Add(1)
		return ErrTooManyStreams
	}
	go func() {
		deepen()
		defer s.group.Done()
		defer s.waiting.give()
		err := s.openAndRun(ctx, to, handle)
		if done != nil {
			done(err)
		}
	}()
	return nil
}

// openAndRun does what Open says, after the caller has joined the group and the queue.
func (s *Streams) openAndRun(ctx context.Context, to netip.AddrPort, handle Handler) error {
	if err := s.waitForTurn(ctx); err != nil {
		return fmt.Errorf("transport: wait to open a stream to %v: %w", to, err)
	}
	defer s.outgoing.Release(1)
	return s.counts.outgoing.run(func() error {
		deadline := time.Now().Add(s.cfg.Limits.Timeout)
		conn, err := s.dial(ctx, deadline, to)
		if err != nil {
			return err
		}
		return s.run(ctx, conn, deadline, to, handle)
	})
}

// waitForTurn acquires outgoing, or returns why ctx or the pool has ended.
func (s *Streams) waitForTurn(ctx context.Context) error {
	if s.outgoing.TryAcquire(1) {
		return nil
	}
	life, cancel := context.WithCancelCause(s.life)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	if s.outgoing.Acquire(life, 1) != nil {
		return context.Cause(life)
	}
	return nil
}

// dial opens a connection. The transport sees to it that this ends with the pool.
func (s *Streams) dial(ctx context.Context, deadline time.Time, to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return s.transport.Dial(ctx, to)
}

// run hands conn to handle and closes it afterwards, or as soon as ctx or the pool ends.
// At the deadline, what waits for conn ends.
func (s *Streams) run(ctx context.Context, conn net.Conn, deadline time.Time, peer netip.AddrPort, handle Handler) error {
	defer conn.Close()
	stream := &Stream{ctx: ctx, conn: countingConn{conn, &s.counts}, peer: peer, limits: s.cfg.Limits}
	if !s.enter(stream) {
		return net.ErrClosed
	}
	defer s.leave(stream)
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	}
	return handle(stream)
}

// enter puts a stream among those that Close ends, unless it is too late.
func (s *Streams) enter(stream *Stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.open[stream] = struct{}{}
	}
	return !s.closed
}

func (s *Streams) leave(stream *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, stream)
}

// join enters the group that Close waits for, unless it is too late.
func (s *Streams) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.group.Add(1)
	return true
}

// Close closes the transport, ends every stream and everyone who waits for one,
// and returns when all handlers, done functions and Serve have returned. It must
// not be called from any of these. Calling it again waits as well and returns
// the same.
func (s *Streams) Close() error {
	s.mu.Lock()
	s.closed = true
	open := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	s.end(net.ErrClosed)
	for _, stream := range open {
		_ = stream.conn.Close()
	}
	err := s.transport.Close()
	s.group.Wait()
	return err
}
