package transport

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
)

// A Stream is one connection in a pool. It ends with the handler that it was
// given to, when its time is over, or with the pool, whichever comes first.
type Stream struct {
	ctx    context.Context // that it was opened with
	conn   countingConn
	peer   netip.AddrPort
	limits Limits
}

// Conn is the connection, for a wire that does not speak frames. Its bytes are
// counted; their number is not limited. When the time of the stream is over, it fails
// with [os.ErrDeadlineExceeded]. It is closed when the pool is, and for a stream of our
// own when the context given to [Streams.Open] ends.
func (s *Stream) Conn() net.Conn { return &s.conn }

// Peer is the address that was dialled, or that the stream came from. The latter
// has the port of the connection, which is not the port of a node.
func (s *Stream) Peer() netip.AddrPort { return s.peer }

// Limits are the limits of the pool, defaults filled in.
func (s *Stream) Limits() Limits { return s.limits }

// Converse is the function [Converse] over this stream, within its context and
// limits.
func (s *Stream) Converse(first []byte, step Step) error {
	return s.ConverseIn(Frames(&s.conn, s.limits), first, step)
}

// ConverseIn is the function [ConverseIn] over this stream, within its context and
// time.
func (s *Stream) ConverseIn(framing Framing, first []byte, step Step) error {
	defer s.conn.Close()
	return converse(s.ctx, framing, first, step)
}

// StreamStats counts what a pool of streams has done since it was made.
type StreamStats struct {
	Incoming, Outgoing DirectionStats
	// Rejected were closed because too many were being served.
	Rejected uint64
	// Refused could not be queued for opening, see [ErrTooManyStreams].
	Refused uint64
	// BytesIn and BytesOut went over all streams, framing included.
	BytesIn, BytesOut uint64
}

// DirectionStats counts the streams of one direction.
type DirectionStats struct {
	Open   int64  // at this moment; our own from the beginning of the dial on
	Done   uint64 // ended without an error
	Failed uint64 // ended with one
}

type streamCounters struct {
	incoming, outgoing directionCounters
	rejected, refused  atomic.Uint64
	bytesIn, bytesOut  atomic.Uint64
}

type directionCounters struct {
	open         atomic.Int64
	done, failed atomic.Uint64
}

// run counts one stream, which is f.
func (d *directionCounters) run(f func() error) error {
	d.open.Add(1)
	defer d.open.Add(-1)
	err := f()
	if err != nil {
		d.failed.Add(1)
	} else {
		d.done.Add(1)
	}
	return err
}

func (d *directionCounters) snapshot() DirectionStats {
	return DirectionStats{Open: d.open.Load(), Done: d.done.Load(), Failed: d.failed.Load()}
}

// Stats is what the pool has counted so far.
func (s *Streams) Stats() StreamStats {
	return StreamStats{
		Incoming: s.counts.incoming.snapshot(),
		Outgoing: s.counts.outgoing.snapshot(),
		Rejected: s.counts.rejected.Load(),
		Refused:  s.counts.refused.Load(),
		BytesIn:  s.counts.bytesIn.Load(),
		BytesOut: s.counts.bytesOut.Load(),
	}
}

// countingConn counts the bytes of a connection into the pool's counters.
type countingConn struct {
	net.Conn
	counts *streamCounters
}

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.counts.bytesIn.Add(uint64(n))
	return n, err
}

func (c *countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.counts.bytesOut.Add(uint64(n))
	return n, err
}
