package swim

import (
	"fmt"
	"net/netip"
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

// tableFrame is all that we hold.
func (c *Core) tableFrame(join bool) *Frame {
	f := &Frame{Kind: FrameTable, Join: join, Claims: make([]Claim, 0, c.size())}
	var metas []byte // of all, one behind the other
	for r, m := range c.all() {
		if r == selfRef || m.state.live() || m.buried() && !m.private() {
			var meta []byte
			if text := m.metaText(); text != "" {
				metas = append(metas, text...)
				meta = metas[len(metas)-len(text) : len(metas) : len(metas)]
			}
			f.Claims = append(f.Claims, c.recordWith(r, meta))
		}
	}
	if rider, ok := c.rider.(TableRider); ok {
		f.State = rider.AppendTable(nil, join)
	}
	return f
}

// answerTable answers with what we hold before we take in what came. Who is refused
// gets the answer all the same: on this wire there is no other.
func (c *Core) answerTable(now time.Duration, x *exchange, f *Frame) (*Frame, error) {
	answer := c.tableFrame(f.Join)
	return answer, c.takeTable(now, x, f)
}

// takeTable takes in a table, or nothing of it.
func (c *Core) takeTable(now time.Duration, x *exchange, f *Frame) error {
	c.stats.Drops[DropMalformed] += uint64(f.Skipped)
	sender := c.senderOf(x, f)
	if sender != nil {
		x.peer = sender.Name
		if !sender.Versions.fits(c.self().versions()) {
			c.drop(DropProtocol)
			return fmt.Errorf("%w: ours %v, theirs %v (node %q)",
				ErrProtocolMismatch, c.self().versions(), sender.Versions, sender.Name)
		}
	}
	if f.Join {
		if err := c.vetTable(now, x, f); err != nil {
			return err
		}
	}
	src := x.source()
	if x.ours && x.fresh {
		src = fromSnapshot // what a newcomer is the last to learn is no news
	}
	before := c.prints
	if sender != nil {
		c.hearSelf(now, x, *sender, src)
	}
	for i := range f.Claims {
		if claim := &f.Claims[i]; claim != sender {
			c.takeTableClaim(now, x, claim, src)
		}
	}
	if rider, ok := c.rider.(TableRider); ok && len(f.State) > 0 {
		rider.MergeTable(x.peer, f.State, f.Join)
	}
	if c.prints != before {
		x.moved += len(f.Claims)
	}
	return nil
}

// takeTableClaim takes in one claim of a table. A suspicion is the sender's, as far as
// we know who that is.
func (c *Core) takeTableClaim(now time.Duration, x *exchange, claim *Claim, src source) {
	if r, known := c.find(claim.Name); known && r != selfRef && claim.State == Alive && c.at(r).says(claim.Addr, claim.Stamp) {
		return // nearly all of a table is known
	}
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
func (c *Core) vetTable(now time.Duration, x *exchange, f *Frame) error {
	for i := range f.Claims {
		claim := &f.Claims[i]
		if !claim.State.live() {
			continue
		}
		refusal := c.vet(claim.Name, claim.Meta)
		if refusal == nil {
			continue
		}
		c.drop(refusal.Reason.drop())
		c.stats.RefusalsSent++
		c.emit(Event{Kind: EventRefused, At: now, Addr: x.addr, Name: claim.Name, Refusal: *refusal, Ours: x.ours})
		return &RefusedError{Refusal: *refusal, Peer: x.addr.String(), ByUs: true}
	}
	return nil
}

// senderOf finds who sent a table: who lives where we have opened the stream to, or,
// if it was opened to us, the one that lives on the host it came from. nil if that
// could be several.
func (c *Core) senderOf(x *exchange, f *Frame) *Claim {
	var found *Claim
	at := unmapped(x.addr)
	for i := range f.Claims {
		claim := &f.Claims[i]
		lives := unmapped(claim.Addr)
		if !x.ours {
			lives = netip.AddrPortFrom(lives.Addr(), at.Port())
		}
		if claim.State == Suspect || claim.State == Dead || lives != at || claim.Name == c.self().name() {
			continue // nobody says so of itself
		}
		if found != nil {
			return nil
		}
		found = claim
	}
	return found
}
