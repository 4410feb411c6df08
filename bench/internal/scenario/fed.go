package scenario

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// still is a pace at which a member does nothing by itself.
func still() peer.Pace { return peer.Pace{SuspicionMult: 4, ProbeTimeout: 500 * time.Millisecond} }

// batch is how many packets of gossip a member gets before it may handle them in peace:
// 1000 messages, which is what memberlist's queue between its goroutines holds
// (HandoffQueueDepth, 1024). What does not fit, it drops.
const batch = 50

// A fed is a member whose packets come from a feed.
type fed struct {
	side.Member
	feed  *side.Feed
	write *writer
	kind  side.Kind
	news  atomic.Int64 // what memberlist has told its application
}

// newFed starts a member. The medium of its setup, which may be nil, carries its streams.
func newFed(k side.Kind, s side.Setup) (*fed, error) {
	f := &fed{kind: k, feed: side.NewFeed(s.Medium)}
	if f.theirs() && s.Medium != nil {
		s.Watch.News = func(time.Time, string) { f.news.Add(1) }
	}
	s.Medium = f.feed
	var err error
	if f.write, err = newWriter(k, f.feed.From, s.Key); err != nil {
		return nil, err
	}
	f.Member, err = k.Start(s)
	return f, err
}

func (f *fed) theirs() bool { return f.kind == side.Memberlist || f.kind == side.Plain }

// learn has packets of gossip handled; rest returns when everything is at rest.
func (f *fed) learn(packets [][]byte, rest func()) {
	for i := 0; i < len(packets); i += batch {
		f.feed.Deliver(1, packets[i:min(i+batch, len(packets))]...)
		rest()
	}
}

// learnOf has gossip handled that says something new of each of some members, outside
// a bubble. nekton has handled a packet when it asks for the next one; memberlist does
// it in the background, and tells of each.
func (f *fed) learnOf(first, last, incarnation int, meta func(int) []byte) error {
	for i := first; i < last; i += batch * perPacket {
		j := min(i+batch*perPacket, last)
		expected := f.news.Load() + int64(j-i)
		f.feed.Deliver(1, f.write.gossip(i, j, incarnation, meta)...)
		for end := time.Now().Add(time.Minute); f.theirs() && f.news.Load() < expected; {
			if time.Now().After(end) {
				return fmt.Errorf("memberlist tells of %d news too few", expected-f.news.Load())
			}
			<-time.After(100 * time.Microsecond)
		}
	}
	return nil
}
