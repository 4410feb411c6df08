package swarm

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// A Tally sums up the runs of a hunt.
type Tally struct {
	Seeds    uint64
	Took     time.Duration // virtual
	NodeTime time.Duration
	Happened uint64
	Actions  uint64
	Checks   map[string]uint64
}

// A Find is a seed whose scenario breaks a law.
type Find struct {
	Scenario Scenario
	Result   Result
}

// A Seeds is a hunt's order: which seeds, how many at a time.
type Seeds struct {
	From, Count uint64 // Count 0: until the context ends
	Workers     int    // at the same time; at least 1
	// Memberlist runs them on memberlist's wire, see [Scenario.OnMemberlist].
	Memberlist bool
}

// Hunt runs the scenarios of many seeds, until one breaks a law, all have been run, or
// the context ends. It returns the first seed that breaks a law, or nil, and what was
// run. tell, if not nil, hears how many seeds were run so far, now and then.
//
// Which seed is found does not depend on how many workers there are: when one finds
// something, all lower seeds are still run.
func Hunt(ctx context.Context, seeds Seeds, tell func(Tally)) (*Find, Tally) {
	h := hunt{seeds: seeds, next: seeds.From, tally: Tally{Checks: map[string]uint64{}}}
	var workers errgroup.Group
	for range max(1, seeds.Workers) {
		workers.Go(func() error {
			for seed, ok := h.take(ctx); ok; seed, ok = h.take(ctx) {
				s := Generate(seed)
				if h.seeds.Memberlist {
					s = s.OnMemberlist()
				}
				h.note(seed, s, Run(s, nil), tell)
			}
			return nil
		})
	}
	_ = workers.Wait() // no worker fails
	return h.find, h.tally
}

// hunt is what the workers share.
type hunt struct {
	seeds Seeds

	mu    sync.Mutex // guards what follows
	next  uint64
	found uint64 // the seed of find
	find  *Find
	tally Tally
}

// take hands out the next seed.
func (h *hunt) take(ctx context.Context) (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seed := h.next
	if ctx.Err() != nil || h.find != nil && seed > h.found || h.seeds.Count > 0 && seed-h.seeds.From >= h.seeds.Count {
		return 0, false
	}
	h.next++
	return seed, true
}

// note takes in what came of a seed.
func (h *hunt) note(seed uint64, s Scenario, r Result, tell func(Tally)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Err != nil && (h.find == nil || seed < h.found) {
		h.find, h.found = &Find{s, r}, seed
	}
	t := &h.tally
	t.Seeds++
	t.Took += r.Took
	t.NodeTime += r.NodeTime
	t.Happened += r.Happened
	t.Actions += uint64(len(s.Actions))
	for law, n := range r.Checks {
		t.Checks[law] += n
	}
	const every = 64
	if tell != nil && t.Seeds%every == 0 {
		tell(*t)
	}
}
