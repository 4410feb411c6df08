package swim

import "time"

// armGossip schedules the next gossip round, if there is news and none is scheduled.
//
// GossipInterval bounds the rate, not the delay: there is one round for each tick of a
// clock of our own, and a tick that finds no news is kept. So a member that has been
// silent forwards fresh news at once, and then waits for its next tick. That ticks are
// our own matters: were the interval counted from the round before, those who forward
// one piece of news at once would all do the next round together, and whatever comes up
// meanwhile would wait almost an interval at every hop, in lock-step.
func (c *Core) armGossip(now time.Duration) {
	if c.gossip != 0 || c.cfg.GossipInterval == 0 || c.queued() == 0 {
		return
	}
	at := max(now, c.nextTick(c.lastRound))
	if c.cfg.Rules.NoEagerGossip {
		at = c.nextTick(now)
	}
	c.gossip = c.deadlines.set(at, wakeGossip, noRef)
}

// nextTick is the first tick of the gossip clock after a time.
func (c *Core) nextTick(after time.Duration) time.Duration {
	if after < c.firstTick {
		return c.firstTick - (c.firstTick-after-1)/c.cfg.GossipInterval*c.cfg.GossipInterval
	}
	return after + c.cfg.GossipInterval - (after-c.firstTick)%c.cfg.GossipInterval
}

// queued is the depth of the dissemination queue.
func (c *Core) queued() int { return c.queues[newsClaim].depth + c.queues[newsRumour].depth }

// gossipRound sends news to a few members, each packet with what is then the least
// sent. A member that died lately may be among them: if it is alive
// after all, it learns that it must refute. Source: memberlist.
func (c *Core) gossipRound(now time.Duration) {
	c.gossip = 0
	if c.queued() == 0 {
		return
	}
	if c.goesAlong() {
		c.chooseSuccessors(now, c.leastSent())
	} else {
		c.chooseLive(c.cfg.GossipNodes, nil)
	}
	live := len(c.chosen)
	c.recentlyDead(now, c.cfg.GossipNodes)
	if len(c.chosen) == 0 {
		return // armed again when somebody joins
	}
	c.mixDead(live)
	c.lastRound = now
	c.stats.GossipRounds++
	for _, r := range c.chosen {
		c.openPacket()
		c.piggyback()
		c.closePacket(c.at(r).addr())
	}
	c.armGossip(now)
}

// mixDead leaves at most GossipNodes targets of c.chosen, whose first live are
// alive: each place goes to one of the dead with the probability that a fair draw
// from both would give it.
func (c *Core) mixDead(live int) {
	dead := c.chosen[live:]
	all := c.alive + len(dead)
	for i := 0; i < live && len(dead) > 0; i++ {
		if c.rand(all) < len(dead) {
			c.chosen[i] = dead[0]
			dead = dead[1:]
		}
	}
	if live > 0 {
		c.chosen = c.chosen[:live]
	}
}
