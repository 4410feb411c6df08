package virtual

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A Host is one process: a machine at an address. It ends with [Host.Crash] or
// [Host.Vanish]; who starts again is another Host.
type Host struct {
	// Clock is its idea of the time. Set it before the machine's first input.
	Clock Clock
	// Out and In come on top of the network's link for all that it sends and
	// receives.
	Out, In Link
	// Uplink limits what it sends. Bytes per second; 0: no limit.
	Uplink int
	// Slow is how long every input takes; the next one waits. Nil: no time.
	Slow Delay
	// Data is the user's.
	Data any
	// Traffic counts what it sent and received.
	Traffic Traffic

	world   *World
	number  int32
	addr    netip.AddrPort
	machine Machine
	fault   fault
	inbox   inbox
	wakeAt  time.Duration // of the earliest wake-up that is queued; -1: none
	freeAt  time.Duration // when the processor is free: see Slow
	lineAt  time.Duration // when the uplink is free
	serving int           // incoming streams
	streams []*stream     // both ways

	// The buffers that are swapped with the machine's.
	packets swim.Batch
	dials   []Dial
}

// Traffic counts datagrams and streams of one host. Bytes are payload.
type Traffic struct {
	PacketsOut, PacketsIn     uint64
	BytesOut, BytesIn         uint64
	PacketsLost               uint64 // of those sent: lost, cut off, or nobody there
	StreamsOpened             uint64
	StreamsFailed             uint64
	StreamBytesOut            uint64
	StreamBytesIn             uint64
	FramesOut                 uint64
	LargestPacket             int
	InboxPeak                 int    // bytes that waited while paused, held or busy
	PacketsDroppedWhileFrozen uint64 // … or busy
}

// Add adds what another host sent and received. Peaks are those of either.
func (t *Traffic) Add(o Traffic) {
	t.PacketsOut += o.PacketsOut
	t.PacketsIn += o.PacketsIn
	t.BytesOut += o.BytesOut
	t.BytesIn += o.BytesIn
	t.PacketsLost += o.PacketsLost
	t.StreamsOpened += o.StreamsOpened
	t.StreamsFailed += o.StreamsFailed
	t.StreamBytesOut += o.StreamBytesOut
	t.StreamBytesIn += o.StreamBytesIn
	t.FramesOut += o.FramesOut
	t.LargestPacket = max(t.LargestPacket, o.LargestPacket)
	t.InboxPeak = max(t.InboxPeak, o.InboxPeak)
	t.PacketsDroppedWhileFrozen += o.PacketsDroppedWhileFrozen
}

// Sub takes off what was sent and received before. Peaks stay.
func (t *Traffic) Sub(before Traffic) {
	t.PacketsOut -= before.PacketsOut
	t.PacketsIn -= before.PacketsIn
	t.BytesOut -= before.BytesOut
	t.BytesIn -= before.BytesIn
	t.PacketsLost -= before.PacketsLost
	t.StreamsOpened -= before.StreamsOpened
	t.StreamsFailed -= before.StreamsFailed
	t.StreamBytesOut -= before.StreamBytesOut
	t.StreamBytesIn -= before.StreamBytesIn
	t.FramesOut -= before.FramesOut
	t.PacketsDroppedWhileFrozen -= before.PacketsDroppedWhileFrozen
}

// Add gives a machine a process at an address, which must be free. Nothing has
// happened to the machine yet; call [Host.Do] for its first input.
func (w *World) Add(addr netip.AddrPort, m Machine) (*Host, error) {
	if w.at[addr] != nil {
		return nil, fmt.Errorf("virtual: address %v is in use", addr)
	}
	h := &Host{world: w, number: int32(len(w.hosts)), addr: addr, machine: m, wakeAt: -1}
	w.hosts = append(w.hosts, h)
	w.at[addr] = h
	return h, nil
}

// Addr is where the host lives.
func (h *Host) Addr() netip.AddrPort { return h.addr }

// Number counts hosts in the order in which they came, from 0.
func (h *Host) Number() int { return int(h.number) }

// Machine is what runs there.
func (h *Host) Machine() Machine { return h.machine }

// World is where it is.
func (h *Host) World() *World { return h.world }

// Now is what its monotonic clock reads, Wall what its wall clock reads.
func (h *Host) Now() time.Duration { return h.Clock.local(h.world.now) }

