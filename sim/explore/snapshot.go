package explore

import (
	"crypto/sha256"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A snapshot is one state that one node can be in: a core that nobody calls any more,
// only its clones. Two cores with the same canonical encoding, the same numbers to
// give out and the same marks are one snapshot, whatever their clocks show: the
// protocol knows only differences of time.
type snapshot struct {
	view
	core  *swim.Core
	marks *marks
	now   time.Duration // by the node's own clock
}

// snapID addresses an interned snapshot; noSnap is a node that is down.
type snapID uint32

const noSnap snapID = 0

// A view is what the invariants look at.
type view struct {
	node     int
	self     swim.Stamp
	own      swim.State
	replaced bool
	cutOff   bool
	queued   int // pieces of news about members
	rows     [MaxNodes]row
	held     [MaxNodes]mark
	// due is how long until the next deadline; -1: there is none.
	due time.Duration
}

// A row is what a node holds of another.
type row struct {
	known  bool
	state  swim.State
	secret bool
	stamp  swim.Stamp
}

// viewOf reads a core.
func viewOf(node int, core *swim.Core, held *marks, now time.Duration) view {
	v := view{node: node, self: core.Self(), replaced: core.Replaced(), cutOff: core.CutOff(), queued: core.Stats().QueuedClaims, held: held.held, due: -1}
	for info := range core.Members() {
		if info.Self {
			v.own = info.State
		}
		if i, ok := nodeOf(info.Name); ok {
			v.rows[i] = row{known: true, state: info.State, secret: info.Private, stamp: info.Stamp}
		}
	}
	if at, ok := core.NextDeadline(); ok {
		v.due = max(0, at-now)
	}
	return v
}

// intern returns the snapshot that core is, which is kept if it is a new one.
func (m *machine) intern(v view, core *swim.Core, held *marks, now time.Duration) snapID {
	b := append(m.scratch[:0], byte(v.node))
	b = core.AppendCanonical(b, now)
	b = core.AppendNumbers(b)
	for i := range held.held {
		b = held.encode(b, i)
	}
	m.scratch = b
	h := sha256.Sum256(b)
	key := [16]byte(h[:])
	if id, ok := m.snapIDs[key]; ok {
		return id
	}
	id := snapID(len(m.snaps))
	m.snaps = append(m.snaps, snapshot{view: v, core: core, marks: held, now: now})
	m.snapIDs[key] = id
	return id
}
