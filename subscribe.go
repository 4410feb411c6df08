package nekton

import (
	"context"
	"iter"
	"slices"
)

// A subscription is one subscriber's queue of events. It is guarded by
// Node.deliver.
//
// The channel has one place more than the buffer, which is for a ResyncEvent.
// Since there is one sender, which looks before it sends, no send ever blocks; and
// since the last place is filled with nothing else, a subscriber who has lost events
// finds a ResyncEvent behind those that it has not read yet.
type subscription struct {
	events chan Event
	lost   uint64
	// resync: the latest event in the channel is a ResyncEvent.
	resync bool
}

// put hands an event over, or loses it. It reports whether it was lost.
func (s *subscription) put(e Event) (lost bool) {
	if len(s.events) < cap(s.events)-1 {
		s.events <- e
		s.resync = false
		return false
	}
	s.lost++
	if !s.resync {
		s.events <- ResyncEvent{At: e.When(), Lost: s.lost}
		s.resync = true
	}
	return true
}

// Subscribe returns a channel of the events from now on. It is closed when ctx ends.
// Subscriptions belong to the node, not to one of its runs: they can be made before
// Start and outlive Stop.
//
// What is promised:
//
//   - Events come in the order in which things happened, the same for all
//     subscribers. For one member, they come in the order of its states, and the
//     change of a member comes before the changes of status that follow from it.
//   - State that is read after an event was received is as new as the event, or
//     newer. What a call of the API caused has been handed over when it returns.
//   - The protocol never waits for a subscriber. Each has a buffer, see
//     [WithEventBuffer]; when it is full, events are lost, for this subscriber only,
//     counted in [Stats], and a [ResyncEvent] follows the last that was not. Only
//     notifications are lost, never state.
//   - The API may be called from wherever events are handled.
func (n *Node) Subscribe(ctx context.Context) <-chan Event {
	s := &subscription{events: make(chan Event, n.opts.eventBuffer+1)}
	n.deliver.Lock()
	defer n.deliver.Unlock()
	n.emptyOutbox() // what happened before is not for s
	n.setListeners(append(n.subscriptions, s))
	context.AfterFunc(ctx, func() { n.unsubscribe(s) })
	return s.events
}

// Events yields the events from now on until ctx ends or the loop is left, as
// [Node.Subscribe] does. The subscription begins with the call of Events, not with
// the loop.
func (n *Node) Events(ctx context.Context) iter.Seq[Event] {
	ctx, cancel := context.WithCancel(ctx)
	events := n.Subscribe(ctx)
	return func(yield func(Event) bool) {
		defer cancel()
		for e := range events {
			if !yield(e) {
				return
			}
		}
	}
}

func (n *Node) unsubscribe(s *subscription) {
	n.deliver.Lock()
	defer n.deliver.Unlock()
	if i := slices.Index(n.subscriptions, s); i >= 0 {
		n.setListeners(slices.Delete(n.subscriptions, i, i+1))
		close(s.events)
	}
}

// setListeners is called with deliver held.
func (n *Node) setListeners(subscriptions []*subscription) {
	n.subscriptions = subscriptions
	n.mu.Lock()
	n.listeners = len(subscriptions)
	n.mu.Unlock()
}

// handOver gives subscribers what is in the outbox. When it returns, whatever was
// there at the call has been handed over, by us or by somebody else.
func (n *Node) handOver() {
	n.deliver.Lock()
	defer n.deliver.Unlock()
	n.emptyOutbox()
}

// emptyOutbox is called with deliver held, so that events stay in order.
func (n *Node) emptyOutbox() {
	n.mu.Lock()
	events := n.outbox
	n.outbox = nil
	n.mu.Unlock()
	for _, e := range events {
		for _, s := range n.subscriptions {
			if s.put(e) {
				n.counts.lost.Add(1)
			}
		}
	}
}
