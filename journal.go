package nekton

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nekton-go/nekton/types"
)

const (
	// quietFor is how long a line about the same reason and peer is not repeated.
	quietFor = time.Minute
	// quietTopics bounds how many reasons and peers are remembered. Beyond, all
	// are forgotten, and may be logged again.
	quietTopics = 1024
	// maxLines is how many lines a buffer may have room for to be used again.
	maxLines = 4
)

// A journal logs few lines: constant messages, with facts as attributes. The
// handler is the user's, so no lock of the node is held while it runs.
type journal struct {
	logger *slog.Logger
	clock  Clock
	recent *recent
}

// recent remembers what was logged lately.
type recent struct {
	mu   sync.Mutex // guards last
	last map[topic]time.Duration
}

type topic struct{ message, peer string }

func newJournal(l *slog.Logger, clock Clock, id types.NodeId) journal {
	return journal{l.With("node", string(id)), clock, &recent{last: map[topic]time.Duration{}}}
}

// warn logs trouble, at most once a minute for each message and peer.
func (j journal) warn(message, peer string, facts ...any) {
	if !j.logger.Enabled(context.Background(), slog.LevelWarn) {
		return
	}
	if now, _ := j.clock.Now(); j.recent.isNews(topic{message, peer}, now) {
		j.logger.Warn(message, facts...)
	}
}

// isNews reports whether a topic has been quiet, and notes it.
func (r *recent) isNews(t topic, now time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[t]; ok && now-last < quietFor {
		return false
	}
	if len(r.last) >= quietTopics {
		clear(r.last)
	}
	r.last[t] = now
	return true
}

// logEvents logs what users see.
func (n *Node) logEvents(out *output) {
	for _, e := range out.lines {
		n.logEvent(e)
	}
	clear(out.lines)
	if out.lines = out.lines[:0]; cap(out.lines) > maxLines {
		out.lines = nil // of a burst
	}
}

// logEvent logs one event, of this node at Info, of others at Debug; refusals and
// conflicts at Warn. It stands alone because it needs a kilobyte of stack, and those who
// have nothing to log, with every packet, do not.
func (n *Node) logEvent(e Event) {
	switch e := e.(type) {
	case QuorumEvent:
		n.log.logger.Info("own status changed", "from", e.From, "to", e.To,
			"alive", e.Quorum.Alive, "members", e.Quorum.Members, "needed", e.Quorum.Needed)
	case SelfEvent:
		n.log.logger.Info("self", "change", e.Change, "from", e.From, "addr", e.Addr)
	case StatusEvent:
		n.log.logger.Debug("status changed", "peer", e.Node, "from", e.From, "to", e.To)
	case RefusedEvent:
		n.log.warn("refused", e.Addr.Addr().String(), "by_us", e.ByUs, "peer", e.Node, "addr", e.Addr,
			"reason", e.Reason, "ours", e.Ours, "theirs", e.Theirs)
	case MemberEvent:
		if e.Change == MemberConflict {
			n.log.warn("name conflict", string(e.Node), "peer", e.Node, "addr", e.Addr)
		} else {
			n.log.logger.Debug("member changed", "peer", e.Node, "change", e.Change, "addr", e.Addr,
				"generation", e.Generation, "boot", e.Boot, "incarnation", e.Incarnation)
		}
	}
}
