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
	HandlePacket(now time.Duration, wall time.Time, from netip.AddrPort, packet []byte)
	HandleTimeout(now time.Duration, wall time.Time)
	NextDeadline() (at time.Duration, ok bool)
	TakePackets(out *swim.Batch) bool
	TakeDials(out *[]Dial) bool
	HandleDialError(now time.Duration, wall time.Time, d Dial, err error)
	Begin(now time.Duration, wall time.Time, d Dial) (swim.ExchangeID, []byte, error)
	Accept(now time.Duration, from netip.AddrPort) (swim.ExchangeID, error)
	Step(now time.Duration, wall time.Time, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error)
	Abort(now time.Duration, wall time.Time, id swim.ExchangeID, err error)
}

// A Judge is a machine some of whose timers need nothing to be sent: they run on
// while [HoldStall] stops the others.
type Judge interface {
	// HandleSuspicionTimeout does of HandleTimeout what needs nothing to be sent.
	HandleSuspicionTimeout(now time.Duration, wall time.Time)
	// NextSuspicion is when it wants to be called next.
	NextSuspicion() (at time.Duration, ok bool)
}
