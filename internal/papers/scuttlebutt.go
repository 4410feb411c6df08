package papers

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/types"
)

// scuttlebutt is the overload of figure 2 of van Renesse et al. (LADIS 2008), put on the
// StoreMap: 128 participants with 64 keys each, one update per participant and second,
// twice as many from 25 s to 75 s, none from 120 s on. There, a participant has one
// exchange per second of at most 100 deltas each way, so that the doubled load is more
// than fits; here, news takes what gossip has. The load is also run eight times as high.
func scuttlebutt() Experiment {
	return Experiment{
		Name: "scuttlebutt", Source: "van Renesse et al. 2008, figure 2",
		Tasks: func(size Size) []Task {
			var tasks []Task
			n := of(size, 12, scuttlers, scuttlers)
			for i, rate := range of(size, []int{1}, scuttleRates(), scuttleRates()) {
				tasks = append(tasks, Task{
					Experiment: "scuttlebutt", Setup: nekton(), Point: Point{"n": float64(n), "rate": float64(rate)},
					Seed: seedOf(i), Runs: of(size, 1, 2, 10),
					Run: func(seed uint64, r *Record) error { return nekton().scuttle(seed, n, rate, r) },
				})
			}
			return tasks
		},
	}
}

const (
	scuttlers    = 128
	scuttleKeys  = 64
	doubledFrom  = 25 * time.Second
	doubledUntil = 75 * time.Second
	updatesUntil = 120 * time.Second
	scuttleUntil = 140 * time.Second
)

// scuttleRates are updates per participant and second, before they are doubled.
func scuttleRates() []int { return []int{1, 8} }

// scuttle is one run. The figures are taken once per second.
func (s Setup) scuttle(seed uint64, count, rate int, r *Record) error {
	c, err := s.formed(seed, count)
	if err != nil {
		return err
	}
	c.Run(settlePeriods * c.Config().Intervals.ProbeInterval)
	l, err := newLedger(c)
	if err != nil {
		return err
	}
	start, before := c.Now(), c.Traffic()
	for _, n := range c.Nodes() {
		l.updateFrom(n, rate, start)
	}
	loaded := measureLoad(c.Nodes())
	for at := time.Second; at <= scuttleUntil; at += time.Second {
		c.Run(start + at - c.Now())
		loaded.sample()
		oldest, mean, most := l.stale()
		if l.failed != nil {
			return l.failed
		}
		r.Add("course: staleness", oldest.Seconds())
		r.Add("course: stale mappings", mean)
		phase := "steady"
		switch {
		case at > updatesUntil:
			phase = "after"
		case at > doubledFrom && at <= doubledUntil:
			phase = "doubled"
		case at > doubledUntil && at <= doubledUntil+5*time.Second:
			phase = "recovering"
		}
		r.Add("staleness, "+phase, oldest.Seconds())
		r.Add("stale mappings, "+phase, mean)
		r.Add("most stale mappings, "+phase, most)
	}
	spent := c.Traffic()
	spent.Sub(before)
	r.Add("updates", float64(l.updates))
	each := float64(count) * float64(l.updates)
	r.Add("bytes per update and member", float64(spent.BytesOut+spent.StreamBytesOut)/each)
	loaded.record(r)
	return nil
}

// A ledger knows every update that was made, and what is stale where. Participant q's
// mapping of a key of p is stale while p has changed the key since the version of p that
// q holds; its staleness is the time since the first of these changes.
type ledger struct {
	cluster *sim.Cluster
	first   []uint64 // version of each node before its first update
	made    [][]update
	updates int
	failed  error
}

type update struct {
	at  time.Duration
	key uint8
}

// newLedger gives every key of everybody a value, and waits until all know all.
func newLedger(c *sim.Cluster) (*ledger, error) {
	l := &ledger{cluster: c, made: make([][]update, len(c.Nodes()))}
	for _, n := range c.Nodes() {
		for key := range scuttleKeys {
			if err := n.Set(keyName(key), make([]byte, 8)); err != nil {
				return nil, err
			}
		}
	}
	if took, ok := c.Until(10*time.Minute, c.Converged); !ok {
		return nil, fmt.Errorf("the StoreMaps still differ after %v", took)
	}
	c.Run(settlePeriods * c.Config().Intervals.ProbeInterval)
	for _, n := range c.Nodes() {
		_, v, _ := n.Version(n.Name)
		l.first = append(l.first, v)
	}
	return l, nil
}

func keyName(i int) types.StoreKey { return types.StoreKey(fmt.Sprintf("key%02d", i)) }

// updateFrom lets a node change a random key rate times per second, from a random moment
// within the first interval on.
func (l *ledger) updateFrom(n *sim.Node, rate int, start time.Duration) {
	c := l.cluster
	interval := time.Second / time.Duration(rate)
	var next func()
	next = func() {
		since := c.Now() - start
		if since >= updatesUntil || l.failed != nil {
			return
		}
		key := c.Rand().IntN(scuttleKeys)
		l.updates++
		l.made[n.Number()] = append(l.made[n.Number()], update{c.Now(), uint8(key)})
		l.failed = n.Set(keyName(key), binary.BigEndian.AppendUint64(nil, uint64(l.updates)))
		if since >= doubledFrom && since < doubledUntil {
			c.After(interval/2, next)
		} else {
			c.After(interval, next)
		}
	}
	c.After(time.Duration(c.Rand().Int64N(int64(interval))), next)
}

// stale looks at all participants: the staleness of the stalest mapping, and how many
// mappings are stale at a participant, on average and at most.
func (l *ledger) stale() (oldest time.Duration, mean, most float64) {
	now := l.cluster.Now()
	for _, q := range l.cluster.Nodes() {
		count := 0
		for _, p := range l.cluster.Nodes() {
			_, held, ok := q.Version(p.Name)
			if !ok || held < l.first[p.Number()] {
				l.failed = fmt.Errorf("%s has lost version %d of %s", q.Name, l.first[p.Number()], p.Name)
				return 0, 0, 0
			}
			missing := l.made[p.Number()][held-l.first[p.Number()]:]
			if len(missing) == 0 {
				continue
			}
			oldest = max(oldest, now-missing[0].at)
			keys := uint64(0) // a set
			for _, u := range missing {
				keys |= 1 << u.key
			}
			count += bits.OnesCount64(keys)
		}
		mean += float64(count) / float64(len(l.cluster.Nodes()))
		most = max(most, float64(count))
	}
	return oldest, mean, most
}
