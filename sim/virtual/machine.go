package virtual

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Dial is a stream that a machine wants opened.
type Dial = swim.Dial

// A Machine is a process without I/O. now is its own monotonic clock, wall its own
// wall clock. The methods are those of internal/node.Node; see swim.Core for what
// they mean.
type Machine interface {
	SetWall(now time.Duration, wall time.Time)
	HandlePacket(now time.Duration, from netip.AddrPort, packet []byte)
	HandleTimeout(now time.Duration)
	NextDeadline() (at time.Duration, ok bool)
	TakePackets(out *swim.Batch) bool
	TakeDials(out *[]Dial) bool
	HandleDialError(now time.Duration, d Dial, err error)
	Begin(now time.Duration, d Dial) (swim.ExchangeID, []byte, error)
	Accept(now time.Duration, from netip.AddrPort) (swim.ExchangeID, error)
	Step(now time.Duration, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error)
	Abort(now time.Duration, id swim.ExchangeID, err error)
}

// A Judge is a machine some of whose timers need nothing to be sent: they run on
// while [HoldStall] stops the others.
type Judge interface {
	// HandleSuspicionTimeout does of HandleTimeout what needs nothing to be sent.
	HandleSuspicionTimeout(now time.Duration)
	// NextSuspicion is when it wants to be called next.
	NextSuspicion() (at time.Duration, ok bool)
}
