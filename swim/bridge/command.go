package bridge

import (
	"errors"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// pending is a join or ping that was asked of both sides. It succeeds with the first
// that succeeds, and fails with the last.
type pending struct {
	numbers [2]uint64
	open    [2]bool
	done    bool
	errs    []error
}

// both registers a command of both sides under a number of our own.
func (b *Bridge) both(of map[uint64]*pending, ask func(side int) uint64) (id uint64) {
	b.last++
	p := &pending{open: [2]bool{true, true}}
	of[b.last] = p
	for side := range b.sides {
		p.numbers[side] = ask(side)
		b.numbers[side][p.numbers[side]] = b.last
	}
	return b.last
}

// Join opens a push-pull with each address, on both wires.
func (b *Bridge) Join(now time.Duration, addrs []netip.AddrPort) (id uint64) {
	id = b.both(b.joins, func(side int) uint64 { return b.sides[side].Join(now, addrs) })
	b.follow(now)
	return id
}

// CancelJoin gives up on seeds that have not been dialled yet.
func (b *Bridge) CancelJoin(now time.Duration, id uint64) {
	if p, ok := b.joins[id]; ok {
		for side, c := range b.sides {
			if p.open[side] {
				c.CancelJoin(now, p.numbers[side])
			}
		}
		b.follow(now)
	}
}

// Ping asks whether a node lives at an address, on both wires.
func (b *Bridge) Ping(now time.Duration, id string, addr netip.AddrPort) (ping uint64) {
	names := [2]string{Nekton: id, Memberlist: b.cfg.Name(id)}
	ping = b.both(b.pings, func(side int) uint64 { return b.sides[side].Ping(now, names[side], addr) })
	b.follow(now)
	return ping
}

// conclude takes the outcome of a command at one side, and returns the event that
// tells its own, if this is it.
func (b *Bridge) conclude(of map[uint64]*pending, side int, e swim.Event, ok bool) (swim.Event, bool) {
	id, ours := b.numbers[side][e.ID]
	p := of[id]
	if !ours || p == nil {
		return e, false // a join of our own making
	}
	delete(b.numbers[side], e.ID)
	p.open[side] = false
	over := !p.open[Nekton] && !p.open[Memberlist]
	if over {
		delete(of, id)
	}
	if e.Err != nil {
		p.errs = append(p.errs, e.Err)
	}
	if p.done || !ok && !over {
		return e, false
	}
	p.done = true
	if e.ID = id; !ok {
		e.Err = errors.Join(p.errs...)
	}
	return e, true
}
