package node

import (
	"iter"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/bridge"
)

// A detector says who is alive: a [swim.Core], or two of them as a [bridge.Bridge].
type detector interface {
	HandlePacket(now time.Duration, from netip.AddrPort, packet []byte)
	HandleTimeout(now time.Duration)
	NextDeadline() (at time.Duration, ok bool)
	HandleSuspicionTimeout(now time.Duration)
	NextSuspicion() (at time.Duration, ok bool)
	HandleSendError(now time.Duration, to netip.AddrPort, err error)
	HandleDialError(now time.Duration, d swim.Dial, err error)
	CountDrop(d swim.Drop)
	SetWall(now time.Duration, wall time.Time)

	Lend(room []byte)
	Begin(now time.Duration, d swim.Dial) (swim.ExchangeID, []byte, error)
	Accept(now time.Duration, from netip.AddrPort) swim.ExchangeID
	Step(now time.Duration, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error)
	Abort(now time.Duration, id swim.ExchangeID, err error)

	Join(now time.Duration, addrs []netip.AddrPort) (id uint64)
	CancelJoin(now time.Duration, id uint64)
	Ping(now time.Duration, name string, addr netip.AddrPort) (id uint64)
	Leave(now time.Duration)
	Touch(now time.Duration, name string, base uint64)
	Unwant(name string)
	SetSeeds(seeds []netip.AddrPort)

	TakePackets(out *swim.Batch)
	TakeDials(out *[]swim.Dial)
	TakeEvents(out *[]swim.Event)

	Members() iter.Seq[swim.Info]
	Member(name string) (swim.Info, bool)
	LifeOf(name string) (swim.Life, bool)
	Alive() int
	Queued() int
	Health() int
	CutOff() bool
	Replaced() bool
	Fingerprints() swim.Prints
	Stats() swim.Stats
	CheckInvariants() error
}

var (
	_ detector = (*swim.Core)(nil)
	_ detector = (*bridge.Bridge)(nil)
)
