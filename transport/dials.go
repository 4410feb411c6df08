package transport

import (
	"context"
	"slices"
	"sync"
)

// dials are the streams that are being opened, which whoever closes gives up. A context
// that all of them come from would do the same, and take half a kilobyte while there are
// none.
type dials struct {
	mu      sync.Mutex
	closed  bool
	pending []*context.CancelFunc
}

// begin notes a dial by what cancels it. It reports false when it is too late.
func (d *dials) begin(cancel *context.CancelFunc) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.pending = append(d.pending, cancel)
	}
	return !d.closed
}

// end forgets a dial that has begun. It reports false if that was given up.
func (d *dials) end(cancel *context.CancelFunc) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.Index(d.pending, cancel)
	if i >= 0 {
		d.pending = slices.Delete(d.pending, i, i+1)
	}
	return i >= 0
}

// giveUp cancels all dials, and those that come.
func (d *dials) giveUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, cancel := range d.pending {
		(*cancel)()
	}
	d.pending = nil
}
