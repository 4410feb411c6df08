package bridge

import (
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// standing is how a node stands on one side, or on both together, the best first.
type standing uint8

const (
	alive standing = iota
	suspect
	left
	dead
	absent
)

func (s standing) live() bool { return s <= suspect }

// held is a node as its sides hold it, by the events that they have told.
type held struct {
	sides [2]standing
}

// both is the better of the two.
func (h *held) both() standing { return min(h.sides[Nekton], h.sides[Memberlist]) }

// standingAfter is how a member stands after an event, if that says so.
func standingAfter(k swim.EventKind) (standing, bool) {
	switch k {
	case swim.EventJoined, swim.EventRefuted:
		return alive, true
	case swim.EventSuspected:
		return suspect, true
	case swim.EventFailed:
		return dead, true
	case swim.EventLeft:
		return left, true
	case swim.EventForgotten:
		return absent, true
	}
	return absent, false
}

// follow turns the events of both sides into events about nodes.
func (b *Bridge) follow(now time.Duration) {
	for more := true; more; {
		more = false
		for side, c := range b.sides {
			c.TakeEvents(&b.taken)
			more = more || len(b.taken) > 0
			for i := range b.taken {
				b.take(now, side, b.taken[i])
			}
		}
	}
	b.noteCutOff(now)
}

// take follows one event of one side.
func (b *Bridge) take(now time.Duration, side int, e swim.Event) {
	if side == Memberlist && e.Name != "" {
		e.Name = b.cfg.ID(e.Name)
	}
	switch e.Kind {
	case swim.EventJoinDone:
		if done, ok := b.conclude(b.joins, side, e, e.Err == nil); ok {
			b.emit(done)
		}
	case swim.EventPingDone:
		if done, ok := b.conclude(b.pings, side, e, e.OK); ok {
			b.emit(done)
		}
	case swim.EventLeaveAcked:
		if b.left[side] = true; b.left[Nekton] && b.left[Memberlist] {
			b.emit(e)
		}
	case swim.EventCutOff, swim.EventReconnected:
		// Of one side; see noteCutOff.
	default:
		if to, ok := standingAfter(e.Kind); ok {
			b.move(side, e, to)
		} else {
			b.emit(e)
		}
		if side == Memberlist {
			b.meet(now, e)
		}
	}
}

func (b *Bridge) emit(e swim.Event) { b.events = append(b.events, e) }

// move notes how a node stands on one side now, and tells it if that changes how it
// stands.
func (b *Bridge) move(side int, e swim.Event, to standing) {
	h := b.nodes[e.Name]
	if h == nil {
		h = &held{sides: [2]standing{absent, absent}}
		b.nodes[e.Name] = h
	}
	was := h.both()
	h.sides[side] = to
	is := h.both()
	switch {
	case is == absent:
		delete(b.nodes, e.Name)
		e.Kind = swim.EventForgotten
	case is == was && e.Restarted:
		// A new life of a node that the other side has seen all the time.
	case is == was:
		return
	case is == alive && was == suspect:
		e.Kind = swim.EventRefuted
	case is == alive:
		e.Kind = swim.EventJoined
	case is == suspect && !was.live():
		// It was gone on one side, and suspect on the other is news: it is there.
		e.Kind = swim.EventJoined
	case is == suspect:
		e.Kind = swim.EventSuspected
	case is == left:
		e.Kind = swim.EventLeft
	case is == dead:
		e.Kind = swim.EventFailed
	}
	b.emit(e)
}

// meet notes who of memberlist's side is on nekton's, too, and joins the first of
// them when that side is empty.
func (b *Bridge) meet(now time.Duration, e swim.Event) {
	_, before := b.bridged[e.Name]
	is := before
	switch e.Kind {
	case swim.EventJoined, swim.EventUpdated:
		is = b.cfg.Bridged(e.Meta)
	case swim.EventFailed, swim.EventLeft, swim.EventForgotten:
		is = false
	}
	switch {
	case is && e.Addr.IsValid():
		b.bridged[e.Name] = e.Addr
	case !is:
		delete(b.bridged, e.Name)
	}
	if is != before {
		b.seedNekton()
	}
	if is && !before && b.sides[Nekton].Alive() == 1 {
		b.sides[Nekton].Join(now, []netip.AddrPort{e.Addr})
	}
}

// seedNekton makes all bridged members seeds of nekton's side, in a fixed order.
func (b *Bridge) seedNekton() {
	seeds := slices.Clone(b.seeds)
	ids := make([]string, 0, len(b.bridged))
	for id := range b.bridged {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		seeds = append(seeds, b.bridged[id])
	}
	b.sides[Nekton].SetSeeds(seeds)
}

// noteCutOff tells when the node as a whole begins, or ceases, to hear from nobody.
func (b *Bridge) noteCutOff(now time.Duration) {
	is := b.CutOff()
	if is == b.cutOff {
		return
	}
	b.cutOff = is
	kind := swim.EventReconnected
	if is {
		kind = swim.EventCutOff
	}
	b.emit(swim.Event{Kind: kind, At: now})
}

// CutOff reports whether we hear from nobody: no side that has others hears them.
func (b *Bridge) CutOff() bool {
	silent := 0
	for _, c := range b.sides {
		switch {
		case c.CutOff():
			silent++
		case c.Alive() > 1:
			return false
		}
	}
	return silent > 0
}
