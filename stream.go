package nekton

import (
	"context"
	"errors"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/transport/seal"
)

// A conversation is one exchange of the protocol on a stream.
type conversation struct {
	run *run
	id  swim.ExchangeID
	// counted: its bytes are those of a push-pull, as far as we can tell.
	counted bool
	// answers: somebody else opened it, and may get our table as an answer.
	answers bool
	tables  []node.Table // that came, on memberlist's wire
	room    *streamRoom
}

// A streamRoom is the memory that a conversation works in. Tables of thousands of members
// come and go there every few seconds; while none does, it is the garbage collector's.
type streamRoom struct {
	buffers seal.Buffers
	frame   []byte // the one that was sent last
}

func (r *run) takeRoom() *streamRoom {
	if room, ok := r.rooms.Get().(*streamRoom); ok {
		return room
	}
	return new(streamRoom)
}

// keep keeps a frame to write the next one over it.
func (room *streamRoom) keep(frame []byte) {
	if cap(frame) > cap(room.frame) {
		room.frame = frame
	}
}

func (r *run) giveRoom(room *streamRoom) { r.rooms.Put(room) }

// serve answers a stream that somebody else opened.
func (r *run) serve(s *transport.Stream) error {
	c := conversation{run: r, counted: true, answers: true, room: r.takeRoom()}
	defer r.giveRoom(c.room)
	var err error
	r.input(func(now time.Duration) { c.id, err = r.node.core.Accept(now, s.Peer()) })
	if err != nil {
		return err
	}
	return c.finish(c.converse(s, 0, nil, false))
}

// dial opens a stream for the node, in a goroutine of the pool. The error means
// that it will not be tried.
func (r *run) dial(d swim.Dial) error {
	c := conversation{run: r, counted: d.Kind != swim.DialPing}
	ctx, cancel := context.Background(), func() {} // streams end with their pool, which ends with the run
	if interval := r.node.intervals.ProbeInterval; d.Kind == swim.DialPing && interval > 0 {
		// Nobody waits any longer for the ack, and streams to the dead must not
		// keep those to the living from their turn.
		ctx, cancel = context.WithTimeout(ctx, streamPingPeriods*interval)
	}
	began := false
	handle := func(s *transport.Stream) error {
		var first, state []byte
		var err error
		c.room = r.takeRoom()
		defer r.giveRoom(c.room)
		if r.node.core.Trades(d) {
			state = r.node.ownState()
		}
		r.input(func(now time.Duration) {
			r.node.core.SetTable(state)
			r.node.core.Lend(c.room.frame)
			c.id, first, err = r.node.core.Begin(now, d)
		})
		c.room.keep(first)
		began = true
		if err != nil {
			return err
		}
		c.count(0, len(first))
		return c.finish(c.converse(s, d.Wire, first, true))
	}
	err := r.streams.Go(ctx, d.Addr, handle, func(err error) {
		cancel()
		if err != nil && !began {
			r.input(func(now time.Duration) { r.node.core.HandleDialError(now, d, err) })
			if d.Kind != swim.DialPing {
				r.node.log.warn("cannot open a stream", d.Addr.String(), "addr", d.Addr, "kind", d.Kind, "error", err)
			}
		}
	})
	if err != nil {
		cancel()
	}
	return err
}

// streamPingPeriods is how many protocol periods a stream ping may take: as many as
// the default of the worst local health lets a probe wait.
const streamPingPeriods = 8

// converse runs the exchange, with what is around its messages. What is not for us is
// counted, and said once a minute: it is what goes wrong when keys are changed.
func (c *conversation) converse(s *transport.Stream, wire uint8, first []byte, dialled bool) error {
	n := c.run.node
	conn, layer, err := c.run.layers.on(s.Conn(), wire, dialled)
	if err != nil {
		return err
	}
	err = s.ConverseIn(layer.Stream(&c.room.buffers, conn, s.Limits(), dialled), first, c.step)
	var rejected *seal.RejectedError
	if errors.As(err, &rejected) {
		c.run.input(func(time.Duration) { n.core.CountDrop(rejected.Drop) })
		n.log.warn("rejected a stream", s.Peer().Addr().String(), "peer", s.Peer(), "error", err)
	}
	return err
}

// step hands a frame to the node. It is a [transport.Step].
func (c *conversation) step(frame []byte) (reply []byte, done bool, err error) {
	n := c.run.node
	var state []byte
	if c.answers && n.core.Answers(frame) {
		state = n.ownState()
	}
	c.run.input(func(now time.Duration) {
		n.core.SetTable(state)
		n.core.Lend(c.room.frame)
		reply, done, err = n.core.Step(now, c.id, frame)
		n.core.TakeTables(&c.tables)
	})
	c.room.keep(reply)
	c.count(len(frame), len(reply))
	return reply, done, err
}

// finish takes in the values that came, once the peer has its answer, and tells the
// node when the stream broke under the exchange.
func (c *conversation) finish(err error) error {
	for _, t := range c.tables {
		c.run.node.mergeState(t)
	}
	if err != nil {
		c.run.input(func(now time.Duration) { c.run.node.core.Abort(now, c.id, err) })
	}
	return err
}

func (c *conversation) count(in, out int) {
	if c.counted {
		c.run.node.counts.pushPullIn.Add(uint64(in))
		c.run.node.counts.pushPullOut.Add(uint64(out))
	}
}

// input is [Node.input]. All streams of a run have ended before the next run
// begins, so what they bring is for this run's core.
func (r *run) input(f func(now time.Duration)) { r.node.input(f) }
