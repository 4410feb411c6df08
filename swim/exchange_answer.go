package swim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerOpen checks who opened a push-pull, takes in what it says of itself, and
// answers with what differs. A leaving member answers too: that it left.
func (c *Core) answerOpen(now time.Duration, x *exchange, f *Frame) (*Frame, error) {
	x.peer, x.fresh, x.theirs = strings.Clone(f.Self.Name), len(f.Buckets) == 0, f.Prints
	if refusal := c.screen(now, x, f); refusal != nil {
		return refusal, nil
	}
	c.hearSelf(now, x, f.Self, fromExchange)
	if c.replaced {
		return nil, ErrReplaced
	}
	if x.fresh {
		x.stage = awaitDelta
		return c.snapshot(f.Self.Name), nil
	}
	if n := bucketCount(c.sizeAlive()); f.Prints != c.prints && n > fewBuckets*len(f.Buckets) {
		x.stage, x.buckets = awaitAnswer, n
		answer := &Frame{Kind: FrameOpen, ClusterID: c.cfg.ClusterID, Version: c.cfg.Version, Self: c.recordOf(selfRef), Prints: c.prints}
		answer.Buckets = c.sumBuckets(n)
		return answer, nil
	}
	return c.digest(x, f), nil
}

// fewBuckets is how many times as many buckets there may be as the opener has sent sums
// of: the fuller they are, the more rows are sent that do not differ, and the other
// way round takes another round trip.
const fewBuckets = 4

// answerSums takes the open that answers ours, because it has more buckets: now we are
// those who list rows.
func (c *Core) answerSums(now time.Duration, x *exchange, f *Frame) (*Frame, error) {
	x.theirs = f.Prints
	c.hearSelf(now, x, f.Self, x.source())
	if c.replaced {
		return nil, ErrReplaced
	}
	return c.digest(x, f), nil
}

// digest answers an open with our rows of the buckets that differ, and what we hold
// against the other side. Where there is neither, it is the last frame: then what we
// hold is the same, but for a suspicion that one side has of the other. That one is
// told in pings.
func (c *Core) digest(x *exchange, f *Frame) *Frame {
	x.stage = awaitDelta
	answer := &Frame{Kind: FrameDigest, Self: c.recordOf(selfRef), Prints: c.prints}
	answer.Claims = c.against(f.Self.Name)
	if f.Prints != c.prints {
		c.addDigest(answer, f.Buckets)
	}
	if answer.isEmpty() {
		x.stage = over
	}
	return answer
}

// isEmpty reports whether a digest asks for no answer.
func (f *Frame) isEmpty() bool { return len(f.Differ) == 0 && len(f.Claims) == 0 }

// screen refuses who may not join. Nothing has changed when it does.
func (c *Core) screen(now time.Duration, x *exchange, f *Frame) *Frame {
	self := f.Self
	switch {
	case f.ClusterID != c.cfg.ClusterID:
		c.drop(DropCluster)
		return c.refuse(now, x, RefusedCluster, c.cfg.ClusterID, f.ClusterID)
	case f.Version != c.cfg.Version:
		c.drop(DropVersion)
		return c.refuse(now, x, RefusedVersion, c.cfg.Version, f.Version)
	case c.tooFarAhead(now, self.Stamp.Boot):
		c.drop(DropBootAhead)
		ours := (c.wallOffset + now).Milliseconds()
		return c.refuse(now, x, RefusedBoot, strconv.FormatInt(ours, 10), strconv.FormatUint(uint64(self.Stamp.Boot), 10))
	}
	r, known := c.find(self.Name)
	if !known {
		if c.size() >= c.cfg.MaxMembers {
			c.drop(DropTableFull)
			return c.refuse(now, x, RefusedFull, strconv.Itoa(c.cfg.MaxMembers), "")
		}
		return nil
	}
	held := c.at(r)
	if self.Stamp.Generation < held.stamp().Generation {
		return c.refuse(now, x, RefusedGeneration,
			strconv.FormatUint(uint64(held.stamp().Generation), 10), strconv.FormatUint(uint64(self.Stamp.Generation), 10))
	}
	if self.Addr != held.addr() && !c.cfg.Rules.AddressConflicts && c.refusesMove(now, held, self) {
		c.conflict(now, r, self)
		return c.refuse(now, x, RefusedName, held.addr().String(), self.Addr.String())
	}
	return nil
}

