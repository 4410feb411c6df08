package virtual

import (
	"net/netip"
	"time"
)

// Fate is what became of a datagram or a stream.
type Fate uint8

const (
	// Carried: it arrives, or has.
	Carried Fate = iota
	// Lost by the link.
	Lost
	// Blocked by a cut or a firewall.
	Blocked
	// Overflow of the uplink's queue.
	Overflow
	// NoHost: nobody lives there.
	NoHost
	// Refused: a stream that the other side did not take.
	Refused
	// Broken: a stream that ended before its exchange.
	Broken
)

// String is one word.
func (f Fate) String() string {
	return [...]string{"carried", "lost", "blocked", "overflow", "nobody there", "refused", "broken"}[f]
}

// send puts a datagram on the way, or keeps it while the host is held.
func (h *Host) send(to netip.AddrPort, packet []byte) {
	if h.fault.held == HoldNothing {
		h.transmit(to, packet)
		return
	}
	h.fault.stalled = h.fault.held == HoldStall
	copied := h.world.buffer(packet)
	h.fault.outbox = append(h.fault.outbox, func() {
		h.transmit(to, copied)
		h.world.recycle(copied)
	})
}

// transmit decides what becomes of a datagram.
func (h *Host) transmit(addr netip.AddrPort, packet []byte) {
	w, t := h.world, &h.Traffic
	t.PacketsOut++
	t.BytesOut += uint64(len(packet))
	t.LargestPacket = max(t.LargestPacket, len(packet))
	to := w.at[addr]
	departs, fate := h.depart(len(packet))
	var l Link
	switch {
	case fate != Carried:
	case to == nil || to.fault.gone:
		fate = NoHost
	case !w.Reaches(h, to):
		fate = Blocked
	default:
		switch l = w.link(h, to); {
		case l.NoPackets:
			fate = Blocked
		case chance(w.rand, l.Loss):
			fate = Lost
		}
	}
	if w.OnPacket != nil {
		w.OnPacket(h, addr, packet, fate)
	}
	if fate != Carried {
		t.PacketsLost++
		return
	}
	w.carry(h, to, packet, departs+l.travel(w.rand))
	if chance(w.rand, l.Duplicate) {
		w.carry(h, to, packet, departs+l.travel(w.rand))
	}
}

func (w *World) carry(from, to *Host, packet []byte, at time.Duration) {
	w.queue.push(at, occurrence{kind: kindPacket, host: to, from: from, bytes: w.buffer(packet)})
}

// arrive is the end of a datagram's way.
func (w *World) arrive(to, from *Host, packet []byte) {
	to.input(input{from: from, bytes: packet})
}

// depart is when so many bytes have left the host.
func (h *Host) depart(bytes int) (time.Duration, Fate) {
	now := h.world.now
	if h.Uplink <= 0 {
		return now, Carried
	}
	start := max(now, h.lineAt)
	if queued := int64(start-now) * int64(h.Uplink) / int64(time.Second); queued > int64(h.world.Net.SendQueue) {
		return 0, Overflow
	}
	h.lineAt = start + time.Duration(int64(bytes)*int64(time.Second)/int64(h.Uplink))
	return h.lineAt, Carried
}
