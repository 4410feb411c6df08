package swim

import (
	"fmt"
	"time"
)

// On memberlist's wire a push-pull is one frame each way: all that either side holds,
// the dead included, and the riding state in one piece. Nothing in a frame says who
// sent it.
//
//	opener                                 answerer
//	Begin ──────────── table ──────────▶ Step   the answer is what was held before
//	Step  ◀─────────── table ────────────
//
// Claims are judged as in any exchange: a death is only a suspicion. In three points
// we differ from memberlist, none of which its members can notice. It rejects a whole
// table for one entry whose versions nobody can speak; we pass over that entry, so that
// one odd member does not keep all others apart. It forgets at a join who it has
// forgotten; we ask such a name first, see audition. And it learns of nobody from an
// entry that is suspect; we do, and suspect it.

// tableFrame is all that we hold. It is read while it is written, before anything changes.
func (c *Core) tableFrame(join bool) *Frame {
	f := &Frame{Kind: FrameTable, Join: join, Table: Table{Rows: c.tableRows}}
	for r, m := range c.all() {
		if m.isTold(r) {
			f.Table.Len++
		}
	}
	f.Table.Size = c.textSize()
	if rider, ok := c.rider.(TableRider); ok {
		f.State = rider.AppendTable(nil, join)
	}
	return f
}

// textSize is more than all names and metas take.
func (c *Core) textSize() (n int) {
	if held, ok := c.records.held(c.size()); ok {
		return held
	}
	for _, m := range c.all() {
		n += len(c.records.whole(m.record)) + len(c.records.common)
	}
	return n
}

// isTold reports whether a table has a row for a member.
func (m member) isTold(r ref) bool {
	return r == selfRef || m.state.live() || m.buried() && !m.private()
}

// tableRows yields what we hold, row by row.
func (c *Core) tableRows(yield func(*TableRow) bool) {
	var row TableRow
	var meta []byte
	for r, m := range c.all() {
		if !m.isTold(r) {
			continue
		}
		row.Meta = nil
		if meta = c.records.read(m.record, &row, meta[:0]); len(meta) > 0 {
			row.Meta = meta
		}
		row.State = m.state
		if m.row.trouble != noRef {
			row.Stamp = m.stamp()
		}
		if m.private() {
			row.State = Alive // what is secret travels as if it had not happened
		}
		if !yield(&row) {
			return
		}
	}
}

// answerTable answers with what we hold before we take in what came. Who is refused
// gets the answer all the same: on this wire there is no other.
func (c *Core) answerTable(now time.Duration, x *exchange, f *Frame) ([]byte, error) {
	answer := c.appendFrame(c.tableFrame(f.Join))
	return answer, c.takeTable(now, x, f)
}

// takeTable takes in a table, or nothing of it.
func (c *Core) takeTable(now time.Duration, x *exchange, f *Frame) error {
	c.stats.Drops[DropMalformed] += uint64(f.Skipped)
	claims, at := c.sift(x, f)
	if at >= 0 {
		sender := &claims[at]
		x.peer = sender.Name
		if !sender.Versions.fits(c.self().versions()) {
			c.drop(DropProtocol)
			return fmt.Errorf("%w: ours %v, theirs %v (node %q)",
				ErrProtocolMismatch, c.self().versions(), sender.Versions, sender.Name)
		}
	}
	if f.Join {
		if err := c.vetTable(now, x, claims); err != nil {
			return err
		}
	}
	src := x.source()
	if x.ours && x.fresh {
		src = fromSnapshot // what a newcomer is the last to learn is no news
	}
	before := c.prints
	if at >= 0 {
		c.hearSelf(now, x, claims[at], src)
	}
	for i := range claims {
		if i != at {
			c.takeTableClaim(now, x, &claims[i], src)
		}
	}
	if rider, ok := c.rider.(TableRider); ok && len(f.State) > 0 {
		rider.MergeTable(x.peer, f.State, f.Join)
	}
	if c.prints != before {
		x.moved += f.Table.Len
	}
	return nil
}

// sift returns those rows of a table that say more than we hold, which in a quiet group
// are none. Among them, at the index at, is what the sender says of itself; -1 if it is
// not clear who that is.
func (c *Core) sift(x *exchange, f *Frame) (claims []Claim, at int) {
	if f.Table.Len == 0 {
		return nil, -1
	}
	if x.fresh {
		claims = make([]Claim, 0, f.Table.Len)
	}
	senders := 0
	for row := range f.Table.Rows {
		if c.maySend(x, row) {
			if senders++; senders == 1 {
				at, claims = len(claims), append(claims, row.claim())
				continue
			}
		}
		if !c.knows(row, f.Join) {
			claims = append(claims, row.claim())
		}
	}
	if senders != 1 {
		at = -1
	}
	return claims, at
}

// knows reports whether a row says what we hold: that somebody is simply alive. In a
// join the meta counts, too: by that the owner says who may join.
func (c *Core) knows(row *TableRow, join bool) bool {
	if row.State != Alive {
		return false
	}
	r, known := c.lookup(row.Name)
	if !known || r == selfRef {
		return false
	}
	m := c.at(r)
	return m.says(row.Addr, row.Stamp) && (!join || m.hasMeta(row.Meta))
}

// maySend reports whether a table may be that of a member: it lives where we have opened
// the stream to, or, if it was opened to us, on the host it came from.
func (c *Core) maySend(x *exchange, row *TableRow) bool {
	if row.State == Suspect || row.State == Dead {
		return false // nobody says so of itself
	}
	lives, at := unmapped(row.Addr), unmapped(x.addr)
	return lives.Addr() == at.Addr() && (!x.ours || lives.Port() == at.Port()) && string(row.Name) != c.self().name()
}

// takeTableClaim takes in one claim of a table. A suspicion is the sender's, as far as
// we know who that is.
func (c *Core) takeTableClaim(now time.Duration, x *exchange, claim *Claim, src source) {
	entry := *claim
	switch {
	case entry.State == Left:
		entry.From = entry.Name
	case x.peer != "":
		entry.From = x.peer
	default:
		entry.From = c.self().name()
	}
	if !entry.State.live() {
		if _, known := c.find(entry.Name); !known {
			return // memberlist learns of nobody from the dead either
		}
	}
	c.takeClaim(now, x, entry, src)
}

// vetTable refuses a join for any live member that we may not meet: two clusters that
// share seeds stay apart.
func (c *Core) vetTable(now time.Duration, x *exchange, claims []Claim) error {
	for i := range claims {
		claim := &claims[i]
		if !claim.State.live() {
			continue
		}
		refusal := c.vet(claim.Name, claim.Meta)
		if refusal == nil {
			continue
		}
		c.drop(refusal.Reason.drop())
		c.stats.RefusalsSent++
		c.emit(Event{Kind: EventRefused, At: now, Addr: x.addr, Name: claim.Name, Refusal: refusal, Ours: x.ours})
		return &RefusedError{Refusal: *refusal, Peer: x.addr.String(), ByUs: true}
	}
	return nil
}
