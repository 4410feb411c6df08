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
	if len(s.hosts) == 0 {
		return r.joinLiteral(ctx, s)
	}
	// When join has returned, seeds are no longer given up.
	trying, giveUp := context.WithCancelCause(r.ctx)
	defer context.AfterFunc(ctx, func() { giveUp(context.Cause(ctx)) })()
	outcomes := make(chan joined, 1+len(s.hosts))
	pending := 0
	attempt := func(f func() joined) {
		if r.spawn(func() error { outcomes <- f(); return nil }) {
			pending++
		}
	}
	if literal := s.literals(); len(literal) > 0 {
		attempt(func() joined { return r.try(trying, literal) })
	}
	for _, host := range s.hosts {
		attempt(func() joined {
			addrs, err := r.resolve(r.ctx, host)
			if err != nil {
				return joined{err: err}
			}
			return r.try(trying, addrs)
		})
	}
	var ended []joined
	for ; pending > 0; pending-- {
		select {
		case j := <-outcomes:
			if j.err == nil && !j.own {
				return nil
			}
			ended = append(ended, j)
		case <-ctx.Done():
			return &JoinError{s.all, errors.Join(append(s.problems(ended), context.Cause(ctx))...)}
		case <-r.ctx.Done():
			return fmt.Errorf("nekton: join: %w", ErrStopped)
		}
	}
	return r.notJoined(s, ended...)
}

// joinLiteral is join with seeds of which none has to be looked up. They are tried
// together, and who asked for that does it.
func (r *run) joinLiteral(ctx context.Context, s seeds) error {
	literal := s.literals()
	if len(literal) == 0 {
		return r.notJoined(s)
	}
	j := r.try(ctx, literal)
	if j.err == nil && !j.own {
		return nil
	}
	return r.notJoined(s, j)
}

// notJoined is what it means that all attempts have ended, and nobody else has let
// us in.
func (r *run) notJoined(s seeds, attempts ...joined) error {
	errs, own := s.problems(attempts), len(s.all) == 0
	for _, j := range attempts {
		own = own || j.own
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

// problems lists what was wrong with seeds, and with attempts to join through them.
func (s *seeds) problems(attempts []joined) []error {
	errs := slices.Clone(s.bad)
	for _, j := range attempts {
		if j.err != nil {
			errs = append(errs, j.err)
		}
	}
	return errs
}

const (
	// busyTries is how often seeds are tried that hang up on us at once: each serves
	// a bounded number of streams, and a whole cluster may be starting.
	busyTries = 7
	// busyPause is the longest pause after the first of them. It doubles.
	busyPause = 50 * time.Millisecond
)

// try joins through the first of addrs that lets us in.
func (r *run) try(ctx context.Context, addrs []netip.AddrPort) (j joined) {
	pause := busyPause
	for range busyTries {
		if j = r.tryOnce(ctx, addrs); !hungUp(j.err) {
			return j
		}
		if err := r.sleep(ctx, pause); err != nil {
			return joined{own: j.own, err: errors.Join(j.err, err)}
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
// back together. The error is why there is no reason to go on.
func (r *run) sleep(ctx context.Context, d time.Duration) error {
	r.node.mu.Lock()
	d = d/4 + time.Duration(r.chance.Int64N(int64(d)*3/4))
	r.node.mu.Unlock()
	timer := r.node.opts.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.ctx.Done():
		return ErrStopped
	}
}

// tryOnce joins through the first of addrs that lets us in.
func (r *run) tryOnce(ctx context.Context, addrs []netip.AddrPort) joined {
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
		if n.run != r {
			err = ErrStopped
		} else if id, err = n.core.Join(now, others); err == nil {
			r.waiters[id] = waiter
		}
	})
	if err != nil {
		return joined{err: ErrStopped}
	}
	select {
	case done := <-waiter:
		return joined{own: own && done.Err != nil, err: done.Err}
	case <-ctx.Done():
		r.input(func(now time.Duration) {
			if n.run == r {
				n.core.CancelJoin(now, id)
			}
		})
		return joined{err: context.Cause(ctx)}
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
