package virtual

import (
	"errors"
	"time"
)

// fault is what is wrong with a process.
type fault struct {
	gone    bool // crashed or vanished
	silent  bool // … and nobody refuses for it
	paused  bool
	held    Hold
	stalled bool // held, and its loops have stopped at a send

	outbox []func()
}

// frozen: inputs wait.
func (f *fault) frozen() bool { return f.paused || f.held != HoldNothing }

// Hold is how a process is kept from communicating while it computes: nothing leaves
// it, what arrives waits, and all is let go at the end. Source: Lifeguard §V-A, whose
// anomalous members block right before sending and right after receiving.
type Hold uint8

const (
	// HoldNothing: it communicates.
	HoldNothing Hold = iota
	// HoldRun: everything else runs.
	HoldRun
	// HoldStall: its loops stop at the first send; only suspicions run out, as in a
	// program with a goroutine for each. The machine must be a [Judge].
	HoldStall
)

// Crash ends a process: it does and hears nothing any more, its address is free, and
// the system that it ran on refuses its streams.
func (h *Host) Crash() { h.end(false) }

// Vanish ends a process with the system that it runs on: nobody answers for it.
func (h *Host) Vanish() { h.end(true) }

// Gone reports whether it has ended.
func (h *Host) Gone() bool { return h.fault.gone }

// Paused reports whether it is frozen.
func (h *Host) Paused() bool { return h.fault.paused }

// Held is how it is kept from communicating.
func (h *Host) Held() Hold { return h.fault.held }

func (h *Host) end(silent bool) {
	if h.fault.gone {
		return
	}
	h.drop()
	h.fault = fault{gone: true, silent: silent}
	if h.world.at[h.addr] == h && !silent {
		delete(h.world.at, h.addr)
	}
	for _, s := range h.streams {
		s.lost(h)
	}
	h.streams = nil
}

// Free makes the address of a vanished host available: its machine is back.
func (h *Host) Free() {
	if h.fault.gone && h.world.at[h.addr] == h {
		delete(h.world.at, h.addr)
	}
}

// Pause freezes the process: inputs wait, timers are late.
func (h *Host) Pause() {
	if !h.fault.gone {
		h.fault.paused = true
	}
}

// Resume lets a paused process go on. What is late happens at once: the timers before
// what waits in the sockets or after it, as chance has it.
func (h *Host) Resume() {
	if !h.fault.paused {
		return
	}
	h.fault.paused = false
	if h.fault.held != HoldNothing {
		h.arm() // its timers run, while what arrives goes on waiting
		return
	}
	h.letGo() // what a hold kept that has ended during the pause
	timersFirst := h.world.rand.IntN(2) == 0
	if timersFirst {
		h.late()
	}
	h.release()
	if !timersFirst {
		h.late()
	}
	h.arm()
}

// PauseFor freezes it for a while.
func (h *Host) PauseFor(d time.Duration) {
	h.Pause()
	h.world.After(d, h.Resume)
}

// late does what a paused process should have done meanwhile.
func (h *Host) late() {
	if h.fault.gone || h.fault.held != HoldNothing {
		return
	}
	if at, ok := h.machine.NextDeadline(); ok && at <= h.Now() {
		h.settle()
	}
}

// Hold keeps the process from communicating, in one of two ways; see [Hold].
// HoldNothing ends it, and lets go what was held.
func (h *Host) Hold(how Hold) {
	if h.fault.gone || h.fault.held == how {
		return
	}
	h.fault.held = how
	h.fault.stalled = false
	if how != HoldNothing || h.fault.paused {
		return
	}
	h.letGo()
	h.release()
	h.late()
	h.arm()
}

// letGo sends what was held.
func (h *Host) letGo() {
	outbox := h.fault.outbox
	h.fault.outbox = nil
	for _, send := range outbox {
		send()
	}
}

// Starve gives the process the processor in slices from now on: it runs for a time,
// then waits for a random one, until stop is called.
func (h *Host) Starve(run time.Duration, wait Delay) (stop func()) {
	on := true
	var pause func()
	pause = func() {
		if !on || h.fault.gone {
			return
		}
		h.Pause()
		h.world.After(max(0, wait.Sample(h.world.rand)), func() {
			h.Resume()
			h.world.After(run, pause)
		})
	}
	h.world.After(run, pause)
	return func() { on = false }
}

// Errors of streams.
var (
	// ErrRefused: nobody listens there.
	ErrRefused = errors.New("virtual: connection refused")
	// ErrTimeout: no answer in time.
	ErrTimeout = errors.New("virtual: stream timed out")
	// ErrClosed: the other side closed the stream.
	ErrClosed = errors.New("virtual: stream closed by the peer")
	// ErrReset: the process at the other side is gone.
	ErrReset = errors.New("virtual: stream reset")
)
