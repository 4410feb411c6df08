package swim

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// A join tries seeds, many at a time; the first that answers makes it succeed. The
// others are still tried: they may belong to another part of a group that was torn
// apart.
type join struct {
	id      uint64
	waiting []netip.AddrPort
	dialing int
	done    bool
	errs    []error
}

// Join opens a push-pull with each address, at most JoinDials at a time. The
// outcome is one EventJoinDone with the id that is returned: when the first seed
// has answered, or when all have failed; its error then wraps ErrNoSeed and every
// cause, among them each *RefusedError. Our own address counts as a seed that has
// answered; no address at all is success.
func (c *Core) Join(now time.Duration, addrs []netip.AddrPort) (id uint64) {
	j := &join{id: c.nextDial()}
	alone := len(addrs) == 0
	seen := map[netip.AddrPort]struct{}{}
	for _, a := range addrs {
		if _, dup := seen[a]; dup {
			continue
		}
		seen[a] = struct{}{}
		if unmapped(a) == unmapped(c.self().addr()) {
			alone = true
			continue
		}
		j.waiting = append(j.waiting, a)
	}
	c.joins = append(c.joins, j)
	if alone {
		c.endJoin(now, j, nil)
	}
	c.dialSeeds(now, j)
	return j.id
}

// CancelJoin gives up on seeds that have not been dialled yet. EventJoinDone
// comes as usual, when those under way have ended.
func (c *Core) CancelJoin(now time.Duration, id uint64) {
	for _, j := range c.joins {
		if j.id == id {
			j.waiting = nil
			c.dialSeeds(now, j)
			return
		}
	}
}

// dialSeeds keeps JoinDials streams busy, and ends a join that has run out of
// seeds.
func (c *Core) dialSeeds(now time.Duration, j *join) {
	for len(j.waiting) > 0 && j.dialing < c.cfg.JoinDials {
		addr := j.waiting[0]
		j.waiting = j.waiting[1:]
		j.dialing++
		c.dials = append(c.dials, Dial{ID: c.nextDial(), Kind: DialJoin, Addr: addr, join: j.id})
	}
	if j.dialing > 0 {
		return
	}
	if !j.done {
		c.endJoin(now, j, fmt.Errorf("%w: %w", ErrNoSeed, errors.Join(j.errs...)))
	}
	for i := range c.joins {
		if c.joins[i] == j {
			c.joins = append(c.joins[:i], c.joins[i+1:]...)
			return
		}
	}
}

// concludeSeed notes how one seed answered.
func (c *Core) concludeSeed(now time.Duration, d Dial, err error) {
	for _, j := range c.joins {
		if j.id != d.join {
			continue
		}
		j.dialing--
		if err == nil {
			c.endJoin(now, j, nil)
		} else {
			j.errs = append(j.errs, fmt.Errorf("seed %v: %w", d.Addr, err))
		}
		c.dialSeeds(now, j)
		return
	}
}

func (c *Core) endJoin(now time.Duration, j *join, err error) {
	if j.done {
		return
	}
	j.done = true
	c.emit(Event{Kind: EventJoinDone, At: now, ID: j.id, Err: err})
}
