package virtual

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A stream is one exchange between two machines:
//
//	dialler                         listener
//	   │── SYN ──────────────────────▶│   sent again after 1, 2, 4 … s
//	   │◀───────────────────── SYN ──│
//	Begin                           Accept
//	   │── frame ────────────────────▶│ Step
//	   │◀──────────────────── frame ──│   until one side is done
//
// It ends when an exchange is done, when one side closes, and in any case at its
// deadline.
type stream struct {
	world    *World
	dial     Dial
	a, b     end           // who dialled, and who was dialled
	deadline time.Duration // of the dialler
	over     bool
}

// end is one side of a stream.
type end struct {
	host *Host
	id   swim.ExchangeID
	open bool
}

const (
	firstSYN   = time.Second            // before a SYN is sent again
	firstRetry = 200 * time.Millisecond // before a segment is: the least that Linux waits
	segment    = 1400                   // payload of a segment. Bytes
)

// dial opens a stream, or keeps the wish while the host is held.
func (h *Host) dial(d Dial) {
	if h.fault.held != HoldNothing {
		h.fault.stalled = h.fault.held == HoldStall
		h.fault.outbox = append(h.fault.outbox, func() { h.connect(d) })
		return
	}
	h.connect(d)
}

func (h *Host) connect(d Dial) {
	w := h.world
	h.Traffic.StreamsOpened++
	timeout := w.Net.StreamTimeout
	if d.Kind == swim.DialPing && w.Net.PingTimeout > 0 {
		timeout = min(timeout, w.Net.PingTimeout)
	}
	s := &stream{world: w, dial: d, a: end{host: h}, deadline: w.now + timeout}
	h.streams = append(h.streams, s)
	s.handshake(firstSYN)
}

// handshake sends the first segment, and again when nothing comes back.
func (s *stream) handshake(again time.Duration) {
	w, h := s.world, s.a.host
	if s.over || h.fault.gone {
		return
	}
	to := w.at[s.dial.Addr]
	there, back := w.segmentLost(h, to), true
	if !there {
		back = w.segmentLost(to, h)
	}
	if there || back {
		next := w.now + again
		if next >= s.deadline {
			w.After(s.deadline-w.now, func() { s.fail(ErrTimeout, Blocked) })
			return
		}
		w.After(again, func() { s.handshake(2 * again) })
		return
	}
	out, in := w.Net.Link, w.Net.Link
	if to != nil {
		out, in = w.link(h, to), w.link(to, h)
	}
	w.After(out.delay(w.rand)+in.delay(w.rand), func() { s.connected(to) })
}

// segmentLost reports whether one segment is lost. Nobody at the address answers for
// himself: the system there refuses; if that is gone, too, nothing comes back.
func (w *World) segmentLost(from, to *Host) bool {
	if from == nil || to == nil {
		return false
	}
	if to.fault.silent || from.fault.silent || !w.Reaches(from, to) {
		return true
	}
	l := w.link(from, to)
	return l.NoStreams || !w.Net.LosslessStreams && chance(w.rand, l.Loss)
}

// connected: the systems have shaken hands. to may be gone, or have too much to do.
func (s *stream) connected(to *Host) {
	w, h := s.world, s.a.host
	if s.over || h.fault.gone {
		return
	}
	if to == nil || to.fault.gone {
		s.fail(ErrRefused, Refused)
		return
	}
	if w.Net.MaxIncoming > 0 && to.serving >= w.Net.MaxIncoming {
		s.fail(ErrClosed, Refused)
		return
	}
	s.b.host = to
	to.serving++
	to.streams = append(to.streams, s)
	w.After(s.deadline-w.now, func() { s.abort(ErrTimeout) })
	to.input(input{do: func() {
		if s.over {
			return // it was paused, and the dialler has given up
		}
		id, err := to.machine.Accept(to.Now(), h.addr)
		if err != nil {
			s.abort(err)
			return
		}
		s.b.id, s.b.open = id, true
	}})
	h.input(input{do: func() {
		if s.over {
			h.machine.HandleDialError(h.tell(), s.dial, ErrReset)
			return
		}
		id, frame, err := h.machine.Begin(h.tell(), s.dial)
		if err != nil {
			s.abort(err)
			return
		}
		s.a.id, s.a.open = id, true
		s.carry(&s.a, &s.b, frame)
	}})
}

