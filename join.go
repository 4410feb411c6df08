package nekton

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A joined is how one attempt to join ended.
type joined struct {
	own bool // the seed was ourselves: better than nothing
	err error
}

// join tries all seeds at once, host names as soon as they are looked up, and
// returns when the first has let us in, or all have failed. The rest go on being
// tried: they may belong to another part of a group that was torn apart. Our own
// address is a seed that answered, if no other did; no seed at all is success.
//
// The error is a *JoinError, or ErrStopped. When ctx ends first, seeds that were not
// dialled yet are given up.
func (r *run) join(ctx context.Context, s seeds) error {
	outcomes, giveUp := make(chan joined, 1+len(s.hosts)), make(chan struct{})
	pending := 0
	attempt := func(f func() joined) {
		if r.spawn(func() error { outcomes <- f(); return nil }) {
			pending++
		}
	}
	if len(s.literal) > 0 {
		attempt(func() joined { return r.try(giveUp, (&seeds{all: s.all, literal: s.literal}).addrs(ownAddrs{})) })
	}
	for _, host := range s.hosts {
		attempt(func() joined {
			addrs, err := r.resolve(r.ctx, host)
			if err != nil {
				return joined{err: err}
			}
			return r.try(giveUp, addrs)
		})
	}

	var errs []error
	for _, err := range s.bad {
		errs = append(errs, err)
	}
	own := len(s.all) == 0
	for ; pending > 0; pending-- {
		select {
		case j := <-outcomes:
			if j.err == nil && !j.own {
				return nil
			}
			own = own || j.own
			if j.err != nil {
				errs = append(errs, j.err)
			}
		case <-ctx.Done():
			close(giveUp)
			return &JoinError{s.all, errors.Join(append(errs, context.Cause(ctx))...)}
		case <-r.ctx.Done():
			return fmt.Errorf("nekton: join: %w", ErrStopped)
		}
	}
	switch {
	case own:
		return nil
	case r.ctx.Err() != nil:
		return fmt.Errorf("nekton: join: %w", ErrStopped)
	case len(errs) == len(s.bad):
		errs = append(errs, swim.ErrNoSeed)
	}
	return &JoinError{s.all, errors.Join(errs...)}
}

const (
	// busyTries is how often seeds are tried that hang up on us at once: each serves
	// a bounded number of streams, and a whole cluster may be starting.
	busyTries = 7
	// busyPause is the longest pause after the first of them. It doubles.
	busyPause = 50 * time.Millisecond
)

// try joins through the first of addrs that lets us in.
func (r *run) try(giveUp <-chan struct{}, addrs []netip.AddrPort) (j joined) {
	pause := busyPause
	for range busyTries {
		if j = r.tryOnce(giveUp, addrs); !hungUp(j.err) || !r.sleep(giveUp, pause) {
			return j
		}
		pause *= 2
	}
	return j
}

// hungUp reports whether somebody answered a call and said nothing.
func hungUp(err error) bool {
	if err == io.ErrUnexpectedEOF {
		return true
	}
	if op, ok := err.(*net.OpError); ok {
		return op.Op == "read" || op.Op == "write"
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return hungUp(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), hungUp)
	}
	return false
}

// sleep waits for a random time up to d, so that many who were sent away do not come
// back together. It reports whether there is still a reason to go on.
func (r *run) sleep(giveUp <-chan struct{}, d time.Duration) bool {
	r.node.mu.Lock()
	d = d/4 + time.Duration(r.chance.Int64N(int64(d)*3/4))
	r.node.mu.Unlock()
	timer := r.node.opts.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return true
	case <-giveUp:
	case <-r.ctx.Done():
	}
	return false
}

// tryOnce joins through the first of addrs that lets us in.
func (r *run) tryOnce(giveUp <-chan struct{}, addrs []netip.AddrPort) joined {
	var others []netip.AddrPort
	for _, addr := range addrs {
		if !r.isSelf(addr) {
			others = append(others, addr)
		}
	}
	own := len(others) < len(addrs)
	if len(others) == 0 {
		return joined{own: own}
	}
	n, waiter := r.node, make(chan swim.Event, 1)
	var id uint64
	var err error
	r.input(func(now time.Duration) {
		if id, err = n.core.Join(now, others); err == nil {
			r.waiters[id] = waiter
		}
	})
	if err != nil {
		return joined{err: ErrStopped}
	}
	select {
	case done := <-waiter:
		return joined{own: own && done.Err != nil, err: done.Err}
	case <-giveUp:
		r.input(func(now time.Duration) { n.core.CancelJoin(now, id) })
		return joined{err: context.Canceled}
	case <-r.ctx.Done():
		return joined{err: ErrStopped}
	}
}

// isSelf reports whether we live at addr.
func (r *run) isSelf(addr netip.AddrPort) bool {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	return r.self.has(addr)
}
