package virtual_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/sim/virtual"
)

func TestThingsHappenInOrderOfTimeAndThenOfDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type event struct {
			at time.Duration
			n  int
		}
		w := virtual.New(1)
		var want, got []event
		for n, ms := range rapid.SliceOfN(rapid.IntRange(0, 50), 1, 200).Draw(t, "delays") {
			at := time.Duration(ms) * time.Millisecond
			want = append(want, event{at, n})
			w.After(at, func() {
				got = append(got, event{w.Now(), n})
				if n%3 == 0 { // what is decided on the way takes its place, too
					later := w.Now() + 7*time.Millisecond
					w.After(7*time.Millisecond, func() {
						if w.Now() != later {
							t.Errorf("decided for %v, happened at %v", later, w.Now())
						}
					})
				}
			})
		}
		slices.SortStableFunc(want, func(a, b event) int { return int(a.at - b.at) })
		w.Run(time.Second)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if w.Pending() != 0 {
			t.Errorf("%d things are left", w.Pending())
		}
	})
}

func TestRunStopsAtItsEndAndUntilAsSoonAsItCan(t *testing.T) {
	w := virtual.New(1)
	happened := false
	w.After(3*time.Second, func() { happened = true })
	w.Run(2 * time.Second)
	if happened || w.Now() != 2*time.Second {
		t.Errorf("at %v, happened: %v", w.Now(), happened)
	}
	took, ok := w.Until(time.Minute, 10*time.Millisecond, func() bool { return happened })
	if !ok || took != time.Second {
		t.Errorf("took %v, %v", took, ok)
	}
	if took, ok := w.Until(time.Second, 300*time.Millisecond, func() bool { return false }); ok || took != time.Second {
		t.Errorf("gave up after %v, %v", took, ok)
	}
}

func TestEveryEndsWhenItIsTold(t *testing.T) {
	w := virtual.New(1)
	n := 0
	w.Every(time.Second, func() bool { n++; return n < 4 })
	w.Run(time.Minute)
	if n != 4 {
		t.Errorf("happened %d times", n)
	}
}

func TestADriftingClockMeetsItsDeadlinesAndNotBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := virtual.New(1)
		p := &parrot{}
		h, err := w.Add(address(1), p)
		if err != nil {
			t.Fatal(err)
		}
		p.host = h
		h.Clock.Drift = rapid.Int64Range(-500_000, 500_000).Draw(t, "drift")
		p.every(time.Duration(rapid.Int64Range(1, int64(10*time.Second)).Draw(t, "interval")))
		w.Run(3 * p.tick)
		w.Run(3 * p.tick)
		if len(p.log) == 0 {
			w.Run(100 * p.tick)
		}
		for i, n := range p.log {
			due := p.tick * time.Duration(i+1)
			if n.at < due || n.at > due+2 {
				t.Fatalf("tick %d was due at %v by its own clock and came at %v", i, due, n.at)
			}
		}
	})
}

func TestClocksMayBeWrongFastAndSlow(t *testing.T) {
	w, birds := aviary(t, 1, 3)
	birds[1].host.Clock = virtual.Clock{Skew: -time.Hour}
	birds[2].host.Clock = virtual.Clock{Drift: 100_000} // ten percent too fast
	w.Run(100 * time.Second)
	if got := birds[0].host.Wall(); !got.Equal(virtual.Epoch().Add(100 * time.Second)) {
		t.Errorf("the right clock reads %v", got)
	}
	if got := birds[1].host.Wall(); !got.Equal(virtual.Epoch().Add(100*time.Second - time.Hour)) {
		t.Errorf("the late clock reads %v", got)
	}
	if got := birds[2].host.Now(); got != 110*time.Second {
		t.Errorf("the fast clock reads %v", got)
	}
}

func TestAnAddressHasOneHost(t *testing.T) {
	w, birds := aviary(t, 1, 2)
	if _, err := w.Add(address(1), &parrot{}); err == nil {
		t.Error("two processes at one address")
	}
	birds[0].host.Crash()
	if _, err := w.Add(address(1), &parrot{}); err != nil {
		t.Errorf("after a crash the address is not free: %v", err)
	}
	birds[1].host.Vanish()
	if _, err := w.Add(address(2), &parrot{}); err == nil {
		t.Error("a machine that is gone has given its address away")
	}
	birds[1].host.Free()
	if _, err := w.Add(address(2), &parrot{}); err != nil {
		t.Errorf("the machine is back, its address is not: %v", err)
	}
}
