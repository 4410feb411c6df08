package virtual

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// A World is one simulation. See the package comment.
type World struct {
	// Net is how the network behaves where nothing else is said. It may be changed
	// at any time.
	Net Network

	// OnSettle, if set, is called after every input of a host, when what the machine
	// wanted sent is on its way: the place to take events and to check invariants.
	OnSettle func(h *Host)
	// OnPacket, if set, sees every datagram that is sent, and what becomes of it. The
	// bytes are borrowed.
	OnPacket func(from *Host, to netip.AddrPort, packet []byte, fate Fate)
	// OnArrive, if set, sees every datagram that a machine is about to handle. The bytes
	// are borrowed.
	OnArrive func(to, from *Host, packet []byte)
	// OnStream, if set, sees what becomes of every stream.
	OnStream func(from *Host, to netip.AddrPort, dial Dial, fate Fate)

	now     time.Duration
	queue   queue
	rand    *rand.Rand
	hosts   []*Host // in the order in which they came, those that are gone included
	at      map[netip.AddrPort]*Host
	cuts    []*Cut
	pairs   map[pair]Link
	buffers [][]byte // of packets that have arrived
	done    uint64   // occurrences so far
}

// New returns an empty world whose chance comes from a seed.
func New(seed uint64) *World {
	return &World{
		Net:  DefaultNetwork(),
		rand: rand.New(rand.NewPCG(seed, 0x6e656b746f6e)),
		at:   map[netip.AddrPort]*Host{}, pairs: map[pair]Link{},
	}
}

// Now is the virtual time since the world began.
func (w *World) Now() time.Duration { return w.now }

// Rand is the world's source of chance, for what is done to it.
func (w *World) Rand() *rand.Rand { return w.rand }

// Happened is how many things have happened so far.
func (w *World) Happened() uint64 { return w.done }

// Pending is how many things are going to happen.
func (w *World) Pending() int { return len(w.queue.keys) }

// After lets do happen once d is over; not before now.
func (w *World) After(d time.Duration, do func()) {
	w.queue.push(w.now+max(d, 0), occurrence{kind: kindFunc, do: do})
}

// Every lets do happen again and again, the first time once d is over, for as long as
// it returns true.
func (w *World) Every(d time.Duration, do func() bool) {
	w.After(d, func() {
		if do() {
			w.Every(d, do)
		}
	})
}

// Step lets the next thing happen. It reports whether there was any.
func (w *World) Step() bool {
	if len(w.queue.keys) == 0 {
		return false
	}
	at, o := w.queue.pop()
	w.now = max(w.now, at)
	w.done++
	switch o.kind {
	case kindFunc:
		o.do()
	case kindPacket:
		w.arrive(o.host, o.from, o.bytes)
	case kindWake:
		o.host.woken(at)
	}
	return true
}

// Run lets d pass.
func (w *World) Run(d time.Duration) {
	end := w.now + d
	for at, ok := w.queue.next(); ok && at <= end; at, ok = w.queue.next() {
		w.Step()
	}
	w.now = end
}

// Until lets time pass until cond holds, looking every interval, but not longer than
// limit. It reports whether cond holds, and how long it took.
func (w *World) Until(limit, interval time.Duration, cond func() bool) (took time.Duration, ok bool) {
	start := w.now
	for !cond() {
		if w.now-start >= limit {
			return w.now - start, false
		}
		w.Run(min(interval, limit-(w.now-start)))
	}
	return w.now - start, true
}

// Hosts are all processes that ever were, in the order in which they came. The slice
// is the world's.
func (w *World) Hosts() []*Host { return w.hosts }

// HostAt is the process that lives at an address, or nil.
func (w *World) HostAt(addr netip.AddrPort) *Host { return w.at[addr] }

// buffer returns a copy of b that is the world's.
func (w *World) buffer(b []byte) []byte {
	n := len(w.buffers)
	if n == 0 {
		return append(make([]byte, 0, max(len(b), smallPacket)), b...)
	}
	buf := w.buffers[n-1]
	w.buffers = w.buffers[:n-1]
	return append(buf[:0], b...)
}

// smallPacket has room for a ping with a little news. Bytes.
const smallPacket = 128

// recycle takes a buffer back.
func (w *World) recycle(b []byte) { w.buffers = append(w.buffers, b) }
