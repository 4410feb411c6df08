package nekton

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport/seal"
)

// The engine is dull: lock, tell the state machine, take what it wants done,
// unlock, do it. Whoever brought the input does what follows from it, so that a
// ping is answered by the goroutine that read it.

// An output is what the node wants done after an input. Outputs are reused, and
// their buffers are swapped with those of the state machine, so that nothing is
// copied and, once they have grown, nothing is allocated. A node at rest holds two: the
// reader has its own, all others share one, see input.
type output struct {
	run     *run // the run that it belongs to; nil when there is none
	packets swim.Batch
	send    bool // packets holds something
	dials   []swim.Dial
	events  []node.Event
	done    []completion
	lines   []Event // to log
	deliver bool    // the outbox has something
	failed  []failure
	layers  seal.Buffers // what Open and then Seal of the layers work in
}

// A completion tells whoever waits for a command what became of it.
type completion struct {
	waiter  chan<- swim.Event // has room for it
	outcome swim.Event
}

// A failure is something that could not be done.
type failure struct {
	dial swim.Dial      // of a stream, or
	to   netip.AddrPort // of a packet, if valid
	err  error
}

// read reads the clock. It is called with mu held, so that time does not go back
// from one input to the next.
func (n *Node) read() time.Duration {
	now, wall := n.opts.clock.Now()
	n.now = max(n.now, now)
	n.core.SetWall(n.now, wall)
	return n.now
}

// glance is read for packets, which are many and rarely need the wall clock. If it jumps,
// they know it when the node wakes next, and once in a protocol period it does.
func (n *Node) glance() time.Duration {
	n.now = max(n.now, n.opts.clock.Elapsed())
	return n.now
}

// wall is the wall clock.
func (n *Node) wall() time.Time {
	_, wall := n.opts.clock.Now()
	return wall
}

// input runs f, an input or command of the state machine, under the lock, and does
// what follows from it.
func (n *Node) input(f func(now time.Duration)) {
	out := n.takeOutput()
	n.mu.Lock()
	now := n.read()
	f(now)
	n.collect(out)
	n.mu.Unlock()
	n.carryOut(out)
	n.spare.Store(out)
}

// takeOutput is the output that was used last, or a new one while others use theirs.
// After use it goes to spare.
func (n *Node) takeOutput() *output {
	if out := n.spare.Swap(nil); out != nil {
		return out
	}
	return new(output)
}

// collect takes what the node wants done. It is called with mu held, after every
// input, with an output that is of no use to anybody else.
func (n *Node) collect(out *output) {
	out.run = n.run
	out.send = n.core.TakePackets(&out.packets)
	if !n.core.TakeDials(&out.dials) {
		out.dials = out.dials[:0]
	}
	if n.core.TakeEvents(&out.events) {
		n.note(out)
	}
	at, ok := n.core.NextDeadline()
	if !ok {
		at = never
	}
	if at != n.wakeAt && n.timer != nil {
		n.wakeAt = at
		n.timer.Reset(max(at-n.now, 0))
	}
}

// carryOut does what the node wants done, and tells it what could not be done,
// until nothing follows any more. It is called without any lock.
func (n *Node) carryOut(out *output) {
	for {
		n.sendPackets(out)
		for _, c := range out.done {
			c.waiter <- c.outcome
		}
		out.done = nil // they are rare, and events are large
		for _, d := range out.dials {
			if err := out.run.dial(d); err != nil {
				out.failed = append(out.failed, failure{dial: d, err: err})
			}
		}
		if out.deliver {
			out.deliver = false
			n.handOver()
		}
		n.logEvents(out)
		if len(out.failed) == 0 {
			out.run = nil
			return
		}
		n.reportFailures(out)
	}
}

// sendPackets sends. A packet that the system refuses to send is evidence against
// our own network, not against the peer; the core is told.
func (n *Node) sendPackets(out *output) {
	if !out.send {
		return
	}
	out.send = false
	for i := range out.packets.Len() {
		to, message := out.packets.At(i)
		packet := out.run.layers.of(out.packets.Wire(i)).Seal(&out.layers, message, out.packets.Checked(i))
		if err := out.run.transport.WritePacket(packet, to); err != nil && !errors.Is(err, net.ErrClosed) {
			out.failed = append(out.failed, failure{to: to, err: err})
			n.log.warn("cannot send", to.String(), "peer", to, "error", err)
		}
	}
}

// reportFailures is a new input, if the run goes on.
func (n *Node) reportFailures(out *output) {
	n.mu.Lock()
	now := n.read()
	if n.run != nil && n.run == out.run {
		for _, f := range out.failed {
			if f.to.IsValid() {
				n.core.HandleSendError(now, f.to, f.err)
			} else {
				n.core.HandleDialError(now, f.dial, f.err)
			}
		}
		n.collect(out)
	} else {
		out.dials = out.dials[:0]
	}
	n.mu.Unlock()
	clear(out.failed)
	out.failed = out.failed[:0]
}
