package swim

import "time"

// In a steady group gossip misses one member in thousands. But while a group forms, it
// misses many: a newcomer does not gossip on what it has learnt from its seed, since all
// others knew it; those who joined just before it did not, and there are too few of them
// for an epidemic. Prints tell a member so with its next probe, one after the other; on
// a wire without them nothing does until the next push-pull, half a minute later. Of 64
// that join through one seed at once, all knew all after 2 s and 30 s.
//
// So a member whose table has grown by gossip since it last compared it catches up: it
// opens one push-pull more with a random member, and again, after pauses that double,
// until one brings next to nothing. That takes 0.9 s and 1.7 s, and fewer bytes.
type catchUp struct {
	known int           // members when we last compared tables with anybody
	wait  time.Duration // before the next comparison
	keen  bool          // we have just joined, or a comparison brought much: any growth counts
	timer timer
}

const (
	// catchUpRounds is how many gossip intervals the first comparison waits, and up to
	// twice as many: a while, in which gossip brings most, and not all at once.
	catchUpRounds = 1
	// catchUpGrowth is the part of its table, one in so many, by which a member has to
	// grow before it catches up, if it has not just joined itself: a few that join a
	// large group shall not have everybody compare tables.
	catchUpGrowth = 4
	// catchUpRest is the part of its table, one in so many, that a comparison has to
	// bring if another one shall follow.
	catchUpRest = 32
)

// catchesUp reports whether growth is followed by push-pulls.
func (c *Core) catchesUp() bool {
	return c.cfg.PushPullInterval > 0 && c.cfg.GossipInterval > 0 && !c.cfg.Rules.NoCatchUp
}

// noteGrowth follows a member that came to be live.
func (c *Core) noteGrowth(now time.Duration) {
	u := &c.catchUp
	if !c.catchesUp() || u.timer != 0 || u.known == 0 {
		return
	}
	if grown := c.sizeAlive() - u.known; grown*catchUpGrowth >= u.known || u.keen && grown > 0 {
		c.armCatchUp(now)
	}
}

func (c *Core) armCatchUp(now time.Duration) {
	u := &c.catchUp
	if u.wait == 0 {
		u.wait = catchUpRounds * c.cfg.GossipInterval
	}
	u.timer = c.deadlines.set(now+u.wait+c.randDuration(u.wait), wakeCatchUp, noRef)
	u.wait = min(2*u.wait, c.cfg.PushPullInterval)
}

// catchUpNow compares tables with a random member.
func (c *Core) catchUpNow(now time.Duration) {
	c.catchUp.timer = 0
	if c.leaving.active() || c.cutOff.since >= 0 {
		return
	}
	c.chooseLive(1, func(_ ref, m member) bool { return m.state == Alive })
	for _, r := range c.chosen {
		c.openPushPull(now, r, false)
	}
}

// noteCompared follows an exchange of tables: what it brought is no growth any more.
func (c *Core) noteCompared(now time.Duration, x *exchange) {
	u := &c.catchUp
	if !c.catchesUp() {
		return
	}
	u.known = c.sizeAlive()
	if !x.ours {
		return
	}
	u.keen = x.dial.Kind == DialJoin || x.grown*catchUpRest > u.known
	switch {
	case !u.keen:
		u.wait = 0 // the next wave of joins begins anew
	case x.dial.Kind != DialJoin && u.timer == 0:
		c.armCatchUp(now)
	}
}