// carry brings a frame from one side to the other.
func (s *stream) carry(from, to *end, frame []byte) {
	from.host.Traffic.StreamBytesOut += uint64(len(frame))
	from.host.Traffic.FramesOut++
	frame = slices.Clone(frame)
	s.attempt(from, to, frame, firstRetry)
}

// attempt sends the segments of a frame; those that are lost delay it.
func (s *stream) attempt(from, to *end, frame []byte, again time.Duration) {
	w := s.world
	if s.over || from.host.fault.gone {
		return
	}
	lost := false
	for range 1 + len(frame)/segment {
		lost = w.segmentLost(from.host, to.host) || lost
	}
	if lost {
		w.After(again, func() { s.attempt(from, to, frame, 2*again) })
		return
	}
	departs, fate := from.host.depart(len(frame))
	if fate != Carried {
		w.After(again, func() { s.attempt(from, to, frame, 2*again) })
		return
	}
	l := w.link(from.host, to.host)
	w.After(departs-w.now+l.delay(w.rand), func() { s.deliver(to, from, frame) })
}

// deliver gives a frame to a machine, and takes what it answers.
func (s *stream) deliver(to, from *end, frame []byte) {
	h := to.host
	h.input(input{do: func() {
		switch {
		case s.over:
			return
		case !to.open && from.open:
			s.close(from, ErrReset) // it has closed its end already
			return
		case !to.open:
			s.end(Carried)
			return
		}
		h.Traffic.StreamBytesIn += uint64(len(frame))
		reply, done, err := h.machine.Step(h.tell(), to.id, frame)
		to.open = !done && err == nil
		switch {
		case reply != nil:
			s.carry(to, from, reply)
		case err != nil:
			s.close(from, fmt.Errorf("%w: %w", ErrClosed, err))
		case done && from.open:
			s.close(from, ErrClosed)
		case done:
			s.end(Carried)
		}
	}})
}

// close ends the stream from one side; the other, which waits for more, learns of it
// after the way there.
func (s *stream) close(other *end, err error) {
	w := s.world
	waits := *other
	s.end(Broken)
	if waits.open {
		w.After(w.Net.Link.delay(w.rand), func() { waits.abort(err) })
	}
}

// lost is the end of a process: the other side is told by the system, unless that is
// gone, too; then by the deadline.
func (s *stream) lost(h *Host) {
	if s.over || h.fault.silent && s.b.host != nil {
		return
	}
	other := &s.a
	if s.a.host == h {
		other = &s.b
	}
	if other.host == nil || other.host == h {
		s.end(Broken)
		return
	}
	s.close(other, ErrReset)
}

// abort breaks the stream on both sides.
func (s *stream) abort(err error) {
	if s.over {
		return
	}
	a, b := s.a, s.b
	s.end(Broken)
	a.abort(err)
	b.abort(err)
}

// abort tells a machine that its exchange is over.
func (e *end) abort(err error) {
	if e.open {
		h, id := e.host, e.id
		h.input(input{do: func() { h.machine.Abort(h.tell(), id, err) }})
	}
}

// fail ends a stream that was never open.
func (s *stream) fail(err error, fate Fate) {
	if s.over {
		return
	}
	h := s.a.host
	s.end(fate)
	h.input(input{do: func() { h.machine.HandleDialError(h.tell(), s.dial, err) }})
}

// end takes the stream off the books.
func (s *stream) end(fate Fate) {
	s.over = true
	s.a.open, s.b.open = false, false
	s.a.host.forget(s)
	if fate != Carried {
		s.a.host.Traffic.StreamsFailed++
	}
	if s.b.host != nil {
		s.b.host.serving--
		s.b.host.forget(s)
	}
	if s.world.OnStream != nil {
		s.world.OnStream(s.a.host, s.dial.Addr, s.dial, fate)
	}
}

func (h *Host) forget(s *stream) {
	if i := slices.Index(h.streams, s); i >= 0 {
		h.streams[i] = h.streams[len(h.streams)-1]
		h.streams = h.streams[:len(h.streams)-1]
	}
}

// Streams is how many streams the host has open, both ways.
func (h *Host) Streams() int { return len(h.streams) }
