package swim

import (
	"slices"
	"time"
)

// Push-pull compares two tables and moves what differs (anti-entropy). Fingerprints
// ride on every ping and ack, so that members that agree never open a stream. When
// they differ, mostly because news is still on its way, a stream would be waste:
// one is opened only when our own tables have been still for two gossip intervals,
// and this pair of prints has not been compared before in vain. A busy group, whose
// tables are never still, compares on PushPullInterval, and so does one that compared
// in vain.

// comparedPairs bounds how many pairs are remembered.
const comparedPairs = 64

// compared remembers pairs of prints whose exchange moved nothing.
type compared struct {
	pairs []uint64
	next  int // to be replaced, when there are as many as there may be
}

func (cd *compared) add(ours, theirs Prints) {
	if len(cd.pairs) < comparedPairs {
		cd.pairs = append(cd.pairs, hashPair(ours, theirs))
		return
	}
	cd.pairs[cd.next] = hashPair(ours, theirs)
	cd.next = (cd.next + 1) % comparedPairs
}

func (cd *compared) has(ours, theirs Prints) bool {
	return slices.Contains(cd.pairs, hashPair(ours, theirs))
}

// hashPair stands for two prints in this order.
func hashPair(ours, theirs Prints) uint64 {
	h := mix(ours.Members + 1)
	h = mix(h + ours.State)
	h = mix(h + theirs.Members)
	return mix(h + theirs.State)
}

// comparePeriodically asks one random live member for its prints; or, on a wire
// without prints, opens a push-pull at once.
func (c *Core) comparePeriodically(now time.Duration) {
	interval := c.cfg.PushPullInterval
	if c.cfg.Rules.ScalePushPull {
		interval *= time.Duration(pushPullScale(c.sizeAlive()))
	}
	c.deadlines.set(now+interval, wakePushPull, noRef)
	if c.leaving.active() {
		return
	}
	c.chooseLive(1, func(_ ref, m member) bool { return m.state == Alive })
	if len(c.chosen) == 0 {
		return
	}
	r := c.chosen[0]
	if !c.showsPrints {
		c.openPushPull(now, r, false)
		return
	}
	c.stats.Compares++
	c.startPing(now, probe{kind: probeCompare, member: r})
}

// compareByStream opens a push-pull with a member that did not answer when it was asked
// for its prints. Where datagrams are blocked, but streams pass, relays and stream
// probes keep the two sides alive for each other; without this nothing would ever
// compare their tables.
func (c *Core) compareByStream(now time.Duration, p *probe) {
	if c.cfg.PushPullInterval > 0 && c.stillThat(p) && c.at(p.member).state == Alive && c.cutOff.since < 0 && !c.leaving.active() {
		c.openPushPull(now, p.member, false)
	}
}

// comparePrints opens a push-pull with a member whose prints differ from ours, if
// that promises to move something. onTimer lifts these demands: what could not be taken
// in when the tables were compared last, such as a forgotten name that did not answer
// our ping, may be taken in now.
func (c *Core) comparePrints(now time.Duration, r ref, theirs Prints, onTimer bool) {
	switch {
	case theirs == c.prints:
		c.stats.ComparesInSync++
	case c.cfg.PushPullInterval == 0:
		// Push-pull is off.
	case c.outgoing > 0 || !c.at(r).used() || !c.at(r).state.live() || c.leaving.active():
	case !onTimer && now-c.printsSince < 2*c.cfg.GossipInterval && !c.isGapOverdue(now):
	case !onTimer && now-c.failedAt < c.cfg.ProbeInterval:
		// Whoever can be heard but not reached would be dialled at every ping.
	case !onTimer && c.compared.has(c.prints, theirs):
	default:
		c.gap.since = now
		c.openPushPull(now, r, true)
	}
}

// openPushPull asks the owner for a stream to a member, whose prints may be known to
// differ.
func (c *Core) openPushPull(now time.Duration, r ref, differ bool) {
	if c.outgoing > 0 {
		return
	}
	m := c.at(r)
	c.outgoing++
	c.dials = append(c.dials, Dial{ID: c.nextDial(), Kind: DialPushPull, Addr: m.addr(), Name: m.name(), differ: differ})
}
