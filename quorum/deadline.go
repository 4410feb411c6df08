package quorum

import (
	"container/heap"
	"math"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A wake is a reason for which time matters to the machine.
type wake uint8

const (
	wakeQuorum    wake = iota // QuorumTimeout is over
	wakeProbation             // a peer was SUSPECT_DOWN long enough
	wakeCheck                 // siblings that did not answer by now will not
)

// never is the deadline that does not come. A time span that leads beyond the
// range of time.Duration, 292 years, ends there.
const never time.Duration = math.MaxInt64

// after returns the time d after now. d is not negative.
func after(now, d time.Duration) time.Duration {
	if now > 0 && d > never-now {
		return never
	}
	return now + d
}

// A deadline is armed until it fires or is cancelled.
type deadline struct {
	at    time.Duration
	order uint64 // deadlines of the same time fire as they were armed
	wake  wake
	peer  types.NodeId // of wakeProbation and wakeCheck
	index int          // in the heap
}

// deadlines is all that the machine waits for, the earliest first.
//
// Invariant: what is cancelled is gone. No deadline has to ask, when it fires,
// whether it is still wanted.
type deadlines struct {
	heap  deadlineHeap
	armed uint64
}

// arm adds a deadline.
func (d *deadlines) arm(at time.Duration, w wake, peer types.NodeId) *deadline {
	x := &deadline{at: at, order: d.armed, wake: w, peer: peer}
	d.armed++
	heap.Push(&d.heap, x)
	return x
}

// cancel removes a deadline. It may be nil, and must not have fired.
func (d *deadlines) cancel(x *deadline) {
	if x != nil {
		heap.Remove(&d.heap, x.index)
	}
}

// pop removes and returns the earliest deadline that is due.
func (d *deadlines) pop(now time.Duration) (*deadline, bool) {
	if at, ok := d.next(); !ok || at > now {
		return nil, false
	}
	return heap.Pop(&d.heap).(*deadline), true
}

// next returns the time of the earliest deadline, if there is one.
func (d *deadlines) next() (time.Duration, bool) {
	if len(d.heap) == 0 || d.heap[0].at == never {
		return 0, false
	}
	return d.heap[0].at, true
}

// clear cancels everything.
func (d *deadlines) clear() { d.heap = nil }

// deadlineHeap implements heap.Interface.
type deadlineHeap []*deadline

func (h deadlineHeap) Len() int { return len(h) }

func (h deadlineHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}

func (h deadlineHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *deadlineHeap) Push(x any) {
	d := x.(*deadline)
	d.index = len(*h)
	*h = append(*h, d)
}

// Pop implements heap.Interface.
func (h *deadlineHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}
