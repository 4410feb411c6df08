package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/nekton-go/nekton/types"
)

// ErrChannelKind is returned by methods that do not apply to the kind of a
// message channel: a listening one has many peers and sends to none, it receives
// through the channels that it hands to its handler; only a listening one runs.
// Nothing was sent or received.
var ErrChannelKind = errors.New("transport: the method does not apply to this kind of message channel")

// A DialChannel is the [types.MessageChannel] of one who calls. It opens its
// connection when the first message is sent or received. When the connection
// breaks, the call that notices returns the error, and the next call opens a new
// one; messages are neither repeated nor kept.
//
// All methods may be called concurrently; a receive does not hold up a send.
type DialChannel struct {
	addr string
	cfg  MessageConfig
	bad  error // what is wrong with the arguments, or nil

	life context.Context // ends with Close
	end  context.CancelCauseFunc

	dialing sync.Mutex // held while a connection is opened; before mu
	mu      sync.Mutex // guards conn and err
	conn    *messageConn
	err     error
}

var _ types.MessageChannel = (*DialChannel)(nil)

// NewMessageChannel makes a channel to the program that listens at addr,
// "host:port", with all defaults: it is [NewDialChannel] behind the interface.
func NewMessageChannel(addr string) types.MessageChannel {
	return NewDialChannel(addr, MessageConfig{})
}

// NewDialChannel makes a channel to the program that listens at addr,
// "host:port". It does no I/O and cannot fail: what is wrong with addr or cfg is
// returned by SendData and RcvData.
func NewDialChannel(addr string, cfg MessageConfig) *DialChannel {
	d := &DialChannel{addr: addr, bad: cfg.validate(), cfg: cfg.withDefaults()}
	d.life, d.end = context.WithCancelCause(context.Background())
	return d
}

// SendData sends obj as one JSON message. When it returns nil, the message is
// with the operating system; only an answer tells that it arrived.
//
// Errors: [net.ErrClosed] after Close, *[AddrError], *[MessageTooLargeError],
// that of encoding/json, or one of the network. After the last the connection
// has been closed and nobody knows whether the message arrives.
func (d *DialChannel) SendData(obj any) error {
	return d.do(func(conn *messageConn) (bool, error) { return conn.send(obj) })
}

// RcvData waits for one message and decodes it into obj, a pointer.
//
// Errors: [net.ErrClosed] after Close; *[AddrError]; one that wraps
// [os.ErrDeadlineExceeded] if no message began in time, and one of encoding/json
// if it does not fit obj, after both of which the next can be received;
// [io.EOF] if the peer ended the connection between two messages;
// *[MessageTooLargeError] or one of the network. After the last three the
// connection has been closed.
func (d *DialChannel) RcvData(obj any) error {
	return d.do(func(conn *messageConn) (bool, error) { return conn.receive(obj) })
}

// RunOnRcvData does not apply to this kind of channel. It returns at once, and
// Err is [ErrChannelKind] from then on.
func (d *DialChannel) RunOnRcvData(time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = ErrChannelKind
}

// Err is [ErrChannelKind] if RunOnRcvData was called, and otherwise nil. Errors
// of sending and receiving are returned there.
func (d *DialChannel) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Close closes the connection. Calls that wait return [net.ErrClosed], as do all
// later ones. It may be called more than once.
func (d *DialChannel) Close() {
	d.end(net.ErrClosed)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.close()
		d.conn = nil
	}
}

// do runs one send or receive on the connection, which it opens if need be and
// gives up if it broke.
func (d *DialChannel) do(f func(*messageConn) (broken bool, err error)) error {
	conn, err := d.connection()
	if err != nil {
		return err
	}
	broken, err := f(conn)
	if broken {
		d.drop(conn)
	}
	return causeOf(d.life, err)
}

// connection is the open connection, or a new one.
func (d *DialChannel) connection() (*messageConn, error) {
	if d.bad != nil {
		return nil, d.bad
	}
	d.dialing.Lock()
	defer d.dialing.Unlock()
	if conn := d.current(); conn != nil {
		return conn, nil
	}
	ctx, cancel := d.life, context.CancelFunc(func() {})
	if d.cfg.IOTimeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, d.cfg.IOTimeout)
	}
	defer cancel()
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, causeOf(d.life, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// Close ends life before it takes mu: either it is seen here, or Close finds
	// the connection and closes it.
	if d.life.Err() != nil {
		_ = conn.Close()
		return nil, context.Cause(d.life)
	}
	d.conn = newMessageConn(conn, d.cfg.MaxMessage, d.cfg.IOTimeout)
	return d.conn, nil
}

// dial tries the addresses of the peer one after the other.
func (d *DialChannel) dial(ctx context.Context) (net.Conn, error) {
	addrs, err := Resolve(ctx, d.cfg.Resolver, d.addr)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, to := range addrs {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", hostPort(to))
		if err == nil {
			return conn, nil
		}
		problems = append(problems, err)
	}
	return nil, fmt.Errorf("transport: open a message channel to %s: %w", d.addr, errors.Join(problems...))
}

func (d *DialChannel) current() *messageConn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn
}

// drop closes a broken connection. Another call may have noticed before and
// opened the next one, which stays.
func (d *DialChannel) drop(broken *messageConn) {
	broken.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == broken {
		d.conn = nil
	}
}

// causeOf prefers the reason why ctx ended over the error that this made.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}