// Wall is what its wall clock reads.
func (h *Host) Wall() time.Time { return h.Clock.wall(h.world.now) }

// tell tells the machine its wall clock, before an input, and returns the moment of that.
func (h *Host) tell() time.Duration {
	now := h.Now()
	h.machine.SetWall(now, h.Wall())
	return now
}

// Do runs f, an input or command of the machine, as soon as the process runs: now,
// or when its pause is over; never if it is gone. What the machine wants sent follows.
func (h *Host) Do(f func(now time.Duration)) {
	h.input(input{do: func() { f(h.tell()) }})
}

// An input is a datagram, or a function.
type input struct {
	from  *Host
	bytes []byte
	do    func()
}

// input gives the machine an input, or keeps it for later: inputs are taken in the order
// in which they came.
func (h *Host) input(in input) {
	switch {
	case h.fault.gone:
		if in.bytes != nil {
			h.world.recycle(in.bytes)
		}
	case h.fault.frozen():
		h.keep(in)
	case h.freeAt > h.world.now || h.inbox.len() > 0:
		h.keep(in)
		h.release()
	default:
		h.take(in)
	}
}

// take lets the machine have an input.
func (h *Host) take(in input) {
	if h.Slow != nil {
		h.freeAt = h.world.now + max(0, h.Slow.Sample(h.world.rand))
	}
	if in.do != nil {
		in.do()
	} else {
		h.Traffic.PacketsIn++
		h.Traffic.BytesIn += uint64(len(in.bytes))
		if h.world.OnArrive != nil {
			h.world.OnArrive(h, in.from, in.bytes)
		}
		h.machine.HandlePacket(h.tell(), in.from.addr, in.bytes)
		h.world.recycle(in.bytes)
	}
	h.settle()
}

// settle carries out what the machine wants done.
func (h *Host) settle() {
	for {
		at, ok := h.machine.NextDeadline()
		if !ok || h.fault.gone || h.fault.stalled || at > h.Now() {
			break
		}
		h.machine.HandleTimeout(h.tell())
		if h.fault.held == HoldStall {
			break // what it sends will stall it
		}
	}
	if h.machine.TakePackets(&h.packets) {
		for i := range h.packets.Len() {
			to, packet := h.packets.At(i)
			h.send(to, packet)
		}
	}
	if h.machine.TakeDials(&h.dials) {
		for _, d := range h.dials {
			h.dial(d)
		}
	}
	if h.world.OnSettle != nil {
		h.world.OnSettle(h)
	}
	h.arm()
}

// arm makes sure that the host is woken at its next deadline. A wake-up that is
// queued for later than needed is left: it finds nothing to do.
func (h *Host) arm() {
	if h.fault.gone || h.fault.paused {
		return
	}
	at, ok := h.deadline()
	if !ok {
		return
	}
	due := max(h.Clock.world(at), h.world.now)
	if h.wakeAt >= h.world.now && h.wakeAt <= due {
		return
	}
	h.wakeAt = due
	h.world.queue.push(due, occurrence{kind: kindWake, host: h})
}

// deadline is when the machine wants to be woken, as far as it can be.
func (h *Host) deadline() (time.Duration, bool) {
	if !h.fault.stalled {
		return h.machine.NextDeadline()
	}
	if j, ok := h.machine.(Judge); ok {
		return j.NextSuspicion()
	}
	return 0, false
}

// woken is a wake-up that was queued for a time.
func (h *Host) woken(at time.Duration) {
	if h.wakeAt == at {
		h.wakeAt = -1
	}
	if h.fault.gone || h.fault.paused {
		return // it is woken when it resumes
	}
	if h.freeAt > h.world.now {
		h.world.queue.push(h.freeAt, occurrence{kind: kindWake, host: h})
		h.wakeAt = h.freeAt
		return
	}
	if due, ok := h.deadline(); !ok || due > h.Now() {
		h.arm()
		return
	}
	if h.fault.stalled {
		h.machine.(Judge).HandleSuspicionTimeout(h.tell())
	} else {
		h.machine.HandleTimeout(h.tell())
	}
	if h.Slow != nil {
		h.freeAt = h.world.now + max(0, h.Slow.Sample(h.world.rand))
	}
	h.settle()
}
