package nekton

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Stop ends what Start began. When it has returned nil or [ErrLeaveTimeout], no
// goroutine, socket or timer of the node is left, its address is free, and it may
// be started again. The store stays readable and writable. Subscriptions stay.
//
// With a leaveTimeout above zero the node first says that it leaves, and waits until
// a few peers have acknowledged that, or leaveTimeout is over; with no live peer it
// does not wait. The own status becomes DOWN. With leaveTimeout zero or below the
// node goes without a word, peers find out by probing, and the own status stays what
// it was. A node that waits for its failure domain has nobody to tell.
//
// Of concurrent calls exactly one succeeds; the others return when it has, or their
// own time is over. Errors:
//
//   - [ErrLeaveTimeout]: the node is stopped all the same. The next Stop returns
//     nil, once.
//   - [ErrStopped]: it was stopped by another call.
//   - [ErrNotStarted]: it never was started, or Start could not open its sockets.
func (n *Node) Stop(leaveTimeout time.Duration) error {
	if leaveTimeout <= 0 {
		return n.stop(context.Background(), false)
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	return n.stop(ctx, true)
}

// StopContext is [Node.Stop] that announces the departure and waits for peers to
// acknowledge it until ctx ends.
func (n *Node) StopContext(ctx context.Context) error { return n.stop(ctx, true) }

func (n *Node) stop(ctx context.Context, leave bool) error {
	r, err := n.claimStop(ctx, leave)
	if r == nil {
		return err
	}
	var late error
	if leave {
		late = r.leave(ctx)
	}
	n.mu.Lock()
	n.forgiven = late != nil
	n.mu.Unlock()
	n.end(r, leave, phaseStopped)
	n.log.logger.Info("stopped", "left", leave && late == nil)
	return late
}

// claimStop makes this call the one that stops the run, or says what its outcome is.
func (n *Node) claimStop(ctx context.Context, wait bool) (*run, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.phase == phaseStopping && wait {
		r := n.run
		n.mu.Unlock()
		select {
		case <-r.ended:
		case <-ctx.Done():
		}
		n.mu.Lock()
	}
	switch n.phase {
	case phaseRunning:
		n.phase = phaseStopping
		return n.run, nil
	case phaseIdle:
		return nil, fmt.Errorf("nekton: stop: %w", ErrNotStarted)
	case phaseStopped:
		if n.forgiven {
			n.forgiven = false
			return nil, nil
		}
	}
	return nil, fmt.Errorf("nekton: stop: %w", ErrStopped)
}

// leave tells the peers that we go, and waits until enough have acknowledged.
func (r *run) leave(ctx context.Context) error {
	acked := make(chan swim.Event, 1)
	silent := false
	r.input(func(now time.Duration) {
		if silent = r.replaced; silent {
			return // we are nobody: there is no one to speak for
		}
		r.left = acked
		r.node.core.Leave(now)
	})
	if silent {
		return nil
	}
	select {
	case <-acked:
		return nil
	default:
	}
	select {
	case <-acked:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nekton: stop: %w", ErrLeaveTimeout)
	}
}

// end closes everything and waits until nothing of the run is left. Only who has
// set phaseStopping calls it.
func (n *Node) end(r *run, left bool, next phase) {
	out := n.takeOutput()
	n.mu.Lock()
	now := n.read()
	last := n.core.Stats()
	n.core.Close(now, left)
	n.collect(out)
	r.closing = true
	giveUp := r.giveUp
	n.mu.Unlock()
	n.carryOut(out)
	n.spare.Store(out)

	r.cancel(ErrStopped)
	if giveUp != nil {
		giveUp(ErrStopped)
	}
	// Whoever is opening sockets notices that the run is over, and closes them.
	r.opening.Lock()
	carrier, streams := r.transport, r.streams
	r.opening.Unlock()
	if streams != nil {
		if err := streams.Close(); err != nil {
			n.log.warn("cannot close", "", "error", err)
		}
	}
	_ = r.group.Wait() // goroutines of a run end without an error

	n.mu.Lock()
	if streams != nil {
		n.measured.former = &former{last.Swim, carrier.Stats(), streams.Stats()}
	}
	n.run, n.timer, n.phase = nil, nil, next
	n.mu.Unlock()
	close(r.ended)
}
