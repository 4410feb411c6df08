package virtual

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The two directions of a drifting clock fit, and the search between them is short at
// any time of a long run: it would otherwise cost more than all else.
func TestADriftingClockReadsATimeFirstWhenItIsSaidTo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		c := Clock{Drift: pick(r, -500_000, -5000, -200, -1, 1, 200, 5000, 1_000_000)}
		local := time.Duration(r.Int64N(int64(10 * 365 * 24 * time.Hour)))
		rate := time.Duration(million + c.Drift)
		guess := local/rate*million + local%rate*million/rate
		at := c.world(local)
		if c.local(at) < local || at > 0 && c.local(at-1) >= local {
			t.Fatalf("drift %d: %v is read first at %v, not at %v", c.Drift, local, at, c.local(at))
		}
		if off := (at - guess).Abs(); off > 4 {
			t.Fatalf("drift %d: the search begins %d ns away", c.Drift, off)
		}
	}
}

func pick(r *rand.Rand, of ...int64) int64 { return of[r.IntN(len(of))] }
