package swim

import "time"

// wake is a reason to be woken. All that is driven by time goes through
// Core.HandleTimeout, where each reason has one line.
type wake uint8

const (
	wakePeriod    wake = iota // begin a protocol period (SWIM §3.1)
	wakeProbe                 // a probe asks again, asks others, or ends
	wakeRelay                 // an indirect probe on somebody's behalf: nack, then forget
	wakeSuspicion             // a suspect ran out of time to refute (SWIM §4.2)
	wakeGossip                // a gossip round is due and there is news
	wakePushPull              // compare tables with a random member
	wakeHeal                  // try a lost member or a seed
	wakeReap                  // the oldest tombstone is due
	wakeSweep                 // while cut off: ping the next members
	wakeLeave                 // tell more peers that we leave
	wakeTurn                  // coordinated probing: it is time for the probe of the period
	wakeCatchUp               // compare tables once more, after a wave of joins
	wakeSilence               // coordinated probing: whose turn it was has not pinged us
)

// timer is a handle to a pending deadline; zero is none.
type timer int32

// deadlines is a binary heap of everything we wait for. Cancelling removes: there
// is no late wake-up for something that is gone. Equal times fire in the order in
// which they were set, so that a run is repeatable.
type deadlines struct {
	slots []deadline // addressed by timer-1
	free  []timer
	heap  []timer
	count uint64 // deadlines set so far
}

type deadline struct {
	at    time.Duration
	order uint64
	wake  wake
	ref   ref
	pos   int32 // in heap
}

// set arms a deadline and returns its handle.
func (d *deadlines) set(at time.Duration, w wake, r ref) timer {
	var t timer
	if n := len(d.free); n > 0 {
		t, d.free = d.free[n-1], d.free[:n-1]
	} else {
		d.slots = append(d.slots, deadline{})
		t = timer(len(d.slots))
	}
	d.count++
	d.slots[t-1] = deadline{at: at, order: d.count, wake: w, ref: r, pos: int32(len(d.heap))}
	d.heap = append(d.heap, t)
	d.up(len(d.heap) - 1)
	return t
}

// cancel removes a deadline and clears its handle. Cancelling none is fine.
func (d *deadlines) cancel(t *timer) {
	if *t == 0 {
		return
	}
	d.remove(int(d.slots[*t-1].pos))
	*t = 0
}

// delay moves a pending deadline to a later time. It fires after those that were
// set for that time before.
func (d *deadlines) delay(t timer, by time.Duration) {
	d.count++
	d.slots[t-1].at += by
	d.slots[t-1].order = d.count
	d.down(int(d.slots[t-1].pos))
}

// next returns the earliest deadline.
func (d *deadlines) next() (time.Duration, bool) {
	if len(d.heap) == 0 {
		return 0, false
	}
	return d.slots[d.heap[0]-1].at, true
}

// first returns the earliest deadline of one kind, or zero. It looks at all.
func (d *deadlines) first(w wake) timer {
	var found timer
	for _, t := range d.heap {
		s := &d.slots[t-1]
		if s.wake != w {
			continue
		}
		if f := found; f == 0 || s.at < d.slots[f-1].at || s.at == d.slots[f-1].at && s.order < d.slots[f-1].order {
			found = t
		}
	}
	return found
}

// pop removes and returns the earliest deadline if it is due.
func (d *deadlines) pop(now time.Duration) (wake, ref, bool) {
	if at, ok := d.next(); !ok || at > now {
		return 0, 0, false
	}
	top := d.slots[d.heap[0]-1]
	d.remove(0)
	return top.wake, top.ref, true
}

func (d *deadlines) remove(i int) {
	last := len(d.heap) - 1
	t := d.heap[i]
	d.swap(i, last)
	d.heap = d.heap[:last]
	if i < last {
		d.down(i)
		d.up(i)
	}
	d.free = append(d.free, t)
}

func (d *deadlines) less(i, j int) bool {
	a, b := &d.slots[d.heap[i]-1], &d.slots[d.heap[j]-1]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (d *deadlines) swap(i, j int) {
	h := d.heap
	h[i], h[j] = h[j], h[i]
	d.slots[h[i]-1].pos, d.slots[h[j]-1].pos = int32(i), int32(j)
}

func (d *deadlines) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !d.less(i, parent) {
			return
		}
		d.swap(i, parent)
		i = parent
	}
}

func (d *deadlines) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(d.heap) {
			return
		}
		if child+1 < len(d.heap) && d.less(child+1, child) {
			child++
		}
		if !d.less(child, i) {
			return
		}
		d.swap(i, child)
		i = child
	}
}
