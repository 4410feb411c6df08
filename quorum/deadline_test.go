package quorum

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDeadlinesFireByTimeAndThenInTheOrderOfTheirArming(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d deadlines
		var want []*deadline
		for _, at := range rapid.SliceOfN(rapid.IntRange(0, 9), 0, 30).Draw(t, "deadlines") {
			want = append(want, d.arm(time.Duration(at), wakeCheck, ""))
		}
		for range rapid.IntRange(0, len(want)).Draw(t, "cancelled") {
			i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
			d.cancel(want[i])
			want = slices.Delete(want, i, i+1)
		}
		slices.SortStableFunc(want, func(a, b *deadline) int { return int(a.at - b.at) })
		for now := time.Duration(-1); now <= 9; now++ {
			for x, ok := d.pop(now); ok; x, ok = d.pop(now) {
				if len(want) == 0 || x != want[0] || x.at > now {
					t.Fatalf("at %v fires %+v, want %+v", now, x, want)
				}
				want = want[1:]
			}
		}
		if len(want) > 0 {
			t.Fatalf("%d deadlines did not fire", len(want))
		}
	})
}

func TestATimeSpanAddsUpToNeverAtMost(t *testing.T) {
	for _, c := range []struct{ now, d, want time.Duration }{
		{0, 0, 0},
		{5, 7, 12},
		{-5, 7, 2},
		{math.MinInt64, math.MaxInt64, -1},
		{0, math.MaxInt64, never},
		{1, math.MaxInt64, never},
		{math.MaxInt64, 1, never},
		{math.MaxInt64 - 1, 1, never},
		{math.MaxInt64 - 2, 1, never - 1},
	} {
		if got := after(c.now, c.d); got != c.want {
			t.Errorf("%d after %d is %d, want %d", c.d, c.now, got, c.want)
		}
	}
}
