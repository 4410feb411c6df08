package swim

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// addDigest lists our rows in the buckets whose sums differ from theirs.
func (c *Core) addDigest(f *Frame, theirs []uint64) {
	n := len(theirs)
	ours := c.sumBuckets(n)
	rows := make([][]ref, n)
	list := func(r ref) {
		if i := bucketOf(hashName(c.at(r).name()), n); ours[i] != theirs[i] {
			rows[i] = append(rows[i], r)
		}
	}
	list(selfRef)
	for r := range c.live() {
		list(r)
	}
	b := c.newBudget()
	for i := range n {
		if ours[i] == theirs[i] || b.spent() {
			continue
		}
		f.Differ = append(f.Differ, uint32(i))
		for _, r := range rows[i] {
			row := Row{Name: c.at(r).name(), Stamp: c.at(r).stamp(), Digest: c.rider.AppendDigest(nil, c.at(r).name())}
			b.take(len(row.Name) + len(row.Digest) + claimOverhead)
			f.Rows = append(f.Rows, row)
		}
	}
}

// answerDigest takes the rows of the buckets that differ, and sends what the other
// side lacks and what we want.
func (c *Core) answerDigest(now time.Duration, x *exchange, f *Frame) *Frame {
	x.theirs = f.Prints
	x.stage = awaitAnswerTo
	before := c.prints
	c.hearSelf(now, x, f.Self, x.source())
	for _, claim := range f.Claims {
		c.takeClaim(now, x, claim, x.source())
	}
	if c.prints != before {
		x.moved++
	}
	if f.isEmpty() {
		return nil
	}

	answer := &Frame{Kind: FrameDelta}
	b := c.newBudget()
	listed := make(map[ref]struct{}, len(f.Rows))
	for _, row := range f.Rows {
		if r, ok := c.find(row.Name); ok {
			listed[r] = struct{}{}
			c.answerRow(answer, b, r, row)
		} else {
			answer.addWant(b, Want{Name: row.Name})
		}
	}
	// Live members of ours that are not among the rows are unknown to the other
	// side, or held dead; then its answer says so.
	n := x.buckets
	differ := make(map[uint32]struct{}, len(f.Differ))
	for _, i := range f.Differ {
		differ[i] = struct{}{}
	}
	lacks := func(r ref, m member) bool {
		_, isListed := listed[r]
		_, differs := differ[uint32(bucketOf(hashName(m.name()), n))]
		return !isListed && differs && !m.private()
	}
	if lacks(selfRef, c.self()) {
		c.addDelta(answer, b, selfRef, nil) // answer.Self is the claim
	}
	for r, m := range c.live() {
		if lacks(r, m) {
			c.addClaim(answer, b, r)
			c.addDelta(answer, b, r, nil)
		}
	}
	c.addOpposed(answer, b, x.peer)
	answer.Self = c.recordOf(selfRef)
	return answer
}

// answerRow compares one row of the other side with ours.
func (c *Core) answerRow(f *Frame, b *budget, r ref, row Row) {
	m := c.at(r)
	order := row.Stamp.Compare(m.stamp())
	switch {
	case m.private():
		return
	case !m.state.live() && order <= 0:
		c.addClaim(f, b, r) // we hold it dead or gone: let the living hear of it
		return
	case order > 0:
		f.addWant(b, Want{Name: m.name(), Digest: c.rider.AppendDigest(nil, m.name())})
		return
	case order < 0 && r != selfRef:
		c.addClaim(f, b, r)
	}
	switch ahead := c.rider.Compare(m.name(), row.Digest); {
	case ahead > 0:
		c.addDelta(f, b, r, row.Digest)
	case ahead < 0 && r != selfRef:
		f.addWant(b, Want{Name: m.name(), Digest: c.rider.AppendDigest(nil, m.name())})
	}
}

// addOpposed adds what we hold against the peer itself, if its own word did not
// clear it and no row of it has been answered with that.
func (c *Core) addOpposed(f *Frame, b *budget, peer string) {
	for _, claim := range c.against(peer) {
		if !slices.ContainsFunc(f.Claims, func(cl Claim) bool { return cl.Name == peer }) {
			b.take(claim.size())
			f.Claims = append(f.Claims, claim)
		}
	}
}

// claimOverhead is about what a claim or row costs besides its names and data.
const claimOverhead = 48

// tableOverhead is how much longer a row of a table is than its record in memory, where
// fields have no names.
const tableOverhead = 48

// A budget is what may still be put into a frame. Bytes.
type budget struct{ left int }

func (c *Core) newBudget() *budget { return &budget{left: c.cfg.FrameBudget} }

func (b *budget) take(n int)  { b.left -= n }
func (b *budget) spent() bool { return b.left <= 0 }

func (f *Frame) addWant(b *budget, w Want) {
	if !b.spent() {
		b.take(len(w.Name) + len(w.Digest) + claimOverhead)
		f.Wants = append(f.Wants, w)
	}
}

func (c *Core) addClaim(f *Frame, b *budget, r ref) {
	if !b.spent() {
		claim := c.recordOf(r)
		b.take(claim.size())
		f.Claims = append(f.Claims, claim)
	}
}

func (c *Core) addDelta(f *Frame, b *budget, r ref, digest []byte) {
	if b.spent() {
		return
	}
	if delta := c.rider.AppendDelta(nil, c.at(r).name(), digest, b.left); len(delta) > 0 {
		b.take(len(delta) + claimOverhead)
		f.Deltas = append(f.Deltas, delta)
	}
}

// recordOf is our row of r as it travels on a stream.
func (c *Core) recordOf(r ref) Claim {
	m := c.at(r)
	claim := Claim{
		State: m.state, Name: m.name(), Addr: m.addr(), Stamp: m.stamp(), Meta: m.meta(), Versions: m.versions(),
	}
	if m.state == Suspect || m.state == Dead {
		claim.From = m.from()
	}
	if m.private() {
		// What is secret travels as if it had not happened.
		claim.State, claim.From = Alive, ""
	}
	return claim
}

// appendFrame writes a frame.
func (c *Core) appendFrame(f *Frame) []byte {
	return c.codec.AppendFrame(slices.Grow(c.lent[:0], f.room()), f)
}

// room is about how many bytes a frame takes, or more.
func (f *Frame) room() int {
	n := 2*MaxClusterLen + 9*len(f.Buckets) + 5*len(f.Differ)
	for i := range f.Claims {
		n += f.Claims[i].size()
	}
	n += len(f.State) + f.Table.Size + tableOverhead*f.Table.Len
	for i := range f.Rows {
		n += len(f.Rows[i].Name) + len(f.Rows[i].Digest) + claimOverhead
	}
	for i := range f.Wants {
		n += len(f.Wants[i].Name) + len(f.Wants[i].Digest) + claimOverhead
	}
	for _, delta := range f.Deltas {
		n += len(delta) + claimOverhead
	}
	return n
}

func (cl Claim) size() int { return len(cl.Name) + len(cl.From) + len(cl.Meta) + claimOverhead }

func (cl Claim) clone() Claim {
	cl.Name, cl.Meta = strings.Clone(cl.Name), bytes.Clone(cl.Meta)
	return cl
}
