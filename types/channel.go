package types

import "time"

// MessageChannel carries JSON messages between two programs, beside the
// protocol. Package transport makes them: one kind dials, the other listens.
//
// All methods may be called concurrently. Each documents itself for the kind of
// channel that it does not apply to in package transport.
type MessageChannel interface {
	// SendData encodes obj as JSON and sends it as one message.
	SendData(obj any) error
	// RcvData waits for one message and decodes it into obj, a pointer.
	RcvData(obj any) error
	// RunOnRcvData accepts peers and runs the handler for each, until Close. The
	// argument is the deadline for each send and receive; zero means none.
	RunOnRcvData(ioDeadline time.Duration)
	// Close ends the channel, and everything that runs on it. It may be called
	// more than once.
	Close()
}

// OnMessageRcv handles one peer of a listening [MessageChannel]: peerid is the
// peer's "host:port", and c is open until the handler returns.
type OnMessageRcv func(peerid string, c MessageChannel)
