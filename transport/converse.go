package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// DefaultStreamTimeout bounds one stream from the moment it is opened or
// accepted to its end, as memberlist does.
const DefaultStreamTimeout = 10 * time.Second

// Limits bound one stream.
type Limits struct {
	// Frame bounds the payload of one frame in bytes, sent or received. Zero
	// means [DefaultMaxFrame].
	Frame int64
	// Stream bounds the bytes received in all, frame headers included. Zero means
	// [DefaultMaxStream].
	Stream int64
	// Timeout bounds the whole stream. Zero means [DefaultStreamTimeout].
	Timeout time.Duration
}

// WithDefaults is l with the defaults in the place of zero.
func (l Limits) WithDefaults() Limits {
	if l.Frame == 0 {
		l.Frame = DefaultMaxFrame
	}
	if l.Stream == 0 {
		l.Stream = DefaultMaxStream
	}
	if l.Timeout == 0 {
		l.Timeout = DefaultStreamTimeout
	}
	return l
}

func (l Limits) validate() error {
	var errs []error
	if l.Frame < 0 || l.Frame > maxInt32 {
		errs = append(errs, fmt.Errorf("transport: Limits.Frame is %d, must be from 0 to %d bytes", l.Frame, maxInt32))
	}
	if l.Stream < 0 {
		errs = append(errs, fmt.Errorf("transport: Limits.Stream is %d, must not be negative", l.Stream))
	}
	if l.Timeout < 0 {
		errs = append(errs, fmt.Errorf("transport: Limits.Timeout is %v, must not be negative", l.Timeout))
	}
	return errors.Join(errs...)
}

// maxInt32 bounds what is read into one buffer, so that lengths fit an int on
// every machine.
const maxInt32 = 1<<31 - 1

// A Step consumes the frame that arrived and returns the frame to answer with.
// A nil reply sends nothing, an empty one sends an empty frame. done ends the
// conversation after the reply; so does an error, whose reply is sent all the
// same: a refusal has to reach the other side. The frame is valid until the step
// returns; the reply has to stay unchanged until the next step.
type Step func(frame []byte) (reply []byte, done bool, err error)

// Converse drives one conversation in frames over conn: it is [ConverseIn] with the
// framing of [Frames].
func Converse(ctx context.Context, conn net.Conn, limits Limits, first []byte, step Step) error {
	return ConverseIn(ctx, conn, limits, Frames(conn, limits), first, step)
}

// A Framing is how messages follow each other on a stream, in both directions. It
// belongs to one conversation on one connection, and is not for concurrent use.
type Framing interface {
	// Write sends one message, which it does not keep.
	Write(message []byte) error
	// Next returns the next message that arrives. It is valid until the next call.
	// The error is [io.EOF] if the stream ended between messages.
	Next() ([]byte, error)
}

// ConverseIn drives one conversation over conn in a framing: it sends first, if that
// is not nil, and then hands each message that arrives to step and sends its
// reply, until step is done. The dialler speaks first, the acceptor passes nil.
// A nil step ends the conversation after first. Of limits only Timeout is used; the
// framing holds the others.
//
// It returns nil when step was done, and otherwise what ended it: the error of
// step as it is; an error that wraps the cause of ctx if that ended first,
// [os.ErrDeadlineExceeded] or [context.DeadlineExceeded] when the time was over,
// [io.ErrUnexpectedEOF] if the peer left early, or one of the framing; that of
// [Frames] has those of [FrameReader.Next]. In all cases conn is closed when
// ConverseIn returns.
func ConverseIn(ctx context.Context, conn net.Conn, limits Limits, framing Framing, first []byte, step Step) error {
	defer conn.Close()
	if err := limits.validate(); err != nil {
		return err
	}
	deadline := time.Now().Add(limits.WithDefaults().Timeout)
	if until, ok := ctx.Deadline(); ok && until.Before(deadline) {
		deadline = until
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	return converse(ctx, framing, first, step)
}

// converse is ConverseIn over a connection that has a deadline, and that somebody
// closes when ctx ends. Then its cause is what the caller wants to hear.
func converse(ctx context.Context, framing Framing, first []byte, step Step) error {
	err := exchange(framing, first, step)
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("transport: converse: %w", cause)
	}
	return err
}

// exchange is the conversation itself.
func exchange(framing Framing, first []byte, step Step) error {
	send := func(message []byte) error {
		if message == nil {
			return nil
		}
		return framing.Write(message)
	}
	if err := send(first); err != nil {
		return err
	}
	if step == nil {
		return nil
	}
	for {
		message, err := framing.Next()
		if err != nil {
			if err == io.EOF {
				return fmt.Errorf("transport: the peer ended the stream early: %w", io.ErrUnexpectedEOF)
			}
			return err
		}
		reply, done, err := step(message)
		if sendErr := send(reply); err == nil {
			err = sendErr
		}
		if err != nil || done {
			return err
		}
	}
}
