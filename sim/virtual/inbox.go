package virtual

// An inbox is what has reached a process and waits for it: while it is paused or held,
// and while it is busy with what came before.
type inbox struct {
	inputs   []input
	head     int // of inputs: what is before has been taken
	bytes    int // of datagrams
	emptying bool
	due      bool // a time to go on is queued
}

func (b *inbox) len() int { return len(b.inputs) - b.head }

// pop takes the oldest.
func (b *inbox) pop() input {
	in := b.inputs[b.head]
	b.inputs[b.head] = input{}
	b.bytes -= len(in.bytes)
	if b.head++; b.head == len(b.inputs) {
		b.inputs, b.head = b.inputs[:0], 0
	}
	return in
}

// keep stores an input for later. The socket's buffer is bounded.
func (h *Host) keep(in input) {
	if in.bytes != nil {
		if h.inbox.bytes+len(in.bytes) > h.world.Net.ReceiveBuffer {
			h.Traffic.PacketsDroppedWhileFrozen++
			h.world.recycle(in.bytes)
			return
		}
		h.inbox.bytes += len(in.bytes)
		h.Traffic.InboxPeak = max(h.Traffic.InboxPeak, h.inbox.bytes)
	}
	h.inbox.inputs = append(h.inbox.inputs, in)
}

// release gives the machine what has waited, one after the other, as fast as it can
// take it. What comes of an input may add to the inbox, or freeze the process again.
func (h *Host) release() {
	b := &h.inbox
	if b.emptying || b.due {
		return
	}
	b.emptying = true
	for b.len() > 0 && !h.fault.gone && !h.fault.frozen() {
		if h.freeAt > h.world.now {
			b.due = true
			h.world.queue.push(h.freeAt, occurrence{do: func() {
				b.due = false
				h.release()
			}})
			break
		}
		h.take(b.pop())
	}
	b.emptying = false
}

// drop forgets what has waited.
func (h *Host) drop() {
	for h.inbox.len() > 0 {
		if in := h.inbox.pop(); in.bytes != nil {
			h.world.recycle(in.bytes)
		}
	}
}
