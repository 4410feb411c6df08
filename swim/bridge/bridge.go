package bridge

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// The sides of a bridge, as [swim.Batch.Wire] and [swim.Dial.Wire] tell them.
const (
	Nekton     = 0 // nekton's own wire, v2
	Memberlist = 1 // memberlist's wire, v1
)

// Config is what a bridge is made of. All fields are required.
type Config struct {
	// Nekton and Memberlist are the two sides. The bridge takes them over.
	Nekton, Memberlist *swim.Core
	// Name is the name of a node on memberlist's side; on nekton's it is the id.
	Name func(id string) string
	// ID undoes Name.
	ID func(name string) string
	// Bridged reports whether the meta of a member of memberlist's side says that it
	// is on nekton's side, too.
	Bridged func(meta []byte) bool
	// Seeds are those of healing, as given to the cores.
	Seeds []netip.AddrPort
}

// A Bridge is one node on both wires. Its methods are those of [swim.Core], and mean
// the same; names are those of nekton's side, which are ids.
type Bridge struct {
	cfg   Config
	sides [2]*swim.Core

	nodes   map[string]*held
	bridged map[string]netip.AddrPort // who is on nekton's side as well, and where
	seeds   []netip.AddrPort

	joins   map[uint64]*pending // by our number
	pings   map[uint64]*pending
	numbers [2]map[uint64]uint64 // our number of a join or ping, by that of a side
	last    uint64

	exchanges map[swim.ExchangeID]exchange
	opened    swim.ExchangeID

	cutOff bool
	left   [2]bool // whose departure is acknowledged

	events  []swim.Event
	taken   []swim.Event
	packets swim.Batch
	dials   []swim.Dial
}

// New joins two cores, which must be new: nothing that they have reported is lost.
func New(cfg Config) *Bridge {
	return &Bridge{
		cfg: cfg, sides: [2]*swim.Core{cfg.Nekton, cfg.Memberlist}, seeds: cfg.Seeds,
		nodes: map[string]*held{}, bridged: map[string]netip.AddrPort{},
		joins: map[uint64]*pending{}, pings: map[uint64]*pending{},
		numbers:   [2]map[uint64]uint64{{}, {}},
		exchanges: map[swim.ExchangeID]exchange{},
	}
}

// lastMemberlistType is the highest type of memberlist's messages.
const lastMemberlistType = 13

// sideOf tells whose a packet or frame is, without its layers.
func sideOf(b []byte) int {
	if len(b) > 0 && b[0] <= lastMemberlistType {
		return Memberlist
	}
	return Nekton
}

// active are the sides that take part: both, until a higher life of our name is met,
// which is on nekton's side. Then we are nobody, and say nothing on the other either.
func (b *Bridge) active() []*swim.Core {
	if b.Replaced() {
		return b.sides[:Memberlist]
	}
	return b.sides[:]
}

// HandlePacket takes a datagram of either wire.
func (b *Bridge) HandlePacket(now time.Duration, from netip.AddrPort, packet []byte) {
	if side := sideOf(packet); side < len(b.active()) {
		b.sides[side].HandlePacket(now, from, packet)
		b.follow(now)
	}
}

// HandleTimeout does everything that was due at or before now, on both sides.
func (b *Bridge) HandleTimeout(now time.Duration) {
	for _, c := range b.active() {
		c.HandleTimeout(now)
	}
	b.follow(now)
}

// HandleSuspicionTimeout: see [swim.Core.HandleSuspicionTimeout].
func (b *Bridge) HandleSuspicionTimeout(now time.Duration) {
	for _, c := range b.active() {
		c.HandleSuspicionTimeout(now)
	}
	b.follow(now)
}

// NextDeadline is the nearer of both sides.
func (b *Bridge) NextDeadline() (at time.Duration, ok bool) {
	return b.nearer((*swim.Core).NextDeadline)
}

// NextSuspicion is the nearer of both sides.
func (b *Bridge) NextSuspicion() (at time.Duration, ok bool) {
	return b.nearer((*swim.Core).NextSuspicion)
}

func (b *Bridge) nearer(next func(*swim.Core) (time.Duration, bool)) (at time.Duration, ok bool) {
	for _, c := range b.active() {
		if t, set := next(c); set && (!ok || t < at) {
			at, ok = t, true
		}
	}
	return at, ok
}

// SetWall says what the wall clock reads.
func (b *Bridge) SetWall(now time.Duration, wall time.Time) {
	for _, c := range b.sides {
		c.SetWall(now, wall)
	}
}

// HandleSendError says that the machine refused to send to an address.
func (b *Bridge) HandleSendError(now time.Duration, to netip.AddrPort, err error) {
	for _, c := range b.sides {
		c.HandleSendError(now, to, err)
	}
}

// CountDrop counts what was dropped before its side was clear.
func (b *Bridge) CountDrop(d swim.Drop) { b.sides[Nekton].CountDrop(d) }

// Leave departs from both groups. EventLeaveAcked comes when both have heard of it.
func (b *Bridge) Leave(now time.Duration) {
	for _, c := range b.sides {
		c.Leave(now)
	}
	b.follow(now)
}

// Touch says that our riding state changed. Only nekton's side has news of it.
func (b *Bridge) Touch(now time.Duration, id string, base uint64) {
	b.sides[Nekton].Touch(now, id, base)
}

// Unwant says that a node is gone for good.
func (b *Bridge) Unwant(id string) {
	b.sides[Nekton].Unwant(id)
	b.sides[Memberlist].Unwant(b.cfg.Name(id))
}

// SetSeeds replaces the seeds that healing tries.
func (b *Bridge) SetSeeds(seeds []netip.AddrPort) {
	b.seeds = seeds
	b.sides[Memberlist].SetSeeds(seeds)
	b.seedNekton()
}

// TakePackets moves the datagrams of both sides into out.
func (b *Bridge) TakePackets(out *swim.Batch) {
	b.sides[Nekton].TakePackets(out)
	b.sides[Memberlist].TakePackets(&b.packets)
	out.AppendBatch(&b.packets, Memberlist)
}

// TakeDials moves the streams that both sides want opened into out.
func (b *Bridge) TakeDials(out *[]swim.Dial) {
	b.sides[Nekton].TakeDials(out)
	b.sides[Memberlist].TakeDials(&b.dials)
	for _, d := range b.dials {
		d.Wire = Memberlist
		*out = append(*out, d)
	}
}

// TakeEvents moves the events since the last call into out.
func (b *Bridge) TakeEvents(out *[]swim.Event) {
	clear(*out)
	b.events, *out = (*out)[:0], b.events
}
