package bridge

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// exchange is a conversation with one side. Which one an accepted stream is for shows
// in its first frame.
type exchange struct {
	side int // or undecided
	id   swim.ExchangeID
	from netip.AddrPort
}

const undecided = -1

func (b *Bridge) add(x exchange) swim.ExchangeID {
	b.opened++
	b.exchanges[b.opened] = x
	return b.opened
}

// Lend gives room for the frames that Begin and Step return; see [swim.Core.Lend].
func (b *Bridge) Lend(room []byte) {
	for _, side := range b.sides {
		side.Lend(room)
	}
}

// Begin starts the exchange of a dial whose stream is open.
func (b *Bridge) Begin(now time.Duration, d swim.Dial) (swim.ExchangeID, []byte, error) {
	if int(d.Wire) >= len(b.active()) {
		b.HandleDialError(now, d, swim.ErrReplaced)
		return 0, nil, swim.ErrReplaced
	}
	id, frame, err := b.sides[d.Wire].Begin(now, d)
	b.follow(now)
	if err != nil {
		return 0, nil, err
	}
	return b.add(exchange{side: int(d.Wire), id: id}), frame, nil
}

// Accept starts an exchange that somebody else opened.
func (b *Bridge) Accept(_ time.Duration, from netip.AddrPort) swim.ExchangeID {
	return b.add(exchange{side: undecided, from: from})
}

// Step takes the next frame of an exchange.
func (b *Bridge) Step(now time.Duration, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error) {
	x, ok := b.exchanges[id]
	if !ok {
		return nil, true, swim.ErrUnknownExchange
	}
	if b.Replaced() {
		b.Abort(now, id, swim.ErrReplaced)
		return nil, true, swim.ErrReplaced
	}
	if x.side == undecided {
		x.side = sideOf(frame)
		x.id = b.sides[x.side].Accept(now, x.from)
		b.exchanges[id] = x
	}
	reply, done, err = b.sides[x.side].Step(now, x.id, frame)
	if done {
		delete(b.exchanges, id)
	}
	b.follow(now)
	return reply, done, err
}

// Abort ends an exchange whose stream broke.
func (b *Bridge) Abort(now time.Duration, id swim.ExchangeID, err error) {
	x, ok := b.exchanges[id]
	if !ok {
		return
	}
	delete(b.exchanges, id)
	if x.side != undecided {
		b.sides[x.side].Abort(now, x.id, err)
		b.follow(now)
	}
}

// HandleDialError says that the stream of a dial could not be opened.
func (b *Bridge) HandleDialError(now time.Duration, d swim.Dial, err error) {
	b.sides[d.Wire].HandleDialError(now, d, err)
	b.follow(now)
}
