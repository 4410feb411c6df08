package transport

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipeBuffer is how many bytes one direction of an in-memory stream holds before
// the writer has to wait, about what a TCP connection has under way.
const pipeBuffer = 64 << 10

// A memConn is one end of a stream in a [Network].
type memConn struct {
	network       *Network
	local, remote netip.AddrPort
	in, out       *pipe
}

var _ net.Conn = (*memConn)(nil)

// newMemConns makes the two ends of a stream from one node to another.
func newMemConns(n *Network, from, to netip.AddrPort) (dialled, accepted *memConn) {
	there, back := newPipe(), newPipe()
	return &memConn{network: n, local: from, remote: to, in: back, out: there},
		&memConn{network: n, local: to, remote: from, in: there, out: back}
}

func (c *memConn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("transport: read from %v: %w", c.remote, err)
	}
	return n, err
}

func (c *memConn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	if err != nil {
		err = fmt.Errorf("transport: write to %v: %w", c.remote, err)
	}
	return n, err
}

// Close ends both directions. What was written before can still be read at the
// other end.
func (c *memConn) Close() error {
	c.in.closeRead()
	c.out.closeWrite()
	c.network.forget(c)
	return nil
}

// reset is the end of a stream that loses what is under way.
func (c *memConn) reset() {
	c.in.reset()
	c.out.reset()
}

func (c *memConn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *memConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *memConn) SetDeadline(t time.Time) error {
	c.in.readDeadline.set(t)
	c.out.writeDeadline.set(t)
	return nil
}

func (c *memConn) SetReadDeadline(t time.Time) error {
	c.in.readDeadline.set(t)
	return nil
}

func (c *memConn) SetWriteDeadline(t time.Time) error {
	c.out.writeDeadline.set(t)
	return nil
}

// A pipe is one direction of a stream: a bounded buffer between a writer and a
// reader.
type pipe struct {
	mu      sync.Mutex
	changed sync.Cond    // on mu; signalled whenever something below changes
	buf     bytes.Buffer // written and not yet read, at most pipeBuffer bytes

	readClosed    bool // by the reader, who wants no more
	writeClosed   bool // by the writer, who has no more
	broken        bool
	readDeadline  pipeDeadline
	writeDeadline pipeDeadline
}

func newPipe() *pipe {
	p := &pipe{}
	p.changed.L = &p.mu
	p.readDeadline.pipe, p.writeDeadline.pipe = p, p
	return p
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.readClosed:
			return 0, net.ErrClosed
		case p.broken:
			return 0, syscall.ECONNRESET
		case p.readDeadline.passed():
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case p.buf.Len() > 0:
			n, _ := p.buf.Read(b) // a Buffer fails only when it is empty
			p.changed.Broadcast()
			return n, nil
		case p.writeClosed:
			return 0, io.EOF
		}
		p.changed.Wait()
	}
}

func (p *pipe) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	written := 0
	for {
		switch {
		case p.writeClosed:
			return written, net.ErrClosed
		case p.broken:
			return written, syscall.ECONNRESET
		case p.readClosed:
			return written, syscall.EPIPE
		case p.writeDeadline.passed():
			return written, os.ErrDeadlineExceeded
		case written == len(b):
			return written, nil
		}
		if room := pipeBuffer - p.buf.Len(); room > 0 {
			n := min(room, len(b)-written)
			p.buf.Write(b[written : written+n])
			written += n
			p.changed.Broadcast()
			continue
		}
		p.changed.Wait()
	}
}

// change applies f and wakes who waits.
func (p *pipe) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.changed.Broadcast()
}

func (p *pipe) closeRead() {
	p.change(func() { p.readClosed, p.buf = true, bytes.Buffer{} })
	p.readDeadline.set(time.Time{})
}

func (p *pipe) closeWrite() {
	p.change(func() { p.writeClosed = true })
	p.writeDeadline.set(time.Time{})
}

func (p *pipe) reset() {
	p.change(func() { p.broken, p.buf = true, bytes.Buffer{} })
}

// A pipeDeadline wakes its pipe when it passes. It is guarded by the pipe's mu.
type pipeDeadline struct {
	pipe  *pipe
	at    time.Time // zero: none
	timer *time.Timer
}

func (d *pipeDeadline) set(at time.Time) {
	d.pipe.change(func() {
		if d.timer != nil {
			d.timer.Stop()
			d.timer = nil
		}
		d.at = at
		if left := time.Until(at); !at.IsZero() && left > 0 {
			d.timer = time.AfterFunc(left, func() { d.pipe.change(func() {}) })
		}
	})
}

// passed is called with the pipe's mu held.
func (d *pipeDeadline) passed() bool {
	return !d.at.IsZero() && !time.Now().Before(d.at)
}