// hearSelf takes in what the other side of a stream says of itself. It is
// first-hand: no probe of our own is needed to list it.
func (c *Core) hearSelf(now time.Duration, x *exchange, self Claim, src source) {
	x.peer = strings.Clone(self.Name)
	if self.State != Alive {
		if r, ok := c.find(self.Name); ok && r != selfRef {
			c.accuse(now, r, self.State, self.Stamp, []byte(self.Name), src)
		}
		return
	}
	if r, ok := c.find(self.Name); ok {
		c.claimAlive(now, r, self, src)
	} else if !c.bootAhead(now, self.Stamp) && usable(self.Addr) {
		c.admit(now, self)
	}
	// Without lives, somebody at another address than the member's, who was not taken for
	// it, is no sign of life of it. With lives, it is a former process of that name at
	// most, which has to be told so, and that takes somebody who is not cut off.
	if r, ok := c.find(self.Name); ok && (c.hasLives() || c.at(r).addr() == self.Addr) {
		c.heardFrom(now, r)
	}
}

// against is what we hold against a member: that it is suspect, dead or gone. It
// shall hear it from us at once, and refute.
func (c *Core) against(name string) []Claim {
	r, ok := c.find(name)
	if !ok || r == selfRef || c.at(r).private() || c.at(r).state == Alive {
		return nil
	}
	return []Claim{c.recordOf(r)}
}

// snapshot is everything we hold, for somebody who knows nobody: all live members,
// and what we hold of its own name, in whatever state and life that is.
func (c *Core) snapshot(joiner string) *Frame {
	f := &Frame{Kind: FrameDelta, Self: c.recordOf(selfRef), Claims: make([]Claim, 0, c.sizeAlive())}
	b := c.newBudget()
	c.addDelta(f, b, selfRef, nil)
	if r, ok := c.find(joiner); ok && r != selfRef && !c.at(r).private() {
		c.addClaim(f, b, r)
	}
	for r, m := range c.live() {
		if m.name() != joiner {
			c.addClaim(f, b, r)
			c.addDelta(f, b, r, nil)
		}
	}
	if c.cfg.Rules.WholeTables {
		c.addBuried(f, b, joiner)
	}
	return f
}

// addBuried adds the dead and those who left, but for the peer itself.
func (c *Core) addBuried(f *Frame, b *budget, peer string) {
	for r, m := range c.all() {
		if m.buried() && !m.private() && m.name() != peer {
			c.addClaim(f, b, r)
		}
	}
}

// answerDelta takes in what we lack and answers what the other side wants, and
// where its claims lost, to what.
func (c *Core) answerDelta(now time.Duration, x *exchange, f *Frame) *Frame {
	c.takeDelta(now, x, f, fromExchange)
	if c.replaced {
		return nil
	}
	x.stage = over
	answer := &Frame{Kind: FrameDelta, Self: c.recordOf(selfRef)}
	b := c.newBudget()
	if c.cfg.Rules.WholeTables {
		return answer // it has had all there is
	}
	for _, claim := range f.Claims {
		if r, ok := c.find(claim.Name); ok && r != selfRef && claim.State.live() {
			if m := c.at(r); !m.state.live() && !m.private() && m.stamp().Compare(claim.Stamp) >= 0 {
				c.addClaim(answer, b, r)
			}
		}
	}
	for _, want := range f.Wants {
		if r, ok := c.find(want.Name); ok && !c.at(r).private() {
			if r != selfRef {
				c.addClaim(answer, b, r)
			}
			c.addDelta(answer, b, r, want.Digest)
		}
	}
	return answer
}

// takeDelta takes in claims first, so that the riding state finds its members.
func (c *Core) takeDelta(now time.Duration, x *exchange, f *Frame, src source) {
	before := c.prints
	c.hearSelf(now, x, f.Self, src)
	if src == fromSnapshot && len(f.Claims) > maxRecycled {
		c.reserve(len(f.Claims))
		c.events = slices.Grow(c.events, len(f.Claims))
	}
	for _, claim := range f.Claims {
		c.takeClaim(now, x, claim, src)
	}
	for _, delta := range f.Deltas {
		c.mergeRiding(now, delta, src != fromSnapshot)
	}
	if c.prints != before {
		x.moved += max(1, len(f.Claims)+len(f.Deltas))
	}
}

// takeClaim judges one claim of a frame. A suspect is somebody alive, and then an
// accusation; on a wire that does not say whose, the peer's.
func (c *Core) takeClaim(now time.Duration, x *exchange, claim Claim, src source) {
	if claim.From == "" {
		claim.From = x.peer
	}
	r, known := c.find(claim.Name)
	if known && r == selfRef {
		if claim.State == Alive {
			c.handleOwnAlive(now, claim, src)
		} else {
			c.refute(now, claim.State, claim.Stamp, claim.From)
		}
		return
	}
	if claim.State.live() {
		if known {
			c.claimAlive(now, r, claim, src)
		} else {
			c.meet(now, claim, src)
		}
		r, known = c.find(claim.Name)
	}
	if known && claim.State != Alive && !c.bootAhead(now, claim.Stamp) {
		c.accuse(now, r, claim.State, claim.Stamp, []byte(claim.From), src)
	}
}
